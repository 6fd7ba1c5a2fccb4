"""What operators do with prices beside setting them: try a tariff out, show it at stations, tell a cost."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.connection.turns import in_turn
from stationmaster.csms.cost.desk import CostDesk
from stationmaster.csms.cost.price_publication import Price, told_to
from stationmaster.csms.cost.tariff_book import TariffBook
from stationmaster.csms.cost.zones import offsets_between, zone_named
from stationmaster.csms.ports import Clock, Stations
from stationmaster.domain.cost.bill import Content
from stationmaster.domain.cost.local_time import Offset
from stationmaster.domain.cost.sites import UTC_ZONE
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_preview import MadeUp, previewed
from stationmaster.domain.cost.telling import CostUpdated
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
        stations: Stations,
        commands: CommandDesk,
        clock: Clock,
    ) -> None:
        self._costs = costs
        self._book = book
        self._directory = directory
        self._stations = stations
        self._commands = commands
        self._clock = clock

    def stations_of(self, tenant: str, site: str | None = None) -> tuple[int, ...]:
        """The keys of a tenant's stations, of a site or all."""
        found = (desk.state for desk in self._directory if desk.state.tenant == tenant)
        return tuple(sorted(state.key for state in found if site is None or self._site(state) == site))

    async def publish(self, tenant: str, station_key: int, price: Price, requested_by: str) -> tuple[int, ...]:
        """The keys of the commands by which a station is told. Raises LookupError for one that is not known, and
        Unpublished."""
        state = await self._state(station_key)
        if state is None or state.tenant != tenant:
            raise LookupError(station_key)
        placed = Price(
            tariff=price.tariff,
            evse_id=price.evse_id,
            offline_text=price.offline_text,
            total_text=price.total_text,
            at_once=price.tariff.valid_from <= self._clock.now(),
            offsets=self._offsets(state),
        )
        requests = told_to(state, placed)
        made = [
            await self._commands.submit(tenant, station_key, request, requested_by=requested_by) for request in requests
        ]
        return tuple(command.key for command in made)

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
