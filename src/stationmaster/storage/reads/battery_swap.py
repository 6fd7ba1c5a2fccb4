"""Battery swaps."""

import sqlite3

import msgspec
import sqlalchemy as sa

from stationmaster.domain.battery_swap import Swap, SwapFilter
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.schema.battery_swap import battery_swaps
from stationmaster.storage.statements import compiled

_to_swap = msgspec.json.Decoder(Swap).decode
_s = battery_swaps.c
_NEWEST = compiled(
    sa.select(_s.body).where(_s.station_key == sa.bindparam("station_key")).order_by(_s.key.desc()).limit(20)
)


class BatterySwapReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def battery_swaps(self, query: SwapFilter, request: PageRequest = FIRST_PAGE) -> Page[Swap]:
        given = [(_s.tenant, query.tenant), (_s.station_key, query.station_key), (_s.state, query.state)]
        statement = sa.select(_s.body).where(*matching(given))
        return await self._run(
            lambda connection: page(
                connection, statement, (_s.key,), request, lambda row: _to_swap(row[0]), newest_first=True
            )
        )


def newest_swaps(connection: sqlite3.Connection, station_key: int) -> tuple[Swap, ...]:
    """For the aggregate, oldest first."""
    return tuple(_to_swap(row[0]) for row in reversed(fetch(connection, _NEWEST, station_key=station_key)))
