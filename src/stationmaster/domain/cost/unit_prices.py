"""What a driver pays from a moment of a session on, and from when on it is something else: for displays."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import msgspec

from stationmaster.domain.cost.conditions import Course, Moment, compiled, wall_cuts
from stationmaster.domain.cost.local_time import DAY, moment
from stationmaster.domain.cost.money import Exact, plain, rounded, spelled
from stationmaster.domain.cost.pricing import Plan, Rate, Schedule, first_that_holds, once
from stationmaster.domain.cost.tariff import Component, Conditions, Dimension, Tariff
from stationmaster.domain.cost.totals import factor

_DIGITS = 6
"""Of a price with its taxes."""


class UnitPrices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Taxes included: per kWh, per minute of charging, once; per minute of idling after ``grace_s`` of it. None: there
    is no such price."""

    kwh: Decimal | None = None
    minute: Decimal | None = None
    flat: Decimal | None = None
    idle_minute: Decimal | None = None
    grace_s: int = 0


class NextPrices(msgspec.Struct, frozen=True, kw_only=True):
    """The prices from a moment to come on, as far as the clock on the wall decides."""

    at: datetime
    prices: UnitPrices


def prices_at(course: Course, schedule: Schedule, at_us: Exact) -> UnitPrices:
    """What holds at a moment: the energy used and the time charged are those at the end of the course, where the moment
    is later. A price of idling that waits for some idle time is told with that as its grace."""
    here = Moment(course, at_us, course.curve.before(at_us))
    plans = schedule.plans(at_us)
    energy, charging = (_price_of(plans, dimension, here) for dimension in ("energy", "charging_time"))
    idle = first_that_holds(plans["idle_time"], here)
    idle = idle or _once_idle(plans["idle_time"], here)
    fixed = once(course, schedule.tariffs[0], "fixed")
    return UnitPrices(
        kwh=energy,
        minute=charging,
        flat=None if fixed is None else gross(fixed[0]),
        idle_minute=None if idle is None else gross(idle.rate),
        grace_s=0 if idle is None or idle.when is None else idle.when.min_idle_time_s or 0,
    )


def next_prices(course: Course, schedule: Schedule, at_us: int) -> NextPrices | None:
    """The next change within a day by the clock on the wall; None: there is none."""
    ahead = course._replace(from_us=at_us, end_us=at_us + DAY)
    known = prices_at(course, schedule, at_us)
    for cut in sorted(wall_cuts(schedule.conditions, ahead)):
        if at_us < cut < ahead.end_us:
            prices = prices_at(course, schedule, cut)
            if prices != known:
                return NextPrices(at=moment(int(cut)), prices=prices)
    return None


def flat_prices(tariff: Tariff) -> UnitPrices | None:
    """The prices of a tariff that are the same at all times and for any use; None where one of them is not."""
    dimensions: tuple[Dimension, ...] = ("energy", "charging_time", "fixed")
    amounts: list[Decimal | None] = []
    for dimension in dimensions:
        component = tariff.component(dimension)
        if component is not None and component.prices[0].when is not None:
            return None
        amounts.append(None if component is None else _always(dimension, component, tariff))
    kwh, minute, flat = amounts
    return UnitPrices(kwh=kwh, minute=minute, flat=flat)


def in_short(prices: UnitPrices, currency: str) -> str:
    """For a display, such as ``0.30 EUR/kWh, idle 0.12 EUR/min after 15 min``; empty where nothing costs anything."""
    return ", ".join(_words(prices, currency))


def gross(rate: Rate) -> Decimal:
    """A price with its taxes."""
    amount = Fraction(rate.amount) * (1 if rate.includes_tax else factor(rate.taxes))
    return plain(rounded(amount, _DIGITS))


def _always(dimension: Dimension, component: Component, tariff: Tariff) -> Decimal:
    return gross(Rate(dimension, component.prices[0].amount, component.taxes, tariff.includes_tax))


def _price_of(plans: Mapping[Dimension, tuple[Plan, ...]], dimension: Dimension, here: Moment) -> Decimal | None:
    plan = first_that_holds(plans[dimension], here)
    return None if plan is None else gross(plan.rate)


def _once_idle(plans: tuple[Plan, ...], here: Moment) -> Plan | None:
    """The first price that would hold if the car had been idle for long enough."""
    for plan in plans:
        if all(test(here) for test in compiled(_without_idle_time(plan.when))):
            return plan
    return None


def _without_idle_time(when: Conditions | None) -> Conditions | None:
    return None if when is None else msgspec.structs.replace(when, min_idle_time_s=None, max_idle_time_s=None)


def _words(prices: UnitPrices, currency: str) -> Iterator[str]:
    if prices.flat is not None:
        yield f"start {spelled(prices.flat, currency)} {currency}"
    if prices.kwh is not None:
        yield f"{spelled(prices.kwh, currency)} {currency}/kWh"
    if prices.minute is not None:
        yield f"{spelled(prices.minute, currency)} {currency}/min"
    if prices.idle_minute is not None:
        grace = f" after {prices.grace_s // 60} min" if prices.grace_s else ""
        yield f"idle {spelled(prices.idle_minute, currency)} {currency}/min{grace}"
