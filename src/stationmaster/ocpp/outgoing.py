"""Our CALLs of one connection: a queue, and at most one that waits for its answer."""

import heapq
from itertools import count

from stationmaster.ocpp.lifecycle import CallState, PeerMisuse, Recent, advance

RECENT_CALLS = 64
"""How many ended CALLs are remembered, to tell a late answer from one to a CALL that never was."""


class QueueFull(Exception):
    """More CALLs are waiting than the connection allows."""


class OutgoingCall:
    """One CALL of ours; `timeout_s` counts from its sending."""

    __slots__ = ("action", "message_id", "payload", "state", "timeout_s")

    def __init__(self, message_id: str, action: str, payload: bytes, timeout_s: float) -> None:
        self.message_id = message_id
        self.action = action
        self.payload = payload
        self.timeout_s = timeout_s
        self.state = CallState.QUEUED


class OutgoingCalls:
    """Decides which CALL goes next and when it has waited too long."""

    __slots__ = ("_ended", "_max_queued", "_order", "_queue", "_queued", "deadline", "outstanding")

    def __init__(self, max_queued: int) -> None:
        self._max_queued = max_queued
        self._order = count()
        self._queue: list[tuple[int, int, OutgoingCall]] = []
        self._queued: dict[str, OutgoingCall] = {}
        self._ended: Recent[CallState] = Recent(RECENT_CALLS)
        self.outstanding: OutgoingCall | None = None
        self.deadline: float | None = None
        """When the outstanding CALL times out, in monotonic seconds."""

    def add(self, call: OutgoingCall, priority: int) -> None:
        """Queue a CALL. Raises `QueueFull`, or `PeerMisuse` if its id is in use here."""
        if call.message_id in self._queued or self._is_outstanding(call.message_id):
            raise PeerMisuse(f"a call with the id {call.message_id} is already under way")
        if self.outstanding is not None and len(self._queue) >= self._max_queued:
            raise QueueFull(f"{len(self._queue)} calls are waiting")
        # A retry may reuse its id (part 4, section 4.1.4); an answer to the first try then answers it.
        self._ended.pop(call.message_id)
        self._queued[call.message_id] = call
        heapq.heappush(self._queue, (-priority, next(self._order), call))

    def cancel(self, message_id: str) -> bool:
        """Take a CALL out of the queue; False if it is not there (any more)."""
        call = self._queued.pop(message_id, None)
        if call is None:
            return False
        self._move(call, CallState.CANCELLED)
        self._queue = [entry for entry in self._queue if entry[2] is not call]
        heapq.heapify(self._queue)
        return True

    def send_next(self, now: float) -> OutgoingCall | None:
        """The CALL to send now, if the line is free and one waits."""
        if self.outstanding is not None or not self._queue:
            return None
        call = heapq.heappop(self._queue)[2]
        del self._queued[call.message_id]
        self._move(call, CallState.SENT)
        self.outstanding = call
        self.deadline = now + call.timeout_s
        return call

    def answered(self, message_id: str) -> OutgoingCall | None:
        """The outstanding CALL, which an answer with this id ends; None if it is not the one outstanding."""
        return self._end(CallState.ANSWERED) if self._is_outstanding(message_id) else None

    def timed_out(self, now: float) -> OutgoingCall | None:
        """The outstanding CALL, if its time is up at `now`."""
        if self.deadline is None or now < self.deadline:
            return None
        return self._end(CallState.TIMED_OUT)

    def end_of(self, message_id: str) -> CallState | None:
        """How a recent CALL ended, as far as is remembered."""
        return self._ended.get(message_id)

    def abort(self) -> list[tuple[OutgoingCall, bool]]:
        """End everything: each CALL in the order of its turn, and whether it had been sent."""
        aborted = [(call, False) for _, _, call in sorted(self._queue)]
        if self.outstanding is not None:
            aborted.insert(0, (self.outstanding, True))
        for call, _ in aborted:
            self._move(call, CallState.ABORTED)
        self._queue.clear()
        self._queued.clear()
        self.outstanding = self.deadline = None
        return aborted

    def _is_outstanding(self, message_id: str) -> bool:
        return self.outstanding is not None and self.outstanding.message_id == message_id

    def _end(self, state: CallState) -> OutgoingCall | None:
        call = self.outstanding
        if call is not None:
            self._move(call, state)
            self._ended.remember(call.message_id, state)
        self.outstanding = self.deadline = None
        return call

    @staticmethod
    def _move(call: OutgoingCall, state: CallState) -> None:
        call.state = advance(call.state, state)
