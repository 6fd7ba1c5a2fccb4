"""What messages tell of a transaction."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from stationmaster.domain.cost.evidence import (
    Evidence,
    Interval,
    Point,
    Power,
    StateAt,
    StationCost,
    joined_spans,
    merged,
    of_meter_values,
    of_readings,
    of_states,
    told,
)
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.readings import readings
from stationmaster.domain.metering.values import MeterValue, Sample

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def event(kind: Any, **fields: Any) -> TransactionEvent:
    return TransactionEvent(event_type=kind, timestamp=T0, trigger_reason="Trigger", **fields)


def test_a_start_tells_its_time_its_state_and_the_register_of_1_6():
    found = told(event("Started", seq_no=0, charging_state="EVConnected", meter_wh=1000))
    assert found == Evidence(
        started_at=T0,
        first_at=T0,
        last_at=T0,
        points=(Point(T0, D(1000), "begin"),),
        states=(StateAt(T0, "EVConnected", 0),),
        seq_seen=((0, 0),),
    )


def test_an_end_tells_why():
    assert told(event("Ended", stopped_reason="Remote", meter_wh=5)).stopped_reason == "Remote"
    assert told(event("Ended")).stopped_reason == "Local"
    assert told(event("Ended", meter_wh=5)).points == (Point(T0, D(5), "end"),)


def test_meter_values_tell_registers_power_current_and_intervals():
    samples = (
        Sample("1.5", unit="kWh", context="Transaction.Begin"),
        Sample("11000", "Power.Active.Import", unit="W"),
        Sample("16", "Current.Import", phase="L1", unit="A"),
        Sample("15.5", "Current.Import", phase="L2", unit="A"),
        Sample("0.2", "Energy.Active.Import.Interval", "Sample.Clock", unit="kWh"),
    )
    found = of_meter_values([MeterValue(T0, samples)])
    assert found.points == (Point(T0, D(1500), "begin"),)
    assert found.powers == (Power(T0, D(11000), D("31.5")),)
    assert found.intervals == (Interval(T0, D(200), clock=True),)
    assert (found.first_at, found.last_at) == (T0, T0)


def test_a_total_current_goes_before_phases_and_other_units_are_left_alone():
    total = MeterValue(T0, (Sample("16", "Current.Import", phase="L1"), Sample("40", "Current.Import")))
    assert of_meter_values([total]).powers == (Power(T0, None, D(40)),)
    assert of_meter_values([MeterValue(T0, (Sample("40", "Current.Import", unit="Percent"),))]).powers == ()


def test_signed_values_are_known_as_such_in_both_ways():
    signed = Sample("1", signed={"signedMeterData": "x"})
    assert of_meter_values([MeterValue(T0, (signed,))]).points[0].signed
    both = (Sample("1"), Sample("OCMF|", format="SignedData"))
    assert of_meter_values([MeterValue(T0, both)]).points[0].signed


def test_stored_readings_tell_the_same_as_the_messages():
    values = [MeterValue(T0 + MINUTE * place, (Sample(str(place * 100)),)) for place in range(3)]
    assert of_readings(readings(1, 2, None, values, T0)) == of_meter_values(values)


def test_equal_registers_are_one_point_however_they_are_spelled():
    spelled = [Sample("1000"), Sample("1000.0"), Sample("1", unit="kWh"), Sample("1", multiplier=3)]
    found = merged(*(of_meter_values([MeterValue(T0, (sample,))]) for sample in spelled))
    assert [str(point.wh) for point in found.points] == ["1000"]


def test_states_from_elsewhere_make_a_session_no_longer():
    later = of_states([StateAt(T0 + MINUTE, "Idle"), StateAt(T0, "Charging")])
    assert [state.state for state in later.states] == ["Charging", "Idle"]
    assert later.last_at is None


def test_the_reason_is_that_of_the_latest_end():
    early = Evidence(ended_at=T0, stopped_reason="Local")
    late = Evidence(ended_at=T0 + MINUTE, stopped_reason="EVDisconnected")
    assert merged(late, early).stopped_reason == merged(early, late).stopped_reason == "EVDisconnected"


def test_the_newest_cost_of_the_station_counts():
    costs = [StationCost(at=T0, seq_no=number, currency="EUR", incl=D(number)) for number in (3, 9, 4)]
    assert merged(*(Evidence(station_cost=cost) for cost in costs)).station_cost == costs[1]


def test_missing_numbers_are_counted_over_all_parts():
    parts = [told(event("Updated", seq_no=number)) for number in (4, 0, 1, 1, 6)]
    assert merged(*parts).seq_gaps == 3
    assert merged(told(event("Started", seq_no=None)), parts[0], parts[4]).seq_gaps == 1, "1.x numbered none before"
    assert joined_spans([(3, 4), (0, 1), (2, 2), (7, 9), (8, 8)]) == ((0, 4), (7, 9))
