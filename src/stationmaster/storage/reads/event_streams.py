"""Periodic event streams and their values."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.monitoring.event_streams import KnownStream, StoredStreamValue, StreamValue, StreamValueFilter
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import of_tenant, page
from stationmaster.storage.rows import micros, moment
from stationmaster.storage.schema.event_streams import event_streams, stream_values
from stationmaster.storage.statements import compiled

_to_stream = msgspec.json.Decoder(KnownStream).decode
_OF_STATION = compiled(
    sa.select(event_streams.c.body)
    .where(event_streams.c.station_key == sa.bindparam("station_key"))
    .order_by(event_streams.c.id)
)


class EventStreamReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def event_streams(self, tenant: str, station_key: int) -> Sequence[KnownStream]:
        """Those that are open at a station."""
        statement = (
            sa.select(event_streams.c.body)
            .where(of_tenant(event_streams, tenant), event_streams.c.station_key == station_key)
            .order_by(event_streams.c.id)
        )
        return await self._run(lambda connection: [_to_stream(row[0]) for row in fetch(connection, statement)])

    async def stream_values(
        self, query: StreamValueFilter, request: PageRequest = FIRST_PAGE
    ) -> Page[StoredStreamValue]:
        v = stream_values.c
        conditions = [
            of_tenant(stream_values, query.tenant),
            v.station_key == query.station_key,
            v.stream_id == query.stream_id,
        ]
        if query.from_at is not None:
            conditions.append(v.at >= micros(query.from_at))
        if query.to_at is not None:
            conditions.append(v.at < micros(query.to_at))
        statement = sa.select(*v).where(*conditions)
        return await self._run(lambda connection: page(connection, statement, (v.key,), request, _to_value))


def open_streams(connection: sqlite3.Connection, station_key: int) -> dict[int, KnownStream]:
    """For the aggregate."""
    found = [_to_stream(row[0]) for row in fetch(connection, _OF_STATION, station_key=station_key)]
    return {known.id: known for known in found}


def _to_value(row: tuple[Any, ...]) -> StoredStreamValue:
    value = StreamValue(
        station_key=row[1],
        stream_id=row[2],
        monitoring_id=row[3],
        at=moment(row[4]),
        received_at=moment(row[5]),
        value=row[6],
    )
    return StoredStreamValue(row[0], value)
