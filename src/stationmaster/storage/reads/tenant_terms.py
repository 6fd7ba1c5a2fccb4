"""What tenants have of their own, set over the API."""

from collections.abc import Mapping

import sqlalchemy as sa

from stationmaster.domain.retention import RetentionTerms
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.schema.core import settings
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.tenant_terms import RETENTION, to_terms

_RETENTION = compiled(sa.select(settings.c.tenant, settings.c.value).where(settings.c.name == RETENTION))


class TenantTermReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def retention_terms(self) -> Mapping[str, RetentionTerms]:
        """How long things are kept, by tenant, as far as it was set."""
        found = await self._run(lambda connection: fetch(connection, _RETENTION))
        return {tenant: to_terms(value) for tenant, value in found}
