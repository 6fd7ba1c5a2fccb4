"""When a price applies: tests of a moment, and the places of a session at which the answer may change.

All conditions are half open ([from, to), [min, max)). So between two neighbouring cuts nothing changes, and what holds
at the first moment of a stretch holds in all of it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from stationmaster.domain.cost.curve import Curve, Position, held
from stationmaster.domain.cost.evidence import Power
from stationmaster.domain.cost.flow import Timeline
from stationmaster.domain.cost.local_time import DAY, MINUTE, SECOND, LocalClock, micros, minute_of_day
from stationmaster.domain.cost.money import Exact
from stationmaster.domain.cost.tariff import DAYS, Conditions, EvseKind


class Circumstances(NamedTuple):
    """What does not change during a session."""

    evse_kind: EvseKind | None = None
    payment_brand: str | None = None
    payment_recognition: str | None = None


class Powers:
    """Power and current, each sample holding until the next."""

    def __init__(self, samples: Sequence[Power]) -> None:
        self.w = _Series([(micros(each.at), each.w) for each in samples if each.w is not None])
        self.a = _Series([(micros(each.at), each.a) for each in samples if each.a is not None])


class _Series:
    def __init__(self, samples: list[tuple[int, Decimal]]) -> None:
        self.times = [at for at, _ in samples]
        self.values = [value for _, value in samples]

    def at(self, at: Exact) -> Decimal | None:
        place = held(self.times, at)
        return None if place is None else self.values[place]

    def crossings(self, thresholds: Iterable[Decimal]) -> Iterator[int]:
        """When the value comes to lie between other thresholds than before."""
        steps = sorted(set(thresholds))
        if steps and self.times:
            yield self.times[0]
            classes = [bisect_right(steps, value) for value in self.values]
            yield from (at for at, (a, b) in zip(self.times[1:], pairwise(classes), strict=True) if a != b)


class Course(NamedTuple):
    """A session laid out: from ``from_us``, where pricing begins (later than ``start_us`` if a part is settled)."""

    start_us: int
    from_us: int
    end_us: int
    timeline: Timeline
    curve: Curve
    clock: LocalClock
    powers: Powers
    circumstances: Circumstances


class Moment:
    """A position of a course; what else is true there is found when somebody asks."""

    __slots__ = ("at", "course", "wh")

    def __init__(self, course: Course, at: Exact, wh: Exact) -> None:
        self.course = course
        self.at = at
        self.wh = wh


Test = Callable[[Moment], bool]


def compiled(when: Conditions | None) -> tuple[Test, ...]:
    """The tests that all must pass; none where there is no condition."""
    return () if when is None else tuple(test for make in _TESTS for test in make(when))


def cuts(all_conditions: Sequence[Conditions], course: Course) -> Iterator[Position]:
    """The positions within the course at which the answer of one of the conditions may change."""
    first, last = course.from_us, course.end_us
    times = {at for make in _CUTS for at in make(all_conditions, course)}
    yield from ((at, course.curve.before(at)) for at in times if first < at < last)
    for wh in energy_thresholds(all_conditions):
        position = course.curve.position_of(wh)
        if position is not None:
            yield position


def energy_thresholds(all_conditions: Iterable[Conditions]) -> list[Decimal]:
    """The limits of the tiers, in Wh."""
    return _values(all_conditions, "min_energy_wh", "max_energy_wh")


# ── Tests ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _hours(when: Conditions) -> Iterator[Test]:
    """``to_time`` 00:00 is the end of the day; before ``from_time`` it goes over midnight."""
    low, high = _window(when)
    if low < high:
        yield lambda moment: low <= moment.course.clock.time_of_day(moment.at) < high
    elif low > high:
        yield lambda moment: not high <= moment.course.clock.time_of_day(moment.at) < low


def _window(when: Conditions) -> tuple[int, int]:
    low = minute_of_day(when.from_time or "00:00") * MINUTE
    high = minute_of_day(when.to_time or "00:00") * MINUTE
    return low, high or DAY


def _days(when: Conditions) -> Iterator[Test]:
    if when.days:
        days = frozenset(DAYS.index(day) for day in when.days)
        yield lambda moment: moment.course.clock.weekday(moment.at) in days


def _dates(when: Conditions) -> Iterator[Test]:
    first, last = when.from_date, when.to_date
    if first is not None:
        yield lambda moment: moment.course.clock.date(moment.at) >= first
    if last is not None:
        yield lambda moment: moment.course.clock.date(moment.at) < last


def _circumstances(when: Conditions) -> Iterator[Test]:
    for name in Circumstances._fields:
        wanted = getattr(when, name)
        if wanted is not None:
            yield partial(_is_so, name, wanted)


def _is_so(name: str, wanted: str, moment: Moment) -> bool:
    return bool(getattr(moment.course.circumstances, name) == wanted)


def _ranges(when: Conditions) -> Iterator[Test]:
    """What is not known lies in no range."""
    for name, (read, factor) in _QUANTITIES.items():
        low, high = getattr(when, f"min_{name}"), getattr(when, f"max_{name}")
        if low is not None or high is not None:
            least, most = (None if limit is None else limit * factor for limit in (low, high))
            yield partial(_in_range, read, least, most)


def _in_range(
    read: Callable[[Moment], Exact | Decimal | None],
    low: Decimal | int | None,
    high: Decimal | int | None,
    moment: Moment,
) -> bool:
    value = read(moment)
    return value is not None and (low is None or value >= low) and (high is None or value < high)


def _idle_time(moment: Moment) -> Exact | None:
    since = moment.course.timeline.idle_since(moment.at)
    return None if since is None else moment.at - since


_QUANTITIES: dict[str, tuple[Callable[[Moment], Exact | Decimal | None], int]] = {
    "energy_wh": (lambda moment: moment.wh, 1),
    "current_a": (lambda moment: moment.course.powers.a.at(moment.at), 1),
    "power_w": (lambda moment: moment.course.powers.w.at(moment.at), 1),
    "time_s": (lambda moment: moment.at - moment.course.start_us, SECOND),
    "charging_time_s": (lambda moment: moment.course.timeline.charged(moment.at), SECOND),
    "idle_time_s": (_idle_time, SECOND),
}
_TESTS: tuple[Callable[[Conditions], Iterator[Test]], ...] = (_hours, _days, _dates, _circumstances, _ranges)


# ── Cuts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _values(all_conditions: Iterable[Conditions], *names: str) -> list[Decimal]:
    found = {getattr(when, name) for when in all_conditions for name in names}
    return sorted(value for value in found if value is not None)


def _seconds(all_conditions: Iterable[Conditions], name: str) -> list[int]:
    found = {getattr(when, f"{bound}_{name}") for when in all_conditions for bound in ("min", "max")}
    return [seconds * SECOND for seconds in found if seconds is not None]


def wall_cuts(all_conditions: Sequence[Conditions], course: Course) -> Iterator[Exact]:
    """Times of day, midnights where days or dates matter, and the moments at which the hands jump (I12.FR.37)."""
    texts = {text for when in all_conditions for text in (when.from_time, when.to_time) if text is not None}
    if any(when.days or when.from_date or when.to_date for when in all_conditions):
        texts.add("00:00")
    if texts:
        yield from course.clock.changes(course.from_us, course.end_us)
    for text in texts:
        yield from course.clock.wall_moments(course.from_us, course.end_us, minute_of_day(text))


def _time_cuts(all_conditions: Sequence[Conditions], course: Course) -> Iterator[Exact]:
    yield from (course.start_us + time for time in _seconds(all_conditions, "time_s"))
    for time in _seconds(all_conditions, "charging_time_s"):
        at = course.timeline.when_charged(time)
        if at is not None:
            yield at
    idle = _seconds(all_conditions, "idle_time_s")
    yield from (since + time for since, end in course.timeline.idle_starts() for time in idle if since + time < end)


def _power_cuts(all_conditions: Sequence[Conditions], course: Course) -> Iterator[Exact]:
    """Sample and hold; J02's samples come at least every Interval[Tariff] (I12.FR.31)."""
    yield from course.powers.w.crossings(_values(all_conditions, "min_power_w", "max_power_w"))
    yield from course.powers.a.crossings(_values(all_conditions, "min_current_a", "max_current_a"))


_CUTS: tuple[Callable[[Sequence[Conditions], Course], Iterator[Exact]], ...] = (wall_cuts, _time_cuts, _power_cuts)
