"""F Remote control."""

from typing import Any

import pytest
from csms_case import VALID, Case, accepted

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import (
    RequestStartTransaction,
    RequestStopTransaction,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench
from stationmaster.testing.script import id_token, meter_value

START = RequestStartTransaction(id_token=IdToken(VALID, "ISO14443"), remote_start_id=0, evse=Evse(1))


async def _remote_start(case: Case, **answer: Any) -> Any:
    """The operator starts on EVSE 1 and the station agrees; the id it was given, and the command."""
    asked, command = await case.commanded(START, "RequestStartTransaction", **answer)
    assert asked["idToken"] == id_token(VALID)
    assert asked["evseId"] == 1
    assert asked["remoteStartId"] > 0
    assert command.state == "accepted"
    return asked["remoteStartId"], command


async def _linked(case: Case, command: Any, wire_id: str) -> None:
    done = await case.view.command(command)
    stored = await case.view.transaction(wire_id)
    assert (done.state, done.transaction_key) == ("effect_seen", stored.key)


async def test_TC_F_01_CSMS_remote_start_with_the_cable_plugged_in_first(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)

    remote_start_id, command = await _remote_start(case, transactionId=tx.id)

    assert command.answer["transaction_id"] == tx.id  # F01.FR.13
    accepted(await tx.updated("RemoteStart", token=VALID, remoteStartId=remote_start_id))
    assert (await case.view.transaction(tx.id)).remote_start_id == remote_start_id
    await case.charging(tx)
    await _linked(case, command, tx.id)


async def test_TC_F_02_CSMS_remote_start_first_and_the_token_is_authorized(case: Case) -> None:
    tx = case.station.transaction()

    remote_start_id, command = await _remote_start(case)

    assert (await case.station.authorize(VALID))["status"] == "Accepted"
    accepted(await tx.started("RemoteStart", token=VALID, remoteStartId=remote_start_id))
    await _linked(case, command, tx.id)
    await case.charging(tx)


async def test_TC_F_03_CSMS_remote_start_first_and_the_token_is_not_authorized_again(case: Case) -> None:
    tx = case.station.transaction()

    remote_start_id, command = await _remote_start(case)

    accepted(await tx.started("RemoteStart", token=VALID, remoteStartId=remote_start_id))
    await _linked(case, command, tx.id)
    await case.charging(tx)


async def test_TC_F_04_CSMS_remote_start_first_and_no_cable_in_time(case: Case) -> None:
    tx = case.station.transaction()
    remote_start_id, command = await _remote_start(case)
    await tx.started("RemoteStart", token=VALID, remoteStartId=remote_start_id)

    assert await tx.updated("EVConnectTimeout") == {}

    await _linked(case, command, tx.id)
    assert (await case.view.events(await case.view.transaction(tx.id)))[-1].trigger_reason == "EVConnectTimeout"


async def test_TC_F_06_CSMS_a_connector_without_a_transaction_is_unlocked(case: Case) -> None:
    asked, command = await case.commanded(UnlockConnector(evse=Evse(1, 1)), "UnlockConnector", "Unlocked")

    assert asked == {"evseId": 1, "connectorId": 1}
    assert (command.state, command.status) == ("accepted", "Unlocked")


async def test_TC_F_11_CSMS_meter_values_of_one_EVSE_are_triggered(case: Case) -> None:
    asked, command = await case.commanded(TriggerMessage(requested="MeterValues", evse=Evse(1)), "TriggerMessage")

    assert asked == {"requestedMessage": "MeterValues", "evse": {"id": 1}}
    assert await case.station.meter_values(1, meter_value(case.bench.clock.now(), 7.0, "Trigger")) == {}
    await case.took_effect(command)
    (reading,) = await case.view.readings()
    assert (reading.evse_id, reading.register_wh, reading.samples[0].context) == (1, 7, "Trigger")


async def test_TC_F_12_CSMS_meter_values_of_all_EVSEs_are_triggered(case: Case) -> None:
    asked, command = await case.commanded(TriggerMessage(requested="MeterValues"), "TriggerMessage")

    assert asked == {"requestedMessage": "MeterValues"}
    for evse_id in (1, 2):
        await case.station.meter_values(evse_id, meter_value(case.bench.clock.now(), 7.0, "Trigger"))
    await case.took_effect(command)
    assert [reading.evse_id for reading in await case.view.readings()] == [1, 2]


async def test_TC_F_13_CSMS_a_transaction_event_of_one_EVSE_is_triggered(case: Case) -> None:
    tx = case.station.transaction()
    await case.charging(tx)

    asked, command = await case.commanded(TriggerMessage(requested="TransactionEvent", evse=Evse(1)), "TriggerMessage")

    assert asked == {"requestedMessage": "TransactionEvent", "evse": {"id": 1}}
    values = (meter_value(case.bench.clock.now(), 7.0, "Trigger"),)
    assert await tx.updated("Trigger", chargingState="Charging", values=values) == {}
    await case.took_effect(command)
    assert (await case.view.transaction(tx.id)).last_register.wh == 7  # type: ignore[union-attr]


async def test_TC_F_14_CSMS_transaction_events_of_all_EVSEs_are_triggered(case: Case) -> None:
    tx = case.station.transaction()
    await case.charging(tx)

    asked, command = await case.commanded(TriggerMessage(requested="TransactionEvent"), "TriggerMessage")

    assert asked == {"requestedMessage": "TransactionEvent"}
    await tx.updated("Trigger", chargingState="Charging", values=(meter_value(case.bench.clock.now(), 7.0, "Trigger"),))
    await case.took_effect(command)
    await case.still_open(tx, "Charging")


async def test_TC_F_20_CSMS_a_heartbeat_is_triggered(case: Case) -> None:
    asked, command = await case.commanded(TriggerMessage(requested="Heartbeat"), "TriggerMessage")

    assert asked == {"requestedMessage": "Heartbeat"}
    assert (await case.station.say("Heartbeat"))["currentTime"].endswith("Z")
    await case.took_effect(command)


async def test_TC_F_23_CSMS_the_status_of_a_free_connector_is_triggered(case: Case) -> None:
    trigger = TriggerMessage(requested="StatusNotification", evse=Evse(1, 1))

    asked, command = await case.commanded(trigger, "TriggerMessage")

    assert asked == {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}}  # F06.FR.13
    await case.reported("Available")
    await case.took_effect(command)


async def test_TC_F_24_CSMS_the_status_of_a_taken_connector_is_triggered(case: Case) -> None:
    await case.reported("Occupied")
    trigger = TriggerMessage(requested="StatusNotification", evse=Evse(1, 1))

    asked, command = await case.commanded(trigger, "TriggerMessage")

    assert asked == {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}}
    await case.reported("Occupied")
    await case.took_effect(command)


async def test_TC_F_27_CSMS_the_operator_sees_that_a_trigger_is_not_implemented(case: Case) -> None:
    _, command = await case.commanded(TriggerMessage(requested="MeterValues"), "TriggerMessage", "NotImplemented")

    assert (command.state, command.status) == ("rejected", "NotImplemented")


# Requirements that the cases do not reach


async def test_F01_FR_06_the_station_may_choose_the_EVSE(case: Case) -> None:
    asked, _ = await case.commanded(
        RequestStartTransaction(id_token=IdToken(VALID, "ISO14443"), remote_start_id=0), "RequestStartTransaction"
    )

    assert "evseId" not in asked


async def test_F01_FR_08_a_charging_profile_goes_with_the_start(case_201: Case) -> None:
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.1}]}
        ],
    }
    request = RequestStartTransaction(
        id_token=IdToken(VALID, "ISO14443"), remote_start_id=0, evse=Evse(1), charging_profile=profile
    )

    asked, _ = await case_201.commanded(request, "RequestStartTransaction")

    assert asked["chargingProfile"] == profile
    assert "transactionId" not in asked["chargingProfile"]  # F01.FR.11


async def test_F01_FR_25_two_starts_have_two_ids(case: Case) -> None:
    first, _ = await _remote_start(case)
    second, _ = await _remote_start(case)

    assert first != second


@pytest.mark.parametrize(("evse", "expected"), [(2, "accepted"), (1, "effect_seen")])
async def test_F01_FR_19_the_start_of_another_EVSE_is_not_taken_for_the_effect(
    case_201: Case, evse: int, expected: str
) -> None:
    _, command = await _remote_start(case_201)

    await case_201.station.transaction().started("Authorized", token=VALID, evse=(evse, 1))

    assert (await case_201.view.command(command)).state == expected


async def test_F02_FR_17_a_remote_start_that_the_station_rejects(case: Case) -> None:
    _, command = await case.commanded(START, "RequestStartTransaction", "Rejected")

    assert (command.state, command.status, command.transaction_key) == ("rejected", "Rejected", None)


async def test_F03_FR_02_a_transaction_may_go_on_after_it_was_stopped_remotely(case: Case) -> None:
    tx = case.station.transaction()
    await case.charging(tx)
    _, command = await case.commanded(RequestStopTransaction(transaction_id=tx.id), "RequestStopTransaction")

    await tx.updated("RemoteStop", chargingState="EVConnected")

    await case.took_effect(command)
    await case.still_open(tx, "EVConnected")


async def test_F03_FR_08_a_stop_of_a_transaction_that_the_station_does_not_know(case: Case) -> None:
    _, command = await case.commanded(
        RequestStopTransaction(transaction_id="nobody's"), "RequestStopTransaction", "Rejected"
    )

    assert command.state == "rejected"


@pytest.mark.parametrize("status", ["UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"])
@pytest.mark.parametrize("version", [Version.V201, Version.V21])
async def test_F05_FR_02_FR_03_FR_05_the_operator_sees_why_nothing_was_unlocked(
    bench: CsmsBench, version: Version, status: str
) -> None:
    case = await Case.connect(bench, version, "NotifyEvent")
    await case.booted()

    _, command = await case.commanded(UnlockConnector(evse=Evse(1, 1)), "UnlockConnector", status)

    assert (command.state, command.status) == ("rejected", status)
