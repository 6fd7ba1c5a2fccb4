"""Engines of a station's memory: a file that survives a loss of power, and RAM for fleets.

Both fulfil ``station.ports.Memory``: values by key, and a queue whose places grow for ever.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS "values" (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS queue (place INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
"""
_PUT = 'INSERT INTO "values" (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'


class FileMemory:
    """On disk by SQLite, synchronised at every change. Not for use by two programs at a time."""

    def __init__(self, path: Path | str) -> None:
        """Raises sqlite3.Error when the file cannot be opened or is not such a memory."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def get(self, key: str) -> bytes | None:
        row = self._db.execute('SELECT value FROM "values" WHERE key = ?', (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def put(self, key: str, value: bytes) -> None:
        self._db.execute(_PUT, (key, value))

    def delete(self, key: str) -> None:
        self._db.execute('DELETE FROM "values" WHERE key = ?', (key,))

    def enqueue(self, body: bytes, values: Mapping[str, bytes] | None = None) -> int:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            place = self._db.execute("INSERT INTO queue (body) VALUES (?)", (body,)).lastrowid
            self._db.executemany(_PUT, (values or {}).items())
        assert place is not None
        return place

    def queued(self, limit: int = 100) -> Sequence[tuple[int, bytes]]:
        rows = self._db.execute("SELECT place, body FROM queue ORDER BY place LIMIT ?", (limit,))
        return [(int(place), bytes(body)) for place, body in rows]

    def dequeue(self, places: Sequence[int], values: Mapping[str, bytes] | None = None) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("DELETE FROM queue WHERE place = ?", [(place,) for place in places])
            self._db.executemany(_PUT, (values or {}).items())

    def queue_length(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM queue").fetchone()[0])


class RamMemory:
    """In this process only: it survives the station's restarts as long as the object lives."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._queue: dict[int, bytes] = {}
        self._last_place = 0

    def get(self, key: str) -> bytes | None:
        return self._values.get(key)

    def put(self, key: str, value: bytes) -> None:
        self._values[key] = value

    def delete(self, key: str) -> None:
        self._values.pop(key, None)

    def enqueue(self, body: bytes, values: Mapping[str, bytes] | None = None) -> int:
        self._last_place += 1
        self._queue[self._last_place] = body
        self._values.update(values or {})
        return self._last_place

    def queued(self, limit: int = 100) -> Sequence[tuple[int, bytes]]:
        return [entry for entry, _ in zip(self._queue.items(), range(limit), strict=False)]

    def dequeue(self, places: Sequence[int], values: Mapping[str, bytes] | None = None) -> None:
        for place in places:
            self._queue.pop(place, None)
        self._values.update(values or {})

    def queue_length(self) -> int:
        return len(self._queue)
