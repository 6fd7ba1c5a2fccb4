"""The energy of a session as a function of time, exact, and back.

Between two readings energy flows evenly over the *charging* time between them; where there is none, over all of it.
Knots are readings, whole microseconds and decimals; everything between them is a fraction.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from stationmaster.domain.cost.flow import Timeline
from stationmaster.domain.cost.local_time import micros
from stationmaster.domain.cost.money import EXACT, Exact
from stationmaster.domain.cost.register import Leg
from stationmaster.domain.cost.tariff import Boundary

Position = tuple[Exact, Exact]
"""A place on the way through a session: the moment, and the Wh used before it. Both never fall."""


class Curve:
    """``base_wh``: what had been used when the first leg begins. Readings outside the limits count at the limits."""

    def __init__(
        self,
        legs: Sequence[Leg],
        timeline: Timeline,
        limits: tuple[int, int],
        boundary: Boundary = "interpolate",
        base_wh: Decimal = Decimal(0),
    ) -> None:
        self.times: list[int] = []
        self.used: list[Decimal] = []
        self._timeline = timeline
        self._stepwise = boundary == "bracket_start"
        self.base = exact(base_wh)
        first_us, end_us = limits
        total = base_wh
        for leg in legs:
            offset = EXACT.subtract(leg.points[0].wh, total)
            for point in leg.points:
                self.times.append(min(max(micros(point.at), first_us), end_us))
                self.used.append(EXACT.subtract(point.wh, offset))
            total = self.used[-1]
        self.total = total

    def before(self, at: Exact) -> Exact:
        """The Wh used before the moment. What a meter shows twice at one moment comes after it."""
        place = bisect_left(self.times, at)
        if place == len(self.times):
            return exact(self.total)
        if place == 0:
            return self.base
        if self._stepwise or self.times[place] == at:
            return exact(self.used[place])
        return self._between(place, at)

    def position_of(self, wh: Decimal) -> Position | None:
        """Where the use first reaches so many Wh; None if it never does or had before."""
        place = bisect_left(self.used, wh)
        if place == len(self.used) or place == 0:
            return None
        last, used = self.times[place], self.used[place]
        if self._stepwise:  # the bracket before it cost what was in force at its first reading
            return last, exact(used)
        before = exact(self.used[place - 1])
        share = Fraction(exact(wh) - before) / (exact(used) - before)
        return self._moment(place, share), exact(wh)

    def divided_at(self, at: Exact, wh: Exact) -> int | None:
        """The number of the bracket of readings whose energy is divided there; None where all of it is on one side."""
        place = 0 if self._stepwise else bisect_left(self.times, at)
        if place in (0, len(self.times)) or self.times[place] == at:
            return None
        return place if self.used[place - 1] < wh < self.used[place] else None

    def bracket(self, place: int) -> tuple[int, int, Decimal]:
        """Its first and last moment, and its Wh."""
        return self.times[place - 1], self.times[place], EXACT.subtract(self.used[place], self.used[place - 1])

    def _between(self, place: int, at: Exact) -> Exact:
        first, last = self.times[place - 1], self.times[place]
        before = exact(self.used[place - 1])
        step = exact(self.used[place]) - before
        if not step:
            return before
        charged = self._timeline.charged
        charging = charged(last) - charged(first)
        if charging:
            return before + step * Fraction(charged(at) - charged(first)) / charging
        return before + step * Fraction(at - first) / (last - first)

    def _moment(self, place: int, share: Fraction) -> Exact:
        first, last = self.times[place - 1], self.times[place]
        charged = self._timeline.charged
        charging = charged(last) - charged(first)
        found = self._timeline.when_charged(charged(first) + charging * share) if charging else None
        return whole(first + (last - first) * share if found is None else found)


def exact(number: Decimal) -> Exact:
    """The number as an int where it is one, else as a fraction."""
    numerator, denominator = number.as_integer_ratio()
    return numerator if denominator == 1 else Fraction(numerator, denominator)


def whole(number: Exact) -> Exact:
    """An int where it is one: they count faster."""
    return number.numerator if number.denominator == 1 else number


def held(times: Sequence[int], at: Exact) -> int | None:
    """The place of the last time at or before the moment: sample and hold."""
    place = bisect_right(times, at) - 1
    return place if place >= 0 else None
