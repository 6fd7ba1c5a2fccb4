"""The lexical forms of XML Schema beside those of JSON: what XML may write in several ways, JSON writes in one.

What is no legal form stays the text that it was, so that the strict type of the message says what is wrong with it.
"""

import re
from collections.abc import Callable
from datetime import date as date_of
from datetime import timedelta
from decimal import Decimal
from typing import Any

from stationmaster.ocpp.soap.elements import Decimals, Plain
from stationmaster.ocpp.wire import decode_plain

MAX_DIGITS = 400
"""A longer number stays text."""

_SPACE = " \t\r\n"
_INT = re.compile(r"[+-]?0*\d{1,10}", re.ASCII)
_INTS = range(-(2**31), 2**31)
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)?", re.ASCII
)
_END_OF_DAY = "24:00:00"
_FRACTION = 10
"""A dot and nine digits: more are cut off."""
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_USUAL_LENGTHS = frozenset({20, 24})
_USUAL_MARKS = frozenset({"--T::Z", "--T::."})
_SUSPECT = re.compile(rb"\\[bfu]|\xef\xbf[\xbe\xbf]")
"""An escape, or one of the two characters at the end of the plane that XML leaves out."""
_LEGAL = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def read_text(text: str) -> str:
    """As it stands, white space and all."""
    return text


def read_int(text: str) -> int | str:
    """A whole number of 32 bits: ``+5`` and ``007`` are some too."""
    text = text.strip(_SPACE)
    if _INT.fullmatch(text) is None or len(text) > MAX_DIGITS:
        return text
    value = int(text)
    return value if value in _INTS else text


def read_decimal(text: str) -> Decimal | str:
    """A number without an exponent: ``16.`` and ``+1.5`` are some too."""
    text = text.strip(_SPACE)
    return Decimal(text) if len(text) <= MAX_DIGITS and _DECIMAL.fullmatch(text) else text


def read_flag(text: str) -> bool | str:
    """``true``, ``false``, ``1`` or ``0``."""
    text = text.strip(_SPACE)
    return _FLAGS.get(text, text)


def read_uri(text: str) -> str:
    """Without the white space around it."""
    return text.strip(_SPACE)


def read_moment(text: str) -> str:
    """RFC 3339: without a zone it is UTC (1.6-S, and the lenient twins), and midnight may be the end of a day."""
    if text[4:20:3] in _USUAL_MARKS and text[-1] == "Z" and len(text) in _USUAL_LENGTHS and text[11:13] != "24":
        return text
    text = text.strip(_SPACE)
    found = _MOMENT.fullmatch(text)
    if found is None:
        return text
    date, time, fraction, zone = found.group("date", "time", "fraction", "zone")
    if time == _END_OF_DAY and not (fraction or "").strip(".0"):
        try:
            date, time = (date_of.fromisoformat(date) + timedelta(days=1)).isoformat(), "00:00:00"
        except (ValueError, OverflowError):
            return text
    return f"{date}T{time}{(fraction or '')[:_FRACTION]}{zone or 'Z'}"


def written(value: Any) -> str:
    """A scalar of JSON as XML writes it; raises ``ValueError`` for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if not isinstance(value, int):
        raise ValueError("an object or a list stands where XML has a text")
    return str(value)


def illegal_place(raw: bytes) -> str | None:
    """Where a JSON payload has a text that XML cannot carry, as a wire path; None where there is none."""
    return _illegal_place(decode_plain(raw), "$") if _SUSPECT.search(raw) else None


def _illegal_place(value: Any, path: str) -> str | None:
    if isinstance(value, str):
        return None if _LEGAL.fullmatch(value) else path
    if isinstance(value, dict):
        places = ((item, f"{path}.{name}") for name, item in value.items())
    elif isinstance(value, list):
        places = ((item, f"{path}[{index}]") for index, item in enumerate(value))
    else:
        return None
    return next((found for item, place in places if (found := _illegal_place(item, place))), None)


def reader_of(kind: object) -> Callable[[str], Any]:
    """How the text of an element of a simple type is read."""
    if isinstance(kind, Decimals):
        return read_decimal
    return _READERS[kind] if isinstance(kind, Plain) else read_text


_READERS: dict[Plain, Callable[[str], Any]] = {
    Plain.TEXT: read_text,
    Plain.INT: read_int,
    Plain.FLAG: read_flag,
    Plain.MOMENT: read_moment,
    Plain.URI: read_uri,
}
