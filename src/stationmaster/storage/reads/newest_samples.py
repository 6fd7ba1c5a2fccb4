"""What was measured last in a transaction."""

import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal

import sqlalchemy as sa

from stationmaster.domain.metering.values import Sample
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import to_samples
from stationmaster.storage.schema.core import readings
from stationmaster.storage.statements import compiled

_NEWEST = compiled(
    sa.select(readings.c.samples)
    .where(readings.c.transaction_key == sa.bindparam("transaction_key"))
    .order_by(readings.c.taken_at.desc())
    .limit(1)
)

_NEWEST_POWER = compiled(
    sa.select(readings.c.power_w)
    .where(readings.c.transaction_key == sa.bindparam("transaction_key"), readings.c.power_w.is_not(None))
    .order_by(readings.c.taken_at.desc())
    .limit(1)
)


class NewestSampleReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def newest_samples(self, transaction_key: int) -> Sequence[Sample]:
        """Of its newest reading, by the station's time."""
        found = await self._run(lambda connection: fetch(connection, _NEWEST, transaction_key=transaction_key))
        return to_samples(found[0][0]) if found else ()

    async def newest_powers(self, transaction_keys: Iterable[int]) -> dict[int, Decimal]:
        """In W, by the transaction; of any tenant. Those of which no power is known are left out."""
        keys = tuple(transaction_keys)

        def read(connection: sqlite3.Connection) -> dict[int, Decimal]:
            found = ((key, fetch(connection, _NEWEST_POWER, transaction_key=key)) for key in keys)
            return {key: Decimal(rows[0][0]) for key, rows in found if rows}

        return await self._run(read)
