"""The message log's buffer."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from stationmaster.domain.records import FrameRecord
from stationmaster.storage.batch import BatchWriter
from stationmaster.storage.engine import connect
from stationmaster.storage.journal import Journal
from stationmaster.storage.message_log import BufferedMessageLog
from stationmaster.storage.migrate import ensure_schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_frame(text: str = "[]") -> FrameRecord:
    return FrameRecord(station_key=1, at=NOW, direction="in", kind="call", message_id="1", action="A", frame=text)


class HandClock:
    """Sleeps end when the test says so."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.go = asyncio.Event()

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.go.wait()


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = connect(":memory:")
    ensure_schema(made, "here")
    yield made
    made.close()


def stored(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM frames").fetchone()[0])


async def test_it_writes_within_the_interval_and_sleeps_while_nothing_comes(connection: sqlite3.Connection) -> None:
    journal, clock = Journal(BatchWriter(connection), threaded=False), HandClock()
    log = BufferedMessageLog(journal, clock)
    running = asyncio.create_task(log.run())
    await asyncio.sleep(0)
    assert clock.slept == []
    log.record(a_frame())
    log.record(a_frame())
    await asyncio.sleep(0)
    assert (clock.slept, stored(connection)) == ([0.9], 0)
    clock.go.set()
    await journal.store([])
    await journal.store([])
    assert stored(connection) == 2
    running.cancel()
    await journal.close()


async def test_a_full_portion_is_written_at_once(connection: sqlite3.Connection) -> None:
    journal = Journal(BatchWriter(connection), threaded=False)
    log = BufferedMessageLog(journal, HandClock(), portion=10)
    for _ in range(25):
        log.record(a_frame())
    await journal.store([])
    assert stored(connection) == 20
    await log.flush()
    assert stored(connection) == 25
    await journal.close()


async def test_what_the_buffer_cannot_hold_is_dropped_and_counted(connection: sqlite3.Connection) -> None:
    journal = Journal(BatchWriter(connection), threaded=False)
    log = BufferedMessageLog(journal, HandClock(), portion=10, capacity=15)
    for _ in range(20):
        log.record(a_frame())
    assert log.dropped == 5
    await log.flush()
    log.record(a_frame())
    await log.flush()
    assert (log.dropped, stored(connection)) == (5, 16)
    await journal.close()


async def test_a_portion_that_cannot_be_stored_is_counted(connection: sqlite3.Connection) -> None:
    journal = Journal(BatchWriter(connection), threaded=False)
    log = BufferedMessageLog(journal, HandClock())
    log.record(a_frame("\ud800"))
    await log.flush()
    log.record(a_frame())
    await log.flush()
    assert (log.dropped, stored(connection)) == (1, 1)
    await journal.close()
    log.record(a_frame())
    await log.flush()
    assert log.dropped == 2
