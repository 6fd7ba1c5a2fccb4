"""A station's own reckoning of a transaction (2.1, I12), from the same pure code that bills are made by.

Its tariffs are named as they are on the wire: ``Tariff.name`` is the tariffId.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from stationmaster.domain.cost.bill import Content, Inputs, Line
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.cost_details import CostDetails, CostDimension, CostPeriod, CostPrice
from stationmaster.domain.cost.local_time import SECOND, micros, moment
from stationmaster.domain.cost.money import EXACT, Exact, rounded, shared_out, summed
from stationmaster.domain.cost.pricing import Ledger, Schedule, TariffFrom
from stationmaster.domain.cost.reckoning import Reckoned, reckoned
from stationmaster.domain.cost.tariff import DIMENSIONS, Component, Dimension, Tariff, TaxRate, components
from stationmaster.domain.cost.totals import factor

MAX_PERIODS = 300
"""A message must not grow without bound: what comes after so many changes of price is one period."""
NO_REGISTER = "the meter could not be read"
_OF_USE: tuple[Dimension, ...] = ("energy", "charging_time", "idle_time")
_DIGITS = 3


def ended_cost(inputs: Inputs) -> CostDetails:
    """What a transaction that is over cost, and in which periods (I12.FR.01, .42)."""
    return _details(inputs, content(inputs), periods(reckoned(inputs, closed=True)))


def running_cost(inputs: Inputs, until: datetime | None = None) -> CostDetails:
    """What one costs so far, without periods (I12.FR.02). ``until``: it goes on until then."""
    return _details(inputs, content(inputs, closed=False, until=until), ())


def failed_cost(currency: str, why: str) -> CostDetails:
    """Of one that cannot be reckoned (I12.FR.14)."""
    nothing = Decimal(0)
    return CostDetails(currency=currency, total=CostPrice(excl=nothing, incl=nothing), failed=True, failure=why)


def needs_power(tariffs: Iterable[TariffFrom]) -> bool:
    """Whether a price depends on power or current, which only a sample tells (I12.FR.31)."""
    return any(
        value is not None
        for each in tariffs
        for _, component in components(each.tariff)
        for price in component.prices
        if price.when is not None
        for value in (
            price.when.min_power_w,
            price.when.max_power_w,
            price.when.min_current_a,
            price.when.max_current_a,
        )
    )


def most_prices(tariff: Tariff) -> int:
    """The length of its longest list of prices (TariffMaxElements)."""
    return max((len(component.prices) for _, component in components(tariff)), default=0)


def has_conditions(tariff: Tariff) -> bool:
    return any(_conditional(component) for _, component in components(tariff))


def periods(reckoning: Reckoned) -> tuple[CostPeriod, ...]:
    """Cut wherever another price begins to count (I12.FR.35, .36), with what was used in each."""
    course, schedule = reckoning.course, reckoning.schedule
    edges: set[Exact] = {course.from_us, *schedule.starts, *_changes(reckoning.ledger)}
    inside = sorted(at for at in edges if course.from_us <= at < course.end_us)[:MAX_PERIODS]
    return tuple(_period(reckoning, first, last) for first, last in pairwise([*inside, course.end_us]))


def _changes(ledger: Ledger) -> Iterator[Exact]:
    """When a dimension is used at another price than it was before."""
    for dimension in _OF_USE:
        uses = [(rate, use) for rate, use in ledger.uses.items() if rate.dimension == dimension]
        found = ((run.from_us, place, run) for place, (_, use) in enumerate(uses) for run in use.runs)
        runs = sorted(found, key=lambda each: each[:2])
        for (_, before, last), (at, place, run) in pairwise(runs):
            if (before, last.when) != (place, run.when):
                yield at


def _period(reckoning: Reckoned, first: Exact, last: Exact) -> CostPeriod:
    course = reckoning.course
    until = course.curve.total if last == course.end_us else course.curve.before(last)
    idle = sum(
        max(0, min(span.to_us, last) - max(span.from_us, first))
        for span in course.timeline.spans
        if span.kind == "idle"
    )
    charging = course.timeline.charged(last) - course.timeline.charged(first)
    used = {
        "Energy": Fraction(until) - Fraction(course.curve.before(first)),
        "ChargingTime": Fraction(charging) / SECOND,
        "IdleTime": Fraction(idle) / SECOND,
    }
    return CostPeriod(
        from_at=moment(first),
        tariff_id=_tariff_at(reckoning.schedule, first),
        dimensions=tuple(
            CostDimension(kind, rounded(volume, _DIGITS)) for kind, volume in used.items() if volume or kind == "Energy"
        ),
    )


def _tariff_at(schedule: Schedule, at: Exact) -> str | None:
    place = max(0, bisect_right(schedule.starts, at) - 1)
    return schedule.tariffs[place].name or None


def _details(inputs: Inputs, made: Content, told: tuple[CostPeriod, ...]) -> CostDetails:
    reserved, started = inputs.evidence.reserved_from, made.started_at
    total = CostPrice(excl=made.net, incl=made.total)
    return CostDetails(
        currency=made.currency,
        total=total,
        type_of_cost=made.type_of_cost,
        parts={"fixed": total} if made.type_of_cost == "MinCost" else _parts(made),  # I12.FR.38
        energy_wh=made.energy_wh,
        charging_s=made.charging_s,
        idle_s=made.idle_s,
        reservation_s=None
        if reserved is None or started is None
        else max(0, (micros(started) - micros(reserved)) // SECOND),
        periods=told,
        failed="no_register" in made.flags,
        failure=NO_REGISTER if "no_register" in made.flags else None,
    )


def _parts(made: Content) -> dict[Dimension, CostPrice]:
    """The cost of each dimension: they add up to the total, without and with taxes, to the last minor unit (.17)."""
    lines = [line for line in made.lines if line.kind in DIMENSIONS]
    nets = _capped(lines, [line for line in made.lines if line.kind == "maximum"], made.currency)
    weights = [
        max(Fraction(net) * (factor(line.taxes) - 1), Fraction(0)) for line, net in zip(lines, nets, strict=True)
    ]
    taxes = shared_out(made.tax, weights, made.currency)
    found: dict[Dimension, CostPrice] = {}
    for dimension in DIMENSIONS:
        places = [place for place, line in enumerate(lines) if line.kind == dimension]
        if places:
            excl = summed((nets[place] for place in places), made.currency)
            tax = summed((taxes[place] for place in places), made.currency)
            rates = _common({lines[place].taxes for place in places})
            found[dimension] = CostPrice(excl=excl, incl=EXACT.add(excl, tax), taxes=rates)
    return found


def _capped(lines: Sequence[Line], caps: Iterable[Line], currency: str) -> list[Decimal]:
    """The amounts of the lines, less what a maximum took off those with the same taxes (I12.FR.39)."""
    nets = [line.amount for line in lines]
    for cap in caps:
        places = [place for place, line in enumerate(lines) if line.taxes == cap.taxes]
        weights = [max(Fraction(nets[place]), Fraction(0)) for place in places]
        for place, share in zip(places, shared_out(cap.amount, weights, currency), strict=True):
            nets[place] = EXACT.add(nets[place], share)
    return nets


def _common(taxes: set[tuple[TaxRate, ...]]) -> tuple[TaxRate, ...]:
    """The taxes of a dimension, where a change of tariff did not change them."""
    return next(iter(taxes)) if len(taxes) == 1 else ()


def _conditional(component: Component) -> bool:
    return any(price.when is not None for price in component.prices)
