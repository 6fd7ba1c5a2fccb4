"""What the blocks have to do with commands: a table from the request's type to what is done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import Request
from stationmaster.domain.records import Record
from stationmaster.domain.station import StationState

Objects = Callable[[StationState, Any], str | None]
Hook = Callable[..., Decision | None]
Opens = Callable[[Any, Command], tuple[Record, ...]]
Complete = Callable[[StationState, Any, Command], Request]


class Objection(Exception):
    """A command must not be sent; the text says why, in words for an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandHook:
    """All are pure; a Decision's checks and answer have no meaning here.

    ``objection(state, request)``: why it must not be sent now, in words for an operator. It is looked at outside the
    lane: of two commands at once it may let both pass.
    ``before(state, at, *, request, command)``: runs in the station's lane right before the command is sent, and is
    committed with the command's ``sent``. What the station may send before it answers must find its place here. It may
    raise :class:`Objection`: then the command has failed, nothing is sent, and no other hook hears of it.
    ``after(state, at, *, request, answer, command)``: runs in the lane when the station has answered in words that
    could be read, and is committed with the command's new state; ``answer`` is the domain's.
    ``unanswered(state, at, *, request, command, outcome)``: runs in the lane instead of ``after`` where there is no
    such answer; ``outcome`` is the command's new state (unsupported, failed, timed_out or unknown).
    ``opens(request, command)``: records that are committed with the command when it is taken in.
    ``complete(state, request, command)``: what goes over the wire in the stored request's place, with whatever must not
    be stored (credentials). A raw call goes as it is.
    """

    objection: Objects | None = None
    before: Hook | None = None
    after: Hook | None = None
    unanswered: Hook | None = None
    opens: Opens | None = None
    complete: Complete | None = None

    def objects(self, state: StationState, request: Request | None) -> str | None:
        return None if self.objection is None or request is None else self.objection(state, request)


Hooks = Mapping[type[Any], CommandHook]
NO_HOOK = CommandHook()
