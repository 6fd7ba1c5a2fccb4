"""A command as a resource: what an operator asked of a station, and what became of it.

queued ──> sent ──> accepted ──> effect_seen
   │         │         └───────> no_effect   (nothing came of it in its time, or it cannot any more; see detail)
   │         ├────> rejected
   │         ├────> failed        (CALLERROR, an answer that could not be read)
   │         ├────> timed_out     (no answer in time)
   │         └────> unknown       (we stopped while it was under way; reconciled, never repeated blindly)
   ├──────────────> timed_out     (the station did not connect in time)
   └──────────────> unsupported   (the station's version cannot carry it)

What a station does at once, or tells in its answer, ends as accepted: only what has still to happen awaits an effect.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

CommandState = Literal[
    "queued",
    "sent",
    "accepted",
    "rejected",
    "failed",
    "timed_out",
    "unsupported",
    "unknown",
    "effect_seen",
    "no_effect",
]

TRANSITIONS: dict[CommandState, frozenset[CommandState]] = {
    "queued": frozenset({"sent", "timed_out", "unsupported", "failed"}),
    "sent": frozenset({"accepted", "rejected", "failed", "timed_out", "unsupported", "unknown", "effect_seen"}),
    "unknown": frozenset({"accepted", "rejected", "effect_seen"}),
    "timed_out": frozenset({"effect_seen"}),
    "accepted": frozenset({"effect_seen", "no_effect"}),
    "no_effect": frozenset({"effect_seen"}),
    "rejected": frozenset(),
    "failed": frozenset(),
    "unsupported": frozenset(),
    "effect_seen": frozenset(),
}

AWAITS_EFFECT: frozenset[CommandState] = frozenset({"accepted", "unknown", "timed_out", "no_effect"})
"""The states after the answer in which a command that was sent may still be seen to take effect."""

ANSWERED: frozenset[CommandState] = frozenset(TRANSITIONS) - {"queued", "sent"}
"""The states in which nobody need wait for an answer any longer."""


CAME_TO_NOTHING: tuple[CommandState, ...] = ("rejected", "failed", "timed_out", "unsupported", "no_effect")
"""The states in which nothing more is to be expected of a command."""


class IllegalTransition(Exception):
    """A command cannot go from the one state to the other."""


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``kind`` is the domain request's name; ``request`` and ``answer`` hold its fields and the answer's.

    ``transaction_key`` links the transaction that the command caused or ended.
    """

    key: int
    station_key: int
    tenant: str
    kind: str
    request: dict[str, Any]
    state: CommandState = "queued"
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    effect_at: datetime | None = None
    status: str | None = None
    detail: str | None = None
    answer: dict[str, Any] | None = None
    transaction_key: int | None = None
    requested_by: str | None = None


_MAX_INT32 = 2**31 - 1


def number_of(key: int) -> int:
    """The number that goes over the wire for what was asked by a command, where the station gives none itself."""
    return (key - 1) % _MAX_INT32 + 1


def advance(command: Command, state: CommandState, **changes: Any) -> Command:
    """The command in its next state; an unlisted transition is an error."""
    if state not in TRANSITIONS[command.state]:
        raise IllegalTransition(f"command {command.key}: {command.state} -> {state}")
    return msgspec.structs.replace(command, state=state, **changes)
