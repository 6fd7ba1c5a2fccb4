"""One end of an OCPP-J connection, of either side and any version, without I/O and without a clock.

Use
    Text messages go into `receive`; `now` is monotonic time in seconds and never goes back. Whatever was
    called, then write what `take_output` returns, in order, act on the events, and call `tick` no later than
    `next_deadline`. Events are returned by `receive`, `tick` and `close`; what `call` causes at once
    (`CallSent`) is returned by the next of these or by `take_events`, whichever comes first.

Our CALLs
    1. At most one is outstanding (part 4, section 4.1.1). Others wait, higher priority first, then oldest
       first.
    2. The time limit of a CALL starts when its frame enters the output. An answer that comes before `tick`
       has declared the time-out counts, even if the deadline is past.
    3. Every CALL ends exactly once: AnswerReceived, ErrorReceived, CallTimedOut or CallAborted; or `cancel`
       returns True. The next one goes in the same step.
    4. An answer that cannot be read ends its CALL too (ErrorReceived), rather than block the line until the
       time-out; a 2.1 peer is told by CALLRESULTERROR.
    5. A retry may reuse its id once the first try has ended; any answer with the id then answers the retry.

Their CALLs
    1. They need not wait for ours, nor ours for theirs: both directions are independent.
    2. Each is delivered once and owed one answer. Stations that send several at once get their answers in the
       order in which they asked: an answer given early is held back.
    3. A frame that is equal to one still in progress is dropped, since the answer to that one serves both. A
       different frame with an id in progress is refused (part 4, section 4.2.3). After the answer, the same
       id is delivered again: whether it is a repetition is for those to decide who know what it means.
    4. Beyond `max_unanswered_calls` a CALL is refused. Refusals by the peer itself leave at once, out of
       turn.

Broken messages
    1. Nothing that arrives raises. Whatever is strange is reported as an `Oddity`, even when it is forgiven.
    2. A broken CALL is refused if its id can be read; otherwise 2.x answers with the id "-1" (part 4, section
       4.2.3) and 1.6 is silent. A broken CALLRESULT, CALLERROR, CALLRESULTERROR or SEND is never answered by
       a CALLERROR, so two peers cannot quarrel for ever.
    3. Unknown message types are ignored; before 2.1 that includes CALLRESULTERROR and SEND.

After `close` everything that arrives or is answered is ignored: a handler may finish after its connection.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import msgspec

from stationmaster.ocpp.errors import ErrorKind, OCPPError, wire_code
from stationmaster.ocpp.events import (
    AnswerReceived,
    AnswerRejected,
    CallAborted,
    CallReceived,
    CallSent,
    CallTimedOut,
    ErrorReceived,
    Event,
    Oddity,
    OddityKind,
    SendReceived,
)
from stationmaster.ocpp.frames import (
    CALL,
    CALLERROR,
    CALLRESULT,
    CALLRESULTERROR,
    DEFAULT_LIMITS,
    MAX_MESSAGE_ID_CHARS,
    SEND,
    BadFrame,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Frame,
    Leniency,
    Limits,
    Send,
    decode,
    encode_call,
    encode_call_error,
    encode_call_result,
    encode_call_result_error,
    encode_send,
)
from stationmaster.ocpp.incoming import Admission, IncomingCalls
from stationmaster.ocpp.lifecycle import CallState, PeerMisuse
from stationmaster.ocpp.outgoing import OutgoingCall, OutgoingCalls
from stationmaster.ocpp.version import JSON_VERSIONS, Version

UNREADABLE_ID = "-1"
"""The id of a CALLERROR about a message whose own id could not be read (2.x part 4, section 4.2.3)."""

MAX_UNANSWERED_CALLS = 100

_NO_DETAILS: dict[str, object] = {}
_decode_details = msgspec.json.Decoder(dict[str, object]).decode

_STRAY_ANSWERS = {
    None: (OddityKind.UNSOLICITED_ANSWER, "an answer to a call that was never made"),
    CallState.ANSWERED: (OddityKind.DUPLICATE_ANSWER, "a second answer to a call"),
    CallState.TIMED_OUT: (OddityKind.LATE_ANSWER, "an answer to a call that had timed out"),
}

_ADMISSION_ODDITIES = {
    Admission.CONCURRENT: (OddityKind.CONCURRENT_CALLS, "a call while others are unanswered"),
    Admission.REUSED_ID: (OddityKind.REUSED_MESSAGE_ID, "another message had this id"),
    Admission.REPEATED: (OddityKind.REPEATED_CALL, "the same call is in progress"),
    Admission.ID_IN_PROGRESS: (OddityKind.REUSED_MESSAGE_ID, "another call with this id is in progress"),
    Admission.OVERFLOW: (OddityKind.OVERFLOW, "too many calls are unanswered"),
}

_REFUSED = {
    Admission.ID_IN_PROGRESS: ErrorKind.RPC_FRAMEWORK,
    Admission.OVERFLOW: ErrorKind.GENERIC,
}


def _new_id() -> str:
    return str(uuid4())


class Peer:
    """One end of a connection that speaks `version`, one of `JSON_VERSIONS`. The rules stand above."""

    __slots__ = (
        "_closed",
        "_default_timeout_s",
        "_events",
        "_handlers",
        "_incoming",
        "_limits",
        "_new_id",
        "_outgoing",
        "_output",
        "version",
    )

    def __init__(
        self,
        version: Version,
        *,
        default_timeout_s: float = 30.0,
        max_frame_bytes: int = DEFAULT_LIMITS.frame_bytes,
        max_queued_calls: int = 1000,
        max_unanswered_calls: int = MAX_UNANSWERED_CALLS,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        if version not in JSON_VERSIONS:
            raise ValueError(f"OCPP {version} is not spoken over WebSocket")
        self.version = version
        self._default_timeout_s = _positive(default_timeout_s)
        self._limits = Limits(frame_bytes=max_frame_bytes)
        self._new_id = new_id
        self._outgoing = OutgoingCalls(max_queued_calls)
        self._incoming = IncomingCalls(max_unanswered_calls)
        self._events: list[Event] = []
        self._output: list[bytes] = []
        self._closed = False
        self._handlers = _HANDLERS_2_1 if version is Version.V21 else _HANDLERS

    # Our messages -------------------------------------------------------------------------------------

    def call(
        self,
        action: str,
        payload: bytes,
        now: float,
        *,
        timeout_s: float | None = None,
        priority: int = 0,
        message_id: str | None = None,
    ) -> str:
        """Send a CALL, or queue it while another is outstanding; returns its id.

        `payload` is one encoded JSON object. Higher `priority` goes first. Raises `QueueFull`; `PeerMisuse` when
        closed or if `message_id` is longer than 36 characters or in use.
        """
        self._check_open()
        message_id = self._new_id() if message_id is None else message_id
        if len(message_id) > MAX_MESSAGE_ID_CHARS:
            raise PeerMisuse(f"a messageId may have {MAX_MESSAGE_ID_CHARS} characters, not {len(message_id)}")
        timeout_s = self._default_timeout_s if timeout_s is None else _positive(timeout_s)
        self._outgoing.add(OutgoingCall(message_id, action, payload, timeout_s), priority)
        self._send_next(now)
        return message_id

    def cancel(self, message_id: str) -> bool:
        """Withdraw a CALL that is still queued, without an event; False if it is queued no longer."""
        return self._outgoing.cancel(message_id)

    def send(self, action: str, payload: bytes) -> None:
        """Send a SEND, which nobody answers. `PeerMisuse` before 2.1 or when closed."""
        self._check_open()
        if self.version is not Version.V21:
            raise PeerMisuse(f"OCPP {self.version} has no SEND")
        self._output.append(encode_send(self._new_id(), action, payload))

    def answer(self, message_id: str, payload: bytes) -> None:
        """Answer a received CALL by a CALLRESULT. `PeerMisuse` if none is owed to this id."""
        if not self._closed:
            frame = encode_call_result(message_id, payload)
            self._output += self._incoming.answer(message_id, frame, is_result=True)

    def refuse(self, message_id: str, error: OCPPError) -> None:
        """Answer a received CALL by a CALLERROR. `PeerMisuse` if none is owed to this id."""
        if not self._closed:
            frame = encode_call_error(message_id, wire_code(self.version, error.kind), error)
            self._output += self._incoming.answer(message_id, frame, is_result=False)

    def reject_answer(self, message_id: str, error: OCPPError) -> None:
        """Tell a 2.1 peer that its CALLRESULT made no sense; before 2.1 nothing can be sent."""
        if self.version is Version.V21 and not self._closed:
            code = wire_code(self.version, error.kind)
            self._output.append(encode_call_result_error(message_id, code, error))

    # Time and connection ------------------------------------------------------------------------------

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take one text message; returns what it means. Never raises, whatever the bytes."""
        if self._closed:
            return []
        notes: list[Leniency] = []
        try:
            frame = decode(data, self._limits, notes)
        except BadFrame as bad:
            self._on_bad_frame(bad, data, now)
            return self.take_events()
        handler = self._handlers.get(type(frame))
        if handler is None:
            self._odd(OddityKind.UNKNOWN_MESSAGE_TYPE, "a message type of OCPP 2.1", data, frame.message_id)
            return self.take_events()
        if notes:
            for note in notes:
                self._odd(OddityKind(note), "forgiven", data, frame.message_id)
        handler(self, frame, data, now)
        events, self._events = self._events, []
        return events

    def tick(self, now: float) -> list[Event]:
        """Declare what has timed out by `now`, and send what may go then."""
        call = self._outgoing.timed_out(now)
        if call is not None:
            self._events.append(CallTimedOut(call.message_id, call.action))
            self._send_next(now)
        return self.take_events()

    def next_deadline(self) -> float | None:
        """When `tick` has something to do, in the time of `now`; None while no CALL is outstanding."""
        return self._outgoing.deadline

    def take_output(self) -> list[bytes]:
        """The frames to write, in order, each one text message; they are handed out once."""
        output, self._output = self._output, []
        return output

    def take_events(self) -> list[Event]:
        """The events that nothing has returned yet."""
        events, self._events = self._events, []
        return events

    def close(self) -> list[Event]:
        """The connection is lost: every CALL of ours ends, the sent one first. Output is discarded."""
        self._closed = True
        self._output.clear()
        self._incoming.abort()
        for call, sent in self._outgoing.abort():
            self._events.append(CallAborted(call.message_id, call.action, sent))
        return self.take_events()

    # What arrives -------------------------------------------------------------------------------------

    def _on_call(self, frame: Call, data: bytes, _now: float) -> None:
        message_id, action = frame.message_id, frame.action
        admission = self._incoming.admit(message_id, action, hash(data))
        if admission is not Admission.ALONE:
            kind, detail = _ADMISSION_ODDITIES[admission]
            self._odd(kind, detail, data, message_id)
            if admission in _REFUSED:
                self._refuse_unadmitted(message_id, OCPPError(_REFUSED[admission], detail))
            if admission in _REFUSED or admission is Admission.REPEATED:
                return
        self._events.append(CallReceived(message_id, action, bytes(frame.payload)))

    def _on_send(self, frame: Send, _data: bytes, _now: float) -> None:
        self._events.append(SendReceived(frame.action, bytes(frame.payload)))

    def _on_result(self, frame: CallResult, data: bytes, now: float) -> None:
        call = self._end_call(frame.message_id, data)
        if call is not None:
            self._events.append(AnswerReceived(call.message_id, call.action, bytes(frame.payload)))
            self._send_next(now)

    def _on_error(self, frame: CallError, data: bytes, now: float) -> None:
        call = self._end_call(frame.message_id, data)
        if call is not None:
            self._events.append(ErrorReceived(call.message_id, call.action, _received_error(frame)))
            self._send_next(now)

    def _on_result_error(self, frame: CallResultError, data: bytes, _now: float) -> None:
        action = self._incoming.take_answered(frame.message_id)
        if action is None:
            detail = "an error about an answer that was never given"
            self._odd(OddityKind.UNSOLICITED_ANSWER, detail, data, frame.message_id)
        else:
            self._events.append(AnswerRejected(frame.message_id, action, _received_error(frame)))

    def _on_bad_frame(self, bad: BadFrame, data: bytes, now: float) -> None:
        known = bad.message_type is None or bad.message_type in _KNOWN_TYPES[self.version is Version.V21]
        if bad.kind is ErrorKind.MESSAGE_TYPE_NOT_SUPPORTED or not known:
            self._odd(OddityKind.UNKNOWN_MESSAGE_TYPE, bad.detail, data, bad.message_id)
            return
        self._odd(OddityKind.MALFORMED, bad.detail, data, bad.message_id)
        error = OCPPError(bad.kind, bad.detail)
        if bad.message_type in (CALLRESULT, CALLERROR):
            self._end_unreadable(bad.message_id, bad.message_type, error, now)
        elif bad.message_type in (CALL, None):
            self._refuse_broken(bad.message_id, error)

    # Steps --------------------------------------------------------------------------------------------

    def _send_next(self, now: float) -> None:
        call = self._outgoing.send_next(now)
        if call is not None:
            self._output.append(encode_call(call.message_id, call.action, call.payload))
            self._events.append(CallSent(call.message_id, call.action))

    def _end_call(self, message_id: str, data: bytes) -> OutgoingCall | None:
        call = self._outgoing.answered(message_id)
        if call is None:
            kind, detail = _STRAY_ANSWERS[self._outgoing.end_of(message_id)]
            self._odd(kind, detail, data, message_id)
        return call

    def _end_unreadable(self, message_id: str | None, message_type: int, error: OCPPError, now: float) -> None:
        call = None if message_id is None else self._outgoing.answered(message_id)
        if call is None:
            return
        self._events.append(ErrorReceived(call.message_id, call.action, error))
        if message_type == CALLRESULT:
            self.reject_answer(call.message_id, error)
        self._send_next(now)

    def _refuse_broken(self, message_id: str | None, error: OCPPError) -> None:
        if message_id is None and self.version.family == 2:
            message_id = UNREADABLE_ID
        # The answer to the intact call with this id is still to come and must not be contradicted.
        if message_id is not None and not self._incoming.is_unanswered(message_id):
            self._refuse_unadmitted(message_id, error)

    def _refuse_unadmitted(self, message_id: str, error: OCPPError) -> None:
        self._output.append(encode_call_error(message_id, wire_code(self.version, error.kind), error))

    def _odd(self, kind: OddityKind, detail: str, data: bytes, message_id: str | None) -> None:
        self._events.append(Oddity(kind, detail, data, message_id))

    def _check_open(self) -> None:
        if self._closed:
            raise PeerMisuse("the connection is closed")


_Handler = Callable[[Peer, Any, bytes, float], None]

_HANDLERS: Mapping[type[Frame], _Handler] = {
    Call: Peer._on_call,
    CallResult: Peer._on_result,
    CallError: Peer._on_error,
}
_HANDLERS_2_1: Mapping[type[Frame], _Handler] = {
    **_HANDLERS,
    CallResultError: Peer._on_result_error,
    Send: Peer._on_send,
}

_KNOWN_TYPES = {
    False: frozenset({CALL, CALLRESULT, CALLERROR}),
    True: frozenset({CALL, CALLRESULT, CALLERROR, CALLRESULTERROR, SEND}),
}


def _positive(timeout_s: float) -> float:
    if not timeout_s > 0:
        raise ValueError(f"a timeout of {timeout_s} s")
    return timeout_s


def _received_error(frame: CallError | CallResultError) -> OCPPError:
    try:
        details = _decode_details(frame.payload)
    except msgspec.DecodeError:
        details = _NO_DETAILS
    return OCPPError.received(frame.code, frame.description, details)
