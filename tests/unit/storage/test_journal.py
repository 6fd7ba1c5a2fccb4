"""The one writer: who waits, who is woken, and what a crash leaves."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.station import Station
from stationmaster.storage.batch import BatchWriter
from stationmaster.storage.engine import connect
from stationmaster.storage.journal import MAX_BATCH, Journal
from stationmaster.storage.migrate import ensure_schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_decision(key: int) -> Decision:
    return Decision(records=(Station(key=key, tenant="default", identity=f"CP{key}", created_at=NOW),))


class CountingWriter(BatchWriter):
    """Keeps the size of each batch."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.sizes: list[int] = []

    def write(self, items):  # type: ignore[no-untyped-def]
        self.sizes.append(len(items))
        return super().write(items)


@pytest.fixture
def writer(tmp_path: Path):  # type: ignore[no-untyped-def]
    connection = connect(str(tmp_path / "store.db"))
    ensure_schema(connection, "here")
    yield CountingWriter(connection)
    connection.close()


@pytest.mark.parametrize("threaded", [True, False])
async def test_those_who_come_together_share_a_bounded_transaction(writer: CountingWriter, threaded: bool) -> None:
    journal = Journal(writer, threaded=threaded)
    await asyncio.gather(*(journal.commit(a_decision(n)) for n in range(1, MAX_BATCH + 101)))
    await journal.close()
    assert writer.sizes == [MAX_BATCH, 100]


@pytest.mark.parametrize("threaded", [True, False])
async def test_close_writes_what_waits_and_takes_no_more(writer: CountingWriter, threaded: bool) -> None:
    journal = Journal(writer, threaded=threaded)
    waiting = [asyncio.ensure_future(journal.commit(a_decision(n))) for n in range(1, 1001)]
    await asyncio.sleep(0)
    await journal.close()
    await asyncio.gather(*waiting)
    assert writer.connection.execute("SELECT count(*) FROM stations").fetchone()[0] == 1000
    with pytest.raises(StorageFailed):
        await journal.commit(a_decision(2000))


async def test_a_caller_that_gives_up_does_not_disturb_the_others(writer: CountingWriter) -> None:
    journal = Journal(writer)
    leaving, staying = (asyncio.ensure_future(journal.commit(a_decision(n))) for n in (1, 2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == a_decision(2)
    await journal.close()


async def test_a_listener_that_raises_stops_nobody(writer: CountingWriter) -> None:
    def broken(events: object) -> None:
        raise RuntimeError("broken")

    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["exception"]))
    journal = Journal(writer)
    journal.on_committed = broken
    from stationmaster.domain.records import Event

    await journal.store([], [Event(kind="k", tenant="default", at=NOW)])
    await journal.store([], [Event(kind="k", tenant="default", at=NOW)])
    await journal.close()
    assert [type(error) for error in reported] == [RuntimeError, RuntimeError]


_WRITER = """
import asyncio, os, sys
from datetime import UTC, datetime
from stationmaster.domain.station import Station
from stationmaster.storage.sqlite import SQLiteStorage

NOW = datetime(2026, 1, 1, tzinfo=UTC)

async def station(storage):
    while True:
        key = storage.keys.take()
        await storage.journal.store([Station(key=key, tenant="t", identity=str(key), created_at=NOW)])
        os.write(1, b"%d\\n" % key)

async def main():
    storage = await SQLiteStorage.open(sys.argv[1])
    await asyncio.gather(*(station(storage) for _ in range(50)))

asyncio.run(main())
"""


def _run_and_kill(path: Path, lines: int) -> set[int]:
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    return {int(line) for line in said if line.endswith(b"\n")}


def test_everything_confirmed_before_a_kill_is_there_and_no_key_comes_again(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = _run_and_kill(path, 1000)
    second = _run_and_kill(path, 300)
    connection = connect(str(path))
    there = {row[0] for row in connection.execute("SELECT key FROM stations")}
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()
    assert len(first) >= 1000
    assert len(second) >= 300
    assert first | second <= there
    assert max(first) < min(second)
