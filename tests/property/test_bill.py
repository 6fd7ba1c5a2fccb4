"""Whatever is cut, reordered, repeated or told twice: the same bill, to the cent, and one that adds up."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from bill_strategies import MINUTE, STARTS, STATES, inputs, sessions, tariffs
from hypothesis import assume, given
from hypothesis import strategies as st
from tries import tries

from stationmaster.domain.cost.bill import Content, Inputs
from stationmaster.domain.cost.billing import content, digest_of, frozen, thawed
from stationmaster.domain.cost.evidence import (
    Evidence,
    Interval,
    Mark,
    Point,
    Power,
    StateAt,
    TariffTold,
    merged,
    of_meter_values,
    point_order,
    told,
)
from stationmaster.domain.cost.local_time import micros
from stationmaster.domain.cost.reckoning import reckoned
from stationmaster.domain.cost.running_cost import accrue, opened, running
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample

CONTEXTS = {"begin": "Transaction.Begin", "sample": "Sample.Periodic", "end": "Transaction.End"}
MOMENTS = st.integers(0, 40).map(lambda minutes: STARTS[0] + MINUTE * minutes)
WH = st.integers(0, 9).map(Decimal)
MAYBE = st.none() | MOMENTS


@st.composite
def anything(draw: st.DrawFn) -> Evidence:
    """Any evidence, sensible or not, of a few values: so that parts meet."""
    marks: st.SearchStrategy[Mark] = st.sampled_from(["begin", "sample", "end"])
    states = st.builds(StateAt, MOMENTS, st.sampled_from(STATES), st.none() | st.integers(0, 3))
    return merged(
        Evidence(
            started_at=draw(MAYBE),
            ended_at=draw(MAYBE),
            first_at=draw(MAYBE),
            last_at=draw(MAYBE),
            points=draw(st.lists(st.builds(Point, MOMENTS, WH, marks, st.booleans()), max_size=4).map(tuple)),
            powers=draw(st.lists(st.builds(Power, MOMENTS, st.none() | WH, st.none() | WH), max_size=3).map(tuple)),
            states=draw(st.lists(states, max_size=3).map(tuple)),
            intervals=draw(st.lists(st.builds(Interval, MOMENTS, WH, st.booleans()), max_size=3).map(tuple)),
            tariffs=draw(st.lists(st.builds(TariffTold, MOMENTS, st.sampled_from("AB")), max_size=2).map(tuple)),
            seq_seen=draw(st.lists(st.integers(0, 9).map(lambda number: (number, number)), max_size=4).map(tuple)),
            conflicts=draw(st.integers(0, 2)),
            stopped_reason=draw(st.sampled_from([None, "Local", "Remote"])),
            authorized=draw(st.booleans()),
            reserved_from=draw(MAYBE),
            unplugged_at=draw(MAYBE),
        )
    )


@tries(30)
@given(anything(), anything(), anything())
def test_merging_evidence_is_a_join(a: Evidence, b: Evidence, c: Evidence) -> None:
    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c)) == merged(a, b, c)
    assert merged(a, a) == a
    assert merged(a, Evidence()) == a


@tries(30)
@given(anything(), tariffs())
def test_any_evidence_makes_a_bill_that_adds_up(evidence: Evidence, tariff: Tariff) -> None:
    bill = content(inputs(evidence, tariff))
    assert sum((line.amount for line in bill.lines if not line.of_which), Decimal(0)) == bill.total
    assert bill.net + bill.tax == bill.total


def messages(evidence: Evidence, data: st.DataObject) -> list[Evidence]:
    """The session as messages, its values spread over them by chance; some values told twice, in another unit."""
    place = st.integers(0, 4)
    boxes: dict[int, list[MeterValue]] = {}
    for point in evidence.points:
        value = MeterValue(point.at, (Sample(str(point.wh), context=CONTEXTS[point.mark]),))
        boxes.setdefault(data.draw(place), []).append(value)
        if data.draw(st.booleans()):
            kwh = Sample(f"{point.wh / 1000:.4f}", context=CONTEXTS[point.mark], unit="kWh")
            boxes.setdefault(data.draw(place), []).append(MeterValue(point.at, (kwh,)))
    parts = [Evidence(authorized=True)]
    fields: dict[str, Any] = {"trigger_reason": "MeterValuePeriodic", "transaction_id": "X"}
    events = [("Started", evidence.started_at, None), ("Ended", evidence.ended_at, None)]
    events += [("Updated", state.at, state) for state in evidence.states]  # type: ignore[misc]
    for number, (kind, at, state) in enumerate(events):
        event = TransactionEvent(
            event_type=kind,  # type: ignore[arg-type]
            timestamp=at,  # type: ignore[arg-type]
            seq_no=number if state is None else 2 + evidence.states.index(state),
            charging_state=None if state is None else state.state,
            meter_values=tuple(boxes.pop(number, ())),
            offline=data.draw(st.booleans()),
            **fields,
        )
        parts.append(told(event))
    return parts + [of_meter_values(values) for values in boxes.values()]


@tries(30)
@given(sessions(), tariffs(), st.data())
def test_no_cutting_ordering_repeating_or_replaying_of_messages_changes_the_bill(
    evidence: Evidence, tariff: Tariff, data: st.DataObject
) -> None:
    parts = messages(evidence, data)
    straight = merged(*parts)
    repeated = data.draw(st.permutations(parts + data.draw(st.lists(st.sampled_from(parts), max_size=4))))
    step_by_step = Evidence()
    for part in repeated:
        step_by_step = merged(step_by_step, part)
    assert frozen(inputs(step_by_step, tariff)) == frozen(inputs(straight, tariff))
    bill = content(inputs(straight, tariff))
    assert bill == content(inputs(step_by_step, tariff))
    assert money(bill) == money(content(inputs(evidence, tariff)))


def money(bill: Content) -> tuple[object, ...]:
    """Everything but how it came about."""
    lines = [(line.kind, line.quantity, line.price, line.amount) for line in bill.lines]
    return bill.total, bill.net, lines, bill.energy_wh, bill.charging_s, bill.idle_s, bill.paused_s


def finer(component: Component | None, hour: int, energy: int) -> Component | None:
    """The same prices cut into more elements."""
    if component is None:
        return None
    prices = []
    for price in component.prices:
        if price.when is None:
            prices.append(
                Price(price.amount, Conditions(from_time=f"{hour:02}:00", to_time=f"{(hour + 3) % 24:02}:30"))
            )
            prices.append(Price(price.amount, Conditions(max_energy_wh=Decimal(energy))))
        prices.append(price)
    return msgspec.structs.replace(component, prices=tuple(prices))


@tries(30)
@given(sessions(), tariffs(), st.lists(st.integers(1, 719), max_size=5), st.integers(0, 23), st.integers(1, 30000))
def test_readings_on_the_line_and_finer_schedules_at_the_same_price_change_nothing(
    evidence: Evidence, tariff: Tariff, minutes: list[int], hour: int, energy: int
) -> None:
    expected = content(inputs(evidence, tariff))
    curve = reckoned(inputs(evidence, tariff), closed=True).course.curve
    assert evidence.started_at is not None
    assert evidence.ended_at is not None
    extra = []
    for minute in minutes:
        at = evidence.started_at + MINUTE * minute
        wh = curve.before(micros(at))
        if at < evidence.ended_at and wh.denominator == 1:
            extra.append(Point(at, Decimal(int(wh))))
    more = merged(evidence, Evidence(points=tuple(sorted(extra, key=point_order))))
    cut = msgspec.structs.replace(
        tariff,
        energy=finer(tariff.energy, hour, energy),
        charging_time=finer(tariff.charging_time, hour, energy),
        idle_time=finer(tariff.idle_time, hour, energy),
    )
    assert money(content(inputs(more, cut))) == money(expected)


@tries(30)
@given(sessions(), tariffs())
def test_the_lines_add_up_and_hold_all_energy_and_the_bounds_are_kept(evidence: Evidence, tariff: Tariff) -> None:
    bill = content(inputs(evidence, tariff))
    assert sum((line.amount for line in bill.lines if not line.of_which), Decimal(0)) == bill.total >= 0
    assert [line.no for line in bill.lines] == list(range(1, len(bill.lines) + 1))
    kwh = sum((part.quantity for line in bill.lines if line.kind == "energy" for part in line.parts), Decimal(0))
    assert abs(kwh * 1000 - bill.energy_wh) < Decimal("0.1")  # parts are rounded for people
    sides = {"excl": bill.net, "incl": bill.total}
    for side, amount in sides.items():
        if tariff.maximum is not None and (most := getattr(tariff.maximum, side)) is not None:
            assert amount <= content_digits(most, tariff)
        if tariff.minimum is not None and bill.energy_wh and (least := getattr(tariff.minimum, side)) is not None:
            assert amount >= content_digits(least, tariff)


def content_digits(amount: Decimal, tariff: Tariff) -> Decimal:
    """A bound as it can be met in the currency."""
    digits = {"JPY": 0, "KWD": 3}.get(tariff.currency, 2)
    mode = "ROUND_HALF_UP" if tariff.rounding == "half_up" else "ROUND_HALF_EVEN"
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=mode)


@tries(30)
@given(sessions(), tariffs())
def test_the_energy_of_the_lines_is_exactly_the_energy_of_the_bill(evidence: Evidence, tariff: Tariff) -> None:
    whole = reckoned(inputs(evidence, tariff), closed=True)
    used = sum(
        (Fraction(use.quantity) for rate, use in whole.ledger.uses.items() if rate.dimension == "energy"), Fraction(0)
    )
    assert used == Fraction(whole.energy.wh)


def until(evidence: Evidence, end: datetime) -> Evidence:
    """What had been told by then, with nothing that says it is the end."""
    sample: Mark = "sample"
    points = (msgspec.structs.replace(each, mark=sample) if each.mark == "end" else each for each in evidence.points)
    return msgspec.structs.replace(
        evidence,
        ended_at=None,
        last_at=end,
        points=tuple(point for point in points if point.at <= end),
        states=tuple(state for state in evidence.states if state.at <= end),
    )


@tries(30)
@given(sessions(with_states=True), tariffs(one_tax=True))
def test_a_session_that_goes_on_never_costs_less(evidence: Evidence, tariff: Tariff) -> None:
    before = Decimal(0)
    for point in evidence.points:
        bill = content(inputs(until(evidence, point.at), tariff), closed=False)
        if bill.basis == "states":  # before that, the time of charging is a guess
            assert bill.total >= before
            before = bill.total
    assert content(inputs(evidence, tariff)).total >= before


@tries(30)
@given(sessions(), tariffs(), st.sampled_from(["interpolate", "bracket_start"]), st.integers(0, 90))
def test_the_running_cost_brought_forward_is_the_one_made_from_everything(
    evidence: Evidence, tariff: Tariff, boundary: Any, more_minutes: int
) -> None:
    tariff = msgspec.structs.replace(tariff, boundary=boundary)
    times = sorted({each.at for each in (*evidence.points, *evidence.states)})
    accrual = None
    was_brought_forward = 0
    for at in times[1:]:
        known = until(evidence, at)
        new = Evidence(
            first_at=at,
            last_at=at,
            points=tuple(point for point in known.points if point.at == at),
            states=tuple(state for state in known.states if state.at == at),
        )
        accrual = None if accrual is None else accrue(accrual, new)
        was_brought_forward += accrual is not None
        accrual = opened(inputs(known, tariff)) if accrual is None else accrual
        if accrual is not None:
            moment = at + MINUTE * more_minutes
            expected = content(inputs(known, tariff), closed=False, until=moment)
            assert money(running(accrual, moment)) == money(expected)
    assume(was_brought_forward)


@tries(30)
@given(sessions(), st.data(), tariffs())
def test_a_register_that_falls_on_the_way_is_brought_forward_alike(
    evidence: Evidence, data: st.DataObject, tariff: Tariff
) -> None:
    accrual = None
    points: list[Point] = []
    for point in evidence.points[:-1]:
        points.append(msgspec.structs.replace(point, wh=Decimal(data.draw(st.integers(0, 2000)))))
        known = msgspec.structs.replace(until(evidence, point.at), points=tuple(points))
        new = Evidence(first_at=point.at, last_at=point.at, points=(points[-1],))
        if evidence.states:
            earlier = [state for state in known.states if accrual is None or state.at > points[-2].at]
            new = merged(new, Evidence(states=tuple(earlier)))
        accrual = None if accrual is None else accrue(accrual, new)
        accrual = opened(inputs(known, tariff)) if accrual is None else accrual
        if accrual is not None:
            assert money(running(accrual)) == money(content(inputs(known, tariff), closed=False))


@tries(30)
@given(sessions(), tariffs())
def test_inputs_that_were_kept_make_the_same_bill_to_the_byte(evidence: Evidence, tariff: Tariff) -> None:
    first = inputs(evidence, tariff)
    again: Inputs = thawed(frozen(first))
    assert digest_of(again) == digest_of(first)
    assert msgspec.json.encode(content(again)) == msgspec.json.encode(content(first))


@tries(30)
@given(sessions(), tariffs(), st.integers(0, 3600))
def test_a_minute_more_plugged_in_after_full_costs_the_idle_fee_and_nothing_else(
    evidence: Evidence, tariff: Tariff, seconds: int
) -> None:
    assume(evidence.states)
    assert evidence.ended_at is not None
    full = merged(evidence, Evidence(states=(StateAt(evidence.ended_at, "SuspendedEV", 99),)))
    end = evidence.ended_at + timedelta(seconds=seconds)
    points = (*evidence.points[:-1], msgspec.structs.replace(evidence.points[-1], mark="sample"))
    later = msgspec.structs.replace(full, ended_at=end, last_at=end, points=(*points, Point(end, points[-1].wh, "end")))
    before, after = content(inputs(full, tariff)), content(inputs(later, tariff))
    assert (after.energy_wh, after.charging_s) == (before.energy_wh, before.charging_s)
    assert after.idle_s == before.idle_s + seconds
