"""What a transaction is billed from: everything its messages told, as sets.

Messages come repeated, reordered, replayed from offline queues, or cut differently. So evidence is joined, never
overwritten: :func:`merged` is commutative, associative and idempotent, and neither the order nor the time of receipt
is in it. What to believe of it is decided afterwards (:mod:`register`, :mod:`flow`).
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

from stationmaster.domain.cost.cost_details import CostPrice
from stationmaster.domain.cost.money import plain
from stationmaster.domain.messages import ChargingState, TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample, base_value, measured
from stationmaster.domain.transactions.transaction import missing_numbers

Mark = Literal["begin", "sample", "end"]
MARK_ORDER: dict[Mark, int] = {"begin": 0, "sample": 1, "end": 2}
_MARKS: dict[str, Mark] = {"Transaction.Begin": "begin", "Transaction.End": "end"}
_INTERVAL = "Energy.Active.Import.Interval"
_CURRENT = "Current.Import"
_PHASES = ("L1", "L2", "L3")


class Point(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The import register at a moment. ``stated``: by an operator, in a correction."""

    at: datetime
    wh: Decimal
    mark: Mark = "sample"
    signed: bool = False
    stated: bool = False


class Power(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Active power drawn, and the current summed over the phases, where they were told."""

    at: datetime
    w: Decimal | None = None
    a: Decimal | None = None


class StateAt(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The charging state from a moment on. Of two at the same moment the higher number is the later one."""

    at: datetime
    state: ChargingState
    seq_no: int | None = None


class Interval(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Energy since the interval before, up to ``at``; ``clock``: of the clock-aligned series."""

    at: datetime
    wh: Decimal
    clock: bool = False


class TariffTold(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The tariff the station says that it uses from a moment on (I07.FR.32, I11.FR.08). ``changed``: it was told to
    use it from then on, and did not use it before."""

    at: datetime
    tariff_id: str
    changed: bool = False


class StationCost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The station's own calculation (2.1 costDetails): evidence to compare with, never taken over."""

    at: datetime
    seq_no: int
    currency: str
    excl: Decimal | None = None
    incl: Decimal | None = None
    type_of_cost: str = "NormalCost"
    details: dict[str, Any] = {}


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Without arguments: nothing is known. ``seq_seen``: spans of sequence numbers received, both ends included.
    ``numbered_late``: its start has none, as 1.x tells it. ``odd``: what was found out about its meter from outside of
    it (:data:`register_gaps.GAP_KINDS`)."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    points: tuple[Point, ...] = ()
    powers: tuple[Power, ...] = ()
    states: tuple[StateAt, ...] = ()
    intervals: tuple[Interval, ...] = ()
    tariffs: tuple[TariffTold, ...] = ()
    seq_seen: tuple[tuple[int, int], ...] = ()
    numbered_late: bool = False
    conflicts: int = 0
    stopped_reason: str | None = None
    station_cost: StationCost | None = None
    authorized: bool = False
    reserved_from: datetime | None = None
    unplugged_at: datetime | None = None
    odd: tuple[str, ...] = ()

    @property
    def seq_gaps(self) -> int:
        """How many of the station's numbers are missing."""
        return missing_numbers(self.seq_seen, numbered_late=self.numbered_late)


class ReadingLike(Protocol):
    """What is stored of meter values (:class:`stationmaster.domain.records.Reading`)."""

    @property
    def taken_at(self) -> datetime: ...
    @property
    def register_wh(self) -> Decimal | None: ...
    @property
    def power_w(self) -> Decimal | None: ...
    @property
    def samples(self) -> tuple[Sample, ...]: ...


def told(event: TransactionEvent) -> Evidence:
    """What one message tells: its time, number and state, its meter values, 1.6's meterStart and meterStop."""
    at, started, ended = event.timestamp, event.event_type == "Started", event.event_type == "Ended"
    mark: Mark = "begin" if started else "end" if ended else "sample"
    points = () if event.meter_wh is None else (Point(at, Decimal(event.meter_wh), mark),)
    frame = Evidence(
        started_at=at if started else None,
        ended_at=at if ended else None,
        first_at=at,
        last_at=at,
        points=points,
        states=() if event.charging_state is None else (StateAt(at, event.charging_state, event.seq_no),),
        seq_seen=() if event.seq_no is None else ((event.seq_no, event.seq_no),),
        numbered_late=started and event.seq_no is None,
        tariffs=() if event.tariff_id is None else (_tariff_told(event, event.tariff_id),),
        station_cost=_station_cost(event) if ended and event.cost is not None else None,
        stopped_reason=(event.stopped_reason or "Local") if ended else None,
    )
    return merged(frame, of_meter_values(event.meter_values)) if event.meter_values else frame


def _tariff_told(event: TransactionEvent, tariff_id: str) -> TariffTold:
    return TariffTold(event.timestamp, tariff_id, event.trigger_reason == "TariffChanged")


def _station_cost(event: TransactionEvent) -> StationCost:
    """What the station says that it comes to, and how; it has no sum where it failed to reckon it."""
    assert event.cost is not None
    total = CostPrice() if event.cost.failed else event.cost.total
    return StationCost(
        at=event.timestamp,
        seq_no=event.seq_no or 0,
        currency=event.cost.currency,
        excl=total.excl,
        incl=total.incl,
        type_of_cost=event.cost.type_of_cost,
        details=msgspec.to_builtins(event.cost),
    )


def of_meter_values(values: Iterable[MeterValue]) -> Evidence:
    """What meter values tell: registers, power, current, intervals."""
    found = []
    for value in values:
        numbers = measured(value.samples)
        found.append((value.timestamp, numbers.register_wh, numbers.power_w, value.samples))
    return _of_readings(found)


def of_readings(readings: Iterable[ReadingLike]) -> Evidence:
    """The same, from what was stored of them."""
    return _of_readings((each.taken_at, each.register_wh, each.power_w, each.samples) for each in readings)


def of_states(states: Iterable[StateAt]) -> Evidence:
    """States told outside the transaction's own messages (1.6 StatusNotification): they don't make it any longer."""
    return merged(Evidence(states=tuple(states)))


def merged(*parts: Evidence) -> Evidence:
    """All that any of the parts tells."""
    fields: dict[str, Any] = {name: _union(parts, name, key) for name, key in _SETS.items()}
    for name, choice in _CHOICES.items():
        known = [value for part in parts if (value := getattr(part, name)) is not None]
        fields[name] = choice(known) if known else None
    ends = [(part.ended_at, part.stopped_reason or "") for part in parts if part.ended_at]
    costs = [part.station_cost for part in parts if part.station_cost is not None]
    return Evidence(
        **fields,
        seq_seen=joined_spans(span for part in parts for span in part.seq_seen),
        conflicts=max((part.conflicts for part in parts), default=0),
        stopped_reason=(max(ends)[1] or None) if ends else None,
        station_cost=max(costs, key=_cost_rank) if costs else None,
        authorized=any(part.authorized for part in parts),
        numbered_late=any(part.numbered_late for part in parts),
    )


def joined_spans(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The numbers of all the spans as few spans as possible, ascending."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def is_signed(samples: Iterable[Sample]) -> bool:
    """Whether the import register among the samples is signed by its meter, in 2.x's or 1.6's way."""
    return any(sample.signed is not None or sample.format == "SignedData" for sample in samples)


def point_order(point: Point) -> tuple[datetime, int, Decimal, bool, bool]:
    """At one moment a begin comes before samples, samples before an end."""
    return point.at, MARK_ORDER[point.mark], point.wh, point.signed, point.stated


def _of_readings(found: Iterable[tuple[datetime, Decimal | None, Decimal | None, tuple[Sample, ...]]]) -> Evidence:
    points, powers, intervals, times = [], [], [], []
    for at, register_wh, power_w, samples in found:
        times.append(at)
        if register_wh is not None:
            points.append(Point(at, plain(register_wh), _mark(samples), is_signed(samples)))
        current = _current_a(samples)
        if power_w is not None or current is not None:
            powers.append(Power(at, None if power_w is None else plain(power_w), current))
        intervals += _intervals(at, samples)
    return Evidence(
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        points=tuple(sorted(set(points), key=point_order)),
        powers=tuple(sorted(set(powers), key=_power_order)),
        intervals=tuple(sorted(set(intervals), key=_interval_order)),
    )


def _mark(samples: Iterable[Sample]) -> Mark:
    for sample in samples:
        if sample.context in _MARKS:
            return _MARKS[sample.context]
    return "sample"


def _intervals(at: datetime, samples: Iterable[Sample]) -> list[Interval]:
    found = []
    for sample in samples:
        if sample.measurand == _INTERVAL and sample.phase is None:
            wh = base_value(sample, "Wh")
            if wh is not None:
                found.append(Interval(at, plain(wh), sample.context == "Sample.Clock"))
    return found


def _current_a(samples: Iterable[Sample]) -> Decimal | None:
    """The current drawn, summed over the phases."""
    phases: dict[str, Decimal] = {}
    for sample in samples:
        if sample.measurand == _CURRENT and sample.unit in (None, "A") and sample.number is not None:
            if sample.phase is None:
                return plain(sample.number)
            if sample.phase in _PHASES:
                phases[sample.phase] = sample.number
    return plain(sum(phases.values(), Decimal(0))) if phases else None


def _power_order(power: Power) -> tuple[datetime, bool, Decimal, bool, Decimal]:
    zero = Decimal(0)
    return power.at, power.w is not None, power.w or zero, power.a is not None, power.a or zero


def _interval_order(interval: Interval) -> tuple[datetime, bool, Decimal]:
    return interval.at, interval.clock, interval.wh


def _state_order(state: StateAt) -> tuple[datetime, int, str]:
    return state.at, -1 if state.seq_no is None else state.seq_no, state.state


def _tariff_order(tariff: TariffTold) -> tuple[datetime, str]:
    return tariff.at, tariff.tariff_id


def _cost_rank(cost: StationCost) -> tuple[int, datetime, bytes]:
    return cost.seq_no, cost.at, msgspec.json.encode(cost, order="deterministic")


def _union(parts: tuple[Evidence, ...], name: str, key: Callable[[Any], Any]) -> tuple[Any, ...]:
    return tuple(sorted({each for part in parts for each in getattr(part, name)}, key=key))


_SETS: dict[str, Callable[[Any], Any]] = {
    "points": point_order,
    "powers": _power_order,
    "states": _state_order,
    "intervals": _interval_order,
    "tariffs": _tariff_order,
    "odd": str,
}
_CHOICES: dict[str, Callable[[list[datetime]], datetime]] = {
    "started_at": min,
    "ended_at": max,
    "first_at": min,
    "last_at": max,
    "reserved_from": min,
    "unplugged_at": min,
}
"""Of two different ones that one. Of two times of unplugging the earlier: in doubt for the driver."""
