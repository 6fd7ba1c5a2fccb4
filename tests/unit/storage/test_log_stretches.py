"""The message log of an older database is carried over, frame by frame."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.domain.queries import FrameFilter, PageRequest
from stationmaster.storage import migrate
from stationmaster.storage.engine import connect
from stationmaster.storage.reads.frames import frame_page
from stationmaster.storage.rows import micros

NOW = datetime(2026, 1, 1, 12, 30, 5, 7, tzinfo=UTC)
LATER = NOW + timedelta(milliseconds=20)


@pytest.fixture
def older() -> Iterator[sqlite3.Connection]:
    connection = connect(":memory:")
    migrate.upgrade(connection, "0003")
    connection.execute(
        "INSERT INTO stations (key, tenant, identity, generation, registration, info, body)"
        " VALUES (1, 'default', 'A', 0, 'accepted', '{}', '{}')"
    )
    row = "INSERT INTO frames VALUES (?, 1, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)"
    call = '[2,"1","Heartbeat",{}]'
    connection.execute(
        row, (1, micros(NOW), "in", "call", "1", "Heartbeat", call, micros(LATER), "result", '[3,"1",{}]')
    )
    connection.execute(row, (2, micros(LATER), "out", "other", None, None, 'odd\x1e"\\', None, None, None))
    yield connection
    connection.close()


def test_each_frame_is_what_it_was(older: sqlite3.Connection) -> None:
    migrate.upgrade(older)
    found = frame_page(older, FrameFilter(tenant="default"), PageRequest()).items
    assert [(each.frame.at, each.frame.direction, each.frame.kind, each.frame.action) for each in found] == [
        (LATER, "out", "other", None),
        (LATER, "out", "result", "Heartbeat"),
        (NOW, "in", "call", "Heartbeat"),
    ]
    assert [each.frame.frame for each in found] == ['odd\ufffd"\\', '[3,"1",{}]', '[2,"1","Heartbeat",{}]']
    assert [each.frame.message_id for each in found] == [None, "1", "1"]


def test_a_search_by_time_finds_them_by_their_own_times(older: sqlite3.Connection) -> None:
    migrate.upgrade(older)
    found = frame_page(older, FrameFilter(tenant="default", station_key=1, from_at=LATER), PageRequest()).items
    assert [each.frame.kind for each in found] == ["other", "result"]
