"""What prices are chosen by, and where they were told."""

import sqlite3

import sqlalchemy as sa

from stationmaster.domain.cost.billing_records import BookContent
from stationmaster.domain.cost.publications import PricePublished, PublicationProgress
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.command_states import command_states
from stationmaster.storage.reads.paging import page
from stationmaster.storage.schema.core import settings, stations
from stationmaster.storage.schema.tariffs import places, price_publications, sites, tariff_assignments, tariffs
from stationmaster.storage.settings import get_setting
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.tariffs import to_assignment, to_place, to_published, to_site, to_tariff
from stationmaster.storage.writes.tenant_terms import BILL_HOLDS, to_holds

_TENANT: sa.BindParameter[str] = sa.bindparam("tenant")
_TENANTS = compiled(
    sa.union(
        sa.select(tariffs.c.tenant),
        sa.select(sites.c.tenant),
        sa.select(settings.c.tenant).where(settings.c.name == BILL_HOLDS),
        sa.select(stations.c.tenant).join(places, places.c.station_key == stations.c.key),
    )
)
_TARIFFS = compiled(sa.select(tariffs.c.body).where(tariffs.c.tenant == _TENANT).order_by(tariffs.c.key))
_ASSIGNMENTS = compiled(
    sa.select(tariff_assignments.c.body)
    .where(tariff_assignments.c.tenant == _TENANT)
    .order_by(tariff_assignments.c.key)
)
_SITES = compiled(sa.select(*sites.c).where(sites.c.tenant == _TENANT).order_by(sites.c.name))
_PLACES = compiled(
    sa.select(places.c.body)
    .join(stations, stations.c.key == places.c.station_key)
    .where(stations.c.tenant == _TENANT)
    .order_by(places.c.station_key, places.c.evse_id)
)

_p = price_publications.c


class TariffReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def book_tenants(self) -> tuple[str, ...]:
        """The tenants that have anything in their book."""
        found = await self._run(lambda connection: fetch(connection, _TENANTS))
        return tuple(row[0] for row in found)

    async def book_content(self, tenant: str) -> BookContent:
        """All of a tenant's tariffs, assignments, sites and places, as of one moment."""

        def read(connection: sqlite3.Connection) -> BookContent:
            holds = get_setting(connection, tenant, BILL_HOLDS)
            return BookContent(
                tariffs=tuple(to_tariff(row[0]) for row in fetch(connection, _TARIFFS, tenant=tenant)),
                assignments=tuple(to_assignment(row[0]) for row in fetch(connection, _ASSIGNMENTS, tenant=tenant)),
                sites=tuple(to_site(row) for row in fetch(connection, _SITES, tenant=tenant)),
                places=tuple(to_place(row[0]) for row in fetch(connection, _PLACES, tenant=tenant)),
                holds=None if holds is None else to_holds(holds),
            )

        return await self._run(read)

    async def price_publications(
        self, tenant: str, tariff: str, request: PageRequest = FIRST_PAGE
    ) -> Page[PublicationProgress]:
        """Newest first, each with the states of its commands as they are now."""
        statement = sa.select(_p.body).where(_p.tenant == tenant, _p.tariff == tariff)

        def read(connection: sqlite3.Connection) -> Page[PublicationProgress]:
            return page(
                connection,
                statement,
                (_p.key,),
                request,
                lambda row: _progress(connection, to_published(row[0])),
                newest_first=True,
            )

        return await self._run(read)


def _progress(connection: sqlite3.Connection, published: PricePublished) -> PublicationProgress:
    states, partial = command_states(connection, [key for told in published.stations for key in told.commands])
    return PublicationProgress(published=published, states=states, partial=partial)
