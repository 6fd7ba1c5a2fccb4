"""What a `Peer` has to say: frozen structs. Payloads are the raw bytes of one JSON object."""

from enum import StrEnum
from typing import Any

import msgspec

from stationmaster.ocpp.errors import OCPPError


class _Event(msgspec.Struct, frozen=True):
    """Its repr gives bytes by their length: a payload may hold a password."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, f"<{len(x)} bytes>" if isinstance(x, bytes) else x) for name, x in fields]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({fields})"


class CallReceived(_Event, frozen=True, gc=False):
    """The other side asks; `Peer.answer` or `Peer.refuse` with this id is owed."""

    message_id: str
    action: str
    payload: bytes


class SendReceived(_Event, frozen=True, gc=False):
    """The other side tells something that is never answered (2.1)."""

    action: str
    payload: bytes


class CallSent(_Event, frozen=True, gc=False):
    """Our CALL left the queue and stands in the output; its deadline runs."""

    message_id: str
    action: str


class AnswerReceived(_Event, frozen=True, gc=False):
    """Our CALL ended with a CALLRESULT."""

    message_id: str
    action: str
    payload: bytes


class ErrorReceived(_Event, frozen=True):
    """Our CALL ended with a CALLERROR (`error.code` is what was sent), or with an answer that nobody can read
    (`error.code` is None, and an `Oddity` of kind MALFORMED precedes)."""

    message_id: str
    action: str
    error: OCPPError


class CallTimedOut(_Event, frozen=True, gc=False):
    """Our CALL ended without an answer in time. Whether the other side acted on it is unknown."""

    message_id: str
    action: str


class CallAborted(_Event, frozen=True, gc=False):
    """The connection ended before our CALL did; `sent` tells whether the other side may have seen it."""

    message_id: str
    action: str
    sent: bool


class AnswerRejected(_Event, frozen=True):
    """The other side could not make sense of the CALLRESULT that we gave (CALLRESULTERROR, 2.1)."""

    message_id: str
    action: str
    error: OCPPError


class OddityKind(StrEnum):
    """What was strange about a message."""

    MALFORMED = "malformed"
    UNKNOWN_MESSAGE_TYPE = "unknown_message_type"
    LONG_MESSAGE_ID = "long_message_id"
    NULL_PAYLOAD = "null_payload"
    EXTRA_ELEMENTS = "extra_elements"
    INCOMPLETE_ERROR = "incomplete_error"
    LATE_ANSWER = "late_answer"
    DUPLICATE_ANSWER = "duplicate_answer"
    UNSOLICITED_ANSWER = "unsolicited_answer"
    REPEATED_CALL = "repeated_call"
    REUSED_MESSAGE_ID = "reused_message_id"
    CONCURRENT_CALLS = "concurrent_calls"
    OVERFLOW = "overflow"


class Oddity(_Event, frozen=True, gc=False):
    """Something strange arrived; what is done about it stands in `peer`. `frame` is the whole message as it
    came, to be masked before anyone logs it."""

    kind: OddityKind
    detail: str
    frame: bytes
    message_id: str | None = None


Event = (
    CallReceived
    | SendReceived
    | CallSent
    | AnswerReceived
    | ErrorReceived
    | CallTimedOut
    | CallAborted
    | AnswerRejected
    | Oddity
)
