"""The station list over many thousands of stations: a page costs what is on it.

Stations are found in an index, and only those of the page are read. One filter alone, or none, is found in the order
of its index. Several filters, or one that is sorted by something else, are looked for in the one index that holds all
that is filtered by (``stations_listed``), which is a few milliseconds for a hundred thousand stations.
"""

import base64
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.queries import FIRST_PAGE, InvalidCursor, PageRequest, StationFilter
from stationmaster.domain.station_list import (
    FACETS,
    MAX_FACET_VALUES,
    Facet,
    FacetValue,
    ListedStation,
    StationOrder,
    StationPage,
)
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import decoded_cursor, limit_of
from stationmaster.storage.reads.power_now import power_w, since
from stationmaster.storage.reads.station_filter import aside_of, has_an_index, station_conditions
from stationmaster.storage.reads.stations import STATION_COLUMNS
from stationmaster.storage.rows import to_station
from stationmaster.storage.schema.core import stations, transactions
from stationmaster.storage.statements import compiled

_s, _t = stations.c, transactions.c
_SORTED: Mapping[str, sa.Column[Any]] = {
    "identity": _s.identity,
    "name": _s.name,
    "site": _s.site,
    "state": _s.state,
    "version": _s.version,
    "vendor": _s.vendor,
    "firmware_version": _s.firmware_version,
    "last_seen": _s.last_seen_at,
}
_ORDER = StationOrder()
_keys = sa.func.json_each(sa.bindparam("keys")).table_valued("value")
_ROWS = compiled(sa.select(*STATION_COLUMNS, _s.site, _s.state, _s.key).where(_s.key.in_(sa.select(_keys.c.value))))
_POWER = compiled(
    sa.select(_t.station_key, sa.func.sum(power_w()))
    .where(_t.ended_at.is_(None), _t.station_key.in_(sa.select(_keys.c.value)))
    .group_by(_t.station_key)
)
_FACET_SQL = {
    name: compiled(
        sa.select(_s[name], sa.func.count())
        .where(_s.tenant == sa.bindparam("tenant"))
        .group_by(_s[name])
        .order_by(sa.func.count().desc(), _s[name])
        .limit(sa.literal_column(str(MAX_FACET_VALUES)))
    )
    for name in FACETS
}
_decode = msgspec.json.Decoder(tuple[str, str | int | None, str]).decode
Found = tuple[int, str | int | None, str]
"""A station's key, what is sorted by, and its identity."""


class StationListReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def listed_stations(
        self,
        query: StationFilter,
        now: datetime,
        order: StationOrder = _ORDER,
        request: PageRequest = FIRST_PAGE,
        *,
        count: bool = False,
    ) -> StationPage:
        """Raises InvalidCursor, also for one of another order."""

        def read(connection: sqlite3.Connection) -> StationPage:
            limit = limit_of(request)
            found = _found(connection, query, order, _position(request.cursor, order), limit + 1)
            shown = found[:limit]
            return StationPage(
                items=_listed(connection, [key for key, _, _ in shown], now),
                next_cursor=_cursor(order, shown[-1]) if len(found) > limit else None,
                total=_count(connection, query) if count else None,
            )

        return await self._run(read)

    async def listed_station(self, tenant: str, station_key: int, now: datetime) -> ListedStation | None:
        """None where it is another tenant's."""
        found = await self._run(lambda connection: _listed(connection, [station_key], now))
        return next((each for each in found if each.station.tenant == tenant), None)

    async def station_facets(self, tenant: str) -> Mapping[Facet, Sequence[FacetValue]]:
        """What stations can be filtered by, the most frequent first."""
        return await self._run(
            lambda connection: {
                name: [FacetValue(value, count) for value, count in fetch(connection, sql, tenant=tenant)]
                for name, sql in _FACET_SQL.items()
            }
        )


def _found(
    connection: sqlite3.Connection, query: StationFilter, order: StationOrder, position: Found | None, limit: int
) -> list[Found]:
    """Those that have what is sorted by, then those that lack it."""
    column = _SORTED[order.by]
    select = sa.select(_s.key, column, _s.identity)
    if order.by == "identity":
        aside = not has_an_index(query, order.by)
        statement = select.where(*station_conditions(query, aside=aside), *_after(order, position, _s.identity))
        return _fetch(connection, statement.order_by(_directed(_s.identity, order)), limit)
    if order.by != "last_seen" and has_an_index(query, order.by):
        return _found_in_order(connection, select.where(*station_conditions(query)), order, position, limit)
    chosen = station_conditions(query, aside=True)
    if order.by == "last_seen":
        chosen = [_s.key.in_(sa.select(_s.key).where(*chosen))]
    value, identity = aside_of(column), aside_of(_s.identity)
    if position is not None and position[1] is None:
        chosen += [value.is_(None), *_after(order, position, identity)]
    elif position is not None:
        chosen.append(sa.or_(value.is_(None), *_after(order, position, value, identity)))
    statement = select.where(*chosen)
    directed = (_directed(value, order), _directed(identity, order))
    return _fetch(connection, statement.order_by(value.is_(None), *directed), limit)


def _found_in_order(
    connection: sqlite3.Connection,
    statement: sa.Select[Any],
    order: StationOrder,
    position: Found | None,
    limit: int,
) -> list[Found]:
    """From an index, in which those that lack it stand at the other end."""
    column, found = _SORTED[order.by], []
    if position is None or position[1] is not None:
        having = statement.where(column.is_not(None), *_after(order, position, column, _s.identity))
        found = _fetch(connection, having.order_by(_directed(column, order), _directed(_s.identity, order)), limit)
        position = None
    if len(found) < limit:
        lacking = statement.where(column.is_(None), *_after(order, position, _s.identity))
        found += _fetch(connection, lacking.order_by(_directed(_s.identity, order)), limit - len(found))
    return found


def _after(
    order: StationOrder, position: Found | None, *columns: sa.ColumnElement[Any]
) -> list[sa.ColumnElement[bool]]:
    """What follows a position by its last columns."""
    if position is None:
        return []
    place, last = sa.tuple_(*columns), sa.tuple_(*map(sa.literal, position[-len(columns) :]))
    return [place < last if order.descending else place > last]


def _directed(column: sa.ColumnElement[Any], order: StationOrder) -> sa.ColumnElement[Any]:
    return column.desc() if order.descending else column


def _fetch(connection: sqlite3.Connection, statement: sa.Select[Any], limit: int) -> list[Found]:
    return [(row[0], row[1], row[2]) for row in fetch(connection, statement.limit(limit))]


def _count(connection: sqlite3.Connection, query: StationFilter) -> int:
    conditions = station_conditions(query, aside=not has_an_index(query, None))
    return int(fetch(connection, sa.select(sa.func.count()).select_from(stations).where(*conditions))[0][0])


def _listed(connection: sqlite3.Connection, keys: Sequence[int], now: datetime) -> tuple[ListedStation, ...]:
    """Stations by their keys, in that order."""
    wanted = msgspec.json.encode(keys).decode()
    power = dict(fetch(connection, _POWER, keys=wanted, since=since(now)))
    rows = {row[-1]: row for row in fetch(connection, _ROWS, keys=wanted)}
    return tuple(_to_listed(rows[key], power.get(key)) for key in keys if key in rows)


def _to_listed(row: Sequence[Any], watts: float | None) -> ListedStation:
    station = to_station(row)
    knows_power = watts is not None and station.is_connected
    return ListedStation(
        station=station,
        site=row[-3],
        state=row[-2],
        power_w=Decimal(round(watts)) if watts is not None and knows_power else None,
    )


def _cursor(order: StationOrder, last: Found) -> str:
    position = msgspec.json.encode((order.name, *last[1:]))
    return base64.urlsafe_b64encode(position).decode().rstrip("=")


def _position(cursor: str | None, order: StationOrder) -> Found | None:
    if cursor is None:
        return None
    try:
        name, value, identity = _decode(decoded_cursor(cursor))
    except msgspec.DecodeError as error:
        raise InvalidCursor("not a cursor") from error
    kind = _SORTED[order.by].type.python_type
    if name != order.name or not isinstance(value, kind | None) or (isinstance(value, int) and abs(value) >= 2**63):
        raise InvalidCursor("a cursor of another order")
    return 0, value, identity
