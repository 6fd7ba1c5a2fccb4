"""What operators do with prices beside setting them: try a tariff out, show it at stations, tell a cost."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

import msgspec

from stationmaster.csms.commands.commands import CommandDesk, Wanted
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.connection.turns import in_turn
from stationmaster.csms.cost.desk import CostDesk
from stationmaster.csms.cost.price_publication import Price, Unpublished, told_to
from stationmaster.csms.cost.tariff_book import TariffBook
from stationmaster.csms.cost.zones import offsets_between, zone_named
from stationmaster.csms.ports import Clock, Store
from stationmaster.csms.unhurried import unhurried
from stationmaster.domain.cost.bill import Content
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.publications import PricePublished, StationTold
from stationmaster.domain.cost.sites import UTC_ZONE
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_preview import MadeUp, previewed
from stationmaster.domain.cost.telling import CostUpdated
from stationmaster.domain.messages import Request
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import Transaction

AHEAD = timedelta(days=200)
"""How far is looked for the next change of the clock on the wall."""


class PriceDesk:
    def __init__(
        self,
        costs: CostDesk,
        book: TariffBook,
        directory: Directory,
        store: Store,
        commands: CommandDesk,
        clock: Clock,
    ) -> None:
        self._costs = costs
        self._book = book
        self._directory = directory
        self._stations = store.reads
        self._keys = store.keys
        self._commands = commands
        self._clock = clock

    def stations_of(self, tenant: str, site: str | None = None) -> tuple[int, ...]:
        """The keys of a tenant's stations, of a site or all."""
        found = (desk.state for desk in self._directory if desk.state.tenant == tenant)
        return tuple(sorted(state.key for state in found if site is None or self._site(state) == site))

    async def publish(self, tenant: str, stations: Sequence[int], price: Price, published_by: str) -> PricePublished:
        """Tell stations a price. Which commands each is told by, or why it cannot be, is stored at once with those
        commands. Raises LookupError for a station that is not known, and StorageFailed; then none is told."""
        requests, told = [], []
        async for station_key in unhurried(stations, self._clock):
            try:
                asked = await self._told(tenant, station_key, price)
            except Unpublished as why:
                told.append(StationTold(station_key=station_key, unsupported=str(why)))
                continue
            wanted = [Wanted(station_key, request, self._keys.take()) for request in asked]
            told.append(StationTold(station_key=station_key, commands=tuple(each.key for each in wanted)))
            requests += wanted
        published = PricePublished(
            key=self._keys.take(),
            tenant=tenant,
            tariff=price.tariff.name,
            version=price.tariff.version,
            at=self._clock.now(),
            published_by=published_by,
            stations=tuple(told),
        )
        await self._commands.submit_together(
            tenant, requests, requested_by=published_by, records=[published], events=[_event(published)]
        )
        return published

    async def cost_so_far(self, transaction: Transaction) -> CostUpdated | None:
        """What an open transaction costs by now, as its station is told; None: no tariff applies."""
        return await self._costs.so_far(transaction, self._clock.now())

    async def contents_so_far(self, transactions: Iterable[Transaction]) -> dict[int, Content]:
        """What open transactions cost by now, by key, for who looks on: an estimate. One that was not looked at before
        is read in its station's turn; after that its messages bring it forward. Those without a price are left out."""
        found = {}
        for transaction in transactions:
            content = self._costs.content_so_far(transaction, self._clock.now())
            if content is None:
                read = partial(self._costs.keep_in_mind, transaction)
                content = await in_turn(self._directory, transaction.station_key, read)
            if content is not None:
                found[transaction.key] = content
        return found

    async def preview(self, tariff: Tariff, made_up: MadeUp) -> Content:
        """What a session would cost. Raises LookupError for a zone that the time-zone database does not have."""
        zone = await asyncio.to_thread(zone_named, made_up.zone or UTC_ZONE)
        first = made_up.reserved_from or made_up.start
        return previewed(tariff, made_up, offsets_between(zone, first, made_up.unplugged_at or made_up.end))

    async def _told(self, tenant: str, station_key: int, price: Price) -> tuple[Request, ...]:
        """What a station is told by. Raises LookupError and Unpublished."""
        state = await self._state(station_key)
        if state is None or state.tenant != tenant:
            raise LookupError(station_key)
        at_once = price.tariff.valid_from <= self._clock.now()
        return told_to(state, msgspec.structs.replace(price, at_once=at_once, offsets=self._offsets(state)))

    def _site(self, state: StationState) -> str | None:
        return self._book.place(state.tenant, state.key, 0, None)[0].site

    async def _state(self, station_key: int) -> StationState | None:
        """As it is here, where it has been here; else as it is stored."""
        desk = self._directory.get(station_key)
        if desk is not None and desk.is_loaded:
            return desk.state
        return await self._stations.load(station_key)

    def _offsets(self, state: StationState) -> tuple[Offset, ...]:
        """From now on; none where nobody said where the station is."""
        place, _ = self._book.place(state.tenant, state.key, 0, None)
        if place.zone == UTC_ZONE:
            return ()
        now = self._clock.now()
        offsets = self._book.offsets(state.tenant, place.zone, now, now + AHEAD)
        current = [each for each in offsets if each.from_at <= now][-1:]
        return (*current, *(each for each in offsets if each.from_at > now))


def _event(published: PricePublished) -> Event:
    data = {
        "publication": published.key,
        "tariff": published.tariff,
        "version": published.version,
        "stations": len(published.stations),
    }
    return Event(kind="PricePublished", tenant=published.tenant, at=published.at, data=data)
