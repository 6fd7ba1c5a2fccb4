"""Many stations in one process, of all kinds and versions, with people who use them; the same for the same seed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from random import Random

import msgspec

from stationmaster.ocpp.version import JSON_VERSIONS, SOAP_VERSIONS, Version
from stationmaster.simulator.catalogue import STATION_MODELS, StationModel
from stationmaster.simulator.driver import TokenPool, token_pool, visits
from stationmaster.simulator.driver_profile import PROFILES, DriverProfile
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.simulator.names import station_identity
from stationmaster.simulator.people import People
from stationmaster.station.app import Place, Station
from stationmaster.station.connection.lines import ToCsms
from stationmaster.station.ports import Clock, FileTransfer, NoFiles
from stationmaster.station.snapshot import StationSnapshot
from stationmaster.storage.station_memory import RamMemory

WayFor = Callable[[str, Version], ToCsms]
"""How the station of this identity, which speaks this version, reaches its CSMS."""

ALL_VERSIONS = (*JSON_VERSIONS, *SOAP_VERSIONS)
"""In the order in which stations take them."""

_MOTORWAY_MODELS = frozenset({"Fast 2x150", "Motorway 2x300", "Triple 50"})


class FleetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What fleet to build. ``stagger_s``: the time over which the stations switch on. ``profile``: whose habits the
    drivers have, None: those that fit the kind of station. ``keeps_own_time``: its clock runs faster than the CSMS's.
    """

    count: int
    seed: int = 1
    versions: tuple[Version, ...] = JSON_VERSIONS
    models: tuple[StationModel, ...] = STATION_MODELS
    stagger_s: float = 30.0
    profile: DriverProfile | None = None
    prefix: str = "SIM"
    tokens: int = 100
    keeps_own_time: bool = False


class FleetSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over a fleet. ``statuses`` counts EVSEs by connector status; the others count by version."""

    stations: int
    online: int
    accepted: int
    power_w: Decimal
    statuses: Mapping[str, int]
    charging: int
    transactions_started: Mapping[str, int]
    transactions_ended: Mapping[str, int]
    messages: int
    queued: int


def fleet_tokens(seed: int, count: int) -> TokenPool:
    """The cards of a fleet's drivers, for a CSMS to know; one in twenty is blocked. The same for the same arguments."""
    blocked = max(1, count // 20)
    return token_pool(seed, max(1, count - blocked), blocked)


class Fleet:
    """``stations`` are there from the start; they work while ``run`` does."""

    def __init__(self, plan: FleetPlan, way_for: WayFor, clock: Clock, files: FileTransfer | None = None) -> None:
        self._plan = plan
        self._clock = clock
        self._files = files or NoFiles()
        self._people: list[People] = []
        self.tokens = fleet_tokens(plan.seed, plan.tokens)
        self.stations = [self._build(number, way_for) for number in range(1, plan.count + 1)]

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number, (station, people) in enumerate(zip(self.stations, self._people, strict=True)):
                group.create_task(self._live(station, people, number * self._plan.stagger_s / self._plan.count))

    async def stop(self) -> None:
        """Hang up everywhere; ``run`` goes on until it is cancelled."""
        await asyncio.gather(*(station.stop() for station in self.stations))

    def snapshot(self) -> FleetSnapshot:
        return summed([station.snapshot() for station in self.stations])

    async def _live(self, station: Station, people: People, delay_s: float) -> None:
        await self._clock.sleep(delay_s)
        async with asyncio.TaskGroup() as group:
            group.create_task(station.run())
            group.create_task(people.run())

    def _build(self, number: int, way_for: WayFor) -> Station:
        plan = self._plan
        random = Random(f"station:{plan.seed}:{number}")
        identity = station_identity(number, plan.prefix)
        version = plan.versions[(number - 1) % len(plan.versions)]
        model = random.choice(plan.models)
        hardware = SimulatedHardware(model, self._clock, seed=f"{plan.seed}:{number}")
        drivers = plan.profile or PROFILES["motorway" if model.model in _MOTORWAY_MODELS else "street"]
        schedule = visits(random.randrange(2**32), drivers, self.tokens)
        self._people.append(People(hardware, model, schedule, self._clock))
        place = Place(
            hardware=hardware,
            memory=RamMemory(),
            clock=self._clock,
            dial=way_for(identity, version),
            files=self._files,
            keeps_own_time=plan.keeps_own_time,
        )
        # Ids of transactions are unique for ever: another run of the same fleet must not use them again.
        return Station(identity, version, place, seed=f"{plan.seed}:{self._clock.now().isoformat()}")


def summed(snapshots: Sequence[StationSnapshot]) -> FleetSnapshot:
    """One picture of many stations."""
    evses = [evse for snapshot in snapshots for evse in snapshot.evses]
    return FleetSnapshot(
        stations=len(snapshots),
        online=sum(snapshot.online for snapshot in snapshots),
        accepted=sum(snapshot.registration == "Accepted" for snapshot in snapshots),
        power_w=sum((evse.power_w for evse in evses), Decimal(0)),
        statuses=Counter(evse.status for evse in evses),
        charging=sum(evse.charging_state == "Charging" for evse in evses),
        transactions_started=_by_version((s.version, s.transactions_started) for s in snapshots),
        transactions_ended=_by_version((s.version, s.transactions_ended) for s in snapshots),
        messages=sum(snapshot.messages for snapshot in snapshots),
        queued=sum(snapshot.queued for snapshot in snapshots),
    )


def _by_version(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for version, count in counts:
        found[version] += count
    return dict(found)
