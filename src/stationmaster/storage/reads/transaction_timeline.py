"""The events of a transaction in the order in which they happened, with what is missing and what contradicts them."""

import sqlite3
from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.queries import Page, PageRequest
from stationmaster.domain.transactions.timeline import Contradiction, TimelineEvent
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import page
from stationmaster.storage.rows import moment, to_transaction_event
from stationmaster.storage.schema.core import conflicts, transaction_events
from stationmaster.storage.statements import compiled

_e, _c = transaction_events.c, conflicts.c
MOST_CONTRADICTIONS = 100
"""Of one transaction: a station that tells every event twice must not fill the answer."""
_BEFORE = sa.func.lag(_e.seq_no).over(order_by=(_e.seq_no, _e.key))
_MISSING = sa.case((_e.seq_no.is_(None), 0), else_=_e.seq_no - sa.func.coalesce(_BEFORE, -1) - 1)
_CONTRADICTIONS = compiled(
    sa.select(_c.dedupe_key, _c.received_at, _c.body)
    .where(_c.station_key == sa.bindparam("station_key"), _c.transaction_key == sa.bindparam("transaction_key"))
    .order_by(_c.key)
    .limit(MOST_CONTRADICTIONS)
)


class TransactionTimelineReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def transaction_timeline(
        self, transaction_key: int, request: PageRequest, *, newest_first: bool = False
    ) -> Page[TimelineEvent]:
        """Of a transaction of any tenant, by the station's time."""
        numbered = (
            sa.select(*transaction_events.c, _MISSING.label("missing"))
            .where(_e.transaction_key == transaction_key)
            .subquery()
        )
        columns = [numbered.c[column.name] for column in transaction_events.c[1:]]
        statement = sa.select(*columns, numbered.c.missing)
        order = (numbered.c.timestamp, numbered.c.key)

        def read(connection: sqlite3.Connection) -> Page[TimelineEvent]:
            found = page(connection, statement, order, request, lambda row: row, newest_first=newest_first)
            told = _contradictions(connection, found.items)
            return Page(tuple(_event(row, told) for row in found.items), found.next_cursor)

        return await self._run(read)


def _contradictions(
    connection: sqlite3.Connection, rows: tuple[tuple[Any, ...], ...]
) -> dict[str, list[Contradiction]]:
    told: dict[str, list[Contradiction]] = defaultdict(list)
    if rows:
        station_key, transaction_key = rows[0][:2]
        for dedupe_key, received_at, body in fetch(
            connection, _CONTRADICTIONS, station_key=station_key, transaction_key=transaction_key
        ):
            told[dedupe_key].append(Contradiction(received_at=moment(received_at), body=bytes(body)))
    return told


def _event(row: tuple[Any, ...], told: dict[str, list[Contradiction]]) -> TimelineEvent:
    record = to_transaction_event(row[:-1])
    return TimelineEvent(
        record=record, missing_before=max(0, row[-1]), contradicted_by=tuple(told.get(record.dedupe_key, ()))
    )
