"""Frames that share a row are read back one by one, as they were on the wire."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.queries import FrameFilter, InvalidCursor, LoggedFrame, PageRequest
from stationmaster.domain.records import FrameRecord
from stationmaster.storage.bulk import write_rows
from stationmaster.storage.engine import connect
from stationmaster.storage.exchanges import LONGEST, exchanges
from stationmaster.storage.migrate import ensure_schema
from stationmaster.storage.reads.frames import frame_page
from stationmaster.storage.statements import EXCHANGE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def a_call(**changes: Any) -> FrameRecord:
    fields: dict[str, Any] = {
        "station_key": 1,
        "at": NOW,
        "direction": "in",
        "kind": "call",
        "message_id": "1",
        "action": "Heartbeat",
        "frame": '[2,"1","Heartbeat",{}]',
    }
    return FrameRecord(**fields | changes)


def an_answer(**changes: Any) -> FrameRecord:
    return a_call(**{"at": NOW + SECOND, "direction": "out", "kind": "result", "frame": '[3,"1",{}]'} | changes)


def test_a_call_and_its_answer_share_a_row() -> None:
    assert exchanges([a_call(), an_answer()]) == [(a_call(), an_answer())]
    ours = [a_call(direction="out"), an_answer(direction="in", kind="error")]
    assert exchanges(ours) == [tuple(ours)]


def test_another_station_between_them_does_not_part_them() -> None:
    frames = [a_call(), a_call(station_key=2), an_answer(), an_answer(station_key=2)]
    assert exchanges(frames) == [(frames[0], frames[2]), (frames[1], frames[3])]


@pytest.mark.parametrize(
    "answer",
    [
        an_answer(message_id="2"),
        an_answer(station_key=2),
        an_answer(direction="in"),
        an_answer(kind="other"),
        an_answer(action=None),
        an_answer(error="odd"),
        an_answer(at=NOW - SECOND),
        an_answer(at=NOW + LONGEST + timedelta(microseconds=1)),
    ],
)
def test_what_could_not_be_told_apart_again_keeps_its_own_row(answer: FrameRecord) -> None:
    assert exchanges([a_call(), answer]) == [(a_call(), None), (answer, None)]


@pytest.mark.parametrize("between", [a_call(message_id="2", direction="out"), an_answer(message_id="2"), a_call()])
def test_only_the_stations_very_next_frame_joins(between: FrameRecord) -> None:
    first = a_call(message_id="0")
    assert (first, None) in exchanges([first, between, an_answer(message_id="0")])


FRAMES = st.lists(
    st.builds(
        lambda **fields: fields,
        station_key=st.integers(1, 2),
        after_s=st.sampled_from([0, 0, 1, 11]),
        direction=st.sampled_from(["in", "out"]),
        kind=st.sampled_from(["call", "call", "result", "result", "error", "send", "other"]),
        message_id=st.sampled_from(["1", "1", "1", "2", None]),
        action=st.sampled_from(["A", "A", "B", None]),
        text=st.sampled_from(["x", "y%"]),
    ),
    max_size=14,
).map(lambda drawn: _in_time(drawn))


def _in_time(drawn: Sequence[dict[str, Any]]) -> list[FrameRecord]:
    at, frames = NOW, []
    for number, fields in enumerate(drawn):
        at += timedelta(seconds=fields.pop("after_s"))
        text = fields.pop("text")
        frames.append(FrameRecord(at=at, frame=f"{number} {text}", **fields))
    return frames


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    made = connect(":memory:")
    ensure_schema(made, "here")
    made.execute(
        "INSERT INTO stations (key, tenant, identity, generation, registration, info, body)"
        " VALUES (1, 'default', 'A', 0, 'accepted', '{}', '{}'), (2, 'default', 'B', 0, 'accepted', '{}', '{}')"
    )
    yield made
    made.close()


def read_all(connection: sqlite3.Connection, query: FrameFilter, limit: int) -> list[LoggedFrame]:
    found: list[LoggedFrame] = []
    cursor = None
    while True:
        page = frame_page(connection, query, PageRequest(limit=limit, cursor=cursor))
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def store(connection: sqlite3.Connection, frames: Sequence[FrameRecord]) -> None:
    connection.execute("DELETE FROM frames")
    write_rows(connection, EXCHANGE.sql, map(EXCHANGE.to_row, exchanges(frames)))


@given(frames=FRAMES, limit=st.integers(1, 5))
def test_a_stations_frames_come_back_in_the_order_of_the_wire(
    connection: sqlite3.Connection, frames: list[FrameRecord], limit: int
) -> None:
    store(connection, frames)
    for station_key in (1, 2):
        found = read_all(connection, FrameFilter(tenant="default", station_key=station_key), limit)
        wanted = [frame for frame in reversed(frames) if frame.station_key == station_key]
        assert [logged.frame for logged in found] == wanted


@given(frames=FRAMES, limit=st.integers(1, 5))
def test_all_frames_come_back_once_with_keys_of_their_own(
    connection: sqlite3.Connection, frames: list[FrameRecord], limit: int
) -> None:
    store(connection, frames)
    found = read_all(connection, FrameFilter(tenant="default"), limit)
    assert sorted(logged.frame.frame for logged in found) == sorted(frame.frame for frame in frames)
    keys = [logged.key for logged in found]
    assert keys == sorted(set(keys), reverse=True)
    assert read_all(connection, FrameFilter(tenant="another"), limit) == []


@given(
    frames=FRAMES,
    station_key=st.sampled_from([None, 1]),
    action=st.sampled_from([None, "A"]),
    direction=st.sampled_from([None, "in", "out"]),
    text=st.sampled_from([None, "Y%", "x"]),
    from_s=st.none() | st.integers(0, 30),
    to_s=st.none() | st.integers(0, 30),
)
def test_every_filter_looks_at_single_frames(
    connection: sqlite3.Connection,
    frames: list[FrameRecord],
    station_key: int | None,
    action: str | None,
    direction: str | None,
    text: str | None,
    from_s: int | None,
    to_s: int | None,
) -> None:
    store(connection, frames)
    from_at = None if from_s is None else NOW + timedelta(seconds=from_s)
    to_at = None if to_s is None else NOW + timedelta(seconds=to_s)
    query = FrameFilter(
        tenant="default",
        station_key=station_key,
        action=action,
        direction=direction,
        text=text,
        from_at=from_at,
        to_at=to_at,
    )
    wanted = {
        frame.frame
        for frame in frames
        if station_key in (None, frame.station_key)
        and action in (None, frame.action)
        and direction in (None, frame.direction)
        and (text is None or text.lower() in frame.frame)
        and (from_at is None or frame.at >= from_at)
        and (to_at is None or frame.at < to_at)
    }
    assert {logged.frame.frame for logged in read_all(connection, query, 3)} == wanted


def test_a_cursor_of_another_query_is_refused(connection: sqlite3.Connection) -> None:
    store(connection, [a_call(), an_answer()])
    cursor = frame_page(connection, FrameFilter(tenant="default"), PageRequest(limit=1)).next_cursor
    with pytest.raises(InvalidCursor):
        frame_page(connection, FrameFilter(tenant="default", station_key=1), PageRequest(cursor=cursor))


@pytest.mark.parametrize("query", [FrameFilter(tenant="default"), FrameFilter(tenant="default", station_key=1)])
def test_a_page_costs_the_same_however_much_is_stored(connection: sqlite3.Connection, query: FrameFilter) -> None:
    def steps(count: int) -> int:
        store(connection, [each for n in range(count) for each in _exchange(n)])
        taken = 0

        def step() -> None:
            nonlocal taken
            taken += 1

        newest = frame_page(connection, query, PageRequest(limit=5))
        connection.set_progress_handler(step, 10)
        frame_page(connection, query, PageRequest(limit=5, cursor=newest.next_cursor))
        connection.set_progress_handler(None, 0)
        return taken

    assert steps(2000) < 2 * steps(50)


def _exchange(number: int) -> tuple[FrameRecord, FrameRecord]:
    call = a_call(at=NOW + number * SECOND, message_id=str(number))
    return call, msgspec.structs.replace(call, direction="out", kind="result", at=call.at)
