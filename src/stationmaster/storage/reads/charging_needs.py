"""What cars told."""

import msgspec
import sqlalchemy as sa

from stationmaster.domain.charging_needs import KnownNeeds
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers
from stationmaster.storage.reads.paging import of_tenant, page
from stationmaster.storage.schema.charging_needs import charging_needs

_to_needs = msgspec.json.Decoder(KnownNeeds).decode


class ChargingNeedsReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def charging_needs(
        self, tenant: str, station_key: int, request: PageRequest = FIRST_PAGE
    ) -> Page[KnownNeeds]:
        """Of one station, by EVSE."""
        c = charging_needs.c
        statement = sa.select(c.body).where(of_tenant(charging_needs, tenant), c.station_key == station_key)
        return await self._run(
            lambda connection: page(connection, statement, (c.evse_id,), request, lambda row: _to_needs(row[0]))
        )
