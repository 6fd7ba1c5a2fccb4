"""What a driver pays from a moment of a session on, and from when on it is something else: for displays."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgspec

from stationmaster.domain.cost.conditions import Course, Moment, compiled, wall_cuts
from stationmaster.domain.cost.local_time import DAY, SECOND, moment
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
    is later, and so is the time of idling. While idling costs nothing yet, its next price is told; the idle time from
    which on a price counts is its grace."""
    here = Moment(course, at_us, course.curve.before(at_us))
    plans = schedule.plans(at_us)
    energy, charging = (_price_of(plans, dimension, here) for dimension in ("energy", "charging_time"))
    grace_s, idle = _idling(plans["idle_time"], here)
    fixed = once(course, schedule.tariffs[0], "fixed")
    return UnitPrices(
        kwh=energy,
        minute=charging,
        flat=None if fixed is None else gross(fixed[0]),
        idle_minute=None if idle is None else gross(idle),
        grace_s=grace_s,
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


class _Tier(NamedTuple):
    """The price of idling from an idle time on, in seconds; None: there is none."""

    from_s: int
    rate: Rate | None


def _idling(plans: tuple[Plan, ...], here: Moment) -> _Tier:
    """The tier that the car is in, or, where that costs nothing, the next one that does if it goes on idling."""
    tiers = _tiers([plan for plan in plans if all(test(here) for test in compiled(_without_idle_time(plan.when)))])
    place = bisect_right([tier.from_s * SECOND for tier in tiers], _idled(here)) - 1
    now = tiers[place]
    found = next((tier for tier in tiers[place:] if tier.rate is not None and tier.rate.amount), now)
    return found if found.rate is not None else _Tier(0, None)


def _tiers(plans: Sequence[Plan]) -> list[_Tier]:
    """By how long a car has been idle, where nothing else decides."""
    bounds = (bound for plan in plans if plan.when for bound in (plan.when.min_idle_time_s, plan.when.max_idle_time_s))
    tiers: list[_Tier] = []
    for from_s in sorted({0, *(bound for bound in bounds if bound is not None)}):
        rate = next((plan.rate for plan in plans if _covers(plan.when, from_s)), None)
        if not tiers or tiers[-1].rate != rate:
            tiers.append(_Tier(from_s, rate))
    return tiers


def _covers(when: Conditions | None, idle_s: int) -> bool:
    if when is None:
        return True
    low, high = when.min_idle_time_s, when.max_idle_time_s
    return (low is None or low <= idle_s) and (high is None or idle_s < high)


def _idled(here: Moment) -> Exact:
    """How long the car has been idle by then, and by the end of its course at the most: the last span goes on there."""
    course = here.course
    at = min(here.at, course.end_us - 1)
    since = course.timeline.idle_since(at)
    return 0 if since is None else min(here.at, course.end_us) - since


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
