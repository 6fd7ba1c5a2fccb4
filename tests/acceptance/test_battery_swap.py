"""A battery swap from the API to a simulated swap station and back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.battery_slots import new_battery
from stationmaster.simulator.hardware import SimulatedHardware

CARD = {"id_token": {"value": "04A1B2C3", "type": "ISO14443"}}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token("04A1B2C3", "ISO14443")
        yield made


async def test_a_swap_is_asked_for_done_and_listed(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model="Battery swap 4") as (station, key):
        asked = await desk.send("POST", f"/stations/{key}/battery-swaps", CARD, wait=10)
        assert (asked["type"], asked["status"]) == ("RequestBatterySwap", "Accepted")
        hardware = station.hardware
        assert isinstance(hardware, SimulatedHardware)

        def in_state(state: str) -> Any:
            return lambda found: [each["state"] for each in found["items"]] == [state]

        await desk.until("/battery-swaps", in_state("requested"), station=key)
        hardware.slots().insert(4, new_battery("OLD-1", 9))
        await desk.until("/battery-swaps", in_state("in"))
        hardware.slots().take(1)
        (swap,) = (await desk.until("/battery-swaps", in_state("done")))["items"]
        assert [each["serial_number"] for each in swap["brought"]] == ["OLD-1"]
        assert [each["serial_number"] for each in swap["taken"]] == ["SM-0001"]
        assert swap["brought"][0]["soc_pct"] == 9
        state = await desk.bench.storage.reads.load(key)
        assert state is not None and [each.state for each in state.swaps] == ["done"]


async def test_s01_a_card_at_the_reader_is_a_swap_and_the_battery_is_charged_in_a_transaction(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model="Battery swap 4") as (station, key):
        hardware = station.hardware
        assert isinstance(hardware, SimulatedHardware)
        charging = await desk.until("/transactions", lambda found: len(found["items"]) == 3, station=key)
        assert {(each["token_type"], each["open"]) for each in charging["items"]} == {("NoAuthorization", True)}
        hardware.present(IdToken("04A1B2C3", "ISO14443"))
        async with asyncio.timeout(10):
            while not hardware.slots().usable:
                await asyncio.sleep(0.01)
        hardware.slots().insert(4, new_battery("OLD-1", 9))
        (swap,) = (await desk.until("/battery-swaps", lambda found: found["items"]))["items"]
        assert (swap["state"], swap["id_token"]) == ("in", "04A1B2C3")
        found = await desk.until("/transactions", lambda found: len(found["items"]) == 4, station=key)
        slot = next(each for each in found["items"] if each["evse_id"] == 4)
        assert (slot["charging_state"], slot["open"]) == ("Charging", True)
        hardware.slots().take(1)
        ended = await desk.until(
            "/transactions", lambda found: any(not each["open"] for each in found["items"]), station=key
        )
        (taken,) = [each for each in ended["items"] if not each["open"]]
        assert (taken["evse_id"], taken["stopped_reason"]) == (1, "EVDisconnected")


async def test_the_slots_are_read_and_set_as_variables(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model="Battery swap 4") as (_, key):
        wanted = [
            {"component": "BatterySwapCtrlr", "variable": "TargetSoC"},
            {"component": "BatteryCartridge", "evse_id": 1, "variable": "SoC"},
            {"component": "Connector", "evse_id": 4, "connector_id": 1, "variable": "SlotStatus"},
        ]
        told = await desk.command(key, "GetVariables", variables=wanted)
        assert [each["value"] for each in told["answer"]["results"]] == ["80", "95", "Locked"]


async def test_s02_fr_03_a_token_that_is_not_accepted_gets_no_swap(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model="Battery swap 4") as (_, key):
        unknown = {"id_token": {"value": "04FF", "type": "ISO14443"}}
        problem = await desk.send("POST", f"/stations/{key}/battery-swaps", unknown, status=409)
        assert "Unknown" in problem["detail"]


async def test_a_station_without_slots_does_not_support_it(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        outcome = await desk.send("POST", f"/stations/{key}/battery-swaps", CARD, wait=10)
        assert (outcome["state"], "NotSupported" in outcome["detail"]) == ("failed", True)
        (swap,) = (await desk.get("/battery-swaps"))["items"]
        assert swap["state"] == "refused"


@pytest.mark.parametrize("version", [version for version in JSON_VERSIONS if version is not Version.V21])
async def test_older_versions_say_that_they_have_no_battery_swap(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        outcome = await desk.send("POST", f"/stations/{key}/battery-swaps", CARD, wait=10)
        assert (outcome["state"], "OCPP 2.1" in outcome["detail"]) == ("unsupported", True)


@pytest.mark.parametrize("version", [version for version in JSON_VERSIONS if version is not Version.V21])
async def test_in_older_versions_the_batteries_of_a_swap_station_are_charged_all_the_same(
    desk: RestDesk, version: Version
) -> None:
    await desk.bench.add_token("SLOTS", "Central", max_concurrent=None)
    settings = {"swap_id_token": "SLOTS"}  # without a token 1.x cannot tell of a transaction
    async with running_station(desk, version, model="Battery swap 4", **settings) as (station, _):
        view = desk.bench.view("CS-1")
        async with asyncio.timeout(10):
            while len(found := await view.transactions()) < 3:
                await asyncio.sleep(0.01)
        assert {(each.is_open, each.authorization) for each in found} == {(True, "Accepted")}
        assert sorted(each.evse.id for each in found if each.evse is not None) == [1, 2, 3]
        hardware = station.hardware
        assert isinstance(hardware, SimulatedHardware)
        assert hardware.slots().usable == set()
