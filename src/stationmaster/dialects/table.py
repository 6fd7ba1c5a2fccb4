"""The shape of a dialect: tables of small functions between a version family's messages and the domain.

Incoming: what the other side sends us. Outgoing: what we send; each is a small generator, because one domain request
may take several wire calls (or none) in a version::

    def change_settings(facts, request):
        for key, value in request.items:
            answer = yield WireCall("ChangeConfiguration", v16.ChangeConfigurationRequest(key=key, value=value))
            ...
        return SettingsAnswer(...)
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any

import msgspec

from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer, Request


class Unsupported(Exception):
    """A version cannot carry this request; ``reason`` is written for an operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unattributable(Exception):
    """A message lacks what is needed to know what it is about; ``field`` is the wire's name."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is missing or unreadable")
        self.field = field


class WireCall(msgspec.Struct, frozen=True):
    """One call to make: the action and its message, in the shape of the family's newest version.

    A row that can go on without an answer says ``may_fail``: it is given a :class:`NoAnswer` then. A SEND (2.1) is
    given None at once.
    """

    action: str
    message: Any
    may_fail: bool = False


class NoAnswer(msgspec.Struct, frozen=True):
    """A call that ended without an answer. ``code`` is the CALLERROR's; None: nothing came, or nothing readable.

    ``failure`` is what the call raised, for a row that finds it cannot go on after all.
    """

    code: str | None
    detail: str
    failure: Exception | None = None


Exchange = Generator[WireCall, Any, Answer]
Outgoing = Callable[[StationFacts, Any], Exchange]


class Incoming(msgspec.Struct, frozen=True):
    """How one action that we receive is read and answered."""

    read: Callable[[StationFacts, Any], Request]
    write: Callable[[StationFacts, Any, Any], Any]


class Dialect(msgspec.Struct, frozen=True):
    """One family of versions. ``incoming`` is by wire action, ``outgoing`` by domain request type."""

    family: int
    incoming: Mapping[str, Incoming]
    outgoing: Mapping[type[Request], Outgoing]


def one_call(
    action: str, write: Callable[[StationFacts, Any], Any], read: Callable[[StationFacts, Any, Any], Answer]
) -> Outgoing:
    """The usual outgoing row: one wire call, whose answer is the answer."""

    def exchange(facts: StationFacts, request: Any) -> Exchange:
        response = yield WireCall(action, write(facts, request))
        return read(facts, request, response)

    return exchange
