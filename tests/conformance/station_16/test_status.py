"""1.6 §4.9: the statuses of a connector, transition by transition, as far as the hardware can bring them about."""

import pytest
from charge_point_case import TRANSITIONS, ChargePointCase, reports, statuses
from said import Said
from station_case import CARD


async def remote_stop(case: ChargePointCase) -> None:
    assert (await case.ask("RemoteStopTransaction", transactionId=case.named))["status"] == "Accepted"


async def inoperative(case: ChargePointCase, answer: str = "Accepted", kind: str = "Inoperative") -> Said:
    assert (await case.ask("ChangeAvailability", connectorId=1, type=kind))["status"] == answer
    return await case.wait()


async def test_1_6_s4_9_A2_a_plug_makes_it_Preparing(case: ChargePointCase) -> None:
    assert statuses(await case.plug(), 1) == case.words("Preparing")


async def test_1_6_s4_9_A2_a_tag_makes_it_Preparing(case: ChargePointCase) -> None:
    assert statuses(await case.swipe(), 1) == case.words("Preparing")


async def test_1_6_s4_9_A2_a_remote_start_makes_it_Preparing(case: ChargePointCase) -> None:
    assert (await case.ask("RemoteStartTransaction", idTag=CARD, **case.at(1)))["status"] == "Accepted"

    assert statuses(await case.wait(), 1) == case.words("Preparing")


async def test_1_6_s4_9_A7_switched_off_it_is_Unavailable(case: ChargePointCase) -> None:
    assert statuses(await inoperative(case), 1) == ["Unavailable"]


async def test_1_6_s4_9_A8_a_fault_makes_it_Faulted(case: ChargePointCase) -> None:
    case.hardware.fail(1, "GroundFailure", "wet")

    (report,) = reports(await case.wait(), 1)

    assert [report["status"], report["errorCode"]] == case.words("Faulted", "GroundFailure")
    assert report.get("info") == case.beside("wet")


async def test_1_6_s4_9_B1_unplugged_it_is_Available(case: ChargePointCase) -> None:
    await case.plug()

    assert statuses(await case.unplug(), 1) == ["Available"]


async def test_1_6_s4_9_B1_a_second_tag_takes_the_first_back(case: ChargePointCase) -> None:
    await case.swipe()

    assert statuses(await case.swipe(), 1) == ["Available"]


async def test_1_6_errata_3_21_without_a_plug_in_time_it_is_Available(case: ChargePointCase) -> None:
    case.set(TxCtrlr__EVConnectionTimeOut="30")
    await case.swipe()

    assert statuses(await case.wait(30), 1) == ["Available"]
    assert statuses(await case.plug(), 1) == case.words("Preparing")
    assert not case.hardware.energized(1)


async def test_1_6_errata_3_20_without_a_tag_in_time_it_is_Finishing(case: ChargePointCase) -> None:
    case.set(TxCtrlr__EVConnectionTimeOut="30")
    await case.plug()

    assert statuses(await case.wait(30), 1) == case.words("Finishing", after="Preparing")
    assert statuses(await case.unplug(), 1) == ["Available"]


async def test_1_6_s4_9_B3_energy_makes_it_Charging(case: ChargePointCase) -> None:
    await case.plug()

    assert statuses(await case.swipe(), 1) == case.words("Charging", after="Preparing")


async def test_1_6_s4_9_B4_a_car_that_asks_for_nothing_makes_it_SuspendedEV(case: ChargePointCase) -> None:
    await case.plug(soc=0.8, limit=0.8)

    assert statuses(await case.swipe(), 1) == case.words("SuspendedEV", after="Preparing")


async def test_1_6_s4_9_C1_unplugged_for_good_it_is_Available(case: ChargePointCase) -> None:
    case.set(TxCtrlr__StopTxOnEVSideDisconnect="true")
    await case.session()

    assert statuses(await case.unplug(), 1)[-1] == "Available"


async def test_1_6_s4_9_C4_a_car_that_has_enough_makes_it_SuspendedEV(case: ChargePointCase) -> None:
    await case.plug(soc=0.79, limit=0.8)
    await case.swipe()

    assert statuses(await case.wait(3600), 1) == case.words("SuspendedEV", after="Charging")


@pytest.mark.parametrize("way", ["tag", "remote", "unlock", "car"])
async def test_1_6_s4_9_C6_stopped_with_the_cable_in_it_is_Finishing(case: ChargePointCase, way: str) -> None:
    await case.session()
    if way == "tag":
        said = await case.swipe()
    elif way == "remote":
        await remote_stop(case)
        said = await case.wait()
    elif way == "unlock":
        await case.ask("UnlockConnector", connectorId=1)
        said = await case.wait()
    else:
        case.hardware.stop_by_car(1)
        said = await case.wait()

    assert statuses(said, 1) == case.words("Finishing", after="Charging")
    assert said.of("StopTransaction")


async def test_1_6_s4_9_C8_a_scheduled_change_comes_after_the_transaction(case: ChargePointCase) -> None:
    await case.session()
    assert statuses(await inoperative(case, "Scheduled"), 1) == []

    assert statuses(await case.swipe(), 1) == ["Unavailable"]


async def test_1_6_s4_9_C9_a_fault_stops_and_makes_it_Faulted(case: ChargePointCase) -> None:
    await case.session()
    case.hardware.fail(1, "OverCurrentFailure")

    said = await case.wait()

    assert statuses(said, 1)[-1] == "Faulted"
    assert said.of("StopTransaction")


async def test_1_6_s4_9_D6_stopped_while_suspended_it_is_Finishing(case: ChargePointCase) -> None:
    await case.plug(soc=0.8, limit=0.8)
    await case.swipe()

    assert statuses(await case.swipe(), 1) == case.words("Finishing", after="SuspendedEV")


async def test_1_6_s4_9_D8_F8_a_scheduled_change_after_a_suspended_transaction(case: ChargePointCase) -> None:
    await case.plug(soc=0.8, limit=0.8)
    await case.swipe()
    await inoperative(case, "Scheduled")

    assert statuses(await case.swipe(), 1) == ["Unavailable"]


async def test_1_6_s4_9_E6_a_refused_transaction_that_is_stopped_is_Finishing(case: ChargePointCase) -> None:
    case.set(TxCtrlr__StopTxOnInvalidId="false")
    case.tx_infos[CARD] = {"status": "Invalid"}
    await case.plug()
    assert statuses(await case.swipe(), 1)[-1:] == case.words("SuspendedEVSE", after="Preparing")

    assert statuses(await case.swipe(), 1) == case.words("Finishing", after="SuspendedEVSE")


async def test_1_6_s4_9_F1_unplugged_at_last_it_is_Available(case: ChargePointCase) -> None:
    await case.session()
    await case.swipe()

    assert statuses(await case.unplug(), 1) == ["Available"]


async def test_1_6_s4_9_F2_another_tag_on_a_finished_session_makes_it_Preparing_or_more(case: ChargePointCase) -> None:
    await case.session()
    await case.swipe()

    said = await case.swipe()

    assert said.of("StartTransaction")
    assert statuses(said, 1)[:1] == case.words("Preparing", after="Finishing")
    assert statuses(said, 1)[-1:] == case.words("Charging", after="Finishing")


async def test_1_6_s4_9_H_switched_on_again_it_is_what_it_was(case: ChargePointCase) -> None:
    await inoperative(case)
    assert statuses(await inoperative(case, kind="Operative"), 1) == ["Available"]

    await inoperative(case)
    assert statuses(await case.plug(), 1) == []
    assert statuses(await inoperative(case, kind="Operative"), 1) == case.words("Preparing")


@pytest.mark.parametrize("plugged", [False, True])
async def test_1_6_s4_9_I_repaired_it_is_what_it_was(case: ChargePointCase, plugged: bool) -> None:
    if plugged:
        await case.plug()
    case.hardware.fail(1, "GroundFailure")
    await case.wait()
    case.hardware.fail(1, None)

    assert statuses(await case.wait(), 1) == case.words("Preparing" if plugged else "Available")


async def test_1_6_errata_3_19_a_change_of_one_connector_is_reported_for_it_alone(case: ChargePointCase) -> None:
    said = await case.plug(2)

    assert [payload["connectorId"] for payload in said.payloads("StatusNotification")] == [2]


async def test_1_6_s4_9_connector_0_is_Unavailable_with_the_charge_point(case: ChargePointCase) -> None:
    assert (await case.ask("ChangeAvailability", connectorId=0, type="Inoperative"))["status"] == "Accepted"

    said = await case.wait()

    assert [statuses(said, connector) for connector in (0, 1, 2)] == [["Unavailable"]] * 3


async def test_1_5_s7_10_the_charge_point_is_what_its_connectors_come_to(case: ChargePointCase) -> None:
    assert statuses(await case.plug(1), 0) == []
    assert statuses(await case.plug(2), 0) == ["Occupied"]
    assert statuses(await case.unplug(1), 0) == ["Available"]

    case.hardware.fail(1, "GroundFailure")
    assert statuses(await case.wait(), 0) == ["Occupied"]
    case.hardware.fail(2, "GroundFailure")
    assert statuses(await case.wait(), 0) == ["Faulted"]


async def test_1_6_s4_9_Unavailable_outlives_a_reboot(case: ChargePointCase) -> None:
    await inoperative(case)
    await case.cut_power()

    said = await case.power_up()

    assert [statuses(said, connector) for connector in (0, 1, 2)] == [["Available"], ["Unavailable"], ["Available"]]


async def test_1_6_s4_9_back_online_only_the_newest_status_is_told(case: ChargePointCase) -> None:
    await case.go_offline()
    await case.plug()
    await case.unplug()
    await case.plug()
    case.csms.accept()

    assert statuses(await case.wait(45), 1) == case.words("Preparing")


def test_1_6_s4_9_every_status_can_be_left() -> None:
    assert all(following and following <= TRANSITIONS.keys() for following in TRANSITIONS.values())
