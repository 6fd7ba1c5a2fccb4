"""B11-B13."""

import pytest

from stationmaster.domain.messages import BootNotification, Reset
from stationmaster.session.failures import CallTimedOut
from stationmaster.station.blocks.reset import Resetting
from stationmaster.station.settings import FIRST_GENERATION


async def reset(b, kind, evse_id=None):
    answer = await b.csms.ask(Reset(type=kind, evse_id=evse_id))
    await b.settle(60)
    return answer.status


def reasons(b):
    return [request.reason for request in b.csms.all(BootNotification)]


@pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
async def test_B11_FR_03_idle_station_boots_again(bench, kind):
    async with bench() as b:
        assert await reset(b, kind) == "Accepted"
        assert reasons(b) == ["RemoteReset"]
        assert b.csms.statuses == [(1, 1, "Available")]
        assert b.hardware.reboots == 1


async def test_B12_FR_04_immediate_reset_ends_and_tells_before_it_boots(bench):
    async with bench() as b:
        await b.charge()
        b.csms.forget()
        assert await reset(b, "Immediate") == "Accepted"
        (ended,) = b.csms.events
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason, ended.charging_state) == (
            "Ended",
            "ResetCommand",
            "ImmediateReset",
            "EVConnected",
        )
        assert ended.id_token is None and not ended.offline
        assert type(b.csms.told[0][1]) is type(ended)
        assert b.csms.statuses[-1] == (1, 1, "Occupied")


async def test_B12_FR_05_what_is_not_answered_is_sent_after_the_boot(bench):
    async with bench() as b:
        await b.charge()
        working = b.csms.script.pop(type(b.csms.events[0]))
        b.csms.script[type(b.csms.events[0])] = lambda _: CallTimedOut()
        b.csms.forget()
        await b.csms.ask(Reset(type="Immediate"))
        await b.settle(35)
        b.csms.script[type(b.csms.events[0])] = working
        await b.settle(60)
        assert reasons(b) == ["RemoteReset"]
        assert b.csms.events[-1].event_type == "Ended"
        assert len(b.program.queue) == 0


async def test_B12_FR_01_03_reset_on_idle_waits_for_the_transaction(bench):
    async with bench() as b:
        await b.charge()
        assert await reset(b, "OnIdle") == "Scheduled"
        assert b.hardware.closed[1] and reasons(b) == []
        await b.swipe()
        await b.settle(60)
        assert reasons(b) == ["ScheduledReset"]
        assert b.csms.events[-1].stopped_reason == "Local"


async def test_reset_on_idle_waits_for_the_last_of_two(bench, other_card):
    async with bench(evses=2) as b:
        await b.charge(evse_id=1)
        await b.charge(other_card, evse_id=2)
        await reset(b, "OnIdle")
        await b.swipe(evse_id=1)
        await b.settle(60)
        assert b.hardware.reboots == 0
        await b.swipe(other_card, evse_id=2)
        await b.settle(60)
        assert b.hardware.reboots == 1


async def test_B12_FR_08_one_evse_is_reset_and_the_other_goes_on(bench, other_card):
    async with bench(evses=2) as b:
        await b.charge(evse_id=1)
        await b.charge(other_card, evse_id=2)
        assert await reset(b, "Immediate", 1) == "Accepted"
        assert b.csms.events[-1].stopped_reason == "ImmediateReset"
        assert b.hardware.closed == {1: False, 2: True}
        assert b.hardware.reboots == 0


@pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
async def test_B11_FR_09_evse_reset_is_rejected_where_it_is_not_allowed(bench, kind):
    async with bench(evse_allow_reset=False) as b:
        assert await reset(b, kind, 1) == "Rejected"


async def test_unknown_evse_is_not_reset(bench):
    async with bench() as b:
        assert await reset(b, "Immediate", 5) == "Rejected"


async def test_first_generation_soft_reset_ends_transactions(bench):
    async with bench(conventions=FIRST_GENERATION, tx_start_point=("PowerPathClosed",)) as b:
        await b.charge()
        assert await reset(b, "OnIdle") == "Accepted"
        assert b.csms.events[-1].stopped_reason == "SoftReset"
        assert b.hardware.reboots == 1


async def test_B12_reset_on_idle_waits_for_whatever_else_is_busy(bench):
    async with bench() as b:
        uploading, reboots = [True], []
        resetting = Resetting(b.program.transactions, b.configuration, reboots.append, b.program.spawn)
        resetting.busy.append(lambda: uploading[0])
        assert (await resetting.reset(Reset(type="OnIdle"))).status == "Scheduled"
        resetting.look_again()
        assert reboots == []
        uploading[0] = False
        resetting.look_again()
        assert reboots == ["ScheduledReset"]


async def test_a_busy_station_resets_one_idle_evse_at_once(bench):
    async with bench() as b:
        resetting = Resetting(b.program.transactions, b.configuration, lambda _: None, b.program.spawn)
        resetting.busy.append(lambda: True)
        assert (await resetting.reset(Reset(type="OnIdle", evse_id=1))).status == "Accepted"


async def test_B13_FR_01_without_resumption_there_is_no_reset_that_resumes(bench):
    async with bench(tx_resumption_timeout_s=0) as b:
        await b.charge()
        assert await reset(b, "ImmediateAndResume") == "Rejected"
        assert b.hardware.reboots == 0 and b.hardware.closed[1]


async def test_B13_FR_02_an_idle_station_is_reset_as_ever(bench):
    async with bench(tx_resumption_timeout_s=60) as b:
        assert await reset(b, "ImmediateAndResume") == "Accepted"
        assert reasons(b) == ["RemoteReset"]


async def test_B13_FR_04_20_23_transactions_are_interrupted_by_the_reset_and_go_on_after_it(bench):
    async with bench(
        tx_resumption_timeout_s=1, tx_allow_energy_resumption=True
    ) as b:  # the reboot takes longer: B13.FR.23
        transaction = await b.charge()
        b.csms.forget()
        assert await reset(b, "ImmediateAndResume") == "Accepted"
        assert b.told() == [("Updated", "ResetCommand"), ("Updated", "TxResumed")]
        assert {event.transaction_id for event in b.csms.events} == {transaction}
        assert b.hardware.reboots == 1 and b.hardware.closed[1] and b.hardware.locked == {1}


async def test_B13_FR_10_12_one_evse_is_reset_and_its_transaction_goes_on_at_once(bench):
    async with bench(evses=2, tx_resumption_timeout_s=60, tx_allow_energy_resumption=True) as b:
        await b.charge()
        b.csms.forget()
        assert await reset(b, "ImmediateAndResume", 1) == "Accepted"
        assert b.told() == [("Updated", "ResetCommand"), ("Updated", "TxResumed")]
        assert b.hardware.reboots == 0 and b.hardware.closed == {1: True, 2: False}


async def test_B13_a_resumed_transaction_ends_as_any_other(bench):
    async with bench(tx_resumption_timeout_s=60) as b:
        await b.charge()
        await reset(b, "ImmediateAndResume")
        b.csms.forget()
        await b.swipe()
        assert [event.event_type for event in b.csms.events] == ["Ended"]
        assert b.csms.events[0].stopped_reason == "Local"
        assert not b.hardware.closed[1]


async def test_a_resumed_transaction_is_not_resumed_again_after_a_long_loss_of_power(bench):
    async with bench(tx_resumption_timeout_s=60) as b:
        await b.charge()
        await reset(b, "ImmediateAndResume")
        await b.power_down()
        await b.settle(600)
        b.csms.forget()
        await b.power_up()
        assert [event.stopped_reason for event in b.csms.events] == ["PowerLoss"]
