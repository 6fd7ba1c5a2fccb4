"""What the API asks about prices that were told to stations."""

from typing import Protocol

from stationmaster.domain.cost.publications import PublicationProgress
from stationmaster.domain.queries import Page, PageRequest


class PublicationQueries(Protocol):
    async def price_publications(
        self, tenant: str, tariff: str, request: PageRequest = ...
    ) -> Page[PublicationProgress]: ...
