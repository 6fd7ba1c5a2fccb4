"""Amounts of money that somebody writes."""

from decimal import Decimal

from stationmaster.api.http.problems import invalid

_MOST_DIGITS = 4
"""Behind the point."""


def checked(amount: Decimal, most: Decimal, *, zero: bool) -> Decimal:
    """The body's ``amount``; a ProblemError of 422 where it is none. ``zero``: whether nothing is an amount, too."""
    if not amount.is_finite() or amount < 0 or amount > most or (amount == 0 and not zero):
        raise invalid("body.amount", f"an amount is {'from 0' if zero else 'more than 0'} and at most {most}")
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_MOST_DIGITS:
        raise invalid("body.amount", f"it has more than {_MOST_DIGITS} digits behind the point")
    return amount
