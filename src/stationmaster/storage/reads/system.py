"""What belongs to no station: keys to the API, tenants and settings."""

from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.records import ApiKey
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import to_api_key
from stationmaster.storage.schema.core import api_keys, stations, tenants
from stationmaster.storage.settings import get_setting
from stationmaster.storage.statements import compiled

_API_KEYS = compiled(sa.select(api_keys.c.body).order_by(api_keys.c.key))
_TENANTS = compiled(sa.union(sa.select(tenants.c.name), sa.select(stations.c.tenant)).order_by("name"))


class SystemReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def all_api_keys(self) -> Sequence[ApiKey]:
        """Those of every tenant, for the directory in memory; revoked ones too."""
        found = await self._run(lambda connection: fetch(connection, _API_KEYS))
        return [to_api_key(row[0]) for row in found]

    async def tenants(self) -> Sequence[str]:
        """All that were made, or have a station."""
        found = await self._run(lambda connection: fetch(connection, _TENANTS))
        return [row[0] for row in found]

    async def setting(self, tenant: str, name: str) -> str | None:
        return await self._run(lambda connection: get_setting(connection, tenant, name))
