"""What stations have taken into the slots of their network profiles."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.device_model.network_profile import NetworkProfile, NetworkProfileSet
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import of_tenant
from stationmaster.storage.rows import moment
from stationmaster.storage.schema.network_profile import network_profiles

_profile = msgspec.json.Decoder(NetworkProfile).decode


class NetworkProfileReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def network_profiles(self, tenant: str, station_key: int) -> Sequence[NetworkProfileSet]:
        """Of one station, by slot."""
        c = network_profiles.c
        statement = (
            sa.select(*c).where(of_tenant(network_profiles, tenant), c.station_key == station_key).order_by(c.slot)
        )
        return await self._run(lambda connection: [_to_set(row) for row in fetch(connection, statement)])


def _to_set(row: tuple[Any, ...]) -> NetworkProfileSet:
    return NetworkProfileSet(station_key=row[0], slot=row[1], set_at=moment(row[2]), profile=_profile(row[3]))
