"""How long each tenant's things are kept: the program's terms, those that its file has for a tenant, and those that the
tenant's administrator set, which go before."""

from collections.abc import Mapping

from stationmaster.csms.ports import Clock, Journal, TenantTerms
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.records import Event
from stationmaster.domain.retention import RetentionPolicy, RetentionTerms, RetentionWish, with_terms


class RetentionDesk:
    """Any node has one."""

    def __init__(self, reads: TenantTerms, journal: Journal, clock: Clock, settings: CsmsSettings) -> None:
        self._reads = reads
        self._journal = journal
        self._clock = clock
        self._settings = settings

    @property
    def program(self) -> RetentionPolicy:
        """Of tenants that have nothing of their own."""
        return self._settings.retention

    async def own(self, tenant: str) -> RetentionTerms:
        """What the tenant's administrator set."""
        return (await self._reads.retention_terms()).get(tenant, RetentionTerms())

    def in_force(self, tenant: str, own: RetentionTerms) -> RetentionPolicy:
        return with_terms(with_terms(self.program, self._settings.policy(tenant).retention), own)

    async def of_tenants(self) -> Mapping[str, RetentionPolicy]:
        """What is in force for each tenant that has anything of its own."""
        own = await self._reads.retention_terms()
        tenants = {*own, *self._settings.policies}
        return {tenant: self.in_force(tenant, own.get(tenant, RetentionTerms())) for tenant in sorted(tenants)}

    async def put(self, tenant: str, terms: RetentionTerms) -> None:
        """All of it anew; it holds from the next time that anything is let go of."""
        event = Event(kind="RetentionChanged", tenant=tenant, at=self._clock.now())
        await self._journal.store([RetentionWish(tenant=tenant, terms=terms)], [event])
