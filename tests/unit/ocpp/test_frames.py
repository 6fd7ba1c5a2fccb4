"""Frames: what is read, what is forgiven, what is refused and as what."""

import json
from collections.abc import Callable

import msgspec
import pytest

from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.frames import (
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

AWKWARD_ID = 'a"\\é\n'


def payload_of(frame: Frame) -> bytes:
    return bytes(frame.payload)


def refused(data: bytes, limits: Limits | None = None) -> BadFrame:
    with pytest.raises(BadFrame) as caught:
        decode(data, limits or Limits())
    return caught.value


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (encode_call(AWKWARD_ID, "Heartbeat", b'{ "a":1 }'), Call),
        (encode_call_result(AWKWARD_ID, b'{ "a":1 }'), CallResult),
        (encode_send(AWKWARD_ID, "NotifyPeriodicEventStream", b'{ "a":1 }'), Send),
    ],
)
def test_a_payload_travels_byte_for_byte(data: bytes, kind: type[Frame]) -> None:
    frame = decode(data)
    assert type(frame) is kind
    assert frame.message_id == AWKWARD_ID
    assert payload_of(frame) == b'{ "a":1 }'


@pytest.mark.parametrize(
    ("encode", "kind"), [(encode_call_error, CallError), (encode_call_result_error, CallResultError)]
)
def test_an_error_travels_with_its_five_elements(
    encode: Callable[[str, str, OCPPError], bytes], kind: type[Frame]
) -> None:
    frame = decode(encode("1", "SecurityError", OCPPError(ErrorKind.SECURITY, "x" * 300, {"k": [1]})))
    assert isinstance(frame, kind)
    assert isinstance(frame, CallError | CallResultError)
    assert (frame.code, frame.description, payload_of(frame)) == ("SecurityError", "x" * 255, b'{"k":[1]}')


def test_details_that_json_cannot_express_are_sent_as_text() -> None:
    data = encode_call_error("1", "InternalError", OCPPError(ErrorKind.INTERNAL, "", {"why": 1j}))
    assert json.loads(data)[4] == {"why": "1j"}


def test_white_space_around_the_elements_does_not_matter() -> None:
    assert payload_of(decode(b' [ 2 , "1" , "Heartbeat" , {} ] \n')) == b"{}"


@pytest.mark.parametrize(
    ("data", "payload", "note"),
    [
        (b'[2,"1","Heartbeat",null]', b"{}", Leniency.NULL_PAYLOAD),
        (b'[3,"1",null]', b"{}", Leniency.NULL_PAYLOAD),
        (b'[2,"1","Heartbeat",{"a":1},7]', b'{"a":1}', Leniency.EXTRA_ELEMENTS),
        (b'[2,"%b","Heartbeat",{}]' % (b"x" * 37), b"{}", Leniency.LONG_MESSAGE_ID),
        (b'[2,"%b","Heartbeat",{}]' % (b"x" * 255), b"{}", Leniency.LONG_MESSAGE_ID),
        (b'[4,"1","GenericError","",null]', b"{}", Leniency.INCOMPLETE_ERROR),
        (b'[4,"1","GenericError","",[]]', b"{}", Leniency.INCOMPLETE_ERROR),
        (b'[4,"1","GenericError",null,{}]', b"{}", Leniency.INCOMPLETE_ERROR),
        (b'[4,"1","GenericError"]', b"{}", Leniency.INCOMPLETE_ERROR),
        (b'[4,"1"]', b"{}", Leniency.INCOMPLETE_ERROR),
        (b'[4,"1","GenericError","",{"a":1},7]', b'{"a":1}', Leniency.EXTRA_ELEMENTS),
    ],
)
def test_what_stations_get_nearly_right_is_read_and_noted(data: bytes, payload: bytes, note: Leniency) -> None:
    notes: list[Leniency] = []
    assert payload_of(decode(data, notes=notes)) == payload
    assert notes == [note]


def test_an_incomplete_error_keeps_the_code_that_it_has() -> None:
    frame = decode(b'[4,"1","SecurityError"]')
    assert isinstance(frame, CallError)
    assert frame.code == "SecurityError"


def test_an_id_of_36_characters_is_nothing_to_note() -> None:
    notes: list[Leniency] = []
    decode(b'[2,"%b","Heartbeat",{}]' % (b"x" * 36), notes=notes)
    assert notes == []


UNREADABLE_ID = [
    b"",
    b"hello",
    b"{}",
    b"7",
    b"[]",
    b"[2]",
    b"[2,",
    b'[2,17,"Heartbeat",{}]',
    b'[2,null,"Heartbeat",{}]',
    b'[2,"%b","Heartbeat",{}]' % (b"x" * 256),
    b'[2,"\xff","Heartbeat",{}]',
    b'[2,"\\ud800","Heartbeat",{}]',
    b'\xef\xbb\xbf[2,"1","Heartbeat",{}]',
    b"[" * 100_000,
    b'"' + b'\\"' * 100_000,
]


@pytest.mark.parametrize("data", UNREADABLE_ID, ids=lambda data: repr(data[:24]))
def test_a_message_without_a_readable_id_is_no_valid_request(data: bytes) -> None:
    bad = refused(data)
    assert (bad.kind, bad.message_id) == (ErrorKind.RPC_FRAMEWORK, None)


DEEP = b'{"a":' * 70 + b"1" + b"}" * 70


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'[2,"1"]', ErrorKind.RPC_FRAMEWORK),
        (b'[2,"1",7,{}]', ErrorKind.RPC_FRAMEWORK),
        (b'[2,"1","%b",{}]' % (b"A" * 256), ErrorKind.RPC_FRAMEWORK),
        (b'[2,"1","Heartbeat"]', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",[]]', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat","x"]', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",{"a":}]', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",{"a":NaN}]', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",{}', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",{}]]', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",{"a":"\xff"}]', ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",%b]' % DEEP, ErrorKind.FORMAT),
        (b'[2,"1","Heartbeat",{"a":"%b"}]' % (b"x" * 600_000), ErrorKind.FORMAT),
    ],
    ids=lambda value: repr(value[:32]),
)
def test_a_broken_call_is_refused_with_the_id_that_can_be_read(data: bytes, kind: ErrorKind) -> None:
    bad = refused(data)
    assert (bad.kind, bad.message_id, bad.message_type) == (kind, "1", 2)
    assert bad.detail


@pytest.mark.parametrize("data", [b'[3,"1"]', b'[3,"1",[]]', b'[3,"1",{"a":}]'])
def test_a_broken_answer_is_known_as_one(data: bytes) -> None:
    bad = refused(data)
    assert (bad.message_id, bad.message_type) == ("1", 3)


@pytest.mark.parametrize(
    "data",
    [
        b'[7,"1",{}]',
        b"[7]",
        b'[-1,"1",{}]',
        b'["2","1","Heartbeat",{}]',
        b'[2.0,"1","Heartbeat",{}]',
        b'[null,"1"]',
        b'[%b,"1",{}]' % (b"9" * 5000),
        b'[99,"1",{"a":}]',
    ],
    ids=lambda data: repr(data[:24]),
)
def test_an_unknown_message_type_is_to_be_ignored(data: bytes) -> None:
    assert refused(data).kind is ErrorKind.MESSAGE_TYPE_NOT_SUPPORTED


@pytest.mark.parametrize("spare", [0, 1])
def test_nesting_is_bounded_exactly(spare: int) -> None:
    data = b'[2,"1","A",%b]' % (b'{"a":' * 4 + b"{}" + b"}" * 4)
    assert payload_of(decode(data, Limits(depth=6 + spare)))
    assert "deeper" in refused(data, Limits(depth=5)).detail


def test_brackets_in_strings_and_side_by_side_are_not_nesting() -> None:
    payload = json.dumps({"a": '[{"' * 100, "b": [{}] * 100, "c\\": "\\"}).encode()
    assert payload_of(decode(b'[2,"1","A",%b]' % payload, Limits(depth=4))) == payload


def test_a_stack_that_is_nearly_full_makes_a_bad_frame_and_no_recursion_error() -> None:
    bad = refused(b'[2,"1","A",%b]' % (b'{"a":' * 5000 + b"1" + b"}" * 5000), Limits(depth=20_000))
    assert bad.message_id == "1"


def test_a_payload_outlives_the_message_that_it_came_in() -> None:
    frame = decode(bytes(bytearray(b'[3,"1",{"status":"Accepted"}]')))
    assert msgspec.json.decode(frame.payload) == {"status": "Accepted"}


@pytest.mark.parametrize("end", [b"]", b" ]", b"] ", b"\n]\r\n"])
@pytest.mark.parametrize(
    ("payload", "is_object"),
    [(b"{}", True), (b'{"a":[{}]}', True), (b"[{}]", False), (b'"{}"', False), (b'"{}]"', False), (b"1", False)],
)
def test_only_an_object_is_a_payload_however_the_message_ends(payload: bytes, is_object: bool, end: bytes) -> None:
    data = b'[2,"1","A",%b%b' % (payload, end)
    if is_object:
        assert payload_of(decode(data)) == payload
    else:
        with pytest.raises(BadFrame, match="not a JSON object"):
            decode(data)
