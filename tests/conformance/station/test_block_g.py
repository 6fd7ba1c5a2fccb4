"""G Availability, as certification tests a station: of a connector, an EVSE, and the whole."""

from typing import Any

import pytest
from scripted_csms import Payload
from station_case import StationCase

CONNECTOR: Payload = {"evse": {"id": 1, "connectorId": 1}}
EVSE: Payload = {"evse": {"id": 1}}
STATION: Payload = {}


@pytest.fixture
def model() -> str:
    """EVSE 1 has two connectors, EVSE 2 one."""
    return "Triple 50"


async def change(case: StationCase, status: str, scope: Payload, answer: str = "Accepted") -> list[Any]:
    """The reports that follow a change of availability."""
    assert (await case.ask("ChangeAvailability", operationalStatus=status, **scope))["status"] == answer
    said = await case.wait()
    assert said.order[0] == "ChangeAvailability!"
    return said.reports


def scoped(case: StationCase, scope: Payload, status: str) -> list[tuple[int, int, str]]:
    """A report of each connector in the scope."""
    evse: Payload = scope.get("evse", {})
    return [
        (evse_id, connector, status)
        for evse_id, connector in case.connectors
        if evse.get("id", evse_id) == evse_id and evse.get("connectorId", connector) == connector
    ]


async def goes_and_comes_back(case: StationCase, scope: Payload) -> None:
    assert await change(case, "Inoperative", scope) == scoped(case, scope, "Unavailable")
    assert await change(case, "Operative", scope) == scoped(case, scope, "Available")


async def scheduled(case: StationCase, scope: Payload) -> None:
    """With a transaction on EVSE 1, connector 1: what is idle goes at once, that when it ends."""
    await case.charging()
    at_once = [report for report in scoped(case, scope, "Unavailable") if report[0] != 1]
    assert await change(case, "Inoperative", scope, "Scheduled") == at_once
    assert case.hardware.drawing(1)

    said = await case.swipe()

    assert said.events[-1].kind == "Ended"
    assert said.reports == [report for report in scoped(case, scope, "Unavailable") if report[0] == 1]
    assert (await case.unplug()).reports == []  # G01.FR.05


async def outlives_a_reboot(case: StationCase, scope: Payload) -> None:
    await change(case, "Inoperative", scope)
    await case.cut_power()

    said = await case.power_up()

    gone = scoped(case, scope, "Unavailable")
    assert said.reports == [
        (evse, connector, "Unavailable" if (evse, connector, "Unavailable") in gone else "Available")
        for evse, connector in case.connectors
    ]


async def test_TC_G_01_CS_a_plug_is_reported(case: StationCase) -> None:
    assert (await case.plug()).reports == [(1, 1, "Occupied")]


async def test_TC_G_02_CS_a_pulled_plug_is_reported(case: StationCase) -> None:
    await case.plug()

    assert (await case.unplug()).reports == [(1, 1, "Available")]


async def test_TC_G_03_CS_an_EVSE_becomes_inoperative(case: StationCase) -> None:
    assert await change(case, "Inoperative", EVSE) == [(1, 1, "Unavailable"), (1, 2, "Unavailable")]


async def test_TC_G_04_CS_an_EVSE_becomes_operative(case: StationCase) -> None:
    await goes_and_comes_back(case, EVSE)


async def test_TC_G_09_CS_an_operative_EVSE_stays_so(case: StationCase) -> None:
    assert await change(case, "Operative", EVSE) == []


async def test_TC_G_10_CS_an_inoperative_EVSE_stays_so(case: StationCase) -> None:
    await change(case, "Inoperative", EVSE)

    assert await change(case, "Inoperative", EVSE) in ([], scoped(case, EVSE, "Unavailable"))


async def test_TC_G_11_CS_an_EVSE_with_a_transaction_becomes_inoperative_afterwards(case: StationCase) -> None:
    await scheduled(case, EVSE)


async def test_TC_G_18_CS_an_inoperative_EVSE_outlives_a_reboot(case: StationCase) -> None:
    await outlives_a_reboot(case, EVSE)


async def test_TC_G_05_CS_the_station_becomes_inoperative(case: StationCase) -> None:
    assert await change(case, "Inoperative", STATION) == case.all_report("Unavailable")


async def test_TC_G_06_CS_the_station_becomes_operative(case: StationCase) -> None:
    await goes_and_comes_back(case, STATION)


async def test_TC_G_12_CS_an_operative_station_stays_so(case: StationCase) -> None:
    assert await change(case, "Operative", STATION) == []


async def test_TC_G_13_CS_an_inoperative_station_stays_so(case: StationCase) -> None:
    assert await change(case, "Inoperative", STATION) == case.all_report("Unavailable")

    assert await change(case, "Inoperative", STATION) in ([], case.all_report("Unavailable"))


async def test_TC_G_14_CS_a_station_with_a_transaction_becomes_inoperative_bit_by_bit(case: StationCase) -> None:
    await scheduled(case, STATION)


async def test_TC_G_21_CS_an_inoperative_station_outlives_a_reboot(case: StationCase) -> None:
    await outlives_a_reboot(case, STATION)


async def test_TC_G_07_CS_a_connector_becomes_inoperative(case: StationCase) -> None:
    assert await change(case, "Inoperative", CONNECTOR) == [(1, 1, "Unavailable")]


async def test_TC_G_08_CS_a_connector_becomes_operative(case: StationCase) -> None:
    await goes_and_comes_back(case, CONNECTOR)


async def test_TC_G_15_CS_an_operative_connector_stays_so(case: StationCase) -> None:
    assert await change(case, "Operative", CONNECTOR) == []


async def test_TC_G_16_CS_an_inoperative_connector_stays_so(case: StationCase) -> None:
    await change(case, "Inoperative", CONNECTOR)

    assert await change(case, "Inoperative", CONNECTOR) in ([], scoped(case, CONNECTOR, "Unavailable"))


async def test_TC_G_17_CS_a_connector_with_a_transaction_becomes_inoperative_afterwards(case: StationCase) -> None:
    await scheduled(case, CONNECTOR)


async def test_TC_G_19_CS_an_inoperative_connector_outlives_a_reboot(case: StationCase) -> None:
    await outlives_a_reboot(case, CONNECTOR)


# By number ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_G01_FR_08_the_other_connector_of_the_EVSE_is_not_reported(case: StationCase) -> None:
    said = await case.plug(1, 2)

    assert said.reports == [(1, 2, "Occupied")]


async def test_G02_FR_02_heartbeats_come_at_the_interval(case: StationCase) -> None:
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 120)
    await case.cut_power()
    await case.power_up()

    beats = (await case.wait(370)).of("Heartbeat")

    assert len(beats) == 3
    assert beats[1].at - beats[0].at == pytest.approx(120, abs=1)


async def test_G02_FR_05_other_messages_put_the_heartbeat_off(case: StationCase) -> None:
    case.csms.script["BootNotification"] = lambda _: case.boot_answer("Accepted", 120)
    await case.cut_power()
    await case.power_up()
    await case.wait(100)
    await case.plug()

    assert (await case.wait(100)).of("Heartbeat") == []


async def test_G03_FR_01_a_connector_that_is_not_there_is_rejected(case: StationCase) -> None:
    assert await change(case, "Inoperative", {"evse": {"id": 1, "connectorId": 3}}, "Rejected") == []


async def test_G03_FR_07_what_was_plugged_in_meanwhile_is_Occupied_again(case: StationCase) -> None:
    case.set(TxCtrlr__TxStartPoint="PowerPathClosed")
    await case.plug()
    assert await change(case, "Inoperative", EVSE) == scoped(case, EVSE, "Unavailable")

    assert await change(case, "Operative", EVSE) == [(1, 1, "Occupied"), (1, 2, "Available")]


async def test_G04_FR_08_a_connector_switched_off_alone_stays_off(case: StationCase) -> None:
    await change(case, "Inoperative", CONNECTOR)
    await change(case, "Inoperative", STATION)

    assert set(await change(case, "Operative", STATION)) == {(1, 2, "Available"), (2, 1, "Available")}


async def test_G05_FR_01_02_a_lock_that_fails_is_an_event_and_no_energy_flows(case: StationCase) -> None:
    case.hardware.jam_lock(1)
    await case.plug()

    said = await case.swipe()

    (data,) = [
        data
        for payload in said.payloads("NotifyEvent")
        for data in payload["eventData"]
        if data["component"]["name"] == "ConnectorPlugRetentionLock"
    ]
    assert (data["variable"]["name"], data["actualValue"]) == ("Problem", "true")
    assert data["component"]["evse"] == {"id": 1, "connectorId": 1}
    assert not case.hardware.energized(1)
