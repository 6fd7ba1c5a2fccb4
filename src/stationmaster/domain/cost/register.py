"""What the meter says: readings checked against each other, and the energy from the best evidence there is.

Registers never fall but for a new meter, and are not re-based between transactions (2.0.1 part 2, J02.FR.16, .17).
Nothing is refused: what is odd is flagged, and energy that was not measured is never billed.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import msgspec

from stationmaster.domain.cost.evidence import Evidence, Interval, Point, Power, point_order
from stationmaster.domain.cost.local_time import HOUR, micros
from stationmaster.domain.cost.money import EXACT, rounded
from stationmaster.domain.transactions.transaction import EnergySource

RegisterFlag = Literal[
    "meter_glitch",
    "meter_reset",
    "meter_jump",
    "two_registers_at_once",
    "no_register",
    "estimated_from_power",
    "estimated_from_intervals",
    "begin_missing",
    "end_missing",
    "samples_outside",
]

TOLERANCE_WH = Decimal(1)
"""1.6 rounds meterStart and meterStop to whole Wh, its samples are not rounded."""

OUTSIDE = timedelta(seconds=60)
"""How far a reading may lie outside its transaction, as clocks of meters and stations differ."""

JUMP_FACTOR = Decimal("1.25")
JUMP_ALLOWANCE_WH = Decimal(100)
MOST_POWER_W = Decimal(1_000_000)
"""Where nobody knows what the EVSE can do."""

_SECONDS_PER_HOUR = Decimal(3600)
_POWER_GAP = timedelta(minutes=15)
"""Between power samples that lie further apart nothing is assumed to have flowed."""


class Leg(msgspec.Struct, frozen=True):
    """Readings of one meter that never fall. What lies between two legs is not known, and not billed."""

    points: tuple[Point, ...]

    @property
    def wh(self) -> Decimal:
        return EXACT.subtract(self.points[-1].wh, self.points[0].wh)


class Checked(msgspec.Struct, frozen=True):
    legs: tuple[Leg, ...]
    dropped: tuple[Point, ...]
    flags: tuple[RegisterFlag, ...]


class Energy(msgspec.Struct, frozen=True):
    """``first`` and ``last``: the readings it was made from, where it was made from registers."""

    wh: Decimal
    source: EnergySource
    legs: tuple[Leg, ...] = ()
    first: Point | None = None
    last: Point | None = None
    dropped: tuple[Point, ...] = ()
    flags: tuple[RegisterFlag, ...] = ()


def best_energy(evidence: Evidence, max_w: Decimal | None = None) -> Energy:
    """Registers where there are two, else intervals, else power; with what is odd about it.

    ``max_w``: the most the EVSE can deliver.
    """
    inside, outside = _inside(evidence)
    trimmed = _between_marks(inside)
    flags: set[RegisterFlag] = {"samples_outside"} if outside else set()
    if len(trimmed) < 2:
        return _estimated(evidence, flags)
    found = checked(trimmed, max_w)
    first, last = trimmed[0], trimmed[-1]
    flags |= set(found.flags) | _missing_ends(evidence, first, last)
    return Energy(
        wh=_total(found.legs),
        source=source_of(first, last),
        legs=found.legs,
        first=first,
        last=last,
        dropped=tuple(sorted((*found.dropped, *outside), key=point_order)),
        flags=tuple(sorted(flags)),
    )


def checked(points: Iterable[Point], max_w: Decimal | None = None) -> Checked:
    """The readings as legs that never fall.

    A single reading that its two neighbours contradict is dropped (``meter_glitch``). One that is lower than the one
    before begins a new leg (``meter_reset``), but for a Wh of rounding. One that is higher than the EVSE can have
    delivered is counted and flagged (``meter_jump``).
    """
    flags: set[RegisterFlag] = set()
    ordered = _without_repeats(sorted(points, key=point_order))
    if any(a.at == b.at and abs(a.wh - b.wh) > TOLERANCE_WH for a, b in pairwise(ordered)):
        flags.add("two_registers_at_once")
    kept, dropped = _without_glitches(ordered)
    if dropped:
        flags.add("meter_glitch")
    legs = _legs(kept)
    if len(legs) > 1:
        flags.add("meter_reset")
    if any(_jumps(leg.points, MOST_POWER_W if max_w is None else max_w) for leg in legs):
        flags.add("meter_jump")
    return Checked(legs, tuple(dropped), tuple(sorted(flags)))


def most_wh(max_w: Decimal, seconds: Decimal) -> Decimal:
    """The most that a meter can count in a time: beyond it, it jumps."""
    return JUMP_FACTOR * max_w / _SECONDS_PER_HOUR * seconds + JUMP_ALLOWANCE_WH


def _inside(evidence: Evidence) -> tuple[list[Point], list[Point]]:
    """The points from a minute before the transaction to a minute after it, and the others.

    One that is marked or stated belongs to the transaction, whatever the clocks say.
    """
    started, ended = evidence.started_at, evidence.ended_at
    if started is not None and ended is not None and ended < started:
        return list(evidence.points), []
    inside: list[Point] = []
    outside: list[Point] = []
    for point in evidence.points:
        early = started is not None and started - point.at > OUTSIDE
        late = ended is not None and point.at - ended > OUTSIDE
        is_sample = point.mark == "sample" and not point.stated
        (outside if is_sample and (early or late) else inside).append(point)
    return inside, outside


def _between_marks(points: list[Point]) -> list[Point]:
    """From the earliest begin to the latest end: what was read before and after is not this transaction's.

    What an operator stated goes before what the station marked.
    """
    ordered = sorted(points, key=point_order)
    begin = _place(ordered, "begin", first=True)
    end = _place(ordered, "end", first=False)
    low = 0 if begin is None else begin
    high = len(ordered) - 1 if end is None else end
    return ordered[low : high + 1] if low < high else ordered


def _place(ordered: list[Point], mark: str, *, first: bool) -> int | None:
    places = [place for place, point in enumerate(ordered) if point.mark == mark]
    places = [place for place in places if ordered[place].stated] or places
    if not places:
        return None
    return places[0] if first else places[-1]


def _without_repeats(ordered: Sequence[Point]) -> list[Point]:
    """One of several points with the same register at the same moment: which one is the same for the energy."""
    kept: list[Point] = []
    for point in ordered:
        if not kept or kept[-1].at != point.at or kept[-1].wh != point.wh:
            kept.append(point)
    return kept


def _without_glitches(ordered: list[Point]) -> tuple[list[Point], list[Point]]:
    kept: list[Point] = []
    dropped: list[Point] = []
    for point in ordered:
        while len(kept) >= 2 and _is_glitch(kept[-2], kept[-1], point):
            dropped.append(kept.pop())
        kept.append(point)
    return kept, dropped


def _is_glitch(before: Point, point: Point, after: Point) -> bool:
    low, high = before.wh - TOLERANCE_WH, after.wh + TOLERANCE_WH
    return not point.stated and before.wh <= high and not low <= point.wh <= high


def _legs(points: list[Point]) -> tuple[Leg, ...]:
    """Of two readings within a Wh of rounding the higher counts; but an end goes before what was sampled on the way."""
    legs: list[list[Point]] = []
    for point in points:
        last = legs[-1][-1] if legs else None
        if last is None or point.wh < last.wh - TOLERANCE_WH:
            legs.append([point])
        elif point.wh >= last.wh:
            legs[-1].append(point)
        elif point.mark == "end":
            legs[-1] = [*_lowered(legs[-1], point.wh), _at(point, max(point.wh, legs[-1][0].wh))]
        else:
            legs[-1].append(_at(point, last.wh))
    return tuple(Leg(tuple(leg)) for leg in legs)


def _lowered(leg: list[Point], end_wh: Decimal) -> list[Point]:
    """What was sampled finer than 1.6's whole Wh of the end, and stands above it; never below the leg's own start."""
    most = max(end_wh, leg[0].wh)
    return [point if point.wh <= most else _at(point, most) for point in leg]


def _at(point: Point, wh: Decimal) -> Point:
    return point if point.wh == wh else msgspec.structs.replace(point, wh=wh)


def _jumps(points: tuple[Point, ...], max_w: Decimal) -> bool:
    """Whether more came between two readings than the EVSE can deliver in the time."""
    for before, point in pairwise(points):
        step = point.wh - before.wh
        if step > JUMP_ALLOWANCE_WH and step > most_wh(max_w, Decimal((point.at - before.at).total_seconds())):
            return True
    return False


def _missing_ends(evidence: Evidence, first: Point, last: Point) -> set[RegisterFlag]:
    """A reading at the very moment of the start or the end is as good as a marked one."""
    flags: set[RegisterFlag] = set()
    if first.mark != "begin" and (evidence.started_at is None or first.at > evidence.started_at):
        flags.add("begin_missing")
    if last.mark != "end" and evidence.ended_at is not None and last.at < evidence.ended_at:
        flags.add("end_missing")
    return flags


def source_of(first: Point, last: Point) -> EnergySource:
    """What an energy is worth that was made from these two readings."""
    if first.signed and last.signed:
        return "signed_registers"
    marked = (first.mark == "begin") + (last.mark == "end")
    return ("samples", "last_sample", "registers")[marked]


def _total(legs: tuple[Leg, ...]) -> Decimal:
    total = Decimal(0)
    for leg in legs:
        total = EXACT.add(total, leg.wh)
    return total


def _estimated(evidence: Evidence, flags: set[RegisterFlag]) -> Energy:
    """Without two registers: from intervals, from power, or nothing."""
    sources: tuple[tuple[EnergySource, RegisterFlag, tuple[Point, ...]], ...] = (
        ("intervals", "estimated_from_intervals", _from_intervals(evidence)),
        ("power", "estimated_from_power", _from_power(evidence.powers)),
    )
    for source, flag, points in sources:
        if len(points) >= 2:
            leg = Leg(points)
            return Energy(leg.wh, source, (leg,), flags=tuple(sorted({*flags, flag})))
    if not never_charged(evidence):
        flags.add("no_register")
    return Energy(Decimal(0), "none", flags=tuple(sorted(flags)))


def never_charged(evidence: Evidence) -> bool:
    """Whether the station told its states, and no energy ever flowed by them: a cancelled start needs no register."""
    return bool(evidence.states) and all(state.state != "Charging" for state in evidence.states)


def _from_intervals(evidence: Evidence) -> tuple[Point, ...]:
    """One of the two series, whichever tells more; both would count twice."""
    series: list[list[Interval]] = [
        [each for each in evidence.intervals if each.clock is clock and each.wh >= 0] for clock in (False, True)
    ]
    chosen = max(series, key=lambda each: sum(interval.wh for interval in each))
    start = evidence.started_at or evidence.first_at
    if not chosen or start is None:
        return ()
    points, total = [Point(min(start, chosen[0].at), Decimal(0))], Decimal(0)
    for interval in chosen:
        total = EXACT.add(total, interval.wh)
        points.append(Point(interval.at, total))
    return tuple(points)


def _from_power(powers: Iterable[Power]) -> tuple[Point, ...]:
    """Trapezoids between power samples, to a thousandth of a Wh."""
    known = [(each.at, max(each.w, Decimal(0))) for each in powers if each.w is not None]
    if not known:
        return ()
    total = Fraction(0)
    points = [Point(known[0][0], Decimal(0))]
    for (before_at, before), (at, power) in pairwise(known):
        if at - before_at <= _POWER_GAP:
            total += (Fraction(before) + Fraction(power)) / 2 * (micros(at) - micros(before_at)) / HOUR
        points.append(Point(at, rounded(total, 3)))
    return tuple(points)
