"""1.6 §4.2, §4.6: registration and heartbeats of a charge point."""

from itertools import pairwise

import pytest
from charge_point_case import ChargePointCase, statuses
from said import Said
from scripted_csms import CallError
from station_case import CARD

from stationmaster.ocpp.version import Version


async def test_1_6_s4_2_nothing_goes_before_the_boot_is_accepted(version: Version, model: str) -> None:
    case = ChargePointCase(version, model)
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Rejected", 60)
    said = await case.power_up()
    await case.plug()
    said += await case.wait(50)
    assert said.order == ["BootNotification"]

    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 60)
    said = await case.wait(10)

    assert said.order[0] == "BootNotification"
    first, second = (call.at for call in Said(case.csms.heard).of("BootNotification"))
    assert second - first == pytest.approx(60, abs=0.5)
    await case.power_down()


async def test_1_6_s4_2_queued_messages_wait_for_the_boot(case: ChargePointCase) -> None:
    await case.session()
    await case.go_offline()
    await case.swipe()
    await case.cut_power()
    case.csms.accept()
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Pending", 30)

    assert (await case.power_up()).order == ["BootNotification"]

    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 300)
    assert "StopTransaction" in (await case.wait(40)).order


async def test_1_6_s4_2_interval_0_does_not_make_it_flood(version: Version, model: str) -> None:
    case = ChargePointCase(version, model)
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Pending", 0)
    await case.power_up()

    assert len((await case.wait(600)).of("BootNotification")) <= 11
    await case.power_down()


async def test_1_6_s4_2_a_rejected_charge_point_does_nothing_that_it_is_told(version: Version, model: str) -> None:
    case = ChargePointCase(version, model)
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Rejected", 300)
    await case.power_up()

    with pytest.raises(CallError, match="SecurityError"):  # 1.6J errata 3.10
        await case.ask("ChangeAvailability", connectorId=1, type="Inoperative")

    assert "StatusNotification" not in case.take().order
    await case.power_down()


async def test_1_6_s4_2_a_pending_charge_point_refuses_remote_starts_and_sends_what_is_triggered(
    version: Version, model: str
) -> None:
    case = ChargePointCase(version, model)
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Pending", 300)
    await case.power_up()

    assert (await case.ask("RemoteStartTransaction", idTag=CARD, connectorId=1))["status"] == "Rejected"
    assert (await case.ask("TriggerMessage", requestedMessage="StatusNotification"))["status"] == "Accepted"
    said = await case.wait()

    assert set(said.order) == {"RemoteStartTransaction!", "TriggerMessage!", "StatusNotification"}
    await case.power_down()


async def test_1_6_errata_3_22_after_the_boot_connector_0_and_all_others_are_reported(
    version: Version, model: str
) -> None:
    case = ChargePointCase(version, model)

    said = await case.power_up()

    assert [statuses(said, connector) for connector in (0, 1, 2)] == [["Available"]] * 3
    await case.power_down()


async def test_1_6_errata_3_35_a_boot_is_not_triggered_once_accepted(case: ChargePointCase) -> None:
    assert (await case.ask("TriggerMessage", requestedMessage="BootNotification"))["status"] == "Rejected"


async def test_1_6_s4_6_heartbeats_come_at_the_interval_of_the_boot(version: Version, model: str) -> None:
    case = ChargePointCase(version, model)
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 90)
    await case.power_up()

    assert len((await case.wait(280)).of("Heartbeat")) == 3
    await case.power_down()


async def test_1_6J_errata_3_4_a_refused_dial_is_tried_again_with_growing_waits(case: ChargePointCase) -> None:
    case.csms.dialled.clear()
    case.csms.drop()
    await case.wait(200)

    times = [at for at, _ in case.csms.dialled]
    assert [round(later - sooner) for sooner, later in pairwise(times)][:3] == [20, 40, 80]
