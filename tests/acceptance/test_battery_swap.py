"""A battery swap from the API to a simulated swap station and back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

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
