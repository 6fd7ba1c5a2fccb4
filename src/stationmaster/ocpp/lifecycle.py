"""The life of a CALL, seen by the side that makes it and by the side that gets it, as one table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class PeerMisuse(Exception):
    """Our own code asked a `Peer` for something that its rules forbid."""


class CallState(StrEnum):
    """Where a CALL stands."""

    QUEUED = "queued"
    SENT = "sent"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"

    IN_PROGRESS = "in_progress"
    HELD = "held"

    ANSWERED = "answered"
    ABORTED = "aborted"


TRANSITIONS: Mapping[CallState, frozenset[CallState]] = {
    # A CALL of ours.
    CallState.QUEUED: frozenset({CallState.SENT, CallState.CANCELLED, CallState.ABORTED}),
    CallState.SENT: frozenset({CallState.ANSWERED, CallState.TIMED_OUT, CallState.ABORTED}),
    # A CALL of theirs. Held: our answer is known and waits for those to earlier CALLs, if any.
    CallState.IN_PROGRESS: frozenset({CallState.HELD, CallState.ABORTED}),
    CallState.HELD: frozenset({CallState.ANSWERED, CallState.ABORTED}),
    # Ends, of either. Answered: by a CALLRESULT or a CALLERROR.
    CallState.ANSWERED: frozenset(),
    CallState.TIMED_OUT: frozenset(),
    CallState.CANCELLED: frozenset(),
    CallState.ABORTED: frozenset(),
}


def advance(current: CallState, to: CallState) -> CallState:
    """`to`, if the table has a way there from `current`; `PeerMisuse` otherwise."""
    if to not in TRANSITIONS[current]:
        raise PeerMisuse(f"a call that is {current} cannot become {to}")
    return to


class Recent(Generic[T]):
    """Remembers something about the last `size` message ids, and forgets the oldest beyond that."""

    __slots__ = ("_by_id", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._by_id: dict[str, T] = {}

    def remember(self, message_id: str, value: T) -> None:
        """Keep `value` for the id as the newest one."""
        by_id = self._by_id
        by_id.pop(message_id, None)
        by_id[message_id] = value
        if len(by_id) > self._size:
            del by_id[next(iter(by_id))]

    def get(self, message_id: str) -> T | None:
        """What is known about the id."""
        return self._by_id.get(message_id)

    def pop(self, message_id: str) -> T | None:
        """What is known about the id, and forget it."""
        return self._by_id.pop(message_id, None)

    def __len__(self) -> int:
        return len(self._by_id)
