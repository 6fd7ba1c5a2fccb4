"""What the blocks have to do with commands: a table from the request's type to what is done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import Request
from stationmaster.domain.station import StationState

Objection = Callable[[StationState, Any], str | None]
Hook = Callable[..., Decision | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandHook:
    """All are pure; a Decision's claim and answer have no meaning here.

    ``objection(state, request)``: why it must not be sent now, in words for an operator.
    ``before(state, at, *, request, command)``: runs in the station's lane right before the command is sent, and is
    committed with the command's ``sent``. What the station may send before it answers must find its place here.
    ``after(state, at, *, request, answer, command)``: runs in the lane when the station has answered in words that
    could be read, and is committed with the command's new state; ``answer`` is the domain's.
    """

    objection: Objection | None = None
    before: Hook | None = None
    after: Hook | None = None

    def objects(self, state: StationState, request: Request | None) -> str | None:
        return None if self.objection is None or request is None else self.objection(state, request)


Hooks = Mapping[type[Any], CommandHook]
NO_HOOK = CommandHook()
