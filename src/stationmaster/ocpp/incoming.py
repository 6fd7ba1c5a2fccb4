"""The other side's CALLs of one connection, from their arrival until our answers to them have left."""

from enum import StrEnum

from msgspec import Struct

from stationmaster.ocpp.lifecycle import CallState, PeerMisuse, Recent, advance

RECENT_ANSWERS = 64
"""How many CALLs that we answered are remembered, to recognise a CALLRESULTERROR and a reused id."""


class Admission(StrEnum):
    """What to do with a CALL that arrives."""

    ALONE = "alone"
    """Deliver it: no other is unanswered."""
    CONCURRENT = "concurrent"
    """Deliver it, though others are unanswered."""
    REUSED_ID = "reused_id"
    """Deliver it, though another message had its id."""
    REPEATED = "repeated"
    """Drop it: the answer to the same message, in progress, will serve."""
    ID_IN_PROGRESS = "id_in_progress"
    """Refuse it: another message with its id is in progress."""
    OVERFLOW = "overflow"
    """Refuse it: too many are unanswered."""


class _IncomingCall(Struct, gc=False):
    action: str
    fingerprint: int
    state: CallState = CallState.IN_PROGRESS
    answer: bytes = b""
    is_result: bool = False


class IncomingCalls:
    """Admits CALLs and lets the answers go in the order in which the CALLs came."""

    __slots__ = ("_answered", "_max_unanswered", "_unanswered")

    def __init__(self, max_unanswered: int) -> None:
        self._max_unanswered = max_unanswered
        self._unanswered: dict[str, _IncomingCall] = {}
        self._answered: Recent[tuple[str, int]] = Recent(RECENT_ANSWERS)

    def admit(self, message_id: str, action: str, fingerprint: int) -> Admission:
        """Decide about a CALL; `fingerprint` is equal for equal frames. The delivered await an answer."""
        others = len(self._unanswered)
        if others:
            first = self._unanswered.get(message_id)
            if first is not None:
                same = first.fingerprint == fingerprint
                return Admission.REPEATED if same else Admission.ID_IN_PROGRESS
        if others >= self._max_unanswered:
            return Admission.OVERFLOW
        admission = Admission.CONCURRENT if others else Admission.ALONE
        known = self._answered.get(message_id)
        if known is not None and known[1] != fingerprint:
            admission = Admission.REUSED_ID
        self._unanswered[message_id] = _IncomingCall(action, fingerprint)
        return admission

    def answer(self, message_id: str, frame: bytes, *, is_result: bool) -> list[bytes]:
        """Take the answer to a CALL; returns the frames that may leave now. `PeerMisuse` if none is owed."""
        unanswered = self._unanswered
        call = unanswered.get(message_id)
        if call is None:
            raise PeerMisuse(f"no answer to {message_id} is owed")
        if len(unanswered) == 1:  # nearly always: it waits for no other and no other waits for it
            self._end(message_id, call, is_result)
            return [frame]
        call.state = advance(call.state, CallState.HELD)
        call.answer = frame
        call.is_result = is_result
        return self._release()

    def is_unanswered(self, message_id: str) -> bool:
        """Whether an answer to this id has yet to leave."""
        return message_id in self._unanswered

    def take_answered(self, message_id: str) -> str | None:
        """The action of a recent CALL that we gave a CALLRESULT, once."""
        known = self._answered.pop(message_id)
        return known[0] if known else None

    def abort(self) -> None:
        """Forget everything: the one who asked is gone."""
        for call in self._unanswered.values():
            call.state = advance(call.state, CallState.ABORTED)
        self._unanswered.clear()

    def _release(self) -> list[bytes]:
        frames: list[bytes] = []
        while self._unanswered:
            message_id, call = next(iter(self._unanswered.items()))
            if call.state is not CallState.HELD:
                break
            call.state = advance(call.state, CallState.ANSWERED)
            self._end(message_id, call, call.is_result)
            frames.append(call.answer)
        return frames

    def _end(self, message_id: str, call: _IncomingCall, is_result: bool) -> None:
        del self._unanswered[message_id]
        if is_result:
            self._answered.remember(message_id, (call.action, call.fingerprint))
