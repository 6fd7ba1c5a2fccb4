"""Decimals that clients write, kept within what anybody means: the decoder has bounds for other numbers only, and one
with a million digits would keep this program busy for long."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from stationmaster.api.http.problems import FieldError, ProblemError

MOST = Decimal(10**12)
MOST_DIGITS = 12
"""Behind the point."""


def check_numbers(draft: msgspec.Struct) -> None:
    """Raises a ProblemError of 422 that names each decimal of a body that is not finite, too great or too long."""
    errors = [
        FieldError(path, f"must be a number up to {MOST:.0e}, with {MOST_DIGITS} digits behind the point at most")
        for path, number in _numbers("body", draft)
        if not is_sane(number)
    ]
    if errors:
        raise ProblemError(422, "The request is not valid.", errors=errors)


def is_sane(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DIGITS and number.adjusted() < 13 and abs(number) <= MOST


def _numbers(path: str, value: object) -> Iterator[tuple[str, Decimal]]:
    if isinstance(value, Decimal):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _numbers(f"{path}.{name}", getattr(value, name))
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from _numbers(f"{path}[{place}]", each)
