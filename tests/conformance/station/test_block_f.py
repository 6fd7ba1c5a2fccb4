"""F Remote control, as certification tests a station."""

from said import Said, context_of, measurands_of
from station_case import CARD, CARD_2, StationCase


async def trigger(case: StationCase, requested: str, status: str = "Accepted", **where: object) -> Said:
    """What follows the answer, which comes first (F06.FR.04)."""
    answer = await case.ask("TriggerMessage", requestedMessage=requested, **where)
    assert answer["status"] == status
    said = await case.wait()
    assert said.order[0] == "TriggerMessage!"
    return Said(said[1:])


async def test_TC_F_01_CS_remote_start_cable_first(case: StationCase) -> None:
    tx = (await case.pre_session()).events[0].tx
    answer = await case.ask(
        "RequestStartTransaction", idToken={"idToken": CARD, "type": "ISO14443"}, remoteStartId=3, evseId=1
    )
    assert answer == {"status": "Accepted", "transactionId": tx}  # F01.FR.13

    authorized, charging = (await case.wait()).events

    assert (authorized.kind, authorized.trigger, authorized.tx) == ("Updated", "RemoteStart", tx)
    assert (authorized.token, authorized.remote_start_id) == (CARD, 3)  # F01.FR.19, .25
    assert charging.brief == ("Updated", "ChargingStateChanged", "Charging")


async def test_TC_F_02_CS_remote_start_first_asks_about_the_token(case: StationCase) -> None:
    case.set(AuthCtrlr__AuthorizeRemoteStart="true")

    said = await case.remote_start() + await case.plug()

    assert said.payloads("Authorize") == [{"idToken": {"idToken": CARD, "type": "ISO14443"}}]
    assert said.told[-1] == ("Updated", "ChargingStateChanged", "Charging")


async def test_TC_F_03_CS_remote_start_first_does_not_ask_unless_so_configured(case: StationCase) -> None:
    case.set(AuthCtrlr__AuthorizeRemoteStart="false")

    said = await case.remote_start() + await case.plug()

    assert "Authorize" not in said.order
    assert said.told[-1] == ("Updated", "ChargingStateChanged", "Charging")


async def test_TC_F_04_CS_nobody_plugs_in_after_a_remote_start_and_the_next_one_works(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="Authorized", TxCtrlr__EVConnectionTimeOut="30")
    await case.remote_start(1)

    (ended,) = (await case.wait(30)).events
    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "EVConnectTimeout", "Timeout")

    said = await case.remote_start(2)
    assert said.events[0].kind == "Started"
    assert said.events[0].tx != ended.tx


async def test_TC_F_08_CS_remote_stop(case: StationCase) -> None:
    tx = (await case.charging()).tx
    assert (await case.ask("RequestStopTransaction", transactionId=tx))["status"] == "Accepted"

    said = await case.wait()

    assert said.order[0] == "RequestStopTransaction!"
    (ended,) = said.events
    assert (ended.kind, ended.trigger, ended.reason) == ("Ended", "RemoteStop", "Remote")
    assert not case.hardware.energized(1)


async def test_TC_F_09_CS_remote_stop_of_an_unknown_transaction_is_rejected(case: StationCase) -> None:
    tx = (await case.charging()).tx

    assert (await case.ask("RequestStopTransaction", transactionId=f"{tx[:-1]}x"))["status"] == "Rejected"

    assert (await case.wait()).events == []
    assert case.hardware.drawing(1)


async def test_TC_F_05_CS_unlock_leaves_an_authorized_transaction_alone(case: StationCase) -> None:
    await case.charging()

    answer = await case.ask("UnlockConnector", evseId=1, connectorId=1)

    assert answer["status"] == "OngoingAuthorizedTransaction"
    assert (await case.wait()).events == [] and case.hardware.drawing(1)


async def test_TC_F_06_CS_unlock_without_transaction(case: StationCase) -> None:
    await case.charging()
    await case.swipe()

    assert (await case.ask("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"


async def test_TC_F_07_CS_unlock_without_cable(case: StationCase) -> None:
    assert (await case.ask("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"


async def test_TC_F_10_CS_unlock_of_an_unknown_connector(case: StationCase) -> None:
    assert (await case.ask("UnlockConnector", evseId=1, connectorId=999))["status"] == "UnknownConnector"


async def test_TC_F_11_CS_trigger_meter_values_of_an_EVSE(case: StationCase) -> None:
    said = await trigger(case, "MeterValues", evse={"id": 1})

    (values,) = said.payloads("MeterValues")
    assert values["evseId"] == 1
    (value,) = values["meterValue"]
    assert context_of(value) == "Trigger"
    assert measurands_of(value) == {"Energy.Active.Import.Register"}


async def test_TC_F_12_CS_trigger_meter_values_of_all_EVSEs(case: StationCase) -> None:
    said = await trigger(case, "MeterValues")

    assert {values["evseId"] for values in said.payloads("MeterValues")} >= {1, 2}
    assert {context_of(value) for said in said.payloads("MeterValues") for value in said["meterValue"]} == {"Trigger"}


async def test_TC_F_13_CS_trigger_the_event_of_an_EVSE(case: StationCase) -> None:
    await case.charging(1)
    await case.charging(2, CARD_2)

    said = await trigger(case, "TransactionEvent", evse={"id": 1})

    (event,) = said.events
    assert event.brief == ("Updated", "Trigger", "Charging")
    assert (event.place[0], event.contexts) == (1, ["Trigger"])
    assert measurands_of(event.values[0]) >= {"Energy.Active.Import.Register", "Power.Active.Import"}  # F06.FR.07


async def test_TC_F_14_CS_trigger_the_events_of_all_EVSEs(case: StationCase) -> None:
    await case.charging(1)
    await case.charging(2, CARD_2)

    said = await trigger(case, "TransactionEvent")

    assert [(event.trigger, event.place[0]) for event in said.events] == [("Trigger", 1), ("Trigger", 2)]


async def test_TC_F_20_CS_trigger_a_heartbeat(case: StationCase) -> None:
    assert (await trigger(case, "Heartbeat")).order == ["Heartbeat"]


async def test_TC_F_23_CS_trigger_the_status_of_a_free_connector(case: StationCase) -> None:
    said = await trigger(case, "StatusNotification", evse={"id": 2, "connectorId": 1})

    assert said.reports == [(2, 1, "Available")]


async def test_TC_F_24_CS_trigger_the_status_of_an_occupied_connector(case: StationCase) -> None:
    await case.pre_session()

    said = await trigger(case, "StatusNotification", evse={"id": 1, "connectorId": 1})

    assert said.reports == [(1, 1, "Occupied")]


async def test_TC_F_26_CS_a_boot_is_not_triggered_once_accepted(case: StationCase) -> None:
    assert (await trigger(case, "BootNotification", "Rejected")).order == []


async def test_TC_F_27_CS_what_is_not_implemented_is_not_triggered(case: StationCase) -> None:
    assert (await trigger(case, "SignCombinedCertificate", "NotImplemented")).order == []


# By number ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_F01_FR_12_without_smart_charging_a_profile_is_ignored(case: StationCase) -> None:
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}]}
        ],
    }
    answer = await case.ask(
        "RequestStartTransaction",
        idToken={"idToken": CARD, "type": "ISO14443"},
        remoteStartId=1,
        evseId=1,
        chargingProfile=profile,
    )

    assert answer["status"] == "Accepted"
    assert (await case.plug()).told[-1] == ("Updated", "ChargingStateChanged", "Charging")


async def test_F01_FR_20_without_EVSE_one_is_chosen_where_a_car_waits(case: StationCase) -> None:
    await case.plug(2)

    said = await case.remote_start(evse=None)

    assert said.events[0].place == (2, 1)


async def test_F01_FR_23_an_unavailable_EVSE_is_not_started(case: StationCase) -> None:
    await case.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})

    answer = await case.ask(
        "RequestStartTransaction", idToken={"idToken": CARD, "type": "ISO14443"}, remoteStartId=1, evseId=1
    )

    assert answer["status"] == "Rejected"


async def test_F01_FR_23_a_faulted_EVSE_is_not_started(case: StationCase) -> None:
    case.hardware.fail(1, "GroundFailure")

    answer = await case.ask(
        "RequestStartTransaction", idToken={"idToken": CARD, "type": "ISO14443"}, remoteStartId=1, evseId=1
    )

    assert answer["status"] == "Rejected"


async def test_F01_FR_24_an_authorized_transaction_is_not_taken_over(case: StationCase) -> None:
    await case.charging()

    answer = await case.ask(
        "RequestStartTransaction", idToken={"idToken": CARD_2, "type": "ISO14443"}, remoteStartId=1, evseId=1
    )

    assert answer["status"] == "Rejected"
    assert case.hardware.drawing(1)


async def test_F02_FR_21_the_first_event_says_RemoteStart_even_where_the_plug_starts(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="EVConnected")
    assert (await case.remote_start(8)).events == []

    started = (await case.plug()).events[0]

    assert (started.kind, started.trigger, started.remote_start_id) == ("Started", "RemoteStart", 8)


async def test_F03_FR_02_a_remote_stop_short_of_the_stop_point_is_an_update(case: StationCase) -> None:
    case.set(TxCtrlr__TxStopPoint="EVConnected")
    tx = (await case.charging()).tx
    await case.ask("RequestStopTransaction", transactionId=tx)

    (stopped,) = (await case.wait()).events

    assert (stopped.kind, stopped.trigger) == ("Updated", "RemoteStop")
    assert not case.hardware.energized(1)
    assert (await case.unplug()).events[-1].reason == "Remote"  # F04.FR.03


async def test_F05_FR_05_a_jammed_lock_is_told(case: StationCase) -> None:
    await case.charging()
    case.hardware.jam_lock(1)
    await case.swipe()

    assert (await case.ask("UnlockConnector", evseId=1, connectorId=1))["status"] == "UnlockFailed"


async def test_F06_FR_03_an_EVSE_that_does_not_matter_is_ignored(case: StationCase) -> None:
    assert (await trigger(case, "Heartbeat", evse={"id": 1})).order == ["Heartbeat"]


async def test_F06_FR_11_the_status_of_every_connector_of_an_EVSE(case: StationCase) -> None:
    said = await trigger(case, "StatusNotification")

    assert said.reports == case.all_report("Available")
