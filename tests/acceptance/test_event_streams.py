"""Periodic event streams from a station to the API, over SENDs that nobody answers."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.csms import subjects
from stationmaster.domain.event_streams import StreamParams
from stationmaster.domain.queries import CommittedEvent
from stationmaster.ocpp.version import JSON_VERSIONS, Version


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def test_values_of_a_stream_are_kept_listed_and_told(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        path = f"/stations/{key}/event-streams"
        program: Any = station._program
        assert await program.streams.open(42, StreamParams(values=2))
        (stream,) = await desk.get(path)
        assert (stream["monitoring_id"], stream["values"], stream["interval_s"]) == (42, 2, None)

        heard = desk.bench.bus.subscribe(subjects.event("StreamValues", key))
        for value in ("20.5", "20.6", "20.7"):
            assert program.streams.add(42, value, desk.bench.clock.now())
        values = f"{path}/{stream['id']}/values"
        found = await desk.until(values, lambda found: len(found["items"]) == 2)
        assert [each["value"] for each in found["items"]] == ["20.5", "20.6"]
        told = msgspec.json.decode((await anext(heard)).body, type=CommittedEvent)
        assert (told.seq, told.event.data["pending"]) == (None, 1)
        await heard.aclose()
        assert (await desk.get(path))[0]["pending"] == 1

        adjusted = await desk.send("PATCH", f"{path}/{stream['id']}", {"values": 1}, wait=10)
        assert (adjusted["type"], adjusted["status"]) == ("AdjustPeriodicEventStream", "Accepted")
        await desk.until(values, lambda found: len(found["items"]) == 3)
        refreshed = await desk.send("POST", f"{path}/refresh", wait=10)
        assert refreshed["answer"]["streams"][0]["params"] == {"values": 1}

        await program.streams.close(42)
        assert await desk.get(path) == []
        assert len((await desk.get(values))["items"]) == 3


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
