"""Rows of the message log, and the frames in them."""

import re

import msgspec

from stationmaster.domain.frame_stretch import SEPARATOR, Head, Stretch
from stationmaster.domain.records import FrameRecord
from stationmaster.storage.rows import Row, Values, micros

_KINDS = {"2": "call", "3": "result", "4": "error", "5": "result_error", "6": "send"}
_ERRORS = frozenset({"error", "result_error"})
_encode = msgspec.json.Encoder().encode
_heads = msgspec.json.Decoder(list[Head]).decode
_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_CODE = re.compile(rf'\[\s*+[45]\s*+,\s*+(?:{_TEXT}\s*+|[^",\[{{]*+),\s*+({_TEXT})', re.DOTALL)
_text = msgspec.json.Decoder(str).decode
_NAME = r"(?:[\w.-]+:)?([\w.-]+)"
"""Of an element or of a code, without its prefix."""
_IN_BODY = re.compile(rf"<(?:[\w.-]+:)?Body(?:\s[^<>]*+)?>\s*+<{_NAME}")
_FAULT_CODES = tuple(
    re.compile(rf"<(?:[\w.-]+:)?{where}(?:\s[^<>]*+)?>\s*+{_NAME}")
    for where in (r"Subcode(?:\s[^<>]*+)?>\s*+<(?:[\w.-]+:)?Value", "faultcode", "Value")
)
"""Where a SOAP fault says what is wrong: the sub-code, else the code, of 1.1 or of 1.2."""


def stretch_row(stretch: Stretch) -> Values:
    heads = stretch.heads
    moments = [head[0] for head in heads]  # the clock may have been set back
    return (
        stretch.station_key,
        micros(min(moments)),
        micros(max(moments)),
        len(heads),
        _encode(heads).decode(),
        stretch.text,
    )


def to_stretch(row: Row) -> Stretch:
    """From the station's key, heads and text."""
    return Stretch(row[0], _heads(row[1]), row[2])


def to_frames(stretch: Stretch) -> list[FrameRecord]:
    """The single frames of a stretch, as they were heard."""
    parted = zip(stretch.heads, stretch.text.split(SEPARATOR), strict=True)
    return [_frame(stretch.station_key, head, text) for head, text in parted]


def _frame(station_key: int, head: Head, text: str) -> FrameRecord:
    at, direction, message_id, action = head
    is_xml = text.startswith("<")
    kind = _kind_of_xml(text) if is_xml else _KINDS.get(text[1:2], "other")
    return FrameRecord(
        station_key=station_key,
        at=at,
        direction=direction,
        kind=kind,
        message_id=message_id,
        action=action,
        frame=text,
        error=None if kind not in _ERRORS else _fault_code(text) if is_xml else _error_code(text),
    )


def _kind_of_xml(text: str) -> str:
    """By the name of what is in the SOAP body. What is neither a fault nor an answer was meant as a call."""
    found = _IN_BODY.search(text)
    name = "" if found is None else found[1]
    return "error" if name == "Fault" else "result" if name.endswith("Response") else "call"


def _fault_code(text: str) -> str | None:
    found = next(filter(None, (each.search(text) for each in _FAULT_CODES)), None)
    return None if found is None else found[1]


def _error_code(text: str) -> str | None:
    """Of a CALLERROR, which may have been cut, or be no JSON further on: only its beginning is read."""
    found = _CODE.match(text)
    try:
        return None if found is None else _text(found[1])
    except msgspec.DecodeError:
        return None
