"""E Transactions."""

from datetime import timedelta
from decimal import Decimal

import pytest
from csms_case import UNKNOWN, VALID, Case, accepted

from stationmaster.domain.cost.transaction_energy import anomalies
from stationmaster.domain.messages import RequestStopTransaction
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus
from stationmaster.ocpp.version import Version
from stationmaster.testing import ScriptedTransaction
from stationmaster.testing.script import meter_value

SIGNED = {
    "signedMeterData": "c2lnbmVk",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "",
}


async def _running(case: Case) -> ScriptedTransaction:
    tx = case.station.transaction()
    await case.charging(tx)
    return tx


async def test_TC_E_38_CSMS_an_EV_that_is_not_ready_leaves_the_transaction_open(case: Case) -> None:
    tx = case.station.transaction()
    await case.authorized(tx)
    await case.pre_session(tx)

    await tx.updated("ChargingStateChanged", chargingState="SuspendedEV")

    await case.still_open(tx, "SuspendedEV")


async def test_TC_E_03_CSMS_the_cable_comes_first(case: Case) -> None:
    tx = case.station.transaction()
    await case.pre_session(tx)
    assert (await case.view.transaction(tx.id)).authorization is None

    await case.authorized(tx)
    await case.charging(tx)

    await case.still_open(tx, "Charging")


async def test_TC_E_04_CSMS_the_authorization_comes_first(case: Case) -> None:
    tx = case.station.transaction()
    await case.authorized(tx)
    assert (await case.view.transaction(tx.id)).evse is None

    await case.charging(tx)

    await case.still_open(tx, "Charging")
    assert len(await case.view.told("TransactionStarted")) == 1


# Where a transaction may start


async def test_TC_E_12_CSMS_it_starts_when_the_parking_bay_is_taken(case: Case) -> None:
    tx = case.station.transaction()

    assert "idTokenInfo" not in await tx.started("EVDetected")

    stored = await case.view.transaction(tx.id)
    assert stored.started_at is not None
    assert (stored.evse, stored.id_token) == (None, None)


async def test_TC_E_09_CSMS_it_starts_when_the_EV_is_connected(case: Case) -> None:
    tx = case.station.transaction()

    await case.pre_session(tx)

    stored = await case.view.transaction(tx.id)
    assert stored.started_at is not None
    assert stored.evse is not None and (stored.evse.id, stored.evse.connector_id) == (1, 1)


async def test_TC_E_10_CSMS_it_starts_when_the_driver_is_authorized(case: Case) -> None:
    tx = case.station.transaction()

    await case.authorized(tx)

    assert (await case.view.transaction(tx.id)).started_at is not None


async def test_TC_E_11_CSMS_it_starts_with_signed_data(case: Case) -> None:
    tx = case.station.transaction()
    accepted({"idTokenInfo": await case.station.authorize(VALID)})
    await case.reported("Occupied")
    begin = meter_value(case.bench.clock.now(), 0.0, "Transaction.Begin", signedMeterValue=SIGNED)

    accepted(await tx.started("SignedDataReceived", token=VALID, evse=(1, 1), values=(begin,)))
    await tx.updated("ChargingStateChanged", chargingState="Charging")

    await case.still_open(tx, "Charging")
    assert (await case.view.transaction(tx.id)).meter_start_wh == 0
    (reading,) = await case.view.readings()
    assert reading.samples[0].signed is not None
    assert reading.samples[0].signed["signedMeterData"] == SIGNED["signedMeterData"]


async def test_TC_E_01_CSMS_it_starts_when_the_power_path_is_closed(case: Case) -> None:
    tx = case.station.transaction()
    accepted({"idTokenInfo": await case.station.authorize(VALID)})
    await case.reported("Occupied")

    accepted(await tx.started("ChargingStateChanged", chargingState="SuspendedEVSE", token=VALID, evse=(1, 1)))
    assert (await case.view.transaction(tx.id)).charging_state == "SuspendedEVSE"
    await tx.updated("ChargingStateChanged", chargingState="Charging")

    await case.still_open(tx, "Charging")


async def test_TC_E_02_CSMS_it_starts_when_energy_flows(case: Case) -> None:
    tx = case.station.transaction()
    accepted({"idTokenInfo": await case.station.authorize(VALID)})
    await case.reported("Occupied")

    accepted(await tx.started("ChargingStateChanged", chargingState="Charging", token=VALID, evse=(1, 1)))

    await case.still_open(tx, "Charging")
    assert (await case.view.transaction(tx.id)).authorization == "Accepted"


# Where a transaction may end


async def test_TC_E_14_CSMS_it_ends_when_the_cable_is_pulled_at_the_station(case: Case) -> None:
    tx = await _running(case)
    await case.stop_authorized(tx)
    await case.post_session(tx)

    await case.disconnected(tx)


async def test_TC_E_20_CSMS_it_ends_when_the_cable_is_pulled_at_the_EV(case: Case) -> None:
    tx = case.station.transaction()
    await case.suspended(tx)

    await case.disconnected(tx)


async def test_TC_E_15_CSMS_it_ends_when_the_driver_stops_it(case: Case) -> None:
    tx = await _running(case)

    await tx.ended("StopAuthorized", stoppedReason="Local")

    await case.ended(tx, "Local")


async def test_TC_E_21_CSMS_it_ends_when_the_operator_stops_it(case: Case) -> None:
    tx = await _running(case)

    asked, command = await case.commanded(RequestStopTransaction(transaction_id=tx.id), "RequestStopTransaction")

    assert asked == {"transactionId": tx.id}  # F03.FR.01
    assert command.state == "accepted"
    await tx.ended("RemoteStop", stoppedReason="Remote")
    await case.ended(tx, "Remote")
    await case.took_effect(command)
    assert (await case.view.command(command)).transaction_key == (await case.view.transaction(tx.id)).key


async def test_TC_E_16_CSMS_it_ends_when_the_token_turns_out_invalid(case: Case) -> None:
    tx = case.station.transaction()

    said = await tx.started("Authorized", token=UNKNOWN)

    assert said["idTokenInfo"]["status"] == "Unknown"
    assert (await case.view.transaction(tx.id)).authorization == "Unknown"
    await tx.ended("Deauthorized", stoppedReason="DeAuthorized")
    await case.ended(tx, "DeAuthorized")


async def test_TC_E_17_CSMS_it_ends_when_the_cable_is_pulled_at_the_EV_and_the_driver_deauthorized(case: Case) -> None:
    tx = case.station.transaction()
    await case.suspended(tx)

    await tx.ended("EVCommunicationLost", chargingState="Idle", stoppedReason="EVDisconnected")

    await case.ended(tx, "EVDisconnected")


async def test_TC_E_39_CSMS_it_ends_when_no_EV_was_connected_in_time(case: Case) -> None:
    tx = case.station.transaction()
    await case.authorized(tx)

    await tx.ended("EVConnectTimeout", stoppedReason="Timeout")

    await case.ended(tx, "Timeout")


async def test_TC_E_07_CSMS_it_ends_when_the_power_path_is_opened_by_the_driver(case: Case) -> None:
    tx = await _running(case)

    await tx.ended("StopAuthorized", stoppedReason="Local", chargingState="EVConnected")

    await case.ended(tx, "Local")


async def test_TC_E_08_CSMS_it_ends_when_no_energy_flows_any_more(case: Case) -> None:
    tx = await _running(case)
    await case.stop_authorized(tx)

    await tx.ended("ChargingStateChanged", chargingState="EVConnected", stoppedReason="Local")

    await case.ended(tx, "Local")


async def test_TC_E_22_CSMS_it_ends_when_the_EV_suspends(case: Case) -> None:
    tx = await _running(case)

    await tx.ended("ChargingStateChanged", chargingState="SuspendedEV", stoppedReason="StoppedByEV")

    await case.ended(tx, "StoppedByEV")


async def test_TC_E_19_CSMS_it_ends_when_the_parking_bay_is_free(case: Case) -> None:
    tx = await _running(case)
    await case.stop_authorized(tx)
    await case.post_session(tx)
    await case.reported("Available")
    await tx.updated("EVCommunicationLost", chargingState="Idle")
    await case.still_open(tx, "EVConnected" if case.station.client.version is Version.V20 else "Idle")

    await tx.ended("EVDeparted", stoppedReason="Local")

    await case.ended(tx, "Local")


async def test_TC_E_26_CSMS_it_goes_on_after_the_cable_was_out_at_the_EV(case: Case) -> None:
    tx = case.station.transaction()
    await case.suspended(tx)

    await tx.updated("EVCommunicationLost", chargingState="Idle")
    await case.reported("Available")
    await tx.updated("CablePluggedIn", chargingState="EVConnected", evse=(1, 1))
    await tx.updated("ChargingStateChanged", chargingState="Charging")

    await case.still_open(tx, "Charging")


# What became of it


async def _asked_for_status(case: Case, wire_id: str | None, **answer: bool) -> None:
    case.station.answer("GetTransactionStatus", answer)
    wanted = {"transactionId": wire_id} if wire_id is not None else {}
    command = await case.view.ask(GetTransactionStatus(transaction_id=wire_id))
    assert await case.station.asked("GetTransactionStatus") == wanted
    done = await case.view.outcome(command)
    assert done.state == "accepted" and done.answer is not None
    assert (done.answer["messages_in_queue"], done.answer.get("ongoing")) == (
        answer["messagesInQueue"],
        answer.get("ongoingIndicator"),
    )
    if wire_id is not None:
        told = await case.view.told_of(await case.view.transaction(wire_id))
        assert told is not None
        assert (told.messages_in_queue, told.ongoing) == (answer["messagesInQueue"], answer["ongoingIndicator"])


async def test_TC_E_29_CSMS_a_transaction_that_goes_on_has_messages_waiting(case_201: Case) -> None:
    case = case_201
    tx = await _running(case)
    case = await case.reconnect()

    await _asked_for_status(case, tx.id, ongoingIndicator=True, messagesInQueue=True)

    late = tx.payload(
        "Updated", "MeterValuePeriodic", values=(meter_value(case.bench.clock.now(), 100.0),), offline=True
    )
    assert await case.station.say("TransactionEvent", late) == {}
    stored = await case.view.transaction(tx.id)
    assert (stored.is_open, stored.seq_seen) == (True, ((0, tx.seq_no),))
    assert stored.last_register is not None and stored.last_register.wh == 100


async def test_TC_E_30_CSMS_a_transaction_that_goes_on_has_no_messages_waiting(case_201: Case) -> None:
    tx = await _running(case_201)

    await _asked_for_status(case_201, tx.id, ongoingIndicator=True, messagesInQueue=False)

    await case_201.still_open(tx, "Charging")


async def test_TC_E_31_CSMS_messages_of_an_ended_transaction_come_after_its_end(case_201: Case) -> None:
    tx = await _running(case_201)
    before = await case_201.reconnect()
    await before.reported("Available")
    first, second = tx.seq_no, tx.seq_no + 1
    end = tx.payload("Ended", "EVCommunicationLost", chargingState="Idle", stoppedReason="Local", offline=True)
    end["seqNo"] = second + 1

    await before.station.say("TransactionEvent", end)
    assert anomalies(await before.view.transaction(tx.id)) == ("gap",)
    await _asked_for_status(before, tx.id, ongoingIndicator=False, messagesInQueue=True)
    for number, trigger, state in (
        (first, "StopAuthorized", "Charging"),
        (second, "ChargingStateChanged", "EVConnected"),
    ):
        late = tx.payload("Updated", trigger, chargingState=state, offline=True)
        assert await before.station.say("TransactionEvent", {**late, "seqNo": number}) == {}

    stored = await before.view.transaction(tx.id)
    assert (stored.is_open, stored.charging_state, anomalies(stored)) == (False, "Idle", ())
    assert stored.seq_seen == ((0, second + 1),)


async def test_TC_E_33_CSMS_a_station_with_messages_waiting(case_201: Case) -> None:
    tx = await _running(case_201)
    case = await case_201.reconnect()

    await _asked_for_status(case, None, messagesInQueue=True)

    late = tx.payload(
        "Updated", "MeterValuePeriodic", values=(meter_value(case.bench.clock.now(), 100.0),), offline=True
    )
    await case.station.say("TransactionEvent", late)
    assert (await case.view.transaction(tx.id)).offline


async def test_TC_E_34_CSMS_a_station_without_messages_waiting(case_201: Case) -> None:
    case = await case_201.reconnect()

    await _asked_for_status(case, None, messagesInQueue=False)


async def test_TC_E_53_CSMS_two_transactions_that_both_count_from_0_are_two(case: Case) -> None:
    ended = []
    for _ in range(2):
        tx = case.station.transaction()
        await case.charging(tx)
        await case.disconnected(tx)
        ended.append(tx)

    first, second = await case.view.transactions()
    assert (first.wire_id, second.wire_id) == tuple(tx.id for tx in ended)
    assert first.seq_seen == second.seq_seen == ((0, ended[0].seq_no - 1),)


# Requirements that the cases do not reach


async def test_E01_FR_07_numbers_may_run_on_over_transactions(case: Case) -> None:
    tx = case.station.transaction()
    tx.seq_no = 117

    await tx.started("Authorized", token=VALID)
    await tx.updated("ChargingStateChanged", chargingState="Charging")
    await tx.ended("StopAuthorized", stoppedReason="Local")

    stored = await case.view.transaction(tx.id)
    assert (stored.is_open, stored.seq_seen) == (False, ((117, 119),))
    assert [event.seq_no for event in await case.view.events(stored)] == [117, 118, 119]


async def test_E01_FR_12_only_an_event_with_a_token_is_answered_with_its_status(case: Case) -> None:
    tx = case.station.transaction()
    assert "idTokenInfo" in await tx.started("Authorized", token=VALID)

    assert await tx.updated("ChargingStateChanged", chargingState="Charging") == {}


async def test_E04_FR_03_what_happened_offline_is_marked(case: Case) -> None:
    tx = case.station.transaction()
    long_ago = case.bench.clock.now() - timedelta(hours=9)

    await tx.started("Authorized", token=VALID, at=long_ago, offline=True)
    await tx.ended("StopAuthorized", at=long_ago + timedelta(hours=1), offline=True, stoppedReason="Local")

    stored = await case.view.transaction(tx.id)
    assert stored.offline
    assert stored.started_at is not None and abs(stored.started_at - long_ago) < timedelta(milliseconds=1)
    assert stored.received_at - stored.started_at > timedelta(hours=8)
    assert not await case.view.oddities("clock_skew")


async def test_E05_FR_01_the_token_of_an_offline_start_is_verified(case: Case) -> None:
    tx = case.station.transaction()

    said = await tx.started("Authorized", token=UNKNOWN, offline=True, evse=(1, 1))

    assert said["idTokenInfo"]["status"] == "Unknown"
    await tx.updated("Deauthorized", chargingState="SuspendedEVSE")
    await case.still_open(tx, "SuspendedEVSE")


async def test_E06_FR_09_no_reason_means_Local(case: Case) -> None:
    tx = await _running(case)

    await tx.ended("StopAuthorized")

    await case.ended(tx, "Local")


async def test_E06_FR_11_the_energy_is_the_difference_of_the_boundary_registers(case: Case) -> None:
    tx = case.station.transaction()
    now = case.bench.clock.now()
    await tx.started("Authorized", token=VALID, evse=(1, 1), values=(meter_value(now, 1000.0, "Transaction.Begin"),))
    hour = now + timedelta(hours=1)
    await tx.ended("StopAuthorized", stoppedReason="Local", values=(meter_value(hour, 8400.0, "Transaction.End"),))

    stored = await case.view.transaction(tx.id)
    assert (stored.meter_start_wh, stored.meter_stop_wh) == (Decimal(1000), Decimal(8400))
    told = (await case.view.told("TransactionEnded"))[-1]
    assert Decimal(told.data["energy_wh"]) == 7400


@pytest.mark.parametrize("reason", ["PowerLoss", "EmergencyStop", "GroundFault", "Other"])
async def test_E06_FR_08_the_reason_is_kept_as_it_was_given(case_201: Case, reason: str) -> None:
    tx = case_201.station.transaction()
    await tx.started("Authorized", token=VALID)

    await tx.ended("AbnormalCondition", stoppedReason=reason)

    assert (await case_201.view.transaction(tx.id)).stopped_reason == reason
