"""The message log over the API."""

from stationmaster.domain.queries import LoggedFrame
from stationmaster.domain.records import FrameRecord


async def test_frames_are_told_as_they_were_logged(world, operator):
    frame = FrameRecord(
        station_key=1,
        at=world.clock.now(),
        direction="in",
        kind="call",
        message_id="m1",
        action="Heartbeat",
        frame='[2,"m1","Heartbeat",{}]',
    )
    world.queries.all_frames = [LoggedFrame(3, frame)]
    (only,) = (await operator.get("/api/v1/messages")).json()["items"]
    assert (only["key"], only["station"], only["frame"]) == (3, 1, '[2,"m1","Heartbeat",{}]')


async def test_filters_are_handed_on(world, operator):
    query = {
        "station": 1,
        "action": "Heartbeat",
        "direction": "out",
        "text": "m1",
        "from": "2030-01-01T00:00:00Z",
        "to": "2030-01-01T01:00:00+00:00",
    }
    assert (await operator.get("/api/v1/messages", params=query)).status_code == 200
    (asked,) = world.queries.asked
    assert (asked.station_key, asked.action, asked.direction, asked.text) == (1, "Heartbeat", "out", "m1")
    assert (asked.to_at - asked.from_at).total_seconds() == 3600
