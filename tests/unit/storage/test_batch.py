"""One transaction for many, when the database itself is in trouble."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import structlog

from stationmaster.domain.claims import TokenClaim
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import Station
from stationmaster.storage.batch import BatchWriter, Item, Writing
from stationmaster.storage.engine import connect
from stationmaster.storage.migrate import ensure_schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = Event(kind="k", tenant="default", at=NOW)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = connect(str(tmp_path / "store.db"))
    ensure_schema(made, "here")
    made.execute("PRAGMA busy_timeout = 0")
    yield made
    made.close()


def decided(key: int, detail: str = "") -> Decision:
    station = Station(key=key, tenant="default", identity=f"CP{key}", created_at=NOW)
    oddity = Oddity(station_key=key, at=NOW, kind="k", action=None, detail=detail)
    return Decision(records=(station, oddity), events=(EVENT,))


def an_item(key: int, detail: str = "") -> Item:
    return Item(_nobody, decided(key, detail))


def _nobody(_: object) -> None:
    """Nobody waits for the outcome."""


def stored(connection: sqlite3.Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT key FROM stations ORDER BY key")]


def test_a_full_disk_fails_all_and_the_next_batch_goes_on(connection: sqlite3.Connection) -> None:
    writer = BatchWriter(connection)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    full = [an_item(1), an_item(2, "x" * 100_000)]
    assert writer.write(full) == []
    assert [type(item.error) for item in full] == [StorageFailed, StorageFailed]
    assert stored(connection) == []
    connection.execute("PRAGMA max_page_count = 1000000")
    events = writer.write([an_item(3)])
    assert stored(connection) == [3]
    assert [committed.seq for committed in events] == [1]


def test_a_locked_database_fails_all_and_the_next_batch_goes_on(connection: sqlite3.Connection, tmp_path: Path) -> None:
    writer = BatchWriter(connection)
    other = connect(str(tmp_path / "store.db"))
    other.execute("BEGIN IMMEDIATE")
    item = an_item(1)
    assert writer.write([item]) == []
    assert isinstance(item.error, StorageFailed)
    other.execute("ROLLBACK")
    other.close()
    again = an_item(1)
    assert len(writer.write([again])) == 1
    assert again.error is None


def test_the_bad_one_of_a_batch_takes_no_place_in_the_outbox(connection: sqlite3.Connection) -> None:
    writer = BatchWriter(connection)
    bad = Item(None, Decision(records=(Station(key=2**70, tenant="t", identity="x", created_at=NOW),), events=(EVENT,)))
    events = writer.write([an_item(1), bad, an_item(2)])
    assert [committed.seq for committed in events] == [1, 2]
    assert isinstance(bad.error, StorageFailed)
    assert stored(connection) == [1, 2]


def test_other_work_that_fails_harms_only_itself(connection: sqlite3.Connection) -> None:
    def broken(writing: Writing) -> None:
        writing.connection.execute("DELETE FROM stations")
        raise RuntimeError("broken")

    work, good = Item(None, work=broken), an_item(1)
    BatchWriter(connection).write([good, work, an_item(2)])
    assert isinstance(work.error, StorageFailed)
    assert good.error is None
    assert stored(connection) == [1, 2]


def a_check(limit: int, otherwise: int) -> CheckedBy:
    """It holds with a limit of 1, as nothing runs on the token, and fails with 0."""
    claim = TokenClaim(tenant="default", token_key="t", limit=limit, transaction_key=1)
    return CheckedBy(claim, decided(otherwise))


@pytest.mark.parametrize(
    ("limits", "holds"), [((1, 1), 1), ((0, 1), 2), ((1, 0), 3), ((0, 0), 2)], ids=["all", "first", "second", "both"]
)
def test_the_first_check_that_fails_says_what_holds(
    connection: sqlite3.Connection, limits: tuple[int, int], holds: int
) -> None:
    checks = (a_check(limits[0], otherwise=2), a_check(limits[1], otherwise=3))
    item = Item(_nobody, msgspec.structs.replace(decided(1), checks=checks))
    BatchWriter(connection).write([item])
    assert stored(connection) == [holds]
    assert item.result is (item.decision if holds == 1 else checks[holds - 2].otherwise)


def test_generations_and_places_survive_a_restart(connection: sqlite3.Connection) -> None:
    writer = BatchWriter(connection)
    writer.write([an_item(1), Item(None, work=lambda writing: writing.next_generation(1))])
    again = BatchWriter(connection)
    stale = Item(None, an_item(1).decision, station_key=1, generation=0)
    register = Item(None, work=lambda writing: writing.next_generation(1))
    again.write([stale, register])
    assert stale.error is not None
    assert register.result == 2
    assert [committed.seq for committed in again.write([an_item(2)])] == [2]


def test_a_generation_that_was_rolled_back_does_not_count(connection: sqlite3.Connection) -> None:
    writer = BatchWriter(connection)
    writer.write([an_item(1)])

    def register_and_break(writing: Writing) -> None:
        writing.next_generation(1)
        raise RuntimeError("broken")

    after = Item(None, an_item(1).decision, station_key=1, generation=0)
    writer.write([Item(None, work=register_and_break), after])
    assert after.error is None


@pytest.mark.parametrize(
    ("detail", "identity", "level"), [("", "CP1", "warning"), ("\ud800", "CP2", "error")], ids=["taken", "broken"]
)
def test_what_somebody_else_had_first_is_no_error_of_ours(
    connection: sqlite3.Connection, detail: str, identity: str, level: str
) -> None:
    writer = BatchWriter(connection)
    writer.write([an_item(1)])
    station = Station(key=2, tenant="default", identity=identity, created_at=NOW)
    oddity = Oddity(station_key=2, at=NOW, kind="k", action=None, detail=detail)
    second = Item(None, Decision(records=(station, oddity)))
    with structlog.testing.capture_logs() as logged:
        writer.write([second])
    assert isinstance(second.error, StorageFailed)
    assert [entry["log_level"] for entry in logged if entry["event"] == "storage.item_failed"] == [level]
