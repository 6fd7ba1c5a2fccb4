"""The frames of OCPP-J: one JSON array per text message.

    [2, id, action, {payload}]                      CALL
    [3, id, {payload}]                              CALLRESULT
    [4, id, code, description, {details}]           CALLERROR
    [5, id, code, description, {details}]           CALLRESULTERROR, 2.1
    [6, id, action, {payload}]                      SEND, 2.1

Payloads stay bytes in both directions: decoding checks that they are one JSON object within the limits and
nothing more, encoding splices them in as they are. A frame that is what it should be takes one pass in C. Any
other is read again, slowly, to forgive what real stations do (see `Leniency`) and to say what is wrong.

Sources: OCPP-J 1.6 section 4, OCPP 2.0.1 and 2.1 part 4 chapter 4.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

import msgspec

from stationmaster.ocpp.errors import ErrorKind, OCPPError

T = TypeVar("T")

MAX_MESSAGE_ID_CHARS: Final = 36
"""The longest messageId that the specification allows (part 4, table 4)."""

CALL: Final = 2
CALLRESULT: Final = 3
CALLERROR: Final = 4
CALLRESULTERROR: Final = 5
SEND: Final = 6


class Limits(msgspec.Struct, frozen=True):
    """What a peer may make us hold: bytes of a frame, levels of nesting (the frame's own array is the first),
    characters of a messageId or action."""

    frame_bytes: int = 524_288
    depth: int = 64
    text_chars: int = 255


DEFAULT_LIMITS: Final = Limits()


class Leniency(StrEnum):
    """What was odd about a frame that could be read all the same."""

    LONG_MESSAGE_ID = "long_message_id"
    NULL_PAYLOAD = "null_payload"
    EXTRA_ELEMENTS = "extra_elements"
    INCOMPLETE_ERROR = "incomplete_error"


class Call(msgspec.Struct, array_like=True, tag=CALL, frozen=True, forbid_unknown_fields=True, gc=False):
    """A request."""

    message_id: str
    action: str
    payload: msgspec.Raw


class CallResult(msgspec.Struct, array_like=True, tag=CALLRESULT, frozen=True, forbid_unknown_fields=True, gc=False):
    """The response to a CALL."""

    message_id: str
    payload: msgspec.Raw


class CallError(msgspec.Struct, array_like=True, tag=CALLERROR, frozen=True, forbid_unknown_fields=True, gc=False):
    """The refusal of a CALL."""

    message_id: str
    code: str
    description: str
    payload: msgspec.Raw
    """errorDetails."""


class CallResultError(
    msgspec.Struct, array_like=True, tag=CALLRESULTERROR, frozen=True, forbid_unknown_fields=True, gc=False
):
    """The refusal of a CALLRESULT (2.1)."""

    message_id: str
    code: str
    description: str
    payload: msgspec.Raw
    """errorDetails."""


class Send(msgspec.Struct, array_like=True, tag=SEND, frozen=True, forbid_unknown_fields=True, gc=False):
    """A message that is never answered (2.1)."""

    message_id: str
    action: str
    payload: msgspec.Raw


Frame = Call | CallResult | CallError | CallResultError | Send


class BadFrame(Exception):
    """A message that is no frame.

    `kind` is what to tell the sender, `message_type` and `message_id` as far as they could be read. The kind
    MESSAGE_TYPE_NOT_SUPPORTED means that the message is to be ignored (part 4, section 4.1.3).
    """

    def __init__(
        self, kind: ErrorKind, detail: str, message_id: str | None = None, message_type: int | None = None
    ) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
        self.message_id = message_id
        self.message_type = message_type

    def __str__(self) -> str:
        return self.detail


# Encoding ---------------------------------------------------------------------------------------------

# Details are free-form: what JSON cannot express is sent as its text, so that an error can always be sent.
_encode = msgspec.json.Encoder(enc_hook=str).encode


def encode_call(message_id: str, action: str, payload: bytes) -> bytes:
    """A CALL; `payload` is one encoded JSON object and is not looked at."""
    return b"".join((b"[2,", _encode(message_id), b",", _encode(action), b",", payload, b"]"))


def encode_call_result(message_id: str, payload: bytes) -> bytes:
    """A CALLRESULT; `payload` is one encoded JSON object and is not looked at."""
    return b"".join((b"[3,", _encode(message_id), b",", payload, b"]"))


def encode_call_error(message_id: str, code: str, error: OCPPError) -> bytes:
    """A CALLERROR with `code` as spelled by the version (see `wire_code`)."""
    return _encode([CALLERROR, message_id, code, error.wire_description, error.details])


def encode_call_result_error(message_id: str, code: str, error: OCPPError) -> bytes:
    """A CALLRESULTERROR (2.1)."""
    return _encode([CALLRESULTERROR, message_id, code, error.wire_description, error.details])


def encode_send(message_id: str, action: str, payload: bytes) -> bytes:
    """A SEND (2.1); `payload` is one encoded JSON object and is not looked at."""
    return b"".join((b"[6,", _encode(message_id), b",", _encode(action), b",", payload, b"]"))


# Decoding ---------------------------------------------------------------------------------------------

_FRAME = msgspec.json.Decoder(Frame)
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_INTEGER = msgspec.json.Decoder(int)
_TEXT = msgspec.json.Decoder(str)
_UNREADABLE = (msgspec.DecodeError, RecursionError)

_START = re.compile(rb'[ \t\r\n]*\[[ \t\r\n]*(\d{1,9})[ \t\r\n]*,[ \t\r\n]*("(?:[^"\\]|\\.){0,1530}")')
"""Type and id at the start of a message whose rest is broken (255 characters may be escapes of six bytes)."""
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""A string, closed or not: a start that could fail would be tried again at each quote, in quadratic time."""
_BRACKETS_ONLY = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"[]", b"{}")

_WITH_ACTION = (Call, Send)
_EMPTY = msgspec.Raw(b"{}")
_OBJECT_START = ord("{")


def decode(data: bytes, limits: Limits = DEFAULT_LIMITS, notes: list[Leniency] | None = None) -> Frame:
    """The frame in one text message; what had to be forgiven is appended to `notes`.

    Raises `BadFrame`, and nothing else, whatever the bytes.
    """
    _check_bytes(data, limits)
    try:
        frame: Frame = _FRAME.decode(data)
    except _UNREADABLE:
        return _decode_slowly(data, limits, notes)
    if (
        # A valid array whose last element ends with a brace has an object there: nearly all need no closer look.
        (not data.endswith(b"}]") and memoryview(frame.payload)[0] != _OBJECT_START)
        or len(frame.message_id) > MAX_MESSAGE_ID_CHARS
        or (isinstance(frame, _WITH_ACTION) and len(frame.action) > limits.text_chars)
    ):
        return _decode_slowly(data, limits, notes)
    return frame


def _check_bytes(data: bytes, limits: Limits) -> None:
    """Refuse what is too long, not UTF-8 or too deep, before anything is built from it."""
    if len(data) > limits.frame_bytes:
        _refuse_start(data, limits, ErrorKind.FORMAT, f"longer than {limits.frame_bytes} bytes")
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            _refuse_start(data, limits, ErrorKind.FORMAT, "not UTF-8")
    depth = limits.depth
    if data.count(b"{") + data.count(b"[") > depth and _is_deeper(data, depth):
        _refuse_start(data, limits, ErrorKind.FORMAT, f"nested deeper than {depth} levels, or never closed")


def _is_deeper(data: bytes, depth: int) -> bool:
    """Whether brackets outside strings nest deeper than `depth`: each pass peels the innermost level off."""
    brackets = _STRING.sub(b"", data).translate(_ONE_KIND, _BRACKETS_ONLY)
    for _ in range(depth):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"")
    return len(brackets) > 0


def _refuse_start(data: bytes, limits: Limits, kind: ErrorKind, detail: str) -> NoReturn:
    """Raise BadFrame for a message that is no JSON as a whole, with the type and id that it starts with."""
    message_type = message_id = None
    if start := _START.match(data):
        message_type = int(start[1])
        message_id = _read(_TEXT, start[2])
        if message_id is not None and len(message_id) > limits.text_chars:
            message_id = None
    if message_id is None:
        kind = ErrorKind.RPC_FRAMEWORK
    if message_type is not None and message_type not in _READERS:
        kind = ErrorKind.MESSAGE_TYPE_NOT_SUPPORTED
    raise BadFrame(kind, detail, message_id, message_type)


def _decode_slowly(data: bytes, limits: Limits, notes: list[Leniency] | None) -> Frame:
    notes = [] if notes is None else notes
    try:
        elements = _ELEMENTS.decode(data)
    except msgspec.ValidationError:
        raise BadFrame(ErrorKind.RPC_FRAMEWORK, "not a JSON array") from None
    except _UNREADABLE as error:
        _refuse_start(data, limits, ErrorKind.FORMAT, f"not JSON: {error}")
    if not elements:
        raise BadFrame(ErrorKind.RPC_FRAMEWORK, "an empty array")
    message_type = _read(_INTEGER, elements[0])
    if message_type is None or message_type not in _READERS:
        detail = f"unknown MessageTypeId {bytes(elements[0])[:20].decode(errors='replace')}"
        message_id = _read(_TEXT, elements[1]) if len(elements) > 1 else None
        raise BadFrame(ErrorKind.MESSAGE_TYPE_NOT_SUPPORTED, detail, message_id, message_type)
    return _READERS[message_type](_Elements(message_type, elements, limits, notes))


class _Elements:
    """The elements of one array, read leniently; every fault is raised with the type and id known so far."""

    __slots__ = ("_elements", "_limits", "_message_id", "_message_type", "_notes")

    def __init__(self, message_type: int, elements: list[msgspec.Raw], limits: Limits, notes: list[Leniency]) -> None:
        self._message_type = message_type
        self._elements = elements
        self._limits = limits
        self._notes = notes
        self._message_id: str | None = None

    def message_id(self) -> str:
        """The id, which has to be read first."""
        self._message_id = message_id = self.text(1, "messageId")
        if len(message_id) > MAX_MESSAGE_ID_CHARS:
            self._notes.append(Leniency.LONG_MESSAGE_ID)
        return message_id

    def _fail(self, kind: ErrorKind, detail: str) -> NoReturn:
        raise BadFrame(kind, detail, self._message_id, self._message_type)

    def text(self, index: int, name: str) -> str:
        if index >= len(self._elements):
            self._fail(ErrorKind.RPC_FRAMEWORK, f"no {name}")
        text = _read(_TEXT, self._elements[index])
        if text is None:
            self._fail(ErrorKind.RPC_FRAMEWORK, f"{name} is not a string")
        if len(text) > self._limits.text_chars:
            self._fail(ErrorKind.RPC_FRAMEWORK, f"{name} is longer than {self._limits.text_chars} characters")
        return text

    def payload(self, index: int) -> msgspec.Raw:
        """The JSON object that ends the frame; null stands for an empty one."""
        if index >= len(self._elements):
            self._fail(ErrorKind.FORMAT, "no payload")
        if index < len(self._elements) - 1:
            self._notes.append(Leniency.EXTRA_ELEMENTS)
        payload = self._elements[index]
        if memoryview(payload)[0] == _OBJECT_START:
            return payload
        if bytes(payload) != b"null":
            self._fail(ErrorKind.FORMAT, "the payload is not a JSON object")
        self._notes.append(Leniency.NULL_PAYLOAD)
        return _EMPTY

    def error(self) -> tuple[str, str, msgspec.Raw]:
        """Code, description, details. An error ends a CALL however incomplete: nothing here is fatal."""
        code, description = self._text_or_empty(2), self._text_or_empty(3)
        details = self._elements[4] if len(self._elements) > 4 else None
        if code is None or description is None or details is None or memoryview(details)[0] != _OBJECT_START:
            self._notes.append(Leniency.INCOMPLETE_ERROR)
            return code or "", description or "", _EMPTY
        if len(self._elements) > 5:
            self._notes.append(Leniency.EXTRA_ELEMENTS)
        return code, description, details

    def _text_or_empty(self, index: int) -> str | None:
        return _read(_TEXT, self._elements[index]) if index < len(self._elements) else None


_READERS: dict[int, Callable[[_Elements], Frame]] = {
    CALL: lambda read: Call(read.message_id(), read.text(2, "action"), read.payload(3)),
    CALLRESULT: lambda read: CallResult(read.message_id(), read.payload(2)),
    CALLERROR: lambda read: CallError(read.message_id(), *read.error()),
    CALLRESULTERROR: lambda read: CallResultError(read.message_id(), *read.error()),
    SEND: lambda read: Send(read.message_id(), read.text(2, "action"), read.payload(3)),
}


def _read(decoder: "msgspec.json.Decoder[T]", element: msgspec.Raw | bytes) -> T | None:
    """The element as the decoder's type, or None."""
    try:
        return decoder.decode(element)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
