"""The last known register of each EVSE."""

import sqlite3
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from stationmaster.domain.cost.register_gaps import KnownRegister
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.schema.registers import evse_registers
from stationmaster.storage.statements import compiled

_decode = msgspec.json.Decoder(KnownRegister).decode
_OF_STATION = compiled(
    sa.select(evse_registers.c.body)
    .where(evse_registers.c.station_key == sa.bindparam("station_key"))
    .order_by(evse_registers.c.evse_id)
)


class RegisterReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def evse_registers(self, station_key: int) -> Sequence[KnownRegister]:
        """Those of a station of any tenant, by EVSE."""
        return await self._run(lambda connection: list(known_registers(connection, station_key).values()))


def known_registers(connection: sqlite3.Connection, station_key: int) -> dict[int, KnownRegister]:
    """By EVSE id."""
    found = [_decode(row[0]) for row in fetch(connection, _OF_STATION, station_key=station_key)]
    return {known.evse_id: known for known in found}
