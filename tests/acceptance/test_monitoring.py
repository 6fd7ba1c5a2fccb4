"""Monitors from the API to a station of each version and back, and the alarms that come of what it sees."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware

NEWER = [Version.V20, Version.V201, Version.V21]
STATE: dict[str, Any] = {"component": "EVSE", "evse_id": 1, "variable": "AvailabilityState"}
DELTA = STATE | {"type": "Delta", "value": 1, "severity": 3}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


@pytest.mark.parametrize("version", NEWER)
async def test_a_monitor_is_set_tells_is_reported_and_cleared(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        placed = await desk.command(key, "SetVariableMonitoring", monitors=[DELTA])
        assert (placed["state"], placed["status"]) == ("accepted", "Accepted")
        monitor_id = placed["answer"]["results"][0]["id"]

        hardware = station.hardware
        assert isinstance(hardware, SimulatedHardware)
        hardware.plug(1, EV(ev_model("Compact 58"), 0.5, 1.0), 1)

        (event,) = (
            await desk.until(f"/stations/{key}/station-events", lambda found: found["items"], component="EVSE")
        )["items"]
        assert (event["variable"], event["actual_value"]) == ("AvailabilityState", "Occupied")
        # 2.0 tells of a monitor with all that is in it, or not at all.
        known = version is not Version.V20
        assert (event["monitoring_id"], event["severity"]) == ((monitor_id, 3) if known else (None, None))

        await desk.command(key, "GetMonitoringReport")
        both = await desk.until(f"/stations/{key}/monitors", lambda found: len(found) == 2)
        assert [(each["variable"], each["id"]) for each in both if each["id"] == monitor_id] == [
            ("AvailabilityState", monitor_id)
        ]
        cleared = await desk.command(key, "ClearVariableMonitoring", ids=[monitor_id, 4711])
        assert [each["status"] for each in cleared["answer"]["results"]] == ["Accepted", "NotFound"]
        assert len(await desk.get(f"/stations/{key}/monitors")) == 1

        wiped = await desk.command(key, "SetMonitoringBase", base="HardWiredOnly")
        assert wiped["state"] == "accepted"
        none = await desk.command(key, "GetMonitoringReport")
        # 2.0 has no word for an empty result.
        assert none["status"] == ("Rejected" if version is Version.V20 else "EmptyResultSet")


@pytest.mark.parametrize("version", NEWER)
async def test_what_a_station_refuses_is_shown_for_each_monitor(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        monitors = [DELTA, DELTA, STATE | {"type": "UpperThreshold", "value": 1}, DELTA | {"component": "Toaster"}]
        refused = await desk.command(key, "SetVariableMonitoring", monitors=monitors)
        assert (refused["state"], refused["status"]) == ("accepted", "Partial")
        assert [each["status"] for each in refused["answer"]["results"]] == [
            "Accepted",
            "Duplicate",
            "UnsupportedMonitorType",
            "UnknownComponent",
        ]
        level = await desk.command(key, "SetMonitoringLevel", severity=4)
        assert level["state"] == "accepted"


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_fault_is_an_alarm_in_every_version_until_it_is_over(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        hardware = station.hardware
        assert isinstance(hardware, SimulatedHardware)
        hardware.fail(1, "GroundFailure")
        (alarm,) = (await desk.until("/alarms", lambda found: found["items"], open="true"))["items"]
        assert (alarm["station"], alarm["evse_id"], alarm["connector_id"], alarm["severity"]) == (key, 1, 1, 3)
        hardware.fail(1, None)
        over = await desk.until("/alarms", lambda found: found["items"], open="false")
        assert over["items"][0]["key"] == alarm["key"]


async def test_1_6_says_that_it_has_no_monitors(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16) as (_, key):
        outcome = await desk.command(key, "SetVariableMonitoring", monitors=[DELTA])
        assert (outcome["state"], "OCPP 1.x has no monitors" in outcome["detail"]) == ("unsupported", True)
