"""Transactions and the evidence for them."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import FIRST_PAGE, MAX_PAGE, Page, PageRequest, TransactionFilter
from stationmaster.domain.records import Reading, TransactionEventRecord
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.aggregate import complete
from stationmaster.storage.reads.paging import count, has_text, matching, page
from stationmaster.storage.rows import micros, to_reading, to_transaction, to_transaction_event
from stationmaster.storage.schema.core import readings, stations, transaction_events, transactions
from stationmaster.storage.statements import compiled

_EVENT_COLUMNS = transaction_events.c[1:]
_READING_COLUMNS = readings.c[1:]
_t = transactions.c
MAX_LOST_ENDS = 100


def _told(path: str) -> sa.ColumnElement[Any]:
    return sa.func.json_extract(_t.body, sa.literal_column(f"'$.{path}'"))


def _wh(*paths: str) -> sa.ColumnElement[Any]:
    """The first of these energies that is known."""
    return sa.cast(sa.func.coalesce(*map(_told, paths), sa.null()), sa.Float)


_CLOSED = _told("closed")
_CHARGING_STATE = _told("charging_state")
_BEGIN = _wh("meter_start_wh", "first_register.wh")
_DELIVERED = sa.case(
    (_told("weighed.wh").is_not(None), _wh("weighed.wh") > 0),
    else_=sa.or_(
        sa.func.coalesce(_wh("meter_stop_wh", "last_register.wh") > _BEGIN, sa.false()),
        sa.exists().where(readings.c.transaction_key == _t.key, sa.cast(readings.c.register_wh, sa.Float) > _BEGIN),
    ),
)
"""By evidence, as the row of one that is under way need not hold its newest register."""

_BY_WIRE_ID = compiled(
    sa.select(_t.body).where(_t.station_key == sa.bindparam("station_key"), _t.wire_id == sa.bindparam("wire_id"))
)
_BY_START_KEY = compiled(
    sa.select(_t.body)
    .where(_t.station_key == sa.bindparam("station_key"), _t.start_key == sa.bindparam("start_key"))
    .order_by(_t.key.desc())
    .limit(1)
)
_LOST_ENDS = compiled(
    sa.select(_t.body)
    .where(_t.station_key == sa.bindparam("station_key"), _t.start_key == sa.bindparam("lost_key"))
    .order_by(_t.key.desc())
    .limit(MAX_LOST_ENDS)
)
_BEGUN_BETWEEN = compiled(
    sa.select(_t.body).where(
        _t.station_key == sa.bindparam("station_key"),
        _t.first_event_at >= sa.bindparam("first"),
        _t.first_event_at < sa.bindparam("before"),
    )
)
_ONE = compiled(sa.select(_t.body).where(_t.tenant == sa.bindparam("tenant"), _t.key == sa.bindparam("key")))
_ENDED = compiled(
    sa.select(_t.body).where(_t.station_key == sa.bindparam("station_key"), _t.ended_at == sa.bindparam("ended_at"))
)
_IDENTITIES = sa.select(stations.c.key, stations.c.identity)
_EVENT = compiled(
    sa.select(*_EVENT_COLUMNS).where(
        transaction_events.c.transaction_key == sa.bindparam("transaction_key"),
        transaction_events.c.dedupe_key == sa.bindparam("dedupe_key"),
    )
)


class TransactionReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def find_by_wire_id(self, station_key: int, wire_id: str) -> Transaction | None:
        """Ended ones too."""

        def read(connection: sqlite3.Connection) -> Transaction | None:
            return _first(connection, fetch(connection, _BY_WIRE_ID, station_key=station_key, wire_id=wire_id))

        return await self._run(read)

    async def find_by_start_key(self, station_key: int, start_key: str) -> Transaction | None:
        """The newest with this key, ended ones too."""

        def read(connection: sqlite3.Connection) -> Transaction | None:
            found = fetch(connection, _BY_START_KEY, station_key=station_key, start_key=start_key)
            return _first(connection, found)

        return await self._run(read)

    async def find_lost_ends(self, station_key: int, lost_key: str) -> Sequence[Transaction]:
        """Those of a station that are known by their end alone, and wait for a start with this key; the newest 100."""
        found = await self._run(
            lambda connection: fetch(connection, _LOST_ENDS, station_key=station_key, lost_key=lost_key)
        )
        return [to_transaction(row[0]) for row in found]

    async def find_begun_between(self, station_key: int, first: datetime, before: datetime) -> Sequence[Transaction]:
        """Those of a station whose first event is, by its own time, at ``first`` or later, and before ``before``."""
        times = {"first": micros(first), "before": micros(before)}
        found = await self._run(lambda connection: fetch(connection, _BEGUN_BETWEEN, station_key=station_key, **times))
        return [to_transaction(row[0]) for row in found]

    async def find_ended(self, station_key: int, ended_at: datetime) -> Sequence[Transaction]:
        """Those of a station that ended at exactly this time of its own."""
        found = await self._run(
            lambda connection: fetch(connection, _ENDED, station_key=station_key, ended_at=micros(ended_at))
        )
        return [to_transaction(row[0]) for row in found]

    async def find_event(self, transaction_key: int, dedupe_key: str) -> TransactionEventRecord | None:
        found = await self._run(
            lambda connection: fetch(connection, _EVENT, transaction_key=transaction_key, dedupe_key=dedupe_key)
        )
        return to_transaction_event(found[0]) if found else None

    async def transaction(self, tenant: str, key: int) -> Transaction | None:
        def read(connection: sqlite3.Connection) -> Transaction | None:
            return _first(connection, fetch(connection, _ONE, tenant=tenant, key=key))

        return await self._run(read)

    async def transactions(self, query: TransactionFilter, request: PageRequest = FIRST_PAGE) -> Page[Transaction]:
        """Open ones with their latest register."""
        statement = sa.select(_t.body).where(*_conditions(query))

        def read(connection: sqlite3.Connection) -> Page[Transaction]:
            return page(
                connection,
                statement,
                (_t.first_event_at, _t.key),
                request,
                lambda row: _up_to_date(connection, row),
                newest_first=True,
            )

        return await self._run(read)

    async def transaction_count(self, query: TransactionFilter) -> int:
        """Up to MAX_COUNT."""
        statement = sa.select(_t.key).where(*_conditions(query))
        return await self._run(lambda connection: count(connection, statement))

    async def still_open(self, tenant: str, keys: Iterable[int]) -> Sequence[Transaction]:
        """Those of a tenant's transactions that are open, by key, as they are stored: without what only their events
        and readings tell."""
        statement = sa.select(_t.body).where(_t.tenant == tenant, _t.key.in_(list(keys)), _t.ended_at.is_(None))
        found = await self._run(lambda connection: fetch(connection, statement.order_by(_t.key)))
        return [transaction for row in found if (transaction := to_transaction(row[0])).is_open]

    async def station_identities(self, tenant: str, station_keys: Iterable[int]) -> dict[int, str]:
        """What the stations of a page's transactions are called, by key; those of another tenant are left out."""
        statement = _IDENTITIES.where(stations.c.tenant == tenant, stations.c.key.in_(list(station_keys)))
        found = await self._run(lambda connection: fetch(connection, statement))
        return {row[0]: row[1] for row in found}

    async def transaction_events(
        self, tenant: str, transaction_key: int, request: PageRequest = FIRST_PAGE
    ) -> Page[TransactionEventRecord]:
        """In the order of arrival."""
        events = transaction_events.c
        statement = (
            sa.select(*_EVENT_COLUMNS)
            .join(transactions, _t.key == events.transaction_key)
            .where(events.transaction_key == transaction_key, _t.tenant == tenant)
        )
        return await self._run(
            lambda connection: page(connection, statement, (events.key,), request, to_transaction_event)
        )

    async def readings(self, tenant: str, transaction_key: int, request: PageRequest = FIRST_PAGE) -> Page[Reading]:
        """In the order of the station's time."""
        statement = (
            sa.select(*_READING_COLUMNS)
            .join(transactions, _t.key == readings.c.transaction_key)
            .where(readings.c.transaction_key == transaction_key, _t.tenant == tenant)
        )
        order = (readings.c.taken_at, readings.c.key)
        return await self._run(lambda connection: page(connection, statement, order, request, to_reading))

    async def all_readings(self, tenant: str, transaction_key: int) -> AsyncIterator[Reading]:
        """As :meth:`readings`, all of them, a page at a time."""
        cursor: str | None = None
        while True:
            found = await self.readings(tenant, transaction_key, PageRequest(limit=MAX_PAGE, cursor=cursor))
            for reading in found.items:
                yield reading
            if (cursor := found.next_cursor) is None:
                return


def _conditions(query: TransactionFilter) -> list[sa.ColumnElement[bool]]:
    conditions = matching(
        [
            (_t.tenant, query.tenant),
            (_t.station_key, query.station_key),
            (_t.wire_id, query.wire_id),
            (_CHARGING_STATE, query.charging_state),
        ]
    )
    if query.site is not None or query.text:
        conditions.append(_t.station_key.in_(_station_keys(query)))
    if query.token is not None:
        conditions.append(_t.token_key.in_(IdToken(query.token).keys))
    if query.open is not None:
        conditions.append(_t.ended_at.is_(None) if query.open else _t.ended_at.is_not(None))
    if query.closed is not None:
        conditions.append(_CLOSED.is_not(None) if query.closed else _CLOSED.is_(None))
    if query.delivered is not None:
        conditions.append(_DELIVERED if query.delivered else sa.not_(_DELIVERED))
    if query.from_at is not None:
        conditions.append(_t.first_event_at >= micros(query.from_at))
    if query.to_at is not None:
        conditions.append(_t.first_event_at < micros(query.to_at))
    return conditions


def _station_keys(query: TransactionFilter) -> sa.Select[Any]:
    s = stations.c
    wanted = sa.select(s.key).where(*matching([(s.tenant, query.tenant), (s.site, query.site)]))
    if query.text:
        wanted = wanted.where(has_text(query.text, s.identity, s.name))
    return wanted


def _first(connection: sqlite3.Connection, found: Any) -> Transaction | None:
    return _up_to_date(connection, found[0]) if found else None


def _up_to_date(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Transaction:
    transaction: Transaction = to_transaction(row[0])
    return complete(connection, transaction) if transaction.is_open else transaction
