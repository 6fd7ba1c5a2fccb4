"""Amounts of money: exact fractions inside, decimals with the digits of their currency outside."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Literal

Rounding = Literal["half_up", "half_even"]
Exact = Fraction | int

EXACT = Context(prec=200)
"""No number that a meter or a tariff may hold needs more digits: sums and differences under it lose nothing."""

_NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_NO_MINOR_UNIT.split(), 0) | dict.fromkeys(_THREE_DIGITS.split(), 3)
)
"""Digits behind the point (ISO 4217) of the currencies that don't have two."""


def exponent_of(currency: str) -> int:
    """The digits behind the point of a currency."""
    return EXPONENTS.get(currency, 2)


def to_minor(amount: Exact | Decimal, currency: str, rounding: Rounding = "half_up") -> Decimal:
    """The amount in whole minor units, with exactly the digits of its currency. Halves go away from zero."""
    return rounded(amount, exponent_of(currency), rounding)


def rounded(amount: Exact | Decimal, digits: int, rounding: Rounding = "half_up") -> Decimal:
    """The number with so many digits behind the point."""
    numerator, denominator = amount.as_integer_ratio()
    whole, rest = divmod(abs(numerator) * 10**digits, denominator)
    if rest * 2 > denominator or (rest * 2 == denominator and (rounding == "half_up" or whole % 2)):
        whole += 1
    return Decimal(-whole if numerator < 0 else whole).scaleb(-digits, EXACT)


def summed(amounts: Iterable[Decimal], currency: str) -> Decimal:
    """The exact sum, with the digits of the currency even where there is nothing to add."""
    total = rounded(0, exponent_of(currency))
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def shared_out(total: Decimal, weights: Sequence[Exact], currency: str) -> tuple[Decimal, ...]:
    """``total`` in minor units, shared by weight so that the shares add up to it (largest remainder).

    Of equal remainders the first wins. Where nothing weighs anything, the first has all.
    """
    if not weights:
        return ()
    exponent = exponent_of(currency)
    units = int(Fraction(total) * 10**exponent)
    all_weights = sum(weights)
    exact = [Fraction(units) * weight / all_weights for weight in weights] if all_weights else [Fraction(units)]
    exact += [Fraction(0)] * (len(weights) - len(exact))
    shares = [floor(each) for each in exact]
    by_remainder = sorted(range(len(shares)), key=lambda place: (shares[place] - exact[place], place))
    for place in by_remainder[: units - sum(shares)]:
        shares[place] += 1
    return tuple(rounded(Fraction(share, 10**exponent), exponent) for share in shares)


def spelled(price: Decimal, currency: str) -> Decimal:
    """A price with at least the digits of its currency: 0.10, 0.3361."""
    digits = -plain(price).as_tuple().exponent  # type: ignore[operator]
    return rounded(price, max(exponent_of(currency), digits))


def plain(number: Decimal) -> Decimal:
    """One spelling for equal numbers: no zeros behind the point, no exponent."""
    short = number.normalize(EXACT)
    if not short:
        return Decimal(0)
    return short.quantize(Decimal(1), context=EXACT) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]
