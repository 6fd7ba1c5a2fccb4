"""An operator at the API of a whole node, and real stations on simulated hardware that this node serves.

All of it is in memory and takes no time: a test at a desk runs in virtual time (see conftest.py), unless it is marked
``real_time`` because something of it has a socket or a process.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from in_process import asking
from station_ways import way_to

from stationmaster.api.http.keys import KeyRing
from stationmaster.cli.node import services
from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.csms.settings import CsmsSettings
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.settings import defaults, with_fields
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing import CsmsBench, csms_bench
from stationmaster.testing.bench import OPEN

ROOT = "/api/v1"
PATIENCE_S = 10.0
TODAY = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


class RestDesk:
    """``bench`` is the node; ``http`` carries an administrator's key."""

    def __init__(self, bench: CsmsBench, http: httpx.AsyncClient) -> None:
        self.bench = bench
        self.http = http

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(ROOT + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any = None, status: int = 201, **query: Any) -> Any:
        answer = await self.http.request(method, ROOT + path, json=body, params=query)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def command(self, station: int, kind: str, **fields: Any) -> Any:
        """A command once the station has answered it."""
        return await self.send("POST", f"/stations/{station}/commands", {"type": kind, **fields}, wait=10)

    async def until(self, path: str, holds: Any, **query: Any) -> Any:
        """What is at a path once ``holds`` is true of it."""
        pauses_s = growing_pauses_s()
        async with asyncio.timeout(PATIENCE_S):
            while not holds(found := await self.get(path, **query)):
                await asyncio.sleep(next(pauses_s))
        return found


def growing_pauses_s() -> Iterator[float]:
    """Between one look and the next: what comes at once is seen at once, and what takes a while is not asked for all
    the time. In virtual time only looks cost anything, so pauses grow faster and longer there."""
    is_virtual = isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
    factor, most_s = (2.0, 1.0) if is_virtual else (1.3, 0.25)
    pause_s = 0.01
    while True:
        yield pause_s
        pause_s = min(factor * pause_s, most_s)


@asynccontextmanager
async def open_desk(settings: CsmsSettings = OPEN) -> AsyncIterator[RestDesk]:
    clock = VirtualClock(TODAY) if isinstance(asyncio.get_running_loop(), VirtualTimeLoop) else None
    async with csms_bench(settings, clock=clock) as bench:
        ring = KeyRing(bench.storage.reads, bench.storage.journal, bench.storage.keys, bench.bus, bench.clock, b"p")
        secret = await ring.ensure_first()
        async with asking(services(bench.csms, bench.storage, bench.bus, bench.clock, ring), secret) as http:
            yield RestDesk(bench, http)


@asynccontextmanager
async def running_station(
    desk: RestDesk, version: Version, identity: str = "CS-1", model: str = "Street post 2x22", **settings: Any
) -> AsyncIterator[tuple[Station, int]]:
    """A station that has booted at the node, and its key there."""
    bench, dial = desk.bench, way_to(desk.bench, identity, version)
    hardware = SimulatedHardware(station_model(model), bench.clock)
    place = Place(hardware=hardware, memory=RamMemory(), clock=bench.clock, dial=dial, files=bench.files)
    station = Station(identity, version, place, settings=with_fields(defaults(version.family), settings), seed=1)
    running = asyncio.create_task(station.run())
    try:
        async with asyncio.timeout(10):
            while station.snapshot().registration != "Accepted":
                await asyncio.sleep(0.01)
        yield station, bench.station(identity).key
    finally:
        await station.cut_power()
        await asyncio.wait((running,))
