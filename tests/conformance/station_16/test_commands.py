"""1.6 §5: what a charge point does when it is told to."""

import pytest
from charge_point_case import ChargePointCase, statuses
from said import Said
from station_case import CARD


async def trigger(case: ChargePointCase, requested: str, status: str = "Accepted", **where: int) -> Said:
    """What follows the answer, which comes first."""
    answer = await case.ask("TriggerMessage", requestedMessage=requested, **where)
    assert answer["status"] == status
    said = await case.wait()
    assert said.order[0] == "TriggerMessage!"
    return Said(said[1:])


@pytest.mark.parametrize("asks", [True, False])
async def test_1_6_errata_3_32_a_remote_start_asks_about_the_tag_where_so_configured(
    case: ChargePointCase, asks: bool
) -> None:
    case.set(AuthCtrlr__AuthorizeRemoteStart=str(asks).lower())
    await case.plug()
    assert (await case.ask("RemoteStartTransaction", idTag=CARD, **case.at(1)))["status"] == "Accepted"

    said = await case.wait()

    assert ("Authorize" in said.order) == asks
    assert said.payloads("StartTransaction")[0]["idTag"] == CARD
    assert case.hardware.drawing(1)


async def test_1_6_s5_11_a_refused_tag_is_not_started_remotely(case: ChargePointCase) -> None:
    case.infos[CARD] = {"status": "Expired"}
    await case.plug()
    await case.ask("RemoteStartTransaction", idTag=CARD, **case.at(1))

    assert "StartTransaction" not in (await case.wait()).order


async def test_1_6_s5_11_without_smart_charging_a_profile_is_ignored(case: ChargePointCase) -> None:
    (profiles,) = (await case.ask("GetConfiguration", key=["SupportedFeatureProfiles"]))["configurationKey"]
    assert "SmartCharging" not in profiles["value"].split(",")
    periods = [{"startPeriod": 0, "limit": 8.0}]
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": periods},
    }
    await case.plug()
    answer = await case.ask("RemoteStartTransaction", idTag=CARD, connectorId=1, chargingProfile=profile)

    assert answer == {"status": "Accepted"}
    assert statuses(await case.wait(), 1) == ["Charging"]


async def test_1_6_s5_11_without_connector_one_is_chosen_where_a_car_waits(case: ChargePointCase) -> None:
    await case.plug(2)
    assert (await case.ask("RemoteStartTransaction", idTag=CARD))["status"] == "Accepted"

    assert (await case.wait()).payloads("StartTransaction")[0]["connectorId"] == 2


async def test_1_6_s5_11_a_busy_or_missing_connector_is_rejected(case: ChargePointCase) -> None:
    await case.session()

    for connector in (1, 9):
        assert (await case.ask("RemoteStartTransaction", idTag=CARD, connectorId=connector))["status"] == "Rejected"


async def test_1_6_errata_3_33_remote_stop(case: ChargePointCase) -> None:
    await case.session()
    assert (await case.ask("RemoteStopTransaction", transactionId=1))["status"] == "Accepted"

    said = await case.wait()

    (stopped,) = said.payloads("StopTransaction")
    assert (stopped["transactionId"], stopped.get("reason")) == (1, case.reason("Remote"))
    assert not case.hardware.locked(1)


async def test_1_6_s5_12_an_unknown_transaction_is_not_stopped(case: ChargePointCase) -> None:
    await case.session()

    assert (await case.ask("RemoteStopTransaction", transactionId=2))["status"] == "Rejected"

    assert case.hardware.drawing(1)


@pytest.mark.parametrize(("kind", "reason"), [("Soft", "SoftReset"), ("Hard", "HardReset")])
async def test_1_6_s5_14_a_reset_stops_what_runs_and_boots(case: ChargePointCase, kind: str, reason: str) -> None:
    await case.session()
    assert (await case.ask("Reset", type=kind))["status"] == "Accepted"

    said = await case.wait(60)

    (stopped,) = said.payloads("StopTransaction")
    assert stopped.get("reason") == case.reason(reason)
    assert said.order.index("StopTransaction") < said.order.index("BootNotification")


async def test_1_6_s5_14_a_stop_that_gets_no_answer_is_sent_after_the_boot(case: ChargePointCase) -> None:
    case.set(OCPPCommCtrlr__MessageTimeout__Default="10")
    await case.session()
    case.csms.script["StopTransaction"] = lambda _: None
    await case.ask("Reset", type="Hard")
    await case.wait(15)
    case.csms.script["StopTransaction"] = lambda _: {}

    said = await case.wait(60)

    assert said.order.index("BootNotification") < said.order.index("StopTransaction")


async def test_1_6_s5_2_what_is_so_already_is_accepted(case: ChargePointCase) -> None:
    for kind in ("Operative", "Inoperative", "Inoperative"):
        assert (await case.ask("ChangeAvailability", connectorId=1, type=kind))["status"] == "Accepted"

    assert statuses(await case.wait(), 1) == ["Unavailable"]


async def test_1_6_s5_2_a_missing_connector_is_rejected(case: ChargePointCase) -> None:
    assert (await case.ask("ChangeAvailability", connectorId=9, type="Inoperative"))["status"] == "Rejected"


async def test_1_6_s5_2_the_charge_point_follows_its_last_transaction(case: ChargePointCase) -> None:
    await case.session()
    assert (await case.ask("ChangeAvailability", connectorId=0, type="Inoperative"))["status"] == "Scheduled"
    assert statuses(await case.wait(), 2) == ["Unavailable"]

    said = await case.swipe()

    assert (statuses(said, 0), statuses(said, 1)) == (["Unavailable"], ["Unavailable"])


async def test_1_6_s5_17_without_connector_the_status_of_all_is_told(case: ChargePointCase) -> None:
    said = await trigger(case, "StatusNotification")

    assert [statuses(said, connector) for connector in (0, 1, 2)] == [["Available"]] * 3


async def test_1_6_errata_3_46_triggered_values_of_an_idle_connector_have_no_transaction(case: ChargePointCase) -> None:
    payloads = (await trigger(case, "MeterValues")).payloads("MeterValues")

    assert [payload["connectorId"] for payload in payloads] == [1, 2]
    assert all("transactionId" not in payload for payload in payloads)


async def test_1_6_s5_17_the_status_of_one_connector(case: ChargePointCase) -> None:
    said = await trigger(case, "StatusNotification", connectorId=2)

    assert [payload["connectorId"] for payload in said.payloads("StatusNotification")] == [2]


async def test_1_6_s5_17_a_heartbeat_does_not_care_for_the_connector(case: ChargePointCase) -> None:
    assert (await trigger(case, "Heartbeat", connectorId=1)).order == ["Heartbeat"]


async def test_1_6_errata_3_46_triggered_meter_values_are_the_sampled_measurands(case: ChargePointCase) -> None:
    case.set(SampledDataCtrlr__TxUpdatedMeasurands="Energy.Active.Import.Register,Voltage")
    await case.session()

    (values,) = (await trigger(case, "MeterValues", connectorId=1)).payloads("MeterValues")

    samples = [sample for value in values["meterValue"] for sample in value["sampledValue"]]
    assert {sample["context"] for sample in samples} == {"Trigger"}
    assert {sample.get("measurand", "Energy.Active.Import.Register") for sample in samples} == {
        "Energy.Active.Import.Register",
        "Voltage",
    }
    assert values["transactionId"] == 1


async def test_1_6_s5_17_a_missing_connector_is_rejected(case: ChargePointCase) -> None:
    await trigger(case, "StatusNotification", "Rejected", connectorId=9)


async def test_1_6_s4_4_without_an_upload_the_diagnostics_status_is_idle(case: ChargePointCase) -> None:
    said = await trigger(case, "DiagnosticsStatusNotification")
    assert said.payloads("DiagnosticsStatusNotification") == [{"status": "Idle"}]


async def test_1_6_s5_18_unlock_without_a_transaction(case: ChargePointCase) -> None:
    assert (await case.ask("UnlockConnector", connectorId=1))["status"] == "Unlocked"


async def test_1_6_s5_18_unlock_finishes_a_transaction_first(case: ChargePointCase) -> None:
    await case.session()

    assert (await case.ask("UnlockConnector", connectorId=1))["status"] == "Unlocked"

    assert (await case.wait()).payloads("StopTransaction")[0].get("reason") == case.reason("UnlockCommand")


async def test_1_6_s5_18_a_jammed_lock_is_told(case: ChargePointCase) -> None:
    await case.session()
    case.hardware.jam_lock(1)

    assert (await case.ask("UnlockConnector", connectorId=1))["status"] == "UnlockFailed"


async def test_1_6_errata_3_87_unlock_of_a_missing_connector(case: ChargePointCase) -> None:
    assert (await case.ask("UnlockConnector", connectorId=9))["status"] == "NotSupported"


async def test_1_6_s5_4_a_cleared_cache_knows_no_tag_any_more(case: ChargePointCase) -> None:
    case.set(AuthCtrlr__LocalPreAuthorize="true")
    await case.session()
    await case.unplug()
    await case.plug()
    assert "Authorize" not in (await case.swipe()).order
    await case.swipe()
    await case.unplug()

    assert await case.ask("ClearCache") == {"status": "Accepted"}

    await case.plug()
    assert "Authorize" in (await case.swipe()).order


async def test_1_6_s5_4_a_cache_that_is_switched_off_is_not_cleared(case: ChargePointCase) -> None:
    case.set(AuthCacheCtrlr__Enabled="false")

    assert await case.ask("ClearCache") == {"status": "Rejected"}
