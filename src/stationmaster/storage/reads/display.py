"""Display messages."""

import sqlite3
from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.display_message import KnownMessage, Messages
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.schema.display import display_messages
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.display import to_messages

_OF_STATION = compiled(
    sa.select(display_messages.c.body).where(display_messages.c.station_key == sa.bindparam("station_key"))
)


class DisplayReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def display_messages(self, station_key: int) -> Sequence[KnownMessage]:
        """Those that are known of a station of any tenant, by id."""
        return await self._run(lambda connection: _messages(connection, station_key))


def known_messages(connection: sqlite3.Connection, station_key: int) -> Messages:
    """What a station's aggregate holds of them."""
    return Messages(known={each.info.id: each for each in _messages(connection, station_key)})


def _messages(connection: sqlite3.Connection, station_key: int) -> Sequence[KnownMessage]:
    found = fetch(connection, _OF_STATION, station_key=station_key)
    known = to_messages(found[0][0]) if found else ()
    return sorted(known, key=lambda each: each.info.id)
