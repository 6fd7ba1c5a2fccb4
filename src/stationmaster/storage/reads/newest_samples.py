"""What was measured last in a transaction."""

from collections.abc import Sequence

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


class NewestSampleReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def newest_samples(self, transaction_key: int) -> Sequence[Sample]:
        """Of its newest reading, by the station's time."""
        found = await self._run(lambda connection: fetch(connection, _NEWEST, transaction_key=transaction_key))
        return to_samples(found[0][0]) if found else ()
