"""A session priced: cut where something changes, each stretch put to the price that holds in it.

The way through a session is cut at every position where a state, a tariff or the answer of a condition may change. On
each stretch the first price whose conditions hold counts, for each dimension by itself (I12.FR.33, .34). What was used
is added up by rate, exactly: so cutting a schedule finer at the same price changes nothing.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import msgspec

from stationmaster.domain.cost.conditions import Course, Moment, Test, compiled, cuts, energy_thresholds
from stationmaster.domain.cost.curve import Position, exact
from stationmaster.domain.cost.flow import Kind
from stationmaster.domain.cost.local_time import MINUTE, SECOND, micros
from stationmaster.domain.cost.money import Exact, plain
from stationmaster.domain.cost.tariff import Component, Conditions, Dimension, Tariff, TaxRate


class TariffFrom(msgspec.Struct, frozen=True, omit_defaults=True):
    """The tariff in force from a moment on (ChangeTransactionTariff, I11.FR.08); None: from the start."""

    tariff: Tariff
    from_at: datetime | None = None


class Rate(NamedTuple):
    """What the uses on one line of a bill have in common."""

    dimension: Dimension
    amount: Decimal
    taxes: tuple[TaxRate, ...] = ()
    includes_tax: bool = False


class Stretch(NamedTuple):
    """Between two neighbouring positions. Energy may flow in no time, where a meter shows two values at once."""

    from_us: Exact
    to_us: Exact
    from_wh: Exact
    to_wh: Exact
    kind: Kind


class Run(NamedTuple):
    """Stretches in a row that the same price served. An end is known that does not lie between two readings."""

    from_us: Exact
    to_us: Exact
    from_wh: Exact
    to_wh: Exact
    quantity: Exact
    when: Conditions | None
    known_from: bool
    known_to: bool


class Use:
    """Of one rate: Wh, microseconds, or how often."""

    __slots__ = ("first_us", "last_us", "quantity", "rounded_up", "runs")

    def __init__(self, first_us: Exact, quantity: Exact = 0, last_us: Exact | None = None) -> None:
        self.first_us = first_us
        self.last_us = first_us if last_us is None else last_us
        self.quantity: Exact = quantity
        self.rounded_up: Exact = 0
        self.runs: list[Run] = []


class Ledger:
    """What was used, by rate; where energy was split between two rates by guessing; the latest rate of a dimension."""

    def __init__(self) -> None:
        self.uses: dict[Rate, Use] = {}
        self.latest: dict[Dimension, Rate] = {}
        self.split_brackets: set[int] = set()

    def copied(self) -> "Ledger":
        """The sums without the runs that they were made of."""
        other = Ledger()
        other.uses = {rate: Use(use.first_us, use.quantity, use.last_us) for rate, use in self.uses.items()}
        other.latest = dict(self.latest)
        return other

    def add(
        self, rate: Rate, quantity: Exact, stretch: Stretch, when: Conditions | None, known: tuple[bool, bool]
    ) -> None:
        """``known``: whether the energy at the stretch's start, and at its end, was read and not interpolated."""
        use = self.uses.get(rate)
        if use is None:
            use = self.uses[rate] = Use(stretch.from_us)
        use.quantity += quantity
        use.last_us = stretch.to_us
        self.latest[rate.dimension] = rate
        _extend(use.runs, stretch, quantity, when, known)


class Plan(NamedTuple):
    """One price, ready to be asked."""

    tests: tuple[Test, ...]
    rate: Rate
    when: Conditions | None


class Schedule:
    """The tariffs of a session, each from its time on."""

    def __init__(self, tariffs: Sequence[TariffFrom], start_us: int) -> None:
        ordered = sorted(tariffs, key=lambda each: start_us if each.from_at is None else micros(each.from_at))
        self.tariffs = [each.tariff for each in ordered]
        self.starts = [start_us if each.from_at is None else micros(each.from_at) for each in ordered]
        if self.starts:
            self.starts[0] = min(self.starts[0], start_us)
        self._plans = [{dimension: _plans(tariff, dimension) for dimension in _QUANTITIES} for tariff in self.tariffs]

    @property
    def conditions(self) -> list[Conditions]:
        plans = (plan for each in self._plans for plans in each.values() for plan in plans)
        return [plan.when for plan in plans if plan.when is not None]

    def plans(self, at: Exact) -> dict[Dimension, tuple[Plan, ...]]:
        """The prices of each dimension in force at a moment, in their order."""
        return self._plans[max(0, bisect_right(self.starts, at) - 1)]


def priced(course: Course, schedule: Schedule, ledger: Ledger) -> None:
    """Adds to the ledger what the course used, from its ``from_us`` to its end."""
    if not schedule.tariffs:
        return
    all_conditions = schedule.conditions
    thresholds: set[Exact] = {exact(wh) for wh in energy_thresholds(all_conditions)}
    before: Rate | None = None
    for stretch in _stretches(course, schedule, all_conditions):
        plans = schedule.plans(stretch.from_us)
        moment = Moment(course, stretch.from_us, stretch.from_wh)
        for dimension, quantity_of in _QUANTITIES.items():
            quantity = quantity_of(stretch)
            plan = first_that_holds(plans[dimension], moment) if quantity else None
            if plan is None:
                continue
            ledger.add(plan.rate, quantity, stretch, plan.when, _known_ends(course, stretch, thresholds))
            if dimension == "energy":
                if before is not None and before != plan.rate and stretch.from_wh not in thresholds:
                    _note_split(course, stretch, ledger)
                before = plan.rate


def once(course: Course, tariff: Tariff, dimension: Dimension) -> tuple[Rate, Conditions | None] | None:
    """The price of what is charged once, by the conditions at the start (I12.FR.06, .30)."""
    plan = first_that_holds(_plans(tariff, dimension), Moment(course, course.start_us, 0))
    return None if plan is None else (plan.rate, plan.when)


def round_up(ledger: Ledger, tariff: Tariff) -> None:
    """Increments: what was used in all, up to a multiple of ``step``; the rest at the latest rate (ours)."""
    for dimension, unit in (("energy", 1), ("charging_time", SECOND), ("idle_time", SECOND)):
        component = tariff.component(dimension)  # type: ignore[arg-type]
        latest = ledger.latest.get(dimension)  # type: ignore[call-overload]
        if component is not None and component.step and latest is not None:
            total = sum(use.quantity for rate, use in ledger.uses.items() if rate.dimension == dimension)
            step = component.step * unit
            ledger.uses[latest].rounded_up = step * ceil(Fraction(total) / step) - total


def cost(rate: Rate, quantity: Exact) -> Fraction:
    """The exact cost of so many Wh, microseconds or times."""
    return Fraction(rate.amount) * billable(rate, quantity)


def billable(rate: Rate, quantity: Exact) -> Fraction:
    """The quantity in the unit of the price: kWh, minutes, or times."""
    return Fraction(quantity) / _UNITS.get(rate.dimension, MINUTE)


_UNITS: dict[Dimension, int] = {"energy": 1000, "fixed": 1, "reservation_fixed": 1}


def _plans(tariff: Tariff, dimension: Dimension) -> tuple[Plan, ...]:
    component: Component | None = tariff.component(dimension)
    if component is None:
        return ()
    return tuple(
        Plan(
            compiled(price.when),
            Rate(dimension, plain(price.amount), component.taxes, tariff.includes_tax),
            price.when,
        )
        for price in component.prices
    )


def first_that_holds(plans: tuple[Plan, ...], moment: Moment) -> Plan | None:
    """The price that counts at a moment, of those of one dimension (I12.FR.33, .34)."""
    for plan in plans:
        if all(test(moment) for test in plan.tests):
            return plan
    return None


def _stretches(course: Course, schedule: Schedule, all_conditions: Sequence[Conditions]) -> Iterator[Stretch]:
    first, last, curve = course.from_us, course.end_us, course.curve
    positions: set[Position] = {(first, curve.base), (last, exact(curve.total))}
    positions.update(cuts(all_conditions, course))
    edges = {span.from_us for span in course.timeline.spans} | set(schedule.starts)
    positions.update((at, curve.before(at)) for at in edges if first < at < last)
    for (from_us, from_wh), (to_us, to_wh) in pairwise(sorted(positions)):
        yield Stretch(from_us, to_us, from_wh, to_wh, course.timeline.kind_at(from_us))


def _energy(stretch: Stretch) -> Exact:
    return stretch.to_wh - stretch.from_wh


def _charging(stretch: Stretch) -> Exact:
    return stretch.to_us - stretch.from_us if stretch.kind == "charging" else 0


def _idle(stretch: Stretch) -> Exact:
    return stretch.to_us - stretch.from_us if stretch.kind == "idle" else 0


_QUANTITIES: dict[Dimension, Callable[[Stretch], Exact]] = {
    "energy": _energy,
    "charging_time": _charging,
    "idle_time": _idle,
}


def _known_ends(course: Course, stretch: Stretch, thresholds: set[Exact]) -> tuple[bool, bool]:
    return (
        stretch.from_wh in thresholds or course.curve.divided_at(stretch.from_us, stretch.from_wh) is None,
        stretch.to_wh in thresholds or course.curve.divided_at(stretch.to_us, stretch.to_wh) is None,
    )


def _note_split(course: Course, stretch: Stretch, ledger: Ledger) -> None:
    place = course.curve.divided_at(stretch.from_us, stretch.from_wh)
    if place is not None:
        ledger.split_brackets.add(place)


def _extend(
    runs: list[Run], stretch: Stretch, quantity: Exact, when: Conditions | None, known: tuple[bool, bool]
) -> None:
    from_us, to_us, from_wh, to_wh, _ = stretch
    if runs and runs[-1].to_us == from_us and runs[-1].when == when:
        last = runs[-1]
        runs[-1] = last._replace(to_us=to_us, to_wh=to_wh, quantity=last.quantity + quantity, known_to=known[1])
    else:
        runs.append(Run(from_us, to_us, from_wh, to_wh, quantity, when, *known))
