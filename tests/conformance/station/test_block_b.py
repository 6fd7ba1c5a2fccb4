"""B Provisioning, as certification tests a station."""

from itertools import pairwise

import pytest
from said import Said
from scripted_csms import CallError
from station_case import CARD, CARD_2, StationCase

from stationmaster.ocpp.version import Version

TOKEN = {"idToken": CARD, "type": "ISO14443"}


def reboot(said: Said) -> list[str]:
    return [payload["reason"] for payload in said.payloads("BootNotification")]


async def test_TC_B_01_CS_a_cold_boot_is_announced_and_every_connector_reported(version: Version) -> None:
    case = StationCase(version, "Triple 50")

    said = await case.power_up()

    assert said.order[0] == "BootNotification"
    assert reboot(said) == ["PowerUp"]  # B01.FR.09
    assert said.payloads("BootNotification")[0]["chargingStation"]["vendorName"] == "Stationmaster"
    assert said.reports == [(1, 1, "Available"), (1, 2, "Available"), (2, 1, "Available")]  # B01.FR.05
    await case.power_down()


async def test_TC_B_02_CS_a_pending_station_waits_and_boots_anew_when_triggered(version: Version) -> None:
    case = StationCase(version, "Street post 2x22")
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Pending", 300)
    assert (await case.power_up()).order == ["BootNotification"]

    start = await case.ask("RequestStartTransaction", idToken=TOKEN, remoteStartId=1, evseId=1)
    assert start["status"] == "Rejected"  # B02.FR.05
    assert (await case.ask("RequestStopTransaction", transactionId="none"))["status"] == "Rejected"
    assert (await case.wait(100)).order == ["RequestStartTransaction!", "RequestStopTransaction!"]  # B02.FR.02

    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 300)
    assert (await case.ask("TriggerMessage", requestedMessage="BootNotification"))["status"] == "Accepted"
    said = await case.wait()
    assert said.order[:2] == ["TriggerMessage!", "BootNotification"]
    assert reboot(said) == ["Triggered"]
    assert said.reports == case.all_report("Available")
    assert len(case.csms.dialled) == 1  # B02.FR.06
    await case.power_down()


async def test_TC_B_03_CS_a_rejected_station_is_silent_until_the_interval_is_over(version: Version) -> None:
    case = StationCase(version, "Street post 2x22")
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Rejected", 40)
    assert (await case.power_up()).order == ["BootNotification"]

    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 300)
    await case.plug()
    assert (await case.wait(33)).order == []  # B03.FR.02
    said = await case.wait(10)
    first, second = (call.at for call in Said(case.csms.heard).of("BootNotification"))
    assert second - first == pytest.approx(40, abs=0.5)  # B03.FR.06
    assert said.reports == case.all_report("Available", evse_1="Occupied")
    await case.power_down()


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("Reset", {"type": "Immediate"}),
        ("UnlockConnector", {"evseId": 1, "connectorId": 1}),
        ("TriggerMessage", {"requestedMessage": "BootNotification"}),
        ("ChangeAvailability", {"operationalStatus": "Inoperative"}),
    ],
)
async def test_TC_B_30_CS_a_rejected_station_answers_every_call_with_SecurityError(
    version: Version, action: str, payload: dict[str, object]
) -> None:
    case = StationCase(version, "Street post 2x22")
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Rejected", 300)
    await case.power_up()

    with pytest.raises(CallError) as error:
        await case.ask(action, **payload)

    assert error.value.code == "SecurityError"
    await case.power_down()


async def test_TC_B_51_CS_after_a_long_time_offline_all_connectors_are_reported(case: StationCase) -> None:
    case.set(OCPPCommCtrlr__OfflineThreshold="60", OCPPCommCtrlr__RetryBackOffWaitMinimum="62")
    case.csms.drop(and_refuse=False)
    await case.plug()

    said = await case.wait(70)

    assert said.reports == case.all_report("Available", evse_1="Occupied")


async def test_TC_B_52_CS_after_a_short_time_offline_only_changes_are_reported(case: StationCase) -> None:
    case.set(OCPPCommCtrlr__OfflineThreshold="60", OCPPCommCtrlr__RetryBackOffWaitMinimum="58")
    case.csms.drop(and_refuse=False)
    await case.plug()

    said = await case.wait(70)

    assert said.reports == [(1, 1, "Occupied")]


async def test_TC_B_57_CS_waits_double_after_each_failure_and_begin_anew_after_a_success(case: StationCase) -> None:
    case.set(OCPPCommCtrlr__RetryBackOffWaitMinimum="10", OCPPCommCtrlr__RetryBackOffRepeatTimes="2")
    start = case.clock.monotonic()
    case.csms.dialled.clear()

    case.csms.drop(and_refuse=False)
    await case.wait(20)
    assert [round(at - start) for at, _ in case.csms.dialled] == [10]

    start = case.clock.monotonic()
    case.csms.dialled.clear()
    case.csms.drop()
    await case.wait(170)
    waits = [0, *(round(at - start) for at, _ in case.csms.dialled)]
    assert [later - sooner for sooner, later in pairwise(waits)] == [10, 20, 40, 40, 40]

    case.csms.accept()
    await case.wait(60)
    assert case.csms.dialled[-1][1]
    start = case.clock.monotonic()
    case.csms.drop(and_refuse=False)
    await case.wait(15)
    assert case.csms.dialled[-1][0] - start == pytest.approx(10)


async def test_TC_B_20_CS_reset_on_idle_without_transaction_is_done_at_once(case: StationCase) -> None:
    assert (await case.ask("Reset", type="OnIdle"))["status"] == "Accepted"

    said = await case.wait(60)

    assert reboot(said) == ["RemoteReset"]
    assert said.reports == case.all_report("Available")


async def test_TC_B_21_CS_reset_on_idle_waits_for_the_transaction(case: StationCase) -> None:
    await case.charging()
    assert (await case.ask("Reset", type="OnIdle"))["status"] == "Scheduled"
    assert reboot(await case.wait(120)) == []

    said = await case.swipe() + await case.wait(60)

    assert said.events[-1].kind == "Ended"
    assert said.events[-1].reason == "Local"
    assert reboot(said) == ["ScheduledReset"]
    assert said.reports[-2:] == case.all_report("Available", evse_1="Occupied")


async def test_TC_B_22_CS_immediate_reset_ends_the_transaction_first(case: StationCase) -> None:
    await case.charging()
    assert (await case.ask("Reset", type="Immediate"))["status"] == "Accepted"

    said = await case.wait(60)

    (ended,) = said.events
    assert ended.brief == ("Ended", "ResetCommand", "EVConnected")
    assert ended.reason == "ImmediateReset"
    assert ended.token is None
    assert said.order.index("TransactionEvent") < said.order.index("BootNotification")
    assert reboot(said) == ["RemoteReset"]
    assert said.reports[-2:] == case.all_report("Available", evse_1="Occupied")


async def test_TC_B_23_CS_unavailable_outlives_a_reset(case: StationCase) -> None:
    change = {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 1}}
    assert (await case.ask("ChangeAvailability", **change))["status"] == "Accepted"
    await case.wait()
    assert (await case.ask("Reset", type="OnIdle"))["status"] == "Accepted"

    said = await case.wait(60)

    assert reboot(said) == ["RemoteReset"]
    assert said.reports == case.all_report("Available", evse_1="Unavailable")


async def test_TC_B_41_CS_reset_on_idle_waits_for_the_last_of_two_transactions(case: StationCase) -> None:
    await case.charging(1)
    await case.charging(2, CARD_2)
    assert (await case.ask("Reset", type="OnIdle"))["status"] == "Scheduled"

    assert reboot(await case.swipe(CARD, 1) + await case.wait(60)) == []
    said = await case.swipe(CARD_2, 2) + await case.wait(60)

    assert reboot(said) == ["ScheduledReset"]
    assert said.reports[-2:] == case.all_report("Occupied")


async def test_TC_B_25_CS_an_idle_EVSE_is_reset_alone(case: StationCase) -> None:
    assert (await case.ask("Reset", type="OnIdle", evseId=1))["status"] == "Accepted"

    assert reboot(await case.wait(60)) == []


async def test_TC_B_26_CS_a_busy_EVSE_is_reset_when_its_transaction_is_over(case: StationCase) -> None:
    await case.charging()
    assert (await case.ask("Reset", type="OnIdle", evseId=1))["status"] == "Scheduled"
    assert (await case.wait(60)).events == []

    said = await case.swipe()

    assert said.events[-1].reason == "Local"


async def test_TC_B_27_CS_immediate_reset_of_an_EVSE_ends_its_transaction_alone(case: StationCase) -> None:
    await case.charging(1)
    await case.charging(2, CARD_2)
    assert (await case.ask("Reset", type="Immediate", evseId=1))["status"] == "Accepted"

    said = await case.wait(60)

    (ended,) = said.events
    assert ended.brief == ("Ended", "ResetCommand", "EVConnected")
    assert (ended.reason, ended.place[0]) == ("ImmediateReset", 1)
    assert reboot(said) == []
    assert case.hardware.drawing(2)


@pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
async def test_TC_B_28_CS_reset_of_an_EVSE_is_rejected_where_it_is_not_supported(case: StationCase, kind: str) -> None:
    case.set(EVSE__AllowReset="false")

    assert (await case.ask("Reset", type=kind, evseId=1))["status"] == "Rejected"


@pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
async def test_TC_B_29_CS_the_same_with_a_transaction_which_goes_on(case: StationCase, kind: str) -> None:
    case.set(EVSE__AllowReset="false")
    await case.charging()

    assert (await case.ask("Reset", type=kind, evseId=1))["status"] == "Rejected"

    assert (await case.wait()).events == []
    assert case.hardware.drawing(1)
