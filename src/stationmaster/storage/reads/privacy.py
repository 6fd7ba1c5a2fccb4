"""What was done for drivers' rights, and what that needs to know."""

from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.driver_data import DriverExport, Erasure
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import page
from stationmaster.storage.schema.authorization import refusals
from stationmaster.storage.schema.billing import bills
from stationmaster.storage.schema.core import readings, transactions
from stationmaster.storage.schema.privacy import driver_exports, erasures
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.privacy import to_erasure, to_export

_e, _x, _t = erasures.c, driver_exports.c, transactions.c
_UNDER_WAY = compiled(sa.select(_e.body).where(_e.state != "done").order_by(_e.key))


class PrivacyReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def erasures(self, tenant: str, request: PageRequest = FIRST_PAGE) -> Page[Erasure]:
        """Newest first."""
        statement = sa.select(_e.body, _e.key).where(_e.tenant == tenant)
        return await self._run(
            lambda connection: page(
                connection, statement, (_e.key,), request, lambda row: to_erasure(row[0]), newest_first=True
            )
        )

    async def erasure(self, tenant: str, key: int) -> Erasure | None:
        found = await self._run(
            lambda connection: fetch(connection, sa.select(_e.body).where(_e.key == key, _e.tenant == tenant))
        )
        return to_erasure(found[0][0]) if found else None

    async def erasures_under_way(self) -> Sequence[Erasure]:
        """Of every tenant, oldest first."""
        return [to_erasure(row[0]) for row in await self._run(lambda connection: fetch(connection, _UNDER_WAY))]

    async def driver_export(self, tenant: str, key: int) -> DriverExport | None:
        statement = sa.select(_x.body).where(_x.key == key, _x.tenant == tenant)
        found = await self._run(lambda connection: fetch(connection, statement))
        return to_export(found[0][0]) if found else None

    async def open_on(self, tenant: str, token_keys: Sequence[str]) -> Sequence[int]:
        """The keys of transactions that are under way on one of the tokens."""
        statement = sa.select(_t.key).where(_t.tenant == tenant, _t.token_key.in_(token_keys), _t.ended_at.is_(None))
        return [row[0] for row in await self._run(lambda connection: fetch(connection, statement))]

    async def stations_that_saw(self, tenant: str, token_keys: Sequence[str]) -> Sequence[int]:
        """The keys of stations where one of the tokens charged, or was refused."""
        r = refusals.c
        statement = (
            sa.select(_t.station_key)
            .where(_t.tenant == tenant, _t.token_key.in_(token_keys))
            .union(sa.select(r.station_key).where(r.tenant == tenant, r.token_key.in_(token_keys)))
            .order_by(sa.literal_column("1"))
        )
        return [row[0] for row in await self._run(lambda connection: fetch(connection, statement))]

    async def kept_of(self, tenant: str, token_keys: Sequence[str]) -> tuple[int, int, int]:
        """How many transactions, readings and bills there are on the tokens."""
        mine = sa.select(_t.key).where(_t.tenant == tenant, _t.token_key.in_(token_keys))
        counts = [
            sa.select(sa.func.count()).where(column.in_(mine)).scalar_subquery()
            for column in (_t.key, readings.c.transaction_key, bills.c.transaction_key)
        ]
        found = await self._run(lambda connection: fetch(connection, sa.select(*counts)))
        return found[0][0], found[0][1], found[0][2]
