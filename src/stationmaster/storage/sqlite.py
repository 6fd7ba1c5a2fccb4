"""The store on SQLite, put together."""

import asyncio
import sqlite3
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.storage.batch import BatchWriter, Writing
from stationmaster.storage.engine import MEMORY, ServeLock, connect
from stationmaster.storage.journal import Journal
from stationmaster.storage.keys import KeyRanges
from stationmaster.storage.message_log import MessageLog
from stationmaster.storage.migrate import ensure_schema
from stationmaster.storage.outbox import Outbox
from stationmaster.storage.personal_data import PersonalData
from stationmaster.storage.readers import InlineReaders, JournalReaders, PooledReaders, Readers
from stationmaster.storage.reads import Reads
from stationmaster.storage.retention import Retention
from stationmaster.storage.schema.core import tenants
from stationmaster.storage.settings import put_setting
from stationmaster.storage.statements import compiled

_ADD_TENANT = compiled(insert(tenants).values(name=sa.bindparam("name")).on_conflict_do_nothing())


class SQLiteStorage:
    """Everything that is stored. Made by :meth:`open`, on the event loop that uses it."""

    def __init__(self, connection: sqlite3.Connection, lock: ServeLock | None, path: str, *, threaded: bool) -> None:
        self._connection = connection
        self._lock = lock
        self._threaded = threaded
        self.journal = Journal(BatchWriter(connection), threaded=threaded)
        self._readers = self._readers_for(path, threaded)
        self.keys = KeyRanges(self.journal)
        self.reads = Reads(self._readers)
        self.outbox = Outbox(self._readers)
        self.message_log = MessageLog(self.journal)
        self.retention = Retention(self.journal, self._readers)
        self.personal = PersonalData(self.journal, self._readers)

    @classmethod
    async def open(cls, path: str, *, threaded: bool = True, migrate: bool = True) -> "SQLiteStorage":
        """Open (or make) a database; ``:memory:`` lives as long as the store.

        ``threaded`` off: everything runs on the loop, for virtual time. ``migrate`` off: a database with an older
        schema is refused. Raises DatabaseLocked, DatabaseNewer, DatabaseOlder, NotADatabase or DatabaseUnusable.
        """
        if threaded:
            lock, connection = await asyncio.to_thread(_ready, path, migrate)
        else:
            lock, connection = _ready(path, migrate)
        storage = cls(connection, lock, path, threaded=threaded)
        try:
            await storage._start()
        except BaseException:
            await storage.close()
            raise
        return storage

    async def add_tenant(self, name: str) -> None:
        """Raises StorageFailed; a tenant that is there already stays as it is."""
        await self.journal.run(lambda writing: _add_tenant(writing, name))

    async def put_setting(self, tenant: str, name: str, value: str) -> None:
        """Raises StorageFailed."""
        await self.journal.run(lambda writing: put_setting(writing, tenant, name, value))

    async def close(self) -> None:
        """Write all that waits, and let go of the database. Nothing may be stored afterwards."""
        await self.journal.close()
        if self._threaded:
            await asyncio.to_thread(self._release)  # the last one out copies the log into the database
        else:
            self._release()

    def _release(self) -> None:
        self._readers.close()
        self._connection.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def _start(self) -> None:
        await self.keys.open()
        await self.add_tenant(DEFAULT_TENANT)

    def _readers_for(self, path: str, threaded: bool) -> Readers:
        if not threaded:
            return InlineReaders(self._connection)
        return JournalReaders(self.journal) if path == MEMORY else PooledReaders(path)


def _ready(path: str, migrate: bool) -> tuple[ServeLock | None, sqlite3.Connection]:
    with ExitStack() as opened:
        lock = None
        if path != MEMORY:
            lock = ServeLock(path)
            opened.callback(lock.release)
            Path(path).touch(mode=0o600)  # nobody else's to read: it holds the hashes of passwords
        connection = connect(path)
        opened.callback(connection.close)
        ensure_schema(connection, path, migrate=migrate)
        opened.pop_all()
    return lock, connection


def _add_tenant(writing: Writing, name: str) -> None:
    writing.connection.execute(_ADD_TENANT.text, _ADD_TENANT.arguments(name=name))
