"""Where reads run: on threads with connections of their own, so that a long query holds up neither loop nor writer."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from sqlalchemy.sql.expression import ClauseElement

from stationmaster.storage.batch import Writing
from stationmaster.storage.compiled_cache import CompiledCache
from stationmaster.storage.engine import connect
from stationmaster.storage.journal import Journal
from stationmaster.storage.statements import Sql

Result = TypeVar("Result")
Read = Callable[[sqlite3.Connection], Result]
_forms = CompiledCache()


class Readers(Protocol):
    """What was committed before a read was asked for, the read sees."""

    async def run(self, read: Read[Result]) -> Result: ...

    def close(self) -> None: ...


class PooledReaders:
    """Each thread has a read-only connection. For a database in a file."""

    def __init__(self, path: str, threads: int = 2) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader", initializer=self._open)

    async def run(self, read: Read[Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, read)

    def close(self) -> None:
        self._pool.shutdown()
        for connection in self._opened:
            connection.close()

    def _open(self) -> None:
        self._local.connection = connect(self._path, read_only=True)
        self._opened.append(self._local.connection)

    def _read(self, read: Read[Result]) -> Result:
        return read(self._local.connection)


class JournalReaders:
    """Reads in the writer's turn, on its connection. For a database in memory, which has only the one."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def run(self, read: Read[Result]) -> Result:
        def attempt(writing: Writing) -> Result | Exception:
            try:
                return read(writing.connection)
            except Exception as error:  # the reader's own: the batch must not be rolled back for it
                return error

        outcome = await self._journal.run(attempt)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        """It owns nothing."""


class InlineReaders:
    """Reads on the loop, at once, on the writer's connection. For virtual time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def run(self, read: Read[Result]) -> Result:
        return read(self._connection)

    def close(self) -> None:
        """It owns nothing."""


def fetch(connection: sqlite3.Connection, statement: Sql | ClauseElement, **values: Any) -> Sequence[tuple[Any, ...]]:
    """All rows of a statement, which may be compiled already; any other is compiled once for its form."""
    if isinstance(statement, Sql):
        return connection.execute(statement.text, statement.arguments(**values)).fetchall()
    return connection.execute(*_forms.sql(statement, values)).fetchall()
