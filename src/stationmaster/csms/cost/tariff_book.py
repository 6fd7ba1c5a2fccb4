"""Every tenant's tariffs, assignments, sites and places, in memory: prices are chosen without a query.

It is filled at the start, and again for a tenant whenever any node says that something in it changed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.cost.billing_ports import BookRows
from stationmaster.csms.cost.zones import offsets_between, zone_named
from stationmaster.csms.ports import Bus
from stationmaster.domain.cost.bill import HOLDING_FLAGS
from stationmaster.domain.cost.billing_records import BookContent
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.sites import UTC_ZONE, PlaceFacts, Site, place_at
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Audience, Candidate, Choice, Place, candidates, choose
from stationmaster.domain.queries import CommittedEvent

log = structlog.get_logger(__name__)

CHANGED = "TariffBookChanged"


class _Pages(msgspec.Struct, frozen=True):
    """One tenant's part, ready to be asked."""

    content: BookContent
    by_key: Mapping[int, Tariff]
    by_wire_id: Mapping[str, Tariff]
    sites: Mapping[str, Site]
    places: Mapping[tuple[int, int], PlaceFacts]
    zones: Mapping[str, ZoneInfo]


class TariffBook:
    def __init__(self, reads: BookRows) -> None:
        self._reads = reads
        self._pages: dict[str, _Pages] = {}
        self._one_by_one: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """Of a tenant's loads: what was read earlier must not be taken over later."""
        self._has_followed = False

    async def start(self) -> None:
        """Know every tenant's."""
        for tenant in await self._reads.book_tenants():
            await self.load(tenant)

    async def load(self, tenant: str) -> None:
        """Take over what is stored of a tenant by now."""
        async with self._one_by_one[tenant]:
            self._pages[tenant] = await self._read(tenant)

    async def _read(self, tenant: str) -> _Pages:
        content = await self._reads.book_content(tenant)
        names = {UTC_ZONE, *(site.zone for site in content.sites), *(p.zone for p in content.places if p.zone)}
        return _Pages(
            content=content,
            by_key={tariff.key: tariff for tariff in content.tariffs},
            by_wire_id={tariff.wire_id: tariff for tariff in content.tariffs},
            sites={site.name: site for site in content.sites},
            places={(place.station_key, place.evse_id): place for place in content.places},
            zones=await asyncio.to_thread(_zones, sorted(names)),
        )

    async def follow_changes(self, bus: Bus) -> None:
        """Keep true to what any node's operator changed. Run again after a failure, it makes up for what it missed."""
        changes = bus.subscribe(subjects.events(CHANGED))
        if self._has_followed:
            await self.start()
        self._has_followed = True
        async for message in changes:
            await self.load(msgspec.json.decode(message.body, type=CommittedEvent).event.tenant)

    def bills(self, tenant: str) -> bool:
        """Whether a tenant has any tariff: only then its transactions have bills."""
        pages = self._pages.get(tenant)
        return pages is not None and bool(pages.by_key)

    @property
    def billing_tenants(self) -> tuple[str, ...]:
        return tuple(tenant for tenant in self._pages if self.bills(tenant))

    def content(self, tenant: str) -> BookContent:
        pages = self._pages.get(tenant)
        return BookContent() if pages is None else pages.content

    def tariff(self, tenant: str, key: int | None) -> Tariff | None:
        """A version by its key."""
        pages = self._pages.get(tenant)
        return None if pages is None or key is None else pages.by_key.get(key)

    def by_wire_id(self, tenant: str) -> Mapping[str, Tariff]:
        """The versions by the id that stations know them by."""
        pages = self._pages.get(tenant)
        return {} if pages is None else pages.by_wire_id

    def place(
        self, tenant: str, station_key: int, evse_id: int, connector_id: int | None
    ) -> tuple[Place, Decimal | None]:
        """Where that is, and the power it can deliver, where known."""
        pages = self._pages.get(tenant)
        places, sites = ({}, {}) if pages is None else (pages.places, pages.sites)
        return place_at(places, sites, station_key, evse_id, connector_id)

    def holds(self, tenant: str) -> tuple[str, ...]:
        """The flags that keep a tenant's bills from export until somebody has looked."""
        own = self.content(tenant).holds
        return HOLDING_FLAGS if own is None else own

    def max_power_w(self, tenant: str, station_key: int, evse_id: int) -> Decimal | None:
        """What an EVSE can deliver, where an operator said so."""
        return self.place(tenant, station_key, evse_id, None)[1]

    def choose(self, tenant: str, place: Place, audience: Audience, at: datetime) -> Choice:
        """The tariff for a transaction that starts there and then."""
        content = self.content(tenant)
        return choose(content.assignments, content.tariffs, place, audience, at)

    def candidates(self, tenant: str, place: Place, audience: Audience, at: datetime) -> tuple[Candidate, ...]:
        """All assignments, each with why it does not apply."""
        return candidates(self.content(tenant).assignments, place, audience, at)

    def offsets(self, tenant: str, zone: str, first: datetime, last: datetime) -> tuple[Offset, ...]:
        """What the clocks of a zone show around a session. One that the database no longer has counts as UTC."""
        pages = self._pages.get(tenant)
        known = None if pages is None else pages.zones.get(zone) or pages.zones.get(UTC_ZONE)
        return () if known is None else offsets_between(known, first, last)


def _zones(names: Sequence[str]) -> Mapping[str, ZoneInfo]:
    """Read off the loop: each is a file."""
    found = {}
    for name in names:
        try:
            found[name] = zone_named(name)
        except LookupError as error:
            log.error("time zone not found", zone=name, reason=str(error))
    return found
