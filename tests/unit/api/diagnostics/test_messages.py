"""The message log over the API."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from stationmaster.domain.queries import LoggedFrame
from stationmaster.domain.records import FrameRecord
from stationmaster.domain.station import StationInfo

QUERY = {
    "station": 1,
    "action": "Heartbeat",
    "direction": "out",
    "text": "m1",
    "message_id": "m7",
    "error": "true",
}
TIMES = {"from": "2030-01-01T00:00:00Z", "to": "2030-01-01T01:00:00+00:00"}


def add_frames(world, count: int = 1) -> None:
    for number in range(count):
        frame = FrameRecord(
            station_key=1,
            at=world.clock.now(),
            direction="in",
            kind="call",
            message_id="m1",
            action="Heartbeat",
            frame='[2,"m1","Heartbeat",{}]',
        )
        world.queries.all_frames.append(LoggedFrame(3 + number, frame))


async def test_frames_are_told_as_they_were_logged(world, operator):
    add_frames(world)
    (only,) = (await operator.get("/api/v1/messages")).json()["items"]
    assert (only["key"], only["station"], only["frame"]) == (3, 1, '[2,"m1","Heartbeat",{}]')


@pytest.mark.parametrize(("path", "times"), [("", TIMES), ("/tail", {}), ("/export", TIMES)])
async def test_filters_are_handed_on(world, operator, path, times):
    world.add_station(1)
    assert (await operator.get(f"/api/v1/messages{path}", params=QUERY | times)).status_code == 200
    (asked,) = world.queries.asked
    assert (asked.station_key, asked.action, asked.direction, asked.text) == (1, "Heartbeat", "out", "m1")
    assert (asked.message_id, asked.failed) == ("m7", True)
    if times:
        assert (asked.to_at - asked.from_at).total_seconds() == 3600


async def test_a_tail_goes_on_from_its_position(world, operator):
    add_frames(world, 3)
    first = (await operator.get("/api/v1/messages/tail", params={"limit": 2})).json()
    assert ([each["key"] for each in first["items"]], first["more"]) == ([3, 4], True)
    rest = (await operator.get("/api/v1/messages/tail", params={"after": first["position"]})).json()
    assert ([each["key"] for each in rest["items"]], rest["more"]) == ([5], False)
    nothing = (await operator.get("/api/v1/messages/tail", params={"after": rest["position"]})).json()
    assert nothing == {"items": [], "position": rest["position"], "more": False}


def lines_of(answer) -> list[dict]:
    return [msgspec.json.decode(line) for line in answer.content.splitlines()]


async def test_an_export_says_what_it_is_of_and_whether_it_is_all(world, operator):
    world.add_station(1, version="2.0.1", info=StationInfo(vendor="Acme", model="Post", firmware_version="1.2"))
    add_frames(world, 3)
    answer = await operator.get("/api/v1/messages/export", params=QUERY | TIMES)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="messages-1.jsonl"'
    header, *messages, end = lines_of(answer)
    assert (header["line"], header["program_version"]) == ("header", "1.2.3")
    assert header["station"] == {
        "key": 1,
        "identity": "CS-1",
        "version": "2.0.1",
        "vendor": "Acme",
        "model": "Post",
        "firmware_version": "1.2",
    }
    assert header["filters"] == {name: value for name, value in QUERY.items() if name != "station"} | {"error": True}
    assert (header["from"], header["to"]) == ("2030-01-01T00:00:00Z", "2030-01-01T01:00:00Z")
    assert [(each["line"], each["key"]) for each in messages] == [("message", 3), ("message", 4), ("message", 5)]
    assert end == {"line": "end", "messages": 3, "complete": True}
    assert world.queries.asked[0].oldest_first


async def test_an_export_ends_at_its_bound_and_says_so(world, operator):
    add_frames(world, 3)
    *_, last, end = lines_of(await operator.get("/api/v1/messages/export", params={"limit": 2}))
    assert (last["key"], end) == (4, {"line": "end", "messages": 2, "complete": False})


async def test_an_export_goes_over_pages(world, operator):
    add_frames(world, 2500)
    _, *messages, end = lines_of(await operator.get("/api/v1/messages/export"))
    assert [each["key"] for each in messages] == list(range(3, 2503))
    assert end["complete"]


async def test_an_export_without_times_is_of_the_last_day(world, operator):
    await operator.get("/api/v1/messages/export")
    (asked,) = world.queries.asked
    assert asked.to_at - asked.from_at == timedelta(days=1)
    assert abs(asked.to_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_an_export_of_a_station_that_is_not_there_is_refused(world, operator):
    assert (await operator.get("/api/v1/messages/export", params={"station": 9})).status_code == 404


async def test_a_viewer_reads_no_messages(world, viewer):
    for path in ("", "/tail", "/export"):
        assert (await viewer.get(f"/api/v1/messages{path}")).status_code == 403
