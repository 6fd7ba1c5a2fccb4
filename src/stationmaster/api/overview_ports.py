"""What the API asks about stations by the many, and about all of them together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from stationmaster.domain.overview import MapArea, Overview, PowerHistory, StationMap, StationUsePage, Use, UseOrder
from stationmaster.domain.queries import PageRequest, StationFilter
from stationmaster.domain.station_list import Facet, FacetValue, ListedStation, StationOrder, StationPage


class StationListQueries(Protocol):
    async def listed_stations(
        self,
        query: StationFilter,
        now: datetime,
        order: StationOrder = ...,
        request: PageRequest = ...,
        *,
        count: bool = ...,
    ) -> StationPage: ...
    async def listed_station(self, tenant: str, station_key: int, now: datetime) -> ListedStation | None: ...
    async def station_facets(self, tenant: str) -> Mapping[Facet, Sequence[FacetValue]]:
        """The most frequent first, of each a bounded number."""
        ...


class OverviewQueries(Protocol):
    async def overview(self, tenant: str, now: datetime, day_from: datetime) -> Overview: ...
    async def site_use(self, tenant: str, now: datetime) -> Mapping[str | None, Use]:
        """The means of each site's stations: utilisation of the last day, uptime of the last week."""
        ...

    async def power_history(self, tenant: str, now: datetime, hours: int, most_sites: int) -> PowerHistory: ...
    async def station_use(
        self,
        tenant: str,
        now: datetime,
        days: int,
        order: UseOrder = ...,
        request: PageRequest = ...,
        site: str | None = ...,
    ) -> StationUsePage: ...
    async def station_map(self, tenant: str, cells: int, area: MapArea | None = ...) -> StationMap: ...
