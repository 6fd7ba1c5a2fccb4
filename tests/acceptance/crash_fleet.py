"""Our own stations under the same load, with drivers of the simplest kind: plug in, show a card, charge, leave."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from stationmaster.clock.scaled import ScaledClock
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import DEFAULT_TENANT, IdToken
from stationmaster.simulator.catalogue import EV_MODELS, STATION_MODELS
from stationmaster.simulator.ev import EV
from stationmaster.simulator.fleet import ALL_VERSIONS, Fleet, FleetPlan, WayFor
from stationmaster.station.app import Station
from stationmaster.station.metering.readings import energy_wh
from stationmaster.storage.sqlite import SQLiteStorage

SPEED = 20.0
PREFIX = "FLEET"
MODELS = tuple(model for model in STATION_MODELS if model.model not in ("Fast 2x150", "Motorway 2x300"))
"""At this speed a processor that is busy for some milliseconds lets flow, at 300 kW, what no bill has."""
VARIABLES = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "10",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "10",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
    "OCPPCommCtrlr.MessageTimeout[Default]": "600",
    "SampledDataCtrlr.TxUpdatedInterval": "20",
}
"""Redial within a second of ours, measure every second of ours; a busy machine is no reason to give up an event."""


class CrashFleet:
    """Stations of every version and make. Their meters count only while a transaction lets energy flow."""

    def __init__(self, way_for: WayFor, count: int, seed: int) -> None:
        self.clock = ScaledClock(SPEED)
        self._random = Random(f"drivers:{seed}")
        fleet = Fleet(
            FleetPlan(count=count, seed=seed, prefix=PREFIX, versions=ALL_VERSIONS, models=MODELS, keeps_own_time=True),
            way_for,
            self.clock,
        )
        self.stations = fleet.stations
        self._cards = fleet.tokens.known
        for station in self.stations:
            for name, value in VARIABLES.items():
                station.set_variable(name, value)

    async def admit_drivers(self, storage: SQLiteStorage) -> None:
        """Make the cards known to the CSMS."""
        tokens = [
            Token(
                key=storage.keys.take(), tenant=DEFAULT_TENANT, id_token=IdToken(card, "ISO14443"), max_concurrent=None
            )
            for card in self._cards
        ]
        await storage.journal.store(tokens)

    async def run(self, closing: asyncio.Event) -> None:
        """Charge cars until closing time; then let everything be sent, and hang up."""
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(station.run()) for station in self.stations]
            async with asyncio.TaskGroup() as drivers:
                for station, evse_id in self._outlets():
                    drivers.create_task(self._drivers(station, evse_id, closing))
            await self._quiet()
            await asyncio.gather(*(station.stop() for station in self.stations))
            await asyncio.gather(*running)

    def started(self, station: Station) -> int:
        return station.snapshot().transactions_started

    def metered_wh(self, station: Station) -> Decimal:
        """All that its meters have ever counted."""
        evses = station.hardware.describe().evses
        return sum((energy_wh(station.hardware, evse.id) for evse in evses), Decimal(0))

    def _outlets(self) -> Iterator[tuple[Station, int]]:
        for station in self.stations:
            for evse in station.hardware.describe().evses:
                yield station, evse.id

    async def _drivers(self, station: Station, evse_id: int, closing: asyncio.Event) -> None:
        """One car after another at one outlet."""
        hardware, random = station.hardware, Random(self._random.random())
        connectors = {c.type: c.id for c in hardware.describe().evses[evse_id - 1].connectors}
        models = [model for model in EV_MODELS if not model.connectors.isdisjoint(connectors)]
        while station.snapshot().registration != "Accepted":  # the boot sets its clock, this once
            await self.clock.sleep(1)
        await self.clock.sleep(random.uniform(0, 20))
        while not closing.is_set():
            model = random.choice(models)
            connector_id = next(number for kind, number in connectors.items() if kind in model.connectors)
            card = IdToken(random.choice(self._cards), "ISO14443")
            hardware.plug(evse_id, EV(model, random.uniform(0.1, 0.6)), connector_id)
            await self.clock.sleep(random.uniform(1, 4))
            hardware.present(card, evse_id)
            await self.clock.sleep(random.uniform(5, 40))
            if random.random() < 0.5:
                hardware.present(card, evse_id)
                await self.clock.sleep(random.uniform(1, 4))
            hardware.unplug(evse_id)
            await self.clock.sleep(random.uniform(1, 10))

    async def _quiet(self) -> None:
        """Every event was answered and nothing runs any more."""
        while any(
            station.snapshot().queued or any(evse.transaction_id for evse in station.snapshot().evses)
            for station in self.stations
        ):
            await self.clock.sleep(1)
