"""From a received call to the bytes of its answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import structlog
from msgspec import Struct

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Incoming, Unattributable
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    NOTHING_TO_ADD,
    Answer,
    MeterValues,
    Request,
    TransactionEvent,
)
from stationmaster.domain.station import Strictness
from stationmaster.ocpp import codec
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.salvage import Unreadable
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation
from stationmaster.session.later import Later, Outcome
from stationmaster.session.watch import Watch

Handler = Callable[[Any], Answer | Later | Awaitable[Answer]]
"""From a domain request to its answer, or to one that comes later. An OCPPError that it raises (or is settled with) is
sent as a CALLERROR."""

Done = Callable[[bytes | OCPPError], None]

log = structlog.get_logger(__name__)

_EMPTY = b"{}"
_OTHER_SIDE = {"csms": Sender.STATION, "station": Sender.CSMS}


class _Route(Struct, frozen=True):
    """One action that a side can be sent: how it is read and answered."""

    action: str
    row: Incoming
    is_answered: bool
    answer_may_be_empty: bool


class Responder:
    """Reads, has handled, and answers the calls of one connection."""

    __slots__ = ("_facts", "_handlers", "_strictness", "_version", "_watch")

    def __init__(
        self,
        version: Version,
        facts: Callable[[], StationFacts],
        handlers: Mapping[type[Request], Handler],
        strictness: Callable[[], Strictness],
        watch: Watch,
    ) -> None:
        self._version = version
        self._facts = facts
        self._handlers = handlers
        self._strictness = strictness
        self._watch = watch

    def respond(self, action: str, payload: bytes, done: Done) -> None:
        """Have a call handled; ``done`` is called once, at once or later, with the payload of its answer, or with
        the OCPPError to send as a CALLERROR."""
        try:
            facts = self._facts()
            route = _routes(self._version, facts.role).get(action)
            if route is None:
                raise _no_route(self._version, action, facts)
            request = self._read(action, payload, route, facts)
            if request is None:
                done(_EMPTY)
                return
            handler = self._handlers.get(type(request))
            if handler is None:
                raise OCPPError(ErrorKind.NOT_SUPPORTED, f"{action} is not supported")
            outcome = handler(request)
        except OCPPError as error:
            done(error)
            return
        except Exception as error:
            done(self._failed(action, error))
            return
        reply = partial(self._reply, route, facts, request, done)
        if isinstance(outcome, Answer):
            reply(outcome)
        else:
            (outcome if isinstance(outcome, Later) else _later(outcome)).then(reply)

    def _reply(self, route: _Route, facts: StationFacts, request: Request, done: Done, outcome: Outcome) -> None:
        if route.answer_may_be_empty and (outcome is ACKNOWLEDGED or outcome is NOTHING_TO_ADD):
            done(_EMPTY)
        elif isinstance(outcome, Exception):
            done(outcome if isinstance(outcome, OCPPError) else self._failed(route.action, outcome))
        elif not route.is_answered:
            done(b"")
        else:
            try:
                payload = codec.write_response(self._version, route.action, route.row.write(facts, request, outcome))
            except Exception as error:
                done(self._failed(route.action, error))
            else:
                done(payload)

    def _failed(self, action: str, error: Exception) -> OCPPError:
        log.error("handler failed", action=action, version=str(self._version), exc_info=error)
        return OCPPError(ErrorKind.INTERNAL, "the message could not be handled; it may be sent again")

    def _read(self, action: str, payload: bytes, route: _Route, facts: StationFacts) -> Request | None:
        """The request, or None where it says nothing that can be used and is only to be acknowledged."""
        try:
            reading = codec.read_request(self._version, action, payload)
        except Unreadable as unreadable:
            self._watch.violations(action, "in", (unreadable.violation,))
            raise _error(unreadable.violation) from unreadable
        if reading.violations:
            self._watch.violations(action, "in", reading.violations)
        try:
            request = route.row.read(facts, reading.message)
        except Unattributable as unattributable:
            if self._strictness() != "strict" and route.answer_may_be_empty:
                self._watch.oddity("unattributable", action, str(unattributable))
                return None
            if reading.violations:
                raise _error(reading.violations[0]) from unattributable
            raise OCPPError(ErrorKind.OCCURRENCE, str(unattributable)) from unattributable
        if reading.violations and self._strictness() == "strict":
            self._refuse_unless_needed(request, reading.violations)
        return request

    def _refuse_unless_needed(self, request: Request, violations: Sequence[Violation]) -> None:
        """A transaction message is never refused for its form: the station would only send it again, then drop it."""
        needed = isinstance(request, TransactionEvent) or (
            isinstance(request, MeterValues) and request.transaction_id is not None
        )
        if not needed:
            raise _error(violations[0])


@cache
def _routes(version: Version, role: str) -> Mapping[str, _Route]:
    """By action, all that the other side may send to this one and the dialect can read."""
    incoming = dialect_for(version).incoming
    return {
        action: _Route(action, incoming[action], not message.send, message.answer_may_be_empty)
        for action, message in messages(version).items()
        if action in incoming and message.sender in (_OTHER_SIDE[role], Sender.BOTH)
    }


def _no_route(version: Version, action: str, facts: StationFacts) -> OCPPError:
    known = messages(version).get(action)
    if known is None:
        return OCPPError(ErrorKind.NOT_IMPLEMENTED, f"{action[:50]} is not an action of OCPP {version}")
    if known.sender not in (_OTHER_SIDE[facts.role], Sender.BOTH):
        return OCPPError(ErrorKind.NOT_SUPPORTED, f"{action} goes the other way")
    return OCPPError(ErrorKind.NOT_SUPPORTED, f"{action} is not supported")


def _error(violation: Violation) -> OCPPError:
    return OCPPError(ErrorKind[violation.kind.name], f"{violation.path}: {violation.detail}")


def _later(answer: Awaitable[Answer]) -> Later:
    """What a task will have answered."""
    later = Later()
    task = asyncio.get_running_loop().create_task(_carry(answer, later))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return later


async def _carry(answer: Awaitable[Answer], later: Later) -> None:
    """Settle within the task itself: what a handler set going must not be heard before its answer (FR.05 of 2.x)."""
    outcome: Outcome
    try:
        outcome = await answer
    except asyncio.CancelledError:
        later.settle(OCPPError(ErrorKind.INTERNAL, "the message was not handled to its end"))
        raise
    except Exception as error:
        outcome = error
    later.settle(outcome)


_tasks: set[asyncio.Task[None]] = set()
"""The loop itself holds its tasks only weakly."""
