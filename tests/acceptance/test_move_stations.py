"""The move to another CSMS, step by step as docs/howto/move-stations.md tells it: from one whole node to another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import OLDER

from stationmaster.domain.device_model.addresses import Component, SetVariables, Variable, VariableRef, VariableSetting
from stationmaster.domain.device_model.network_profile import NetworkProfile
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import ChangeAvailability
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.connection.network import Network
from stationmaster.station.ports import Dial
from stationmaster.station.settings import defaults, with_fields
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing import CsmsBench, csms_bench
from stationmaster.transport.errors import ConnectRefused

OLD, NEW = "ws://old.example/ocpp", "ws://new.example/ocpp"
IDENTITY = "CS-1"
PRIORITY = VariableRef(
    component=Component(name="OCPPCommCtrlr"), variable=Variable(name="NetworkConfigurationPriority")
)
RESTART_S = 600
"""A station has come back by then."""
SECOND_GENERATION = [version for version in VERSIONS if version.family == 2]
"""Network profiles are of it."""
QUICK = {
    "retry_back_off_wait_minimum_s": 10,
    "retry_back_off_random_range_s": 0,
    "retry_back_off_repeat_times": 0,
    "network_profile_connection_attempts": 1,
}


@asynccontextmanager
async def roaming_station(old: RestDesk, version: Version, new: CsmsBench | None = None) -> AsyncIterator[Station]:
    """A station at the old node that can reach both, where there is a new one."""
    nodes = {urlsplit(OLD).hostname: old.bench, urlsplit(NEW).hostname: new}

    def dial_for(profile: NetworkProfile) -> Dial:
        async def dial(receive: Any) -> Any:
            node = nodes.get(urlsplit(profile.csms_url).hostname)
            if node is None:
                raise ConnectionError("nobody is there")
            try:
                return await node.network.connect(
                    node.url(IDENTITY), subprotocols=(version.subprotocol,), receiver_factory=receive
                )
            except ConnectRefused as refused:
                raise OSError(str(refused)) from refused

        return dial

    preset = NetworkProfile(csms_url=OLD, message_timeout_s=30, security_profile=1)
    clock = old.bench.clock
    hardware = SimulatedHardware(station_model("Street post 2x22"), clock)
    network = Network(preset=preset, dial=dial_for)
    place = Place(hardware=hardware, memory=RamMemory(), clock=clock, dial=network)
    station = Station(IDENTITY, version, place, settings=with_fields(defaults(2), QUICK), seed=1)
    running = asyncio.create_task(station.run())
    try:
        await accepted(station)
        yield station
    finally:
        await station.cut_power()
        await asyncio.wait((running,))


async def accepted(station: Station) -> None:
    async with asyncio.timeout(RESTART_S):
        while station.snapshot().registration != "Accepted":
            await asyncio.sleep(0.01)


async def set_profile(desk: RestDesk, key: int, slot: int = 2, **fields: Any) -> Any:
    body = {"csms_url": NEW, "security_profile": 1} | fields
    return await desk.send("PUT", f"/stations/{key}/network-profiles/{slot}", body, wait=10)


async def set_priority(desk: RestDesk, key: int, slots: str) -> Any:
    setting = {"component": "OCPPCommCtrlr", "variable": "NetworkConfigurationPriority", "value": slots}
    return await desk.command(key, "SetVariables", settings=[setting])


@pytest.fixture
async def old() -> AsyncIterator[RestDesk]:
    async with open_desk() as desk:
        yield desk


@pytest.mark.parametrize("version", SECOND_GENERATION)
async def test_a_station_is_moved_and_keeps_the_way_back(old: RestDesk, version: Version) -> None:
    async with csms_bench(clock=old.bench.clock) as new, roaming_station(old, version, new):
        key = old.bench.station(IDENTITY).key

        profile = await set_profile(old, key)
        assert (profile["state"], profile["status"]) == ("accepted", "Accepted")
        (kept,) = await old.get(f"/stations/{key}/network-profiles")
        assert (kept["slot"], kept["csms_url"], kept["security_profile"]) == (2, NEW, 1)

        priority = await set_priority(old, key, "2,1")
        assert (priority["state"], priority["status"]) == ("accepted", "RebootRequired")
        out_of_use = await old.command(key, "ChangeAvailability", operative=False)
        assert out_of_use["status"] == "Accepted"
        assert (await old.get("/transactions", station=key, open=True))["items"] == []
        reset = await old.command(key, "Reset", reset_type="OnIdle")
        assert reset["status"] == "Accepted"

        await until_booted(new)
        there = new.view(IDENTITY)
        in_use = await there.outcome(await there.ask(ChangeAvailability(operative=True)))
        assert in_use.status == "Accepted"
        (left,) = (await old.get("/stations"))["items"]
        assert not left["connected"]
        setting = VariableSetting(ref=PRIORITY, value="2")
        last = await there.outcome(await there.ask(SetVariables(settings=(setting,))))
        assert last.state == "accepted"


async def until_booted(node: CsmsBench) -> None:
    async with asyncio.timeout(RESTART_S):
        while not node.csms.directory.find(StationRef("default", IDENTITY)) or not node.station(IDENTITY).booted_at:
            await asyncio.sleep(1)


async def test_a_profile_that_leads_nowhere_brings_the_station_back(old: RestDesk) -> None:
    async with roaming_station(old, Version.V201) as station:
        key = old.bench.station(IDENTITY).key
        await set_profile(old, key, csms_url="ws://nowhere.example/ocpp")
        await set_priority(old, key, "2,1")
        await old.command(key, "Reset", reset_type="OnIdle")

        async with asyncio.timeout(RESTART_S):
            while station.snapshot().boots != 2 or station.snapshot().registration != "Accepted":
                await asyncio.sleep(0.05)

        answer = await old.command(
            key, "GetVariables", variables=[{"component": "OCPPCommCtrlr", "variable": "ActiveNetworkProfile"}]
        )
        assert answer["answer"]["results"][0]["value"] == "1"


async def test_what_a_station_refuses_is_not_kept(old: RestDesk) -> None:
    async with roaming_station(old, Version.V201):
        key = old.bench.station(IDENTITY).key

        answer = await set_profile(old, key, slot=999)

        assert (answer["state"], answer["status"]) == ("rejected", "Rejected")
        assert answer["answer"]["reason"] == "InvalidConfSlot"
        assert await old.get(f"/stations/{key}/network-profiles") == []


async def test_secrets_of_a_profile_reach_the_station_and_nothing_else(old: RestDesk) -> None:
    password = "correct-horse-battery-staple"
    async with roaming_station(old, Version.V21):
        key = old.bench.station(IDENTITY).key

        command = await set_profile(old, key, ocpp_version="OCPP21", basic_auth_password=password)

        assert command["status"] == "Accepted"
        shown = [
            command,
            await old.get(f"/stations/{key}/commands/{command['key']}"),
            await old.get(f"/stations/{key}/network-profiles"),
            await old.until("/messages", lambda page: page["items"], station=key, action="SetNetworkProfile"),
        ]
        assert password not in str(shown)


@pytest.mark.parametrize("version", OLDER)
async def test_an_older_station_is_told_apart(old: RestDesk, version: Version) -> None:
    async with running_station(old, version) as (_, key):
        command = await set_profile(old, key)

        assert command["state"] == "unsupported"
        assert "configuration key" in command["detail"]


WRONG: list[dict[str, Any]] = [
    {"csms_url": "new.example/ocpp"},
    {"csms_url": "wss://user:word@new.example/ocpp"},
    {"csms_url": "wss://new.example/ocpp?key=1"},
    {"security_profile": 4},
    {"message_timeout_s": 0},
    {"interface": "Wired9"},
    {"apn": {"apn": ""}},
    {"vpn": {"server": "vpn.example"}},
    {"unknown": 1},
]


async def test_what_no_station_could_use_is_not_sent(old: RestDesk) -> None:
    async with running_station(old, Version.V201) as (_, key):
        for wrong in WRONG:
            body = {"csms_url": NEW, "security_profile": 1} | wrong
            answer = await old.http.put(f"/api/v1/stations/{key}/network-profiles/2", json=body)
            assert answer.status_code in (400, 422), wrong
        assert (await old.get(f"/stations/{key}/commands"))["items"] == []


async def test_only_an_administrator_sends_a_station_elsewhere(old: RestDesk) -> None:
    made = await old.send("POST", "/api-keys", {"name": "night shift", "role": "operator"})
    async with running_station(old, Version.V201) as (_, key):
        path = f"/api/v1/stations/{key}/network-profiles"
        headers = {"Authorization": f"Bearer {made['secret']}"}

        assert (await old.http.get(path, headers=headers)).status_code == 200
        refused = await old.http.put(f"{path}/2", json={"csms_url": NEW, "security_profile": 1}, headers=headers)
        assert refused.status_code == 403
