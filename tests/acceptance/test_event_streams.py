"""Periodic event streams from a station to the API, over SENDs that nobody answers."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.csms import subjects
from stationmaster.domain.queries import CommittedEvent
from stationmaster.ocpp.version import JSON_VERSIONS, Version


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


POWER: dict[str, Any] = {"component": "EVSE", "evse_id": 2, "variable": "Power"}
EACH_SECOND = POWER | {"type": "Periodic", "value": 1, "severity": 7, "stream": {"values": 2}}


async def test_a_periodic_monitor_tells_by_a_stream_from_its_setting_to_its_clearing(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        monitors, streams = f"/stations/{key}/monitors", f"/stations/{key}/event-streams"
        placed = await desk.command(key, "SetVariableMonitoring", monitors=[EACH_SECOND])
        monitor_id = placed["answer"]["results"][0]["id"]
        (stream,) = await desk.until(streams, bool)
        assert (stream["monitoring_id"], stream["values"], stream["interval_s"]) == (monitor_id, 2, None)
        assert (stream["component"], stream["evse_id"], stream["variable"], stream["severity"]) == (
            "EVSE",
            2,
            "Power",
            7,
        )
        (monitor,) = await desk.get(monitors)
        assert (monitor["stream"], monitor["stream_id"]) == ({"interval_s": None, "values": 2}, stream["id"])

        heard = desk.bench.bus.subscribe(subjects.event("StreamValues", key))
        values = f"{streams}/{stream['id']}/values"
        found = await desk.until(values, lambda found: len(found["items"]) >= 2)
        assert {(each["value"], each["monitoring_id"]) for each in found["items"]} == {("0", monitor_id)}
        told = msgspec.json.decode((await anext(heard)).body, type=CommittedEvent)
        await heard.aclose()
        words = {"trigger": "Periodic", "component": "EVSE", "evse_id": 2, "variable": "Power", "severity": 7}
        assert told.seq is None
        assert words.items() <= told.event.data.items()

        adjusted = await desk.send("PATCH", f"{streams}/{stream['id']}", {"values": 1}, wait=10)
        assert (adjusted["type"], adjusted["status"]) == ("AdjustPeriodicEventStream", "Accepted")
        assert (await desk.get(monitors))[0]["stream"] == {"interval_s": None, "values": 1}
        refreshed = await desk.send("POST", f"{streams}/refresh", wait=10)
        assert refreshed["answer"]["streams"][0]["params"] == {"values": 1}
        reported = await desk.command(key, "GetMonitoringReport", criteria=["PeriodicMonitoring"])
        assert reported["status"] == "Accepted"
        assert (await desk.get(monitors))[0]["stream"] == {"interval_s": None, "values": 1}

        await desk.command(key, "ClearVariableMonitoring", ids=[monitor_id])
        await desk.until(streams, lambda found: found == [])
        assert len((await desk.get(values))["items"]) >= 2
        assert (await desk.get(f"/stations/{key}/station-events", variable="Power"))["items"] == []


async def test_n11_fr_07_values_come_as_events_where_the_stream_is_refused(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21, max_periodic_event_streams=0) as (_, key):
        await desk.command(key, "SetVariableMonitoring", monitors=[EACH_SECOND])
        events = f"/stations/{key}/station-events"
        found = await desk.until(events, lambda found: found["items"], variable="Power")
        assert (found["items"][0]["trigger"], await desk.get(f"/stations/{key}/event-streams")) == ("Periodic", [])
        assert (await desk.get(f"/stations/{key}/monitors"))[0]["stream_id"] is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stream": {}}, "an interval"),
        ({"stream": {"interval_s": 0}}, "an interval"),
        ({"type": "UpperThreshold"}, "no bounds"),
    ],
)
async def test_n11_fr_09_a_stream_that_cannot_be_is_not_asked_for(
    desk: RestDesk, changes: dict[str, Any], why: str
) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        refused = await desk.command(key, "SetVariableMonitoring", monitors=[EACH_SECOND | changes])
        assert (refused["state"], why in refused["detail"]) == ("failed", True)


@pytest.mark.parametrize(
    ("version", "why"),
    [(Version.V16, "no monitors"), (Version.V20, "needs OCPP 2.1"), (Version.V201, "needs OCPP 2.1")],
)
async def test_a_stream_is_never_dropped_in_silence(desk: RestDesk, version: Version, why: str) -> None:
    async with running_station(desk, version) as (_, key):
        outcome = await desk.command(key, "SetVariableMonitoring", monitors=[EACH_SECOND])
        assert (outcome["state"], why in outcome["detail"]) == ("unsupported", True)
        assert await desk.get(f"/stations/{key}/monitors") == []


async def test_n15_fr_02_a_send_is_never_answered_not_even_a_wrong_one(desk: RestDesk) -> None:
    client = await desk.bench.boot("CS-1", Version.V21)
    client.frames.clear()
    good = {"id": 3, "pending": 0, "basetime": "2026-03-01T12:00:00Z", "data": [{"t": 0, "v": "a"}]}
    for number, payload in enumerate((good, {"id": 3}, {}, {**good, "data": [{"t": "x"}]})):
        client.send_frame([6, f"s{number}", "NotifyPeriodicEventStream", payload])
    assert (await client.call("Heartbeat"))["currentTime"]
    assert [frame[0] for frame in client.frames] == [3]
    key = desk.bench.station("CS-1").key
    (stream,) = await desk.get(f"/stations/{key}/event-streams")
    assert (stream["id"], stream["monitoring_id"]) == (3, None)


async def test_a_stream_is_adjusted_to_something(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (_, key):
        await desk.send("PATCH", f"/stations/{key}/event-streams/1", {"interval_s": 0}, status=422)
        unknown = await desk.send("PATCH", f"/stations/{key}/event-streams/1", {"interval_s": 5}, wait=10)
        assert (unknown["state"], unknown["status"]) == ("rejected", "Rejected")


@pytest.mark.parametrize("version", [version for version in JSON_VERSIONS if version is not Version.V21])
async def test_older_versions_say_that_they_have_no_streams(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        outcome = await desk.send("POST", f"/stations/{key}/event-streams/refresh", wait=10)
        assert (outcome["state"], "OCPP 2.1" in outcome["detail"]) == ("unsupported", True)
