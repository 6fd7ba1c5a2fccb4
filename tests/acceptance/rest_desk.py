"""An operator at the API of a whole node, and real stations on simulated hardware that this node serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from stationmaster.api.app import create_app
from stationmaster.api.keys import KeyRing
from stationmaster.api.server import serve_api
from stationmaster.cli.node import services
from stationmaster.csms.settings import CsmsSettings
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.settings import defaults, with_fields
from stationmaster.storage.station_memory import RamMemory
from stationmaster.testing import CsmsBench, csms_bench
from stationmaster.testing.bench import OPEN
from stationmaster.transport.errors import ConnectRefused

ROOT = "/api/v1"


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
        async with asyncio.timeout(10):
            while not holds(found := await self.get(path, **query)):
                await asyncio.sleep(0.01)
        return found


@asynccontextmanager
async def open_desk(settings: CsmsSettings = OPEN) -> AsyncIterator[RestDesk]:
    async with csms_bench(settings) as bench:
        ring = KeyRing(bench.storage.reads, bench.storage.journal, bench.storage.keys, bench.bus, bench.clock, b"p")
        secret = await ring.ensure_first()
        server = await serve_api(
            create_app(services(bench.csms, bench.storage, bench.bus, bench.clock, ring)), "127.0.0.1", 0
        )
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=headers) as http:
            yield RestDesk(bench, http)
        await server.close()


@asynccontextmanager
async def running_station(
    desk: RestDesk, version: Version, identity: str = "CS-1", model: str = "Street post 2x22", **settings: Any
) -> AsyncIterator[tuple[Station, int]]:
    """A station that has booted at the node, and its key there."""
    bench = desk.bench

    async def dial(receive: Any) -> Any:
        try:
            return await bench.network.connect(
                bench.url(identity), subprotocols=(version.subprotocol,), receiver_factory=receive
            )
        except ConnectRefused as refused:
            raise OSError(str(refused)) from refused

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
