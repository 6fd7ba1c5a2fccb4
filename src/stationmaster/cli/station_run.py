"""What `stationmaster station` runs: one station on the network, and a line for everything that changes at it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Literal

import msgspec

from stationmaster import __version__
from stationmaster.cli.called_at import CalledAt
from stationmaster.cli.dial import websocket_network
from stationmaster.cli.fleet_run import watch
from stationmaster.cli.fleet_tokens import ApiAccess, register_tokens
from stationmaster.cli.soap_site import soap_site
from stationmaster.cli.station_store import KeptFirmware, KeptRegisters, opened_memory
from stationmaster.clock.scaled import ScaledClock
from stationmaster.clock.wall import WallClock
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import DC_150, EVSEModel, StationModel
from stationmaster.simulator.catalogue import station_model as catalogue_model
from stationmaster.simulator.driver import visits
from stationmaster.simulator.driver_profile import STREET
from stationmaster.simulator.firmware_bank import FirmwareBank
from stationmaster.simulator.fleet import fleet_tokens
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.simulator.people import People
from stationmaster.simulator.supply import AcSupply
from stationmaster.station.app import Place, Station
from stationmaster.station.connection.lines import ToCsms
from stationmaster.station.ports import Memory
from stationmaster.station.snapshot import EvseSnapshot, StationSnapshot
from stationmaster.transport.file_client import FileClient

PERIOD_S = 0.5
TOKENS = 100

Tell = Callable[[datetime, str], None]
"""Takes the station's time and a line of text."""


class StationOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``speed``: the station's seconds per second here. ``phases`` counts for AC only. ``model``: one of the
    catalogue, instead of what ``evses``, ``current`` and ``phases`` ask for. ``api``: where to make the cards known,
    None: nowhere. ``firmware_roots``: certificates (PEM) of the makers it trusts. ``called_at``: where it is called, of
    a version in SOAP."""

    url: str
    identity: str
    version: Version
    password: str | None
    evses: int
    current: Literal["AC", "DC"]
    phases: int
    seed: int
    speed: float
    drivers: bool
    memory: Path
    model: str | None = None
    api: ApiAccess | None = None
    firmware_roots: tuple[str, ...] = ()
    called_at: CalledAt | None = None

    def __repr__(self) -> str:  # not the password
        return f"StationOptions(url={self.url!r}, identity={self.identity!r}, version={self.version!r})"


async def run_station(options: StationOptions, tell: Tell) -> None:
    """Run it until cancelled; it hangs up before this raises.

    Raises CommandFailed where its memory cannot be used or the cards cannot be made known.
    """
    with opened_memory(options.memory) as memory:
        if options.api is not None:
            await register_tokens(options.api, fleet_tokens(options.seed, TOKENS))
        async with AsyncExitStack() as stack:
            await _run_on(memory, options, tell, stack)


async def _run_on(memory: Memory, options: StationOptions, tell: Tell, stack: AsyncExitStack) -> None:
    clock = ScaledClock(options.speed)
    model = station_model(options)
    firmware = KeptFirmware(memory).follow(FirmwareBank(roots=options.firmware_roots))
    seed = f"{options.seed}:{options.identity}"  # stations of one seed are different ones, with drivers of their own
    hardware = SimulatedHardware(model, clock, seed=seed, registers=KeptRegisters(memory), firmware=firmware)
    teller = Teller(lambda text: tell(clock.now(), text))
    place = Place(
        hardware=hardware,
        memory=memory,
        clock=clock,
        dial=await _to_csms(options, teller.no_line, stack),
        files=FileClient(),
        keeps_own_time=options.speed != 1,
    )
    station = Station(options.identity, options.version, place)
    plan = visits(Random(seed).randrange(2**32), STREET, fleet_tokens(options.seed, TOKENS))
    people = People(hardware, model, plan, clock) if options.drivers else None
    running = asyncio.ensure_future(_live(station, people))
    try:
        await watch(running, lambda _: teller.look(station.snapshot()), WallClock(), None, PERIOD_S)
    finally:
        await station.stop()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _to_csms(options: StationOptions, failed: Callable[[str], None], stack: AsyncExitStack) -> ToCsms:
    if not options.version.is_soap:
        return websocket_network(options.url, options.identity, options.version, options.password, failed)
    site = await stack.enter_async_context(soap_site(options.called_at or CalledAt()))
    return site.place(options.url, options.identity, password=options.password, failed=failed)


async def _live(station: Station, people: People | None) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(station.run())
        if people is not None:
            group.create_task(people.run())


def station_model(options: StationOptions) -> StationModel:
    """The make of station that was asked for: a model's, or 32 A outlets with a fixed cable, or 150 kW with CCS."""
    if options.model is not None:
        return catalogue_model(options.model)
    alternating = EVSEModel(AcSupply(max_current_a=32, phases=options.phases), ("cType2",))
    evse = alternating if options.current == "AC" else DC_150
    return StationModel(
        vendor_name="Stationmaster",
        model=f"{options.evses}x {options.current}",
        firmware_version=__version__,
        evses=(evse,) * options.evses,
    )


class Teller:
    """Tells what has changed since it last looked."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._before: StationSnapshot | None = None
        self._no_line: str | None = None

    def look(self, now: StationSnapshot) -> None:
        if now.online:
            self._no_line = None
        for text in changes(self._before, now):
            self._tell(text)
        self._before = now

    def no_line(self, reason: str) -> None:
        """The CSMS could not be reached; told once for each reason, not at every attempt."""
        if reason != self._no_line:
            self._no_line = reason
            self._tell(f"no connection: {reason}; it goes on trying")


_WHAT_NOW = {
    "Pending": ": the CSMS has not decided yet; it asks again",
    "Rejected": ": the CSMS does not know it, or does not want it (is the identity admitted there?); it asks again",
}


def changes(before: StationSnapshot | None, now: StationSnapshot) -> Iterator[str]:
    """What has happened between two looks, a line each."""
    if now.online != (before is not None and before.online):
        yield "connected" if now.online else "connection lost"
    if now.registration is not None and (before is None or before.registration != now.registration):
        yield f"registration {now.registration}{_WHAT_NOW.get(now.registration, '')}"
    known = {} if before is None else {evse.id: evse for evse in before.evses}
    for evse in now.evses:
        yield from _evse_changes(known.get(evse.id), evse)


def _evse_changes(before: EvseSnapshot | None, now: EvseSnapshot) -> Iterator[str]:
    if before is None or before.status != now.status:
        yield f"EVSE {now.id}: {now.status}"
    old_id = None if before is None else before.transaction_id
    if old_id != now.transaction_id:
        meter = f"{now.energy_wh / 1000:.3f} kWh on the meter"
        if old_id is not None:
            yield f"EVSE {now.id}: transaction {old_id} ended, {meter}"
        if now.transaction_id is not None:
            yield f"EVSE {now.id}: transaction {now.transaction_id} started, {meter}"
    if now.charging_state is not None and (before is None or before.charging_state != now.charging_state):
        yield f"EVSE {now.id}: {now.charging_state}, {now.power_w / 1000:.1f} kW"
