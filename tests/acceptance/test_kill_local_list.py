"""kill -9 between the calls of one update of a local list: in the end every station has the list that it should have,
and the CSMS and the station agree upon its version."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from crash_rest import HOLDS_WITHIN_S, CrashRest
from crash_server import CsmsProcess
from crash_ways import ways_to

from stationmaster.clock.wall import WallClock
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import DEFAULT_TENANT, IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.fleet import WayFor
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.blocks.local_list import Kept
from stationmaster.station.device_model.variable_table import ITEMS_PER_MESSAGE
from stationmaster.station.settings import defaults, with_fields
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.storage.station_memory import RamMemory

pytestmark = pytest.mark.no_cover  # what this is about runs in another process

VERSIONS = (*JSON_VERSIONS, Version.V15, Version.V16S)
"""1.2 has no local lists."""
CONFIG = """
[stations]
local_lists = "on"
heartbeat_interval_s = 1
"""
"""A station that speaks SOAP is heard of again, after a start of the server, when it says something."""
FIRST = tuple(f"A{number:03}" for number in range(3 * ITEMS_PER_MESSAGE + 10))
LATER = tuple(f"B{number:03}" for number in range(ITEMS_PER_MESSAGE + 10))
"""Cards that take four calls, and others that take two more."""
QUICK = {
    "retry_back_off_wait_minimum_s": 1,
    "retry_back_off_random_range_s": 0,
    "retry_back_off_repeat_times": 0,
}


class WatchedMemory(RamMemory):
    """A station's: each portion of a list that is kept is told, before it is answered."""

    def __init__(self, told: Callable[[], None]) -> None:
        super().__init__()
        self._told = told
        self.portions = 0

    def put(self, key: str, value: bytes) -> None:
        super().put(key, value)
        if key == "local_list":
            self.portions += 1
            self._told()

    @property
    def kept(self) -> Kept:
        body = self.get("local_list")
        return Kept() if body is None else msgspec.json.decode(body, type=Kept)

    @property
    def cards(self) -> set[str]:
        return {entry.id_token.value for entry in self.kept.entries}


class Site:
    """Stations of every version. ``strikes_at``: the server is killed by the first that keeps so many portions."""

    def __init__(self, server: CsmsProcess, way_for: WayFor) -> None:
        self.server = server
        self.rest = CrashRest(server)
        self.strikes_at = 0
        self.struck = asyncio.Event()
        self.memories = [WatchedMemory(self._on_portion) for _ in VERSIONS]
        self.stations = [self._built(number, way_for) for number in range(len(VERSIONS))]

    def _built(self, number: int, way_for: WayFor) -> Station:
        version, identity, clock = VERSIONS[number], f"L{number}", WallClock()
        place = Place(
            hardware=SimulatedHardware(station_model("Wallbox 11"), clock),
            memory=self.memories[number],
            clock=clock,
            dial=way_for(identity, version),
        )
        return Station(identity, version, place, settings=with_fields(defaults(version.family), QUICK), seed=number)

    def _on_portion(self) -> None:
        if self.strikes_at and max(memory.portions for memory in self.memories) >= self.strikes_at:
            self.strikes_at = 0
            self.server.strike()
            self.struck.set()

    def strike_at(self, portion: int) -> None:
        """Counted from now on."""
        self.struck.clear()
        for memory in self.memories:
            memory.portions = 0
        self.strikes_at = portion

    async def restart(self) -> None:
        async with asyncio.timeout(HOLDS_WITHIN_S):
            await self.struck.wait()
        await self.server.kill()  # which is how one waits for the end of it
        await self.server.start()

    async def agree(self, cards: Iterable[str]) -> None:
        """Until every station has exactly these cards, and the CSMS knows it."""
        wanted = set(cards)
        stations = (await self.rest.ask("GET", "/stations"))["items"]
        for seen in stations:
            memory = self.memories[int(seen["identity"].removeprefix("L"))]
            path = f"/stations/{seen['key']}/local-list"

            def holds(found: Any, memory: WatchedMemory = memory) -> bool:
                known = (found["state"], found["version"], found["entries"])
                return known == ("in_sync", memory.kept.version, len(wanted)) and memory.cards == wanted

            await self.rest.until(path, holds)
        assert len(stations) == len(self.stations)

    async def tell_of_change(self) -> None:
        for seen in (await self.rest.ask("GET", "/stations"))["items"]:
            await self.rest.ask("POST", f"/stations/{seen['key']}/local-list/sync", json={})


async def add_cards(database: Path) -> None:
    database.parent.mkdir()
    storage = await SQLiteStorage.open(str(database))
    tokens = [
        Token(key=storage.keys.take(), tenant=DEFAULT_TENANT, id_token=IdToken(card, "ISO14443")) for card in FIRST
    ]
    await storage.journal.store(tokens)
    await storage.close()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Site]:
    server = CsmsProcess(folder, CONFIG)
    await add_cards(server.database)
    try:
        await server.start()
        async with ways_to(server) as way_for, asyncio.TaskGroup() as group:
            site = Site(server, way_for)
            tasks = [group.create_task(station.run()) for station in site.stations]
            yield site
            for task in tasks:
                task.cancel()
    finally:
        server.close()


async def updated_under_kills(folder: Path, full: tuple[int, ...], differential: tuple[int, ...]) -> None:
    async with running(folder) as site:
        for portion in full:
            site.strike_at(portion)
            await site.restart()
        await site.agree(FIRST)

        drafts = [{"value": card, "type": "ISO14443"} for card in LATER]
        await site.rest.ask("POST", "/tokens/import", json=drafts)
        for portion in differential:
            site.strike_at(portion)
            await asyncio.gather(site.tell_of_change(), site.restart())
        await site.tell_of_change()
        await site.agree((*FIRST, *LATER))


async def test_a_list_whose_update_was_cut_off_ends_right_and_its_version_agrees(tmp_path: Path) -> None:
    await updated_under_kills(tmp_path, full=(2,), differential=(1,))


@pytest.mark.nightly
async def test_a_list_whose_update_was_cut_off_anywhere_ends_right_and_its_version_agrees(tmp_path: Path) -> None:
    await updated_under_kills(tmp_path, full=(1, 2, 3, 4), differential=(1, 2))
