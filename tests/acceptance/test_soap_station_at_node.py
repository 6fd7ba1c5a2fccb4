"""A real station that speaks SOAP at a real node, as its operator sees it at the API."""

from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import called_at

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Station
from stationmaster.testing.bench import SOAP_HOST

CARD = IdToken("04AABBCC", "ISO14443")
every_version = pytest.mark.parametrize("version", SOAP_VERSIONS)


async def charge(desk: RestDesk, station: Station, seconds: float) -> None:
    """A car comes, charges, and leaves."""
    hardware = station.hardware
    assert isinstance(hardware, SimulatedHardware)
    hardware.plug(1, EV(ev_model("Compact 58"), 0.3))
    hardware.present(CARD, 1)
    await desk.bench.clock.sleep(seconds)
    hardware.present(CARD, 1)
    await desk.bench.clock.sleep(2)
    hardware.unplug(1)
    await desk.bench.clock.sleep(2)


async def transactions(desk: RestDesk, key: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await desk.get("/transactions", station=key))["items"]
    return found


@every_version
async def test_a_session_is_charged_and_known(version: Version) -> None:
    async with open_desk() as desk, running_station(desk, version) as (station, key):
        await desk.bench.add_token(CARD.value)
        shown = await desk.get(f"/stations/{key}")
        assert (shown["version"], shown["connected"]) == (str(version), True)
        await charge(desk, station, 1800)
        (transaction,) = await transactions(desk, key)
        assert transaction["ended_at"] is not None
        assert transaction["energy_wh"] > 1000
        connectors = await desk.get(f"/stations/{key}/connectors")
        assert [connector["status"] for connector in connectors] == ["Available", "Available"]
        assert (await desk.get(f"/stations/{key}/oddities"))["items"] == []


@every_version
async def test_an_operator_unlocks_starts_and_stops_from_afar(version: Version) -> None:
    async with open_desk() as desk, running_station(desk, version, model="Wallbox 11") as (station, key):
        await desk.bench.add_token(CARD.value)
        unlocked = await desk.command(key, "UnlockConnector", evse_id=1, connector_id=1)
        assert unlocked["state"] in ("accepted", "effect_seen"), unlocked
        assert isinstance(station.hardware, SimulatedHardware)
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.3))
        evse = {} if version is Version.V12 else {"evse_id": 1}
        await desk.command(key, "RequestStartTransaction", id_token={"value": CARD.value}, **evse)
        await desk.bench.clock.sleep(60)
        (running,) = await transactions(desk, key)
        await desk.command(key, "RequestStopTransaction", transaction=running["key"])
        await desk.bench.clock.sleep(60)
        (ended,) = await transactions(desk, key)
        assert ended["ended_at"] is not None


@every_version
async def test_what_a_station_could_not_tell_it_tells_when_the_node_is_back(version: Version) -> None:
    async with open_desk() as desk, running_station(desk, version) as (station, key):
        await desk.bench.add_token(CARD.value)
        await charge(desk, station, 300)
        desk.bench.http.refuse(SOAP_HOST)
        await charge(desk, station, 600)
        assert station.snapshot().queued > 0
        desk.bench.http.restore(SOAP_HOST)
        await desk.bench.clock.sleep(700)
        assert station.snapshot().queued == 0
        first, second = await transactions(desk, key)
        assert first["ended_at"] is not None is not second["ended_at"]
        assert first["energy_wh"] > 100 < second["energy_wh"]


async def test_a_station_that_cannot_be_called_is_called_when_it_can() -> None:
    async with open_desk() as desk, running_station(desk, Version.V15, model="Wallbox 11") as (_, key):
        desk.bench.http.refuse(called_at("CS-1"))
        body = {"type": "UnlockConnector", "evse_id": 1, "connector_id": 1}
        waiting = await desk.send("POST", f"/stations/{key}/commands", body, wait=1)
        assert waiting["state"] == "queued"
        desk.bench.http.restore(called_at("CS-1"))
        path = f"/stations/{key}/commands/{waiting['key']}"
        await desk.bench.clock.sleep(30)
        assert (await desk.get(path))["state"] in ("accepted", "effect_seen")
