"""Opening the database file: the settings that make "stored" mean "on disk", and clear errors where that cannot be."""

import sqlite3
from pathlib import Path

MEMORY = ":memory:"
_BUSY_TIMEOUT_MS = 5000
_SETTINGS = (
    ("journal_mode", "wal"),  # readers never wait for the writer
    ("synchronous", "full"),  # a commit is on disk before it returns
    ("busy_timeout", str(_BUSY_TIMEOUT_MS)),
    ("foreign_keys", "off"),  # there are none, see schema.py
    ("cache_size", "-65536"),  # KiB
    ("wal_autocheckpoint", "4000"),  # pages
    ("journal_size_limit", str(256 * 1024 * 1024)),
    ("temp_store", "memory"),
)


class DatabaseUnusable(Exception):
    """The database cannot be opened; the text is written for an operator."""


class DatabaseLocked(DatabaseUnusable):
    """Another process serves from it. Two would each believe to know every station's state."""


class DatabaseNewer(DatabaseUnusable):
    """A newer program has changed its schema."""


class DatabaseOlder(DatabaseUnusable):
    """Its schema must be brought up to date first."""


class NotADatabase(DatabaseUnusable):
    """The file holds something else, or is damaged."""


def connect(path: str, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with all settings made; it may be used by any thread, by one at a time.

    Raises DatabaseUnusable.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    except sqlite3.OperationalError as error:
        raise DatabaseUnusable(f"{path} cannot be opened: {error}") from error
    try:
        for name, value in _SETTINGS:
            connection.execute(f"PRAGMA {name} = {value}")
        connection.execute(f"PRAGMA query_only = {'on' if read_only else 'off'}")
    except sqlite3.OperationalError as error:
        connection.close()
        raise DatabaseUnusable(f"{path} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise NotADatabase(f"{path} is not a Stationmaster database: {error}") from error
    return connection


class ServeLock:
    """Held by the one process that writes. The operating system lets go of it when the process dies.

    It is SQLite's own lock on an empty file beside the database: the same on every platform.
    """

    def __init__(self, path: str) -> None:
        """Raises DatabaseLocked where another process (or another store of this one) holds it."""
        lock_path = Path(f"{path}.lock")
        try:
            self._held = sqlite3.connect(lock_path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise DatabaseUnusable(f"{lock_path} cannot be opened: {error}") from error
        try:
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            self._held.close()
            raise DatabaseLocked(f"{path} is in use by another process: {error}") from error

    def release(self) -> None:
        self._held.close()
