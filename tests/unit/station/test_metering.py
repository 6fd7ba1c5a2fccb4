"""J01, J02."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.messages import MeterValues
from stationmaster.domain.metering.values import Sample
from stationmaster.station.blocks.metering import next_aligned
from stationmaster.station.metering.readings import selected

ENERGY, VOLTAGE = "Energy.Active.Import.Register", "Voltage"


def values(event):
    return [(sample.measurand, sample.context) for value in event.meter_values for sample in value.samples]


async def test_J02_FR_11_sampled_values_come_at_their_interval(bench):
    async with bench(tx_updated_interval_s=60, tx_updated_measurands=(ENERGY,)) as b:
        await b.charge()
        await b.settle(200)
        periodic = [event for event in b.csms.events if event.trigger_reason == "MeterValuePeriodic"]
        assert len(periodic) == 3
        assert values(periodic[0]) == [(ENERGY, "Sample.Periodic")]
        assert periodic[1].timestamp - periodic[0].timestamp == timedelta(seconds=60)


async def test_interval_0_samples_nothing(bench):
    async with bench(tx_updated_interval_s=0) as b:
        await b.charge()
        count = len(b.csms.events)
        await b.settle(3600)
        assert len(b.csms.events) == count


async def test_sampling_ends_with_the_transaction(bench):
    async with bench(tx_updated_interval_s=60) as b:
        await b.charge()
        await b.swipe()
        count = len(b.csms.events)
        await b.settle(600)
        assert len(b.csms.events) == count


async def test_changed_interval_counts_at_once(bench):
    async with bench(tx_updated_interval_s=600) as b:
        await b.charge()
        b.configuration.change("SampledDataCtrlr.TxUpdatedInterval", "10")
        b.program.metering.on_settings()
        await b.settle(35)
        assert b.told()[3:] == [("Updated", "MeterValuePeriodic")] * 3


async def test_J02_FR_20_values_collected_on_the_way_stand_in_the_end(bench):
    async with bench(tx_ended_interval_s=60, tx_ended_measurands=(ENERGY,)) as b:
        await b.charge()
        await b.settle(130)
        await b.swipe()
        found = [context for _, context in values(b.csms.events[-1])]
        assert found == ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Transaction.End"]


async def test_collected_values_survive_a_power_cut(bench):
    async with bench(tx_ended_interval_s=60) as b:
        await b.charge()
        await b.settle(70)
        await b.power_down()
        await b.power_up()
        assert ("Energy.Active.Import.Register", "Sample.Periodic") in values(b.csms.events[-1])


async def test_J01_FR_14_idle_evses_are_measured_by_the_clock(bench):
    async with bench(evses=2, aligned_interval_s=900, aligned_measurands=(ENERGY, VOLTAGE)) as b:
        await b.settle(1900)
        told = b.csms.all(MeterValues)
        assert [message.evse.id for message in told] == [1, 2, 1, 2]
        moments = [message.meter_values[0].timestamp for message in told]
        assert {(moment.minute % 15, moment.second) for moment in moments} == {(0, 0)}
        assert {context for _, context in values(told[0])} == {"Sample.Clock"}


async def test_J01_FR_22_busy_evse_tells_it_in_its_transaction(bench):
    async with bench(evses=2, aligned_interval_s=900, aligned_measurands=(VOLTAGE,)) as b:
        await b.charge(evse_id=2)
        await b.settle(901)
        assert [message.evse.id for message in b.csms.all(MeterValues)] == [1]
        event = b.csms.events[-1]
        assert (event.trigger_reason, event.evse.id) == ("MeterValueClock", 2)
        assert {context for _, context in values(event)} == {"Sample.Clock"}


async def test_J01_FR_20_nothing_by_the_clock_while_charging_if_so_set(bench):
    async with bench(
        evses=2, aligned_interval_s=900, aligned_measurands=(VOLTAGE,), aligned_send_during_idle=True
    ) as b:
        await b.charge()
        b.csms.forget()
        await b.settle(1900)
        assert b.csms.all(MeterValues) == [] and b.csms.events == []


async def test_J03_values_by_the_clock_stand_in_the_end(bench):
    async with bench(
        aligned_tx_ended_interval_s=900, aligned_tx_ended_measurands=(ENERGY,), tx_ended_measurands=()
    ) as b:
        await b.charge()
        await b.settle(1900)
        await b.swipe()
        ended = b.csms.events[-1]
        assert values(ended) == [(ENERGY, "Sample.Clock")] * 2
        assert all(value.timestamp.minute % 15 == 0 for value in ended.meter_values)


async def test_values_outside_transactions_are_not_kept_while_offline(bench):
    async with bench(aligned_interval_s=60, aligned_measurands=(ENERGY,)) as b:
        b.csms.drop()
        await b.settle(300)
        assert len(b.program.queue) == 0


@given(
    now=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)),
    interval=st.integers(1, 86_400),
)
def test_next_aligned_moment_lies_ahead_within_an_interval_and_on_the_grid(now, interval):
    now = now.replace(tzinfo=UTC)
    due = next_aligned(now, interval)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    assert timedelta(0) < due - now <= timedelta(seconds=interval)
    since = due - midnight
    assert since % timedelta(seconds=interval) == timedelta(0) or since == timedelta(days=1)


@pytest.mark.parametrize(("wanted", "count"), [((VOLTAGE,), 3), ((ENERGY, VOLTAGE), 4), (("SoC",), 0), ((), 0)])
def test_selected_keeps_every_phase_of_what_is_wanted(wanted, count):
    samples = [Sample("1", ENERGY), *(Sample("230", VOLTAGE, phase=phase) for phase in ("L1-N", "L2-N", "L3-N"))]
    assert len(selected(samples, wanted, "Trigger")) == count
