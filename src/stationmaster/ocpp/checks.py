"""Exact checks on values that JSON has no type for: decimal numbers, which never pass through a float, and times."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

MAX_EXPONENT = 308
"""A number larger or smaller than ten to this power is refused, as a double could not hold it either.

Without a limit a few bytes (``1e999999999``) could cost whoever turns the number into an integer gigabytes.
"""

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,30})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_USUAL_MARKS = frozenset({"--T::Z", "--T::."})
"""Every third character of a time in UTC with no decimals or three, its zone a Z: where these marks stand, ISO 8601
has no other reading than RFC 3339's."""
_USUAL_LENGTHS = frozenset({20, 24})
_NAMES = {str: "str", bool: "bool", type(None): "null", list: "array", dict: "object", Decimal: "float"}


def decimal_of(text: str) -> Decimal:
    """The exact value of a number's text; raises ``ValueError`` if it is no finite number in range."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise ValueError("Expected `number`, got `str`") from None
    if not value.is_finite() or (value and abs(value.adjusted()) > MAX_EXPONENT):
        raise ValueError("Number out of range")
    return value


def json_number(value: object) -> Decimal:
    """A decoded JSON number as a decimal; raises ``ValueError`` for anything else, booleans included."""
    if type(value) is Decimal:
        return value
    if type(value) is int:
        return Decimal(value)
    raise ValueError(f"Expected `number`, got `{json_name(value)}`")


def json_whole(value: object) -> Decimal:
    """A decoded JSON integer of at most 64 bits as a decimal; raises ``ValueError`` for anything else."""
    if type(value) is not int:
        raise ValueError(f"Expected `int`, got `{json_name(value)}`")
    if not -(2**63) <= value < 2**63:
        raise ValueError("Integer value out of range")
    return Decimal(value)


def check_number(
    value: Decimal, at_least: Decimal | None, at_most: Decimal | None, multiple_of: Decimal | None
) -> None:
    """Raise ``ValueError`` if the value breaks a bound; compares exactly, whatever the number of digits."""
    if at_least is not None and value < at_least:
        raise ValueError(f"Expected `number` >= {at_least}")
    if at_most is not None and value > at_most:
        raise ValueError(f"Expected `number` <= {at_most}")
    if multiple_of is not None and (Fraction(value) / Fraction(multiple_of)).denominator != 1:
        raise ValueError(f"Expected `number` that's a multiple of {multiple_of}")


def utc_moment(value: object) -> datetime:
    """An RFC 3339 date and time as aware UTC; raises ``ValueError`` for anything else.

    Digits beyond microseconds are cut off. A time that UTC would put outside the years 1 to 9999 is refused.
    """
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{json_name(value)}`")
    try:
        if value[4:20:3] in _USUAL_MARKS and value[-1] == "Z" and len(value) in _USUAL_LENGTHS:
            return datetime.fromisoformat(value)
        if _RFC3339.fullmatch(value) is None:
            raise ValueError
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("Invalid RFC3339 encoded datetime") from None


def json_name(value: object) -> str:
    """What JSON calls the type of a decoded value, as the decoder's own messages spell it."""
    return _NAMES.get(type(value), type(value).__name__)
