"""J Meter values, as certification tests a station: at moments of the clock, and at intervals of a transaction."""

from datetime import UTC, datetime, timedelta

import pytest
from said import Said, context_of, measurands_of, moment_of
from scripted_csms import Payload
from station_case import StationCase

ENERGY, POWER = "Energy.Active.Import.Register", "Power.Active.Import"


def at_the_clock(moment: datetime, interval_s: int) -> bool:
    """Whether a moment is a whole number of intervals after midnight, or as near as makes no difference."""
    passed = (moment - moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    return min(passed % interval_s, -passed % interval_s) < 1


def aligned(case: StationCase, said: Said, measurands: set[str]) -> dict[datetime, set[int]]:
    """The EVSEs that sent MeterValues, by moment."""
    found: dict[datetime, set[int]] = {}
    for values in said.payloads("MeterValues"):
        for value in values["meterValue"]:
            assert context_of(value) == "Sample.Clock"
            assert measurands_of(value) == measurands
            found.setdefault(moment_of(value), set()).add(values["evseId"])
    return found


def no_location_ev(said: Said) -> None:
    """Errata: only SoC is measured in the car."""
    payloads = [*said.payloads("MeterValues"), *said.payloads("TransactionEvent")]
    samples = [s for p in payloads for value in p.get("meterValue", []) for s in value["sampledValue"]]
    assert all(sample.get("location") != "EV" or sample["measurand"] == "SoC" for sample in samples)


async def test_TC_J_01_CS_clock_aligned_values_of_an_idle_station(case: StationCase) -> None:
    case.set(AlignedDataCtrlr__Interval="120", AlignedDataCtrlr__Measurands=f"{ENERGY},{POWER}")

    said = await case.wait(480)

    rounds = aligned(case, said, {ENERGY, POWER})
    assert len(rounds) >= 3
    assert all(at_the_clock(moment, 120) and evses >= {1, 2} for moment, evses in rounds.items())
    no_location_ev(said)


async def test_TC_J_02_CS_clock_aligned_values_of_a_busy_EVSE_are_events(case: StationCase) -> None:
    case.set(AlignedDataCtrlr__Interval="120", AlignedDataCtrlr__Measurands=ENERGY)
    await case.charging()

    said = await case.wait(480)

    assert len(said.events) >= 3
    for event in said.events:
        assert (event.kind, event.trigger, event.contexts) == ("Updated", "MeterValueClock", ["Sample.Clock"])
        assert event.place[0] == 1 and at_the_clock(moment_of(event.values[0]), 120)
    assert set().union(*aligned(case, said, {ENERGY}).values()) - {0} == {2}
    no_location_ev(said)


async def test_TC_J_03_CS_clock_aligned_values_at_the_end_of_a_transaction(case: StationCase) -> None:
    case.set(
        AlignedDataCtrlr__TxEndedInterval="60",
        AlignedDataCtrlr__TxEndedMeasurands=f"{ENERGY},{POWER}",
        SampledDataCtrlr__TxEndedMeasurands="",
    )
    await case.wait(60)
    await case.charging()
    await case.wait(250)

    (ended,) = (await case.swipe()).events

    clock = [value for value in ended.values if context_of(value) == "Sample.Clock"]
    assert len(clock) in (4, 5)
    assert all(measurands_of(value) == {ENERGY, POWER} for value in clock)
    assert all(at_the_clock(moment_of(value), 60) for value in clock)


async def test_TC_J_06_CS_no_clock_aligned_values_while_a_transaction_runs_where_so_configured(
    case: StationCase,
) -> None:
    case.set(AlignedDataCtrlr__Interval="60", AlignedDataCtrlr__SendDuringIdle="true")
    await case.charging()
    assert (await case.wait(300)).order == []
    await case.swipe()

    assert "MeterValues" in (await case.wait(120)).order


async def test_TC_J_07_CS_values_at_the_start_of_a_transaction(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxStartedMeasurands=f"{ENERGY},{POWER}")

    (started,) = (await case.pre_session()).events

    assert started.contexts == ["Transaction.Begin"]
    assert measurands_of(started.values[0]) == {ENERGY, POWER}


@pytest.mark.parametrize("remote", [False, True])
async def test_TC_J_08_CS_values_at_the_start_come_with_the_first_event_that_names_the_EVSE(
    case: StationCase, remote: bool
) -> None:
    case.set(TxCtrlr__TxStartPoint="Authorized")

    said = await (case.remote_start() if remote else case.swipe()) + await case.plug()

    first = next(event for event in said.events if event.place[0] is not None)
    assert first.contexts == ["Transaction.Begin"]


async def test_TC_J_09_CS_values_at_intervals_of_a_transaction(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="60", SampledDataCtrlr__TxUpdatedMeasurands=f"{ENERGY},{POWER}")
    started = (await case.pre_session()).events[0].timestamp
    await case.swipe()

    said = await case.wait(200)

    assert [(event.kind, event.trigger) for event in said.events] == [("Updated", "MeterValuePeriodic")] * 3
    for number, event in enumerate(said.events, 1):
        assert event.contexts == ["Sample.Periodic"] and measurands_of(event.values[0]) == {ENERGY, POWER}
        assert abs(moment_of(event.values[0]) - started - timedelta(seconds=60 * number)) < timedelta(seconds=1)
    no_location_ev(said)


async def test_TC_J_10_CS_values_at_intervals_come_with_the_end_of_a_transaction(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxEndedInterval="60", SampledDataCtrlr__TxEndedMeasurands=ENERGY)
    await case.charging()
    await case.wait(200)

    (ended,) = (await case.swipe()).events

    assert ended.contexts == ["Transaction.Begin", *["Sample.Periodic"] * 3, "Transaction.End"]
    moments = [moment_of(value) for value in ended.values]
    assert moments == sorted(moments)
    readings = [_register(value) for value in ended.values]
    assert readings == sorted(readings) and readings[-1] > readings[0]


def _register(value: Payload) -> float:
    (sample,) = [sample for sample in value["sampledValue"] if sample.get("measurand", ENERGY) == ENERGY]
    return float(sample["value"])


async def test_J02_FR_11_without_an_interval_there_are_no_periodic_values(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="0")
    await case.charging()

    assert (await case.wait(300)).events == []


async def test_J02_FR_22_values_of_a_transaction_are_those_of_its_EVSE(case: StationCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedInterval="60")
    await case.charging(1)
    await case.plug(2)

    said = await case.wait(100)

    assert _register(next(e for e in said.events if e.place[0] == 1).values[0]) > 0
    assert _register(next(e for e in said.events if e.place[0] == 2).values[0]) == 0
