"""What the generated lenient twins are made of: values read as generously as their meaning allows.

Text may come as a number, a number as text, a flag as either, a time without a zone (then it is UTC).
What still has no meaning raises ``ValueError``; the codec then drops the member and records it.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from stationmaster.ocpp.checks import decimal_of, json_name, json_number
from stationmaster.ocpp.kinds import kind

MAX_NUMBER_TEXT = 400
"""Text longer than this is not tried as a number or a time."""


class Loose(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An object of a lenient twin: nothing is required, unknown members are ignored."""


def read_text(value: object) -> str:
    """Text, or the text of a number or flag."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(json_number(value), "f")


def read_number(value: object) -> Decimal:
    """A number, or text that holds one."""
    return decimal_of(_short(value).strip()) if isinstance(value, str) else json_number(value)


def read_whole(value: object) -> int:
    """A number within 64 bits, rounded half to even when it has a fraction."""
    whole = int(read_number(value).to_integral_value())
    if not -(2**63) <= whole < 2**63:
        raise ValueError("Number out of range")
    return whole


def read_flag(value: object) -> bool:
    """``true`` or ``false``, also as text in any case, and 1 or 0."""
    if isinstance(value, str):
        value = _FLAGS.get(_short(value).strip().lower())
    if value in (0, 1):
        return bool(value)
    raise ValueError(f"Expected `bool`, got `{json_name(value)}`")


def read_moment(value: object) -> datetime:
    """An ISO 8601 date and time as aware UTC; one without a zone is UTC already."""
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{json_name(value)}`")
    try:
        moment = datetime.fromisoformat(_short(value).strip().upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("Invalid RFC3339 encoded datetime") from None


def _short(text: str) -> str:
    if len(text) > MAX_NUMBER_TEXT:
        raise ValueError("Number out of range")
    return text


_FLAGS = {"true": True, "1": True, "false": False, "0": False}

if TYPE_CHECKING:
    Text = str
    Number = Decimal
    Whole = int
    Flag = bool
    Moment = datetime
else:
    Text = kind("Text", str, read_text)
    Number = kind("Number", Decimal, read_number)
    Whole = kind("Whole", int, read_whole)
    Flag = kind("Flag", bool, read_flag)
    Moment = kind("Moment", datetime, read_moment)
