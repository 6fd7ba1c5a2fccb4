"""The outbox: events that were stored with their cause, until everyone has them."""

import sqlite3
from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.queries import CommittedEvent
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import to_committed_event
from stationmaster.storage.schema.core import outbox
from stationmaster.storage.statements import compiled

_AFTER = compiled(
    sa.select(*outbox.c).where(outbox.c.seq > sa.bindparam("after")).order_by(outbox.c.seq).limit(sa.bindparam("most"))
)
_FIRST = compiled(sa.select(sa.func.min(outbox.c.seq)))
_LAST = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"


class Outbox:
    """For whoever delivers: every tenant's events, at least once each, in order."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def after(self, seq: int, limit: int = 500) -> Sequence[CommittedEvent]:
        """The next events behind a place (0: from the start)."""
        found = await self._readers.run(lambda connection: fetch(connection, _AFTER, after=seq, most=limit))
        return [to_committed_event(row) for row in found]

    async def first_seq(self) -> int:
        """The place of the oldest event that is still there, or else of the next one."""

        def read(connection: sqlite3.Connection) -> int:
            ((oldest,),) = fetch(connection, _FIRST)
            return _last(connection) + 1 if oldest is None else int(oldest)

        return await self._readers.run(read)

    async def last_seq(self) -> int:
        """The place of the newest event, also if it is pruned already; 0: there never was one."""
        return await self._readers.run(_last)


def _last(connection: sqlite3.Connection) -> int:
    found = connection.execute(_LAST).fetchone()
    return int(found[0]) if found else 0
