"""F01-F06."""

import pytest

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    Authorize,
    AuthorizeAnswer,
    ChangeAvailability,
    Heartbeat,
    IdTokenInfo,
    MeterValues,
    RequestStartTransaction,
    RequestStopTransaction,
    StatusNotification,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.station.settings import FIRST_GENERATION


@pytest.fixture
def start(card):
    return RequestStartTransaction(id_token=card, remote_start_id=42, evse=Evse(1))


async def ask(b, request):
    answer = await b.csms.ask(request)
    await b.settle()
    return answer


async def test_F01_FR_13_transaction_that_waits_is_named_and_goes_on(bench, start, card):
    async with bench() as b:
        await b.plug()
        answer = await ask(b, start)
        assert (answer.status, answer.transaction_id) == ("Accepted", b.csms.events[0].transaction_id)
        event = b.csms.events[-1]
        assert (event.trigger_reason, event.remote_start_id, event.id_token) == ("RemoteStart", 42, card)
        assert b.hardware.closed[1]


async def test_F02_FR_21_remote_start_is_told_with_the_plug_where_that_starts_it(bench, start):
    async with bench(tx_start_point=("PowerPathClosed",)) as b:
        answer = await ask(b, start)
        assert answer.transaction_id is None and b.csms.events == []
        await b.plug()
        assert b.told() == [("Started", "RemoteStart")]
        assert b.csms.events[0].remote_start_id == 42
        await b.draw()
        assert b.csms.events[1].remote_start_id is None
        assert b.told()[1] == ("Updated", "ChargingStateChanged")


@pytest.mark.parametrize("asks", [True, False])
async def test_F01_FR_01_02_authorizes_first_only_if_so_set(bench, start, asks):
    async with bench(authorize_remote_start=asks) as b:
        await b.plug()
        await ask(b, start)
        assert bool(b.csms.all(Authorize)) is asks
        assert b.hardware.closed[1]


async def test_F01_refused_token_does_not_charge(bench, start):
    async with bench() as b:
        b.csms.script[Authorize] = lambda _: AuthorizeAnswer(id_token_info=IdTokenInfo(status="Blocked"))
        await b.plug()
        assert (await ask(b, start)).status == "Accepted"
        assert not b.hardware.closed[1]
        assert b.hardware.texts[1] == "This card is blocked"


async def test_F01_FR_24_running_transaction_is_not_taken_over(bench, start):
    async with bench() as b:
        await b.charge()
        assert (await ask(b, start)).status == "Rejected"


async def test_F01_FR_23_unavailable_evse_rejects(bench, start):
    async with bench() as b:
        await b.csms.ask(ChangeAvailability(operative=False))
        assert (await ask(b, start)).status == "Rejected"


async def test_unknown_evse_rejects(bench, card):
    async with bench() as b:
        answer = await ask(b, RequestStartTransaction(id_token=card, remote_start_id=1, evse=Evse(9)))
        assert answer.status == "Rejected"


async def test_F01_FR_20_station_chooses_where_a_car_waits(bench, card):
    async with bench(evses=3) as b:
        await b.charge(evse_id=1)
        await b.plug(3)
        await ask(b, RequestStartTransaction(id_token=card, remote_start_id=1))
        assert b.hardware.closed == {1: True, 2: False, 3: True}


async def test_no_free_evse_rejects(bench, card):
    async with bench() as b:
        await b.charge()
        assert (await ask(b, RequestStartTransaction(id_token=card, remote_start_id=1))).status == "Rejected"


async def test_F02_FR_07_nobody_plugs_in_after_a_remote_start(bench, start):
    async with bench(ev_connection_timeout_s=60) as b:
        await ask(b, start)
        await b.settle(61)
        assert b.told() == [("Started", "RemoteStart"), ("Ended", "EVConnectTimeout")]


async def test_F03_FR_03_remote_stop_ends_it(bench):
    async with bench() as b:
        transaction = await b.charge()
        assert (await ask(b, RequestStopTransaction(transaction_id=transaction))).status == "Accepted"
        ended = b.csms.events[-1]
        assert (ended.event_type, ended.trigger_reason, ended.stopped_reason) == ("Ended", "RemoteStop", "Remote")
        assert not b.hardware.closed[1]


async def test_F03_FR_02_F04_FR_03_remote_stop_before_the_stop_point(bench):
    async with bench(tx_stop_point=("EVConnected",)) as b:
        transaction = await b.charge()
        await ask(b, RequestStopTransaction(transaction_id=transaction))
        assert b.told()[-1] == ("Updated", "RemoteStop")
        assert not b.hardware.closed[1]
        await b.unplug()
        assert b.csms.events[-1].stopped_reason == "Remote"


async def test_F03_FR_08_unknown_transaction_rejects(bench):
    async with bench() as b:
        await b.charge()
        assert (await ask(b, RequestStopTransaction(transaction_id="none"))).status == "Rejected"
        assert b.hardware.closed[1]


async def test_F05_FR_02_charging_connector_is_not_unlocked(bench):
    async with bench() as b:
        await b.charge()
        answer = await ask(b, UnlockConnector(evse=Evse(1, 1)))
        assert answer.status == "OngoingAuthorizedTransaction"
        assert b.hardware.locked == {1}


@pytest.mark.parametrize(("jammed", "status"), [(False, "Unlocked"), (True, "UnlockFailed")])
async def test_F05_FR_04_05_unlock_tells_whether_it_worked(bench, jammed, status):
    async with bench() as b:
        b.hardware.jammed = jammed
        assert (await ask(b, UnlockConnector(evse=Evse(1, 1)))).status == status


async def test_F05_FR_03_unknown_connector(bench):
    async with bench() as b:
        assert (await ask(b, UnlockConnector(evse=Evse(1, 999)))).status == "UnknownConnector"


async def test_first_generation_unlock_ends_the_transaction(bench):
    async with bench(conventions=FIRST_GENERATION, tx_start_point=("PowerPathClosed",)) as b:
        await b.charge()
        assert (await ask(b, UnlockConnector(evse=Evse(1, 1)))).status == "Unlocked"
        assert b.told()[-1] == ("Ended", "UnlockCommand")


async def test_F06_FR_06_11_meter_values_of_every_evse(bench):
    async with bench(evses=2, aligned_measurands=("Voltage",)) as b:
        assert (await ask(b, TriggerMessage(requested="MeterValues"))).status == "Accepted"
        values = b.csms.all(MeterValues)
        assert [value.evse.id for value in values] == [1, 2]
        samples = values[0].meter_values[0].samples
        assert {(sample.measurand, sample.context) for sample in samples} == {("Voltage", "Trigger")}


async def test_F06_FR_07_event_of_a_running_transaction(bench):
    async with bench(tx_updated_measurands=("Voltage",)) as b:
        await b.charge()
        await ask(b, TriggerMessage(requested="TransactionEvent", evse=Evse(1)))
        event = b.csms.events[-1]
        assert (event.trigger_reason, event.charging_state) == ("Trigger", "Charging")
        assert event.meter_values[0].samples[0].context == "Trigger"


async def test_F06_heartbeat_and_status(bench):
    async with bench(evses=2) as b:
        await ask(b, TriggerMessage(requested="Heartbeat"))
        await ask(b, TriggerMessage(requested="StatusNotification", evse=Evse(2, 1)))
        assert len(b.csms.all(Heartbeat)) == 1
        assert b.csms.statuses == [(2, 1, "Available")]
        assert b.csms.all(StatusNotification)[0].timestamp is not None


@pytest.mark.parametrize(
    ("requested", "evse", "status"),
    [
        ("SignCombinedCertificate", None, "NotImplemented"),  # F06.FR.08
        ("BootNotification", None, "Rejected"),  # F06.FR.17
        ("MeterValues", Evse(9), "Rejected"),
    ],
)
async def test_F06_what_cannot_be_triggered(bench, requested, evse, status):
    async with bench() as b:
        assert (await ask(b, TriggerMessage(requested=requested, evse=evse))).status == status
        assert b.csms.told == []
