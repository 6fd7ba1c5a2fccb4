"""Display messages."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.display_message import KnownMessage, Messages
from stationmaster.domain.display_overview import DisplayFilter, StationDisplay
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.schema.core import stations, transactions
from stationmaster.storage.schema.display import display_messages
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.display import to_messages

_OF_STATION = compiled(
    sa.select(display_messages.c.body).where(display_messages.c.station_key == sa.bindparam("station_key"))
)
_d, _s, _t = display_messages.c, stations.c, transactions.c
_UNDER_WAY = compiled(
    sa.select(_t.wire_id, _t.key).where(_t.station_key == sa.bindparam("station_key"), _t.ended_at.is_(None))
)
_SHOWS_SOMETHING = _d.body != sa.literal_column("'[]'")
_TIED = '"transaction_id"'


class DisplayReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def display_messages(self, station_key: int) -> Sequence[KnownMessage]:
        """Those that are known of a station of any tenant, by id."""
        return await self._run(lambda connection: _messages(connection, station_key))

    async def displays(self, query: DisplayFilter, request: PageRequest = FIRST_PAGE) -> Page[StationDisplay]:
        """A station's messages count as one."""
        conditions = matching([(_s.tenant, query.tenant), (_s.key, query.station_key)])
        if query.text:
            told = sa.func.json_extract(sa.column("value"), sa.literal_column("'$.info.message.content'"))
            each = sa.func.json_each(_d.body).table_valued("value")
            conditions.append(sa.exists(sa.select(1).select_from(each).where(_contains(told, query.text))))
        statement = (
            sa.select(_s.key, _s.identity, _d.body)
            .join(display_messages, _d.station_key == _s.key)
            .where(_SHOWS_SOMETHING, *conditions)
        )

        def read(connection: sqlite3.Connection) -> Page[StationDisplay]:
            return page(connection, statement, (_s.identity,), request, lambda row: _display(connection, *row))

        return await self._run(read)


def _contains(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    return column.icontains(text, autoescape=True)


def _display(connection: sqlite3.Connection, station_key: int, identity: str, body: str) -> StationDisplay:
    tied = _TIED in body
    return StationDisplay(
        station_key=station_key,
        identity=identity,
        messages=tuple(sorted(to_messages(body), key=lambda each: each.info.id)),
        under_way=dict(fetch(connection, _UNDER_WAY, station_key=station_key)) if tied else {},
    )


def known_messages(connection: sqlite3.Connection, station_key: int) -> Messages:
    """What a station's aggregate holds of them."""
    return Messages(known={each.info.id: each for each in _messages(connection, station_key)})


def _messages(connection: sqlite3.Connection, station_key: int) -> Sequence[KnownMessage]:
    found = fetch(connection, _OF_STATION, station_key=station_key)
    known = to_messages(found[0][0]) if found else ()
    return sorted(known, key=lambda each: each.info.id)
