"""G01-G05."""

import pytest

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ChangeAvailability, NotifyEvent, StatusNotification
from stationmaster.session.failures import CallRefused
from stationmaster.station.settings import FIRST_GENERATION

OFF, ON = False, True


async def change(b, operative, evse=None):
    answer = await b.csms.ask(ChangeAvailability(operative=operative, evse=evse))
    await b.settle()
    return answer.status


async def test_G01_FR_03_04_plug_and_unplug_are_reported_once_each(bench):
    async with bench() as b:
        await b.charge()
        await b.swipe()
        await b.unplug()
        assert b.csms.statuses == [(1, 1, "Occupied"), (1, 1, "Available")]


async def test_G01_FR_08_other_connector_of_the_evse_is_not_reported(bench):
    async with bench(connectors=2) as b:
        await b.plug(1, 2)
        assert b.csms.statuses == [(1, 2, "Occupied")]


@pytest.mark.parametrize("scope", [None, Evse(1), Evse(1, 1)])
async def test_G03_G04_switching_off_and_on_is_reported(bench, scope):
    async with bench() as b:
        assert await change(b, OFF, scope) == "Accepted"
        assert await change(b, OFF, scope) == "Accepted"
        assert await change(b, ON, scope) == "Accepted"
        assert b.csms.statuses == [(1, 1, "Unavailable"), (1, 1, "Available")]


async def test_G03_FR_05_busy_evse_is_switched_off_after_its_transaction(bench):
    async with bench() as b:
        await b.charge()
        b.csms.forget()
        assert await change(b, OFF, Evse(1)) == "Scheduled"
        assert b.csms.statuses == []
        await b.swipe()
        assert b.csms.statuses == [(1, 1, "Unavailable")]


async def test_G04_FR_06_station_is_switched_off_evse_by_evse(bench):
    async with bench(evses=2) as b:
        await b.charge(evse_id=1)
        b.csms.forget()
        assert await change(b, OFF) == "Scheduled"
        assert b.csms.statuses == [(2, 1, "Unavailable")]
        await b.swipe()
        assert b.csms.statuses == [(2, 1, "Unavailable"), (1, 1, "Unavailable")]


async def test_scheduled_switching_off_is_taken_back(bench):
    async with bench() as b:
        await b.charge()
        await change(b, OFF)
        await change(b, ON)
        b.csms.forget()
        await b.swipe()
        await b.unplug()
        assert b.csms.statuses == [(1, 1, "Available")]


@pytest.mark.parametrize("scope", [None, Evse(1), Evse(1, 1)])
async def test_G03_FR_08_G04_FR_09_switched_off_survives_a_restart(bench, scope):
    async with bench() as b:
        await change(b, OFF, scope)
        await b.power_down()
        b.csms.forget()
        await b.power_up()
        assert b.csms.statuses == [(1, 1, "Unavailable")]
        await b.plug()
        await b.swipe()
        assert not b.hardware.closed[1]
        assert b.hardware.texts[1] == "Out of order"


async def test_evse_and_station_are_switched_off_independently(bench):
    async with bench(evses=2) as b:
        await change(b, OFF, Evse(1))
        await change(b, OFF)
        await change(b, ON)
        assert b.program.availability.status(Evse(1, 1)).status == "Unavailable"
        assert b.program.availability.status(Evse(2, 1)).status == "Available"


async def test_unknown_evse_cannot_be_switched_off(bench):
    async with bench() as b:
        assert await change(b, OFF, Evse(7)) == "Rejected"
        assert await change(b, OFF, Evse(1, 7)) == "Rejected"


async def test_fault_is_reported_and_its_end(bench):
    async with bench() as b:
        b.hardware.listener.on_fault(1, 1, "GroundFailure", "RCD")
        await b.settle()
        (fault,) = b.csms.all(StatusNotification)
        assert (fault.status, fault.error_code, fault.info) == ("Faulted", "GroundFailure", "RCD")
        b.hardware.listener.on_fault(1, 1, None)
        await b.settle()
        assert b.csms.statuses[-1] == (1, 1, "Available")


async def test_G05_FR_02_lock_failure_is_an_event_of_the_lock(bench):
    async with bench() as b:
        b.hardware.jammed = True
        await b.plug()
        await b.swipe()
        (notice,) = b.csms.all(NotifyEvent)
        (event,) = notice.events
        assert (event.component, event.variable, event.actual_value) == (
            "ConnectorPlugRetentionLock",
            "Problem",
            "true",
        )


async def test_lock_failure_is_a_fault_until_unplugged_where_there_is_no_device_model(bench):
    async with bench(conventions=FIRST_GENERATION) as b:
        b.hardware.jammed = True
        await b.plug()
        await b.swipe()
        assert b.csms.all(StatusNotification)[-1].error_code == "ConnectorLockFailure"
        await b.unplug()
        assert b.csms.statuses[-1] == (1, 1, "Available")


async def test_refused_status_is_not_sent_again(bench):
    async with bench() as b:
        b.csms.script[StatusNotification] = lambda _: CallRefused("InternalError", "")
        await b.plug()
        await b.settle(100)
        assert len(b.csms.statuses) == 1


def session(b):
    return [(s.evse.id, s.status, s.charging_state, s.finishing) for s in b.csms.all(StatusNotification)]


async def test_first_generation_reports_each_state_of_a_session(bench):
    async with bench(conventions=FIRST_GENERATION, tx_start_point=("PowerPathClosed",)) as b:
        await b.charge()
        await b.draw(False)
        await b.swipe()
        await b.unplug()
        assert session(b) == [
            (1, "Occupied", "EVConnected", False),
            (1, "Occupied", "Charging", False),
            (1, "Occupied", "SuspendedEV", False),
            (1, "Occupied", "EVConnected", True),
            (1, "Available", None, False),
        ]


async def test_first_generation_prepares_on_a_card_until_the_timeout(bench):
    async with bench(
        conventions=FIRST_GENERATION, tx_start_point=("PowerPathClosed",), ev_connection_timeout_s=60
    ) as b:
        await b.swipe()
        await b.settle(61)
        assert session(b) == [(1, "Occupied", "Idle", False), (1, "Available", None, False)]
        assert b.csms.events == []


async def test_first_generation_reports_the_station_itself_after_a_boot(bench):
    async with bench(conventions=FIRST_GENERATION) as b:
        await b.power_down()
        b.csms.forget()
        await b.power_up()
        assert [(s.evse, s.status) for s in b.csms.all(StatusNotification)] == [
            (Evse(0), "Available"),
            (Evse(1, 1), "Available"),
        ]


async def test_first_generation_says_that_the_plug_was_pulled_at_the_car(bench):
    async with bench(
        conventions=FIRST_GENERATION,
        tx_start_point=("PowerPathClosed",),
        tx_stop_point=("Authorized",),
        stop_tx_on_ev_side_disconnect=False,
    ) as b:
        await b.charge()
        await b.unplug()
        last = b.csms.all(StatusNotification)[-1]
        assert (last.status, last.charging_state, last.info) == ("Occupied", "SuspendedEV", "EV side disconnected")
