"""Opening a database."""

import sqlite3
from pathlib import Path

import pytest

from stationmaster.storage.engine import (
    DatabaseLocked,
    DatabaseUnusable,
    NotADatabase,
    ServeLock,
    connect,
)
from stationmaster.storage.sqlite import SQLiteStorage


@pytest.mark.parametrize(
    ("setting", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 5000), ("query_only", 0)]
)
def test_a_commit_is_on_disk_before_it_returns(tmp_path: Path, setting: str, value: object) -> None:
    connection = connect(str(tmp_path / "store.db"))
    assert connection.execute(f"PRAGMA {setting}").fetchone()[0] == value
    connection.close()


async def test_the_store_writes_with_those_settings(tmp_path: Path) -> None:
    storage = await SQLiteStorage.open(str(tmp_path / "store.db"))
    settings = await storage.journal.run(
        lambda writing: [
            writing.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
        ]
    )
    await storage.close()
    assert settings == [2, "wal"]


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    connect(path).close()
    reader = connect(path, read_only=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("CREATE TABLE t (a)")
    reader.close()


def test_another_kind_of_file_is_told_from_a_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and no database at all\n" * 100)
    with pytest.raises(NotADatabase, match=r"notes\.txt"):
        connect(str(path))


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="nowhere"):
        connect(str(tmp_path / "nowhere" / "store.db"))


async def test_only_one_store_serves_from_a_database(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    first = await SQLiteStorage.open(path)
    with pytest.raises(DatabaseLocked):
        await SQLiteStorage.open(path)
    await first.close()
    second = await SQLiteStorage.open(path)
    await second.close()


async def test_a_failed_open_lets_go_of_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(NotADatabase):
        await SQLiteStorage.open(str(path))
    ServeLock(str(path)).release()


async def test_only_its_owner_may_read_a_new_database(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    storage = await SQLiteStorage.open(str(path))
    await storage.close()
    assert path.stat().st_mode & 0o077 == 0
