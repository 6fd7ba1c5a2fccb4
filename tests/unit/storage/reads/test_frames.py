"""Frames that share a row are read back one by one, as they were on the wire."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.queries import FrameFilter, InvalidCursor, LoggedFrame, PageRequest
from stationmaster.domain.records import LONGEST_EXCHANGE, Exchange, FrameRecord
from stationmaster.storage.batch import BatchWriter
from stationmaster.storage.engine import connect
from stationmaster.storage.journal import Journal
from stationmaster.storage.message_log import MessageLog
from stationmaster.storage.migrate import ensure_schema
from stationmaster.storage.reads.frames import frame_page

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OTHER_WAY = {"in": "out", "out": "in"}


class Heard(NamedTuple):
    """What went over the wire, and the rows that it is kept in."""

    frames: list[FrameRecord]
    exchanges: list[Exchange]


def _heard(drawn: Sequence[dict[str, Any]]) -> Heard:
    """Rows as a log keeps them: a call's row has its answer where that is the station's very next frame."""
    at, heard = NOW, Heard([], [])
    calls: dict[int, Exchange] = {}
    for number, fields in enumerate(drawn):
        at += timedelta(seconds=fields["after_s"])
        station, text, answers = fields["station_key"], f"{number} {fields['text']}", fields["answers"]
        call = calls.pop(station, None)
        if answers and call is not None and at - call.at <= LONGEST_EXCHANGE:
            call.answered_at, call.answer_kind, call.answer = at, answers, text
            way = OTHER_WAY[call.direction]
            heard.frames.append(FrameRecord(**_head(station, at, way, answers, call.message_id, call.action, text)))
            continue
        told = [fields[name] for name in ("direction", "kind", "message_id", "action")]
        head = {**_head(station, at, *told, text), "error": fields["error"]}
        heard.frames.append(FrameRecord(**head))
        heard.exchanges.append(Exchange(**head))
        if fields["kind"] == "call":
            calls[station] = heard.exchanges[-1]
    return heard


def _head(*values: Any) -> dict[str, Any]:
    """What a frame and a row have in common, in the order of their fields."""
    return dict(zip(FrameRecord.__struct_fields__, values, strict=False))


HEARD = st.lists(
    st.builds(
        lambda **fields: fields,
        station_key=st.integers(1, 2),
        after_s=st.sampled_from([0, 0, 1, 11]),
        answers=st.sampled_from(["", "result", "result", "error"]),
        direction=st.sampled_from(["in", "out"]),
        kind=st.sampled_from(["call", "call", "call", "result", "error", "send", "other"]),
        message_id=st.sampled_from(["1", "1", "2", None]),
        action=st.sampled_from(["A", "A", "B", None]),
        text=st.sampled_from(["x", "y%"]),
        error=st.sampled_from([None, None, "odd"]),
    ),
    max_size=14,
).map(_heard)


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


async def store(connection: sqlite3.Connection, exchanges: Sequence[Exchange]) -> None:
    connection.execute("DELETE FROM frames")
    journal = Journal(BatchWriter(connection), threaded=False)
    await MessageLog(journal).write(exchanges)
    await journal.close()


@given(heard=HEARD, limit=st.integers(1, 5))
async def test_a_stations_frames_come_back_in_the_order_of_the_wire(
    connection: sqlite3.Connection, heard: Heard, limit: int
) -> None:
    await store(connection, heard.exchanges)
    for station_key in (1, 2):
        found = read_all(connection, FrameFilter(tenant="default", station_key=station_key), limit)
        wanted = [frame for frame in reversed(heard.frames) if frame.station_key == station_key]
        assert [logged.frame for logged in found] == wanted


@given(heard=HEARD, limit=st.integers(1, 5))
async def test_all_frames_come_back_once_with_keys_of_their_own(
    connection: sqlite3.Connection, heard: Heard, limit: int
) -> None:
    await store(connection, heard.exchanges)
    found = read_all(connection, FrameFilter(tenant="default"), limit)
    assert sorted(logged.frame.frame for logged in found) == sorted(frame.frame for frame in heard.frames)
    keys = [logged.key for logged in found]
    assert keys == sorted(set(keys), reverse=True)
    assert read_all(connection, FrameFilter(tenant="another"), limit) == []


@given(
    heard=HEARD,
    station_key=st.sampled_from([None, 1]),
    action=st.sampled_from([None, "A"]),
    direction=st.sampled_from([None, "in", "out"]),
    text=st.sampled_from([None, "Y%", "x"]),
    from_s=st.none() | st.integers(0, 30),
    to_s=st.none() | st.integers(0, 30),
)
async def test_every_filter_looks_at_single_frames(
    connection: sqlite3.Connection,
    heard: Heard,
    station_key: int | None,
    action: str | None,
    direction: str | None,
    text: str | None,
    from_s: int | None,
    to_s: int | None,
) -> None:
    await store(connection, heard.exchanges)
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
        for frame in heard.frames
        if station_key in (None, frame.station_key)
        and action in (None, frame.action)
        and direction in (None, frame.direction)
        and (text is None or text.lower() in frame.frame)
        and (from_at is None or frame.at >= from_at)
        and (to_at is None or frame.at < to_at)
    }
    assert {logged.frame.frame for logged in read_all(connection, query, 3)} == wanted


def an_exchange(number: int = 0) -> Exchange:
    at = NOW + number * SECOND
    call = Exchange(1, at, "in", "call", str(number), "Heartbeat", f'[2,"{number}","Heartbeat",{{}}]')
    call.answered_at, call.answer_kind, call.answer = at, "result", f'[3,"{number}",{{}}]'
    return call


async def test_an_answer_is_found_by_its_own_time_however_late_it_came(connection: sqlite3.Connection) -> None:
    exchange = an_exchange()
    exchange.answered_at = NOW + LONGEST_EXCHANGE
    await store(connection, [exchange])

    def kinds(**times: datetime) -> list[str]:
        return [logged.frame.kind for logged in read_all(connection, FrameFilter(tenant="default", **times), 5)]

    assert kinds() == ["result", "call"]
    assert kinds(from_at=NOW + SECOND) == kinds(from_at=NOW + LONGEST_EXCHANGE) == ["result"]
    assert kinds(to_at=NOW + SECOND) == kinds(to_at=NOW + LONGEST_EXCHANGE) == ["call"]
    assert kinds(from_at=NOW + LONGEST_EXCHANGE + SECOND) == []


async def test_a_cursor_of_another_query_is_refused(connection: sqlite3.Connection) -> None:
    await store(connection, [an_exchange()])
    cursor = frame_page(connection, FrameFilter(tenant="default"), PageRequest(limit=1)).next_cursor
    with pytest.raises(InvalidCursor):
        frame_page(connection, FrameFilter(tenant="default", station_key=1), PageRequest(cursor=cursor))


@pytest.mark.parametrize("query", [FrameFilter(tenant="default"), FrameFilter(tenant="default", station_key=1)])
async def test_a_page_costs_the_same_however_much_is_stored(connection: sqlite3.Connection, query: FrameFilter) -> None:
    async def steps(count: int) -> int:
        await store(connection, [an_exchange(number) for number in range(count)])
        taken = 0

        def step() -> None:
            nonlocal taken
            taken += 1

        newest = frame_page(connection, query, PageRequest(limit=5))
        connection.set_progress_handler(step, 10)
        frame_page(connection, query, PageRequest(limit=5, cursor=newest.next_cursor))
        connection.set_progress_handler(None, 0)
        return taken

    assert await steps(2000) < 2 * await steps(50)
