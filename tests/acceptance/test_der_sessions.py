"""DER control of cars that charge and feed: from the API to the meter values of simulated stations."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import CAR_MODES, ev_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Station


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def session(desk: RestDesk, station: Station, car: str, feeds_w: float = 0.0) -> SimulatedHardware:
    """A car that charges, or feeds, at EVSE 1."""
    hardware = station.hardware
    assert isinstance(hardware, SimulatedHardware)
    await desk.send("POST", "/tokens", {"value": "04A1B2C3", "type": "ISO14443"})
    hardware.plug(1, EV(ev_model(car), 0.5))
    hardware.present(IdToken("04A1B2C3", "ISO14443"), 1)
    async with asyncio.timeout(10):
        while not hardware.energized(1):
            await asyncio.sleep(0.01)
    if feeds_w:
        hardware.ask_for_energy(1, feeds_w)
    return hardware


async def test_a_limit_from_the_api_is_seen_in_the_meter_values(desk: RestDesk) -> None:
    measured = ("Power.Active.Export",)
    settings = {"tx_updated_interval_s": 1, "tx_updated_measurands": measured}
    async with running_station(desk, Version.V21, model="Bidirectional 2x50", **settings) as (station, key):
        await session(desk, station, "Bidirectional DC 77", feeds_w=40_000)
        (transaction,) = (await desk.until("/transactions", lambda found: found["items"]))["items"]
        values = f"/transactions/{transaction['key']}/meter-values"

        def fed(found: Any, low_w: float, high_w: float) -> bool:
            samples = [sample for value in found["items"] for sample in value["samples"]]
            return any(low_w < float(sample["value"]) < high_w for sample in samples)

        await desk.until(values, lambda found: fed(found, 39_000, 43_000))
        body = {"priority": 0, "pctMaxDischargePower": 50}
        draft = {"control_type": "LimitMaxDischarge", "is_default": True, "settings": {"limitMaxDischarge": body}}
        outcome = await desk.send("PUT", f"/stations/{key}/der-controls/half", draft, wait=10)
        assert outcome["status"] == "Accepted"
        await desk.until(values, lambda found: fed(found, 25_000, 27_000))


async def test_R02_FR_01_what_a_car_told_of_its_inverter_is_seen_at_the_api(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, model="Bidirectional AC 22") as (station, key):
        path = f"/stations/{key}/charging-needs"
        assert (await desk.get(path))["items"] == []
        await session(desk, station, "Bidirectional AC 60")
        (needs,) = (await desk.until(path, lambda found: found["items"]))["items"]
        assert (needs["evse_id"], needs["energy_transfer"]) == (1, "AC_BPT_DER")
        assert needs["der_modes"] == list(CAR_MODES)
        assert needs["needs"]["derChargingParameters"]["evInverterModel"] == "Bidirectional AC 60"
        (transaction,) = (await desk.get("/transactions"))["items"]
        assert needs["transaction"] == transaction["key"]
        await desk.send("GET", "/stations/999/charging-needs", status=404)


@pytest.mark.parametrize("version", [Version.V16, Version.V20, Version.V201])
async def test_before_2_1_a_car_that_feeds_is_charged_and_not_told_of(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version, model="Bidirectional AC 22") as (station, key):
        await session(desk, station, "Bidirectional AC 60")
        await desk.until("/transactions", lambda found: found["items"])
        await asyncio.sleep(3)
        assert (await desk.get(f"/stations/{key}/charging-needs"))["items"] == []
        assert (await desk.get(f"/stations/{key}"))["connected"]
