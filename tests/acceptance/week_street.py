"""The stations of a simulated week: where they stand, how they are set, and what happens to their power and their
lines."""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any

from week_cards import MASTER_GROUP

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Reset
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import STATION_MODELS, EVSEModel, StationModel, station_model
from stationmaster.simulator.ev import EVModel
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.program import connector_numbers
from stationmaster.station.settings import Settings, defaults, with_fields
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing import CsmsBench, StationView
from stationmaster.transport.errors import ConnectRefused
from stationmaster.transport.memory import MemoryConnection

HOUR = 3600.0
MODELS = (*STATION_MODELS, station_model("Car park 2x11"), station_model("Terminal 2x150"))
SAMPLED_S = 900
COMMON: dict[str, Any] = {
    "tx_updated_interval_s": SAMPLED_S,
    "tx_updated_measurands": ("Energy.Active.Import.Register", "Power.Active.Import"),
    "master_pass_group_id": MASTER_GROUP,
    "web_socket_ping_interval_s": 0,
}
POINTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("EVConnected", "Authorized"), ("EVConnected", "Authorized")),
    (("Authorized",), ("Authorized",)),
    (("PowerPathClosed",), ("PowerPathClosed",)),
    (("EVConnected",), ("EVConnected",)),
    (("PowerPathClosed",), ("EVConnected",)),
)
"""Where transactions of 2.x begin and end. EnergyTransfer is not among them: what flows until it is noticed that
something does is in no transaction."""


def is_free(number: int, version: Version) -> bool:
    """Whether a station lets everybody charge: one in seven. 1.6 has no word for charging without a token."""
    return version.family == 2 and number % 7 == 6


def settings_of(number: int, version: Version) -> Settings:
    """Each station is set in its own way."""
    changes = dict(COMMON)
    changes["auth_enabled"] = not is_free(number, version)
    changes["offline_tx_for_unknown_id_enabled"] = number % 2 == 0
    changes["stop_tx_on_invalid_id"] = number % 3 != 0
    changes["local_pre_authorize"] = number % 3 == 1
    changes["stop_tx_on_ev_side_disconnect"] = number % 5 != 0
    if version.family == 2:
        changes["tx_start_point"], changes["tx_stop_point"] = POINTS[number % len(POINTS)]
        changes["aligned_interval_s"] = SAMPLED_S if number % 4 == 1 else 0
        changes["tx_ended_interval_s"] = SAMPLED_S if number % 3 == 2 else 0
    if version is Version.V21:
        changes["tx_resumption_timeout_s"] = 1800 if number % 2 else 0
        changes["tx_allow_energy_resumption"] = True
    return with_fields(defaults(version.family), changes)


class Post:
    """One station. Its drivers see its hardware, the operator its view; ``taken``: EVSEs that somebody stands at."""

    def __init__(self, bench: CsmsBench, number: int, seed: int, tasks: asyncio.TaskGroup) -> None:
        self.identity = f"POST-{number + 1:03}"
        self.version = JSON_VERSIONS[number % len(JSON_VERSIONS)]
        self.model: StationModel = Random(f"model:{seed}:{number}").choice(MODELS)
        self.hardware = SimulatedHardware(self.model, bench.clock, seed=f"{seed}:{number}", reboot_s=20.0)
        self.is_free = is_free(number, self.version)
        self.taken: set[int] = set()
        self.power_cuts = self.line_cuts = 0
        self._bench = bench
        self._tasks = tasks
        self._connection: MemoryConnection | None = None
        self._has_line = self._has_power = True
        memory = RamMemory()
        place = Place(hardware=self.hardware, memory=memory, clock=bench.clock, dial=self._dial, files=bench.files)
        settings = settings_of(number, self.version)
        self.station = Station(self.identity, self.version, place, settings=settings, seed=f"{seed}")

    @property
    def view(self) -> StationView:
        return self._bench.view(self.identity)

    @property
    def evse_ids(self) -> range:
        return range(1, len(self.model.evses) + 1)

    def evses(self) -> Iterator[tuple[int, EVSEModel]]:
        return enumerate(self.model.evses, 1)

    def wire_place(self, evse_id: int, connector_id: int = 1) -> Evse:
        """What the CSMS calls an EVSE: of 1.6 it knows the connectors alone, counted through."""
        if self.version is not Version.V16:
            return Evse(evse_id)
        numbers = connector_numbers(self.hardware.describe())
        return Evse(next(number for number, place in numbers.items() if place == Evse(evse_id, connector_id)))

    def evse_of(self, place: Evse | None) -> int | None:
        """The other way round; None: there is no such EVSE."""
        if place is not None and self.version is Version.V16:
            place = connector_numbers(self.hardware.describe()).get(place.id)
        return place.id if place is not None and place.id in self.evse_ids else None

    async def _dial(self, receive: Any) -> MemoryConnection:
        if not self._has_line:
            raise OSError("the line is cut")
        try:
            self._connection = await self._bench.network.connect(
                self._bench.url(self.identity), subprotocols=(self.version.subprotocol,), receiver_factory=receive
            )
        except ConnectRefused as refused:
            raise OSError(str(refused)) from refused
        return self._connection

    # What happens to it ───────────────────────────────────────────────────────────────────────────────────────────

    def power_up(self) -> None:
        self._has_power = True
        self._tasks.create_task(self.station.run())

    async def cut_power(self) -> None:
        """Contactors fall open by themselves."""
        self._has_power = False
        self.power_cuts += 1
        await self.station.cut_power()
        for evse_id in self.evse_ids:
            self.hardware.set_contactor(evse_id, False)

    def cut_line(self, *, lose_in_flight: bool) -> None:
        self._has_line = False
        self.line_cuts += 1
        if self._connection is not None:
            self._connection.cut(lose_in_flight=lose_in_flight)

    def mend_line(self) -> None:
        self._has_line = True

    async def accepted(self) -> None:
        while self.station.snapshot().registration != "Accepted":
            await self._bench.clock.sleep(1)

    def is_quiet(self) -> bool:
        """It has told everything, and nothing runs at it."""
        seen = self.station.snapshot()
        return not seen.queued and seen.online and all(evse.transaction_id is None for evse in seen.evses)

    def place_for(self, car: EVModel, random: Random) -> tuple[int, int] | None:
        """An EVSE where nobody stands, and the connector of it that fits."""
        free = [
            (evse_id, number)
            for evse_id, evse in self.evses()
            if evse_id not in self.taken and self.hardware.plugged(evse_id) is None
            for number, kind in enumerate(evse.connectors, 1)
            if kind in car.connectors
        ]
        return random.choice(free) if free else None


class Misfortune:
    """What goes wrong at one station until closing time, drawn from a seed."""

    def __init__(self, post: Post, bench: CsmsBench, seed: int) -> None:
        self._post = post
        self._sleep = bench.clock.sleep
        self._random = Random(f"misfortune:{seed}:{post.identity}")

    async def of_power(self) -> None:
        """From a second to hours, once in two days or so."""
        while True:
            await self._sleep(self._random.expovariate(1 / (48 * HOUR)))
            await self._post.cut_power()
            try:
                await self._sleep(min(self._random.lognormvariate(4, 2), 6 * HOUR))
            finally:
                self._post.power_up()

    async def of_line(self) -> None:
        """From seconds to most of a day, every day."""
        while True:
            await self._sleep(self._random.expovariate(1 / (24 * HOUR)))
            self._post.cut_line(lose_in_flight=self._random.random() < 0.5)
            try:
                await self._sleep(min(self._random.lognormvariate(6, 2), 18 * HOUR))
            finally:
                self._post.mend_line()

    async def of_parts(self) -> None:
        """A fault at an outlet, and a repair."""
        faults = ("GroundFailure", "OverCurrentFailure", "EmergencyStop", "HighTemperature")
        while True:
            await self._sleep(self._random.expovariate(1 / (48 * HOUR)))
            evse_id = self._random.choice(self._post.evse_ids)
            self._post.hardware.fail(evse_id, self._random.choice(faults), "found out")
            try:
                await self._sleep(self._random.uniform(60, HOUR))
            finally:
                self._post.hardware.fail(evse_id, None)

    async def of_operators(self) -> None:
        """Somebody restarts it."""
        while True:
            await self._sleep(self._random.expovariate(1 / (72 * HOUR)))
            await self._post.view.ask(Reset(type=self._random.choice(("Immediate", "OnIdle"))))
