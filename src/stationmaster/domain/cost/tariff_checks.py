"""What is wrong with a tariff before it can be used, and what is only odd."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from stationmaster.domain.cost.local_time import minute_of_day
from stationmaster.domain.cost.tariff import Bound, Component, Conditions, Dimension, Tariff, TaxRate, components

MAX_PRICES = 100
MAX_TAXES = 5
MAX_TEXTS = 10
MAX_AMOUNT = Decimal(1_000_000)
"""Of a price or a bound; dearer ones are slips of the keyboard."""

MAX_LIMIT = Decimal(10**12)
"""Of a condition, in its unit: far above what is ever measured, and few enough digits to reckon with and to show."""

MAX_PRICE_DIGITS = 6
"""Behind the point; of conditions and of taxes too."""

MAX_PERCENT = Decimal(100)

_FIXED: frozenset[Dimension] = frozenset({"fixed", "reservation_fixed", "reservation_time"})
_RANGES = ("energy_wh", "current_a", "power_w", "time_s", "charging_time_s", "idle_time_s")
_ONCE_ONLY = ("payment_brand", "payment_recognition")
_DIGITS = f"with at most {MAX_PRICE_DIGITS} digits behind the point"


class Problem(msgspec.Struct, frozen=True):
    """``path`` as in the tariff (``energy.prices[1].when.from_time``). A warning does not keep it from use."""

    path: str
    why: str
    is_warning: bool = False


def problems(tariff: Tariff) -> tuple[Problem, ...]:
    """All there are, in the tariff's order."""
    return tuple(_problems(tariff))


def _problems(tariff: Tariff) -> Iterator[Problem]:
    code = tariff.currency
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        yield Problem("currency", "is no code of ISO 4217")
    if not tariff.name.strip():
        yield Problem("name", "is empty")
    if len(tariff.texts) > MAX_TEXTS:
        yield Problem("texts", f"are more than {MAX_TEXTS}")
    for dimension, component in components(tariff):
        yield from _component(dimension, component)
    for name in ("minimum", "maximum"):
        bound: Bound | None = getattr(tariff, name)
        if bound is not None:
            yield from _bound(name, bound)
    yield from _crossed_bounds(tariff)
    if tariff.maximum is not None and tariff.maximum.taxes:
        yield Problem("maximum.taxes", "have no meaning: a maximum is taken off the lines, with their taxes")


def _component(dimension: Dimension, component: Component) -> Iterator[Problem]:
    count = len(component.prices)
    if not 1 <= count <= MAX_PRICES:
        yield Problem(f"{dimension}.prices", f"must be 1 to {MAX_PRICES}")
    if component.step is not None and (component.step <= 0 or dimension in _FIXED):
        yield Problem(f"{dimension}.step", "must be more than 0, and is for energy, charging time and idle time only")
    yield from _taxes(f"{dimension}.taxes", component.taxes)
    final = None
    for place, price in enumerate(component.prices):
        path = f"{dimension}.prices[{place}]"
        yield from _amount(f"{path}.amount", price.amount, may_be_negative=dimension == "energy")
        if final is not None:
            yield Problem(path, f"is never reached: price {final} holds always", is_warning=True)
        if price.when is None or price.when == Conditions():
            final = place if final is None else final
        else:
            yield from _conditions(f"{path}.when", price.when, dimension)


def _amount(path: str, amount: Decimal, *, may_be_negative: bool) -> Iterator[Problem]:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or abs(amount) > MAX_AMOUNT:
        yield Problem(path, f"must be a number up to {MAX_AMOUNT}")
    elif -exponent > MAX_PRICE_DIGITS:
        yield Problem(path, f"has more than {MAX_PRICE_DIGITS} digits behind the point")
    elif amount < 0 and not may_be_negative:
        yield Problem(path, "is negative: only energy may be")


def _taxes(path: str, taxes: tuple[TaxRate, ...]) -> Iterator[Problem]:
    if len(taxes) > MAX_TAXES:
        yield Problem(path, f"are more than {MAX_TAXES}")
    for place, rate in enumerate(taxes):
        if not _within(rate.percent, MAX_PERCENT):
            yield Problem(f"{path}[{place}].percent", f"must be 0 to 100, {_DIGITS}")
        if rate.stack < 0:
            yield Problem(f"{path}[{place}].stack", "is negative")
        if not 1 <= len(rate.name) <= 20:
            yield Problem(f"{path}[{place}].name", "must have 1 to 20 characters")


def _within(number: Decimal, most: Decimal) -> bool:
    """Whether it is 0 to ``most``, spelled with as few digits as it takes."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and -MAX_PRICE_DIGITS <= exponent <= most.adjusted() and 0 <= number <= most


def _conditions(path: str, when: Conditions, dimension: Dimension) -> Iterator[Problem]:
    for name in ("from_time", "to_time"):
        yield from _time(f"{path}.{name}", getattr(when, name))
    if when.from_time is not None and when.from_time == when.to_time:
        yield Problem(f"{path}.to_time", "is the same as from_time: leave both out for the whole day")
    if when.from_date and when.to_date and when.from_date >= when.to_date:
        yield Problem(f"{path}.to_date", "is not after from_date")
    for name in _RANGES:
        yield from _range(path, name, when, dimension)
    for name in _ONCE_ONLY:
        if getattr(when, name) is not None and dimension not in _FIXED:
            yield Problem(f"{path}.{name}", "is for fixed prices only")


def _time(path: str, text: str | None) -> Iterator[Problem]:
    try:
        minute_of_day("00:00" if text is None else text)
    except ValueError:
        yield Problem(path, "is no time of day, hh:mm")


def _range(path: str, name: str, when: Conditions, dimension: Dimension) -> Iterator[Problem]:
    low, high = getattr(when, f"min_{name}"), getattr(when, f"max_{name}")
    if low is None and high is None:
        return
    if dimension in _FIXED:
        yield Problem(f"{path}.{name}", "is not known at the start, at which this price is chosen (I12.FR.30)")
    for limit in ("min", "max"):
        value = getattr(when, f"{limit}_{name}")
        if value is not None and not _within(Decimal(value), MAX_LIMIT):
            yield Problem(f"{path}.{limit}_{name}", f"must be 0 to {MAX_LIMIT}, {_DIGITS}")
    if low is not None and high is not None and low >= high:
        yield Problem(f"{path}.max_{name}", f"is not above min_{name}")


def _bound(name: str, bound: Bound) -> Iterator[Problem]:
    if bound.excl is None and bound.incl is None:
        yield Problem(name, "needs an amount without tax, with tax, or both")
    for side in ("excl", "incl"):
        amount: Decimal | None = getattr(bound, side)
        if amount is not None:
            yield from _amount(f"{name}.{side}", amount, may_be_negative=False)
    yield from _taxes(f"{name}.taxes", bound.taxes)


def _crossed_bounds(tariff: Tariff) -> Iterator[Problem]:
    low, high = tariff.minimum, tariff.maximum
    if low is None or high is None:
        return
    for side in ("excl", "incl"):
        least, most = getattr(low, side), getattr(high, side)
        if least is not None and most is not None and least > most:
            yield Problem(f"maximum.{side}", "is below the minimum")
