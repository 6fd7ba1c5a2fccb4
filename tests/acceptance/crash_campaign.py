"""The campaign: load on a CSMS whose process is ended at random moments and started again on the same data."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random, SystemRandom

import msgspec
from crash_books import Books
from crash_fleet import CrashFleet
from crash_lines import json_line, soap_line
from crash_server import CsmsProcess
from crash_station import RecordingStation
from crash_ways import ways_to

from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.storage.sqlite import SQLiteStorage

SEED = "STATIONMASTER_CRASH_SEED"
"""In the environment, it repeats a campaign's choices; when exactly a signal strikes, the machine decides."""

SETTLE_S = 60.0
RECORDED = (Version.V16, Version.V201, Version.V21, *SOAP_VERSIONS)


def seed() -> int:
    """A campaign's: the one asked for, or a new one."""
    return int(os.environ.get(SEED) or SystemRandom().randrange(2**32))


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """``recorders``: recording stations of each version; ``think_s``: the mean pause before each of their messages;
    ``fleet``: stations of our own; ``up_s``: how long a server lives after it listens, and ``least``: how many messages
    it answers at least, however slow the machine is."""

    recorders: int = 2
    think_s: float = 0.02
    fleet: int = 7
    up_s: tuple[float, float] = (0.1, 1.0)
    least: int = 60


LONG = Load(recorders=5, think_s=0.05, fleet=14, up_s=(0.05, 2.5), least=0)
"""For a night: also servers that are ended before anybody has found them."""


class Report(msgspec.Struct, kw_only=True):
    """What a campaign came to."""

    seed: int
    ends: int = 0
    answered: int = 0
    repeated: int = 0
    connections: int = 0
    recorded_transactions: int = 0
    fleet_transactions: int = 0
    fleet_wh: Decimal = Decimal(0)
    lost: list[str] = []
    doubled: list[str] = []
    wrong: list[str] = []

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: ended {self.ends} times; {self.answered} messages answered, {self.repeated} of them "
            f"sent again, over {self.connections} connections, in {self.recorded_transactions} transactions: "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.wrong)} wrong; "
            f"the fleet: {self.fleet_transactions} transactions, {self.fleet_wh} Wh"
        )

    def verify(self) -> None:
        """Fail, naming the seed and the first faults, unless everything is in its place."""
        faults = {"lost": self.lost[:5], "doubled": self.doubled[:5], "wrong": self.wrong[:5]}
        assert not any(faults.values()), f"{self}\n{faults}"


class Campaign:
    """A server under load. ``end`` it as often as you like, then ``close`` and ``report``."""

    def __init__(self, folder: Path, seed: int, load: Load) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.load = load
        self.server = CsmsProcess(folder)
        self.server.data_dir.mkdir()
        now = datetime.now(UTC).replace(microsecond=0)
        self.recorders = [
            self._recorder(f"REC-{version}-{number}", version, now)
            for version in RECORDED
            for number in range(load.recorders)
        ]
        self.fleet: CrashFleet
        self._closing = asyncio.Event()
        self._ends = 0
        self._books: Books

    def _recorder(self, identity: str, version: Version, now: datetime) -> RecordingStation:
        opened, url = (soap_line, self.server.soap_url) if version.is_soap else (json_line, self.server.url)
        open_line = partial(opened, url, identity, version)
        return RecordingStation(open_line, identity, version, str(self.seed), now, self.load.think_s)

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[None]:
        """The first start, and the load; on leaving, everything that is under way is brought to its end."""
        async with ways_to(self.server) as way_for:
            self.fleet = CrashFleet(way_for, self.load.fleet, self.seed)
            async with self._loaded():
                yield

    @asynccontextmanager
    async def _loaded(self) -> AsyncIterator[None]:
        storage = await SQLiteStorage.open(str(self.server.database))
        await self.fleet.admit_drivers(storage)
        await storage.close()
        await self.server.start()
        self._books = Books(self.server.database)
        try:
            async with asyncio.TaskGroup() as group:
                load = [group.create_task(station.run(self._closing)) for station in self.recorders]
                load.append(group.create_task(self.fleet.run(self._closing)))
                yield
                self._closing.set()
                _, late = await asyncio.wait(load, timeout=SETTLE_S)
                assert not late, f"seed {self.seed}: not settled within {SETTLE_S} s\n{self.server.said()}"
        finally:
            self.server.close()

    async def end_server(self, end: Callable[[], Awaitable[object]]) -> None:
        """Let it work for a random time, end it, start it again, and see whether it has kept what it answered for."""
        before = self.answered
        await asyncio.sleep(self.random.uniform(*self.load.up_s))
        async with asyncio.timeout(SETTLE_S):
            while self.answered < before + self.load.least:
                await asyncio.sleep(0.01)
        await end()
        self._ends += 1
        await self.server.start()
        await self._books.check_answered(self.recorders)

    @property
    def answered(self) -> int:
        """How many messages of the recording stations were."""
        return sum(station.answered for station in self.recorders)

    async def report(self) -> Report:
        """Look everything up once more, in the database that the last server left behind."""
        before, books = self._books, Books(self.server.database)
        await books.check_answered(self.recorders)
        await books.check_whole(self.recorders)
        report = Report(
            seed=self.seed,
            ends=self._ends,
            answered=self.answered,
            repeated=sum(station.repeated for station in self.recorders),
            connections=sum(station.connections for station in self.recorders),
            recorded_transactions=sum(len(station.deals) for station in self.recorders),
            lost=[*before.lost, *books.lost],
            doubled=[*before.doubled, *books.doubled],
            wrong=books.wrong,
        )
        await self._report_fleet(books, report)
        return report

    async def _report_fleet(self, books: Books, report: Report) -> None:
        for station in self.fleet.stations:
            stored = await books.transactions(station.identity)
            started, metered_wh = self.fleet.started(station), self.fleet.metered_wh(station)
            billed = [evidence[0] for transaction in stored if (evidence := energy(transaction)) is not None]
            report.fleet_transactions += len(stored)
            report.fleet_wh += metered_wh
            label = f"{station.identity} ({station.version}, {station.hardware.describe().info.model})"
            if len(stored) != started:
                (report.lost if len(stored) < started else report.doubled).append(
                    f"{label}: {started} transactions begun, {len(stored)} stored"
                )
            if abs(sum(billed, Decimal(0)) - metered_wh) > len(stored):  # 1.6 rounds both ends to whole Wh
                report.wrong.append(f"{label}: metered {metered_wh} Wh, billed {sum(billed)} Wh")
            report.wrong += [
                f"{label}: {transaction.wire_id}: {'open' if transaction.is_open else anomalies(transaction)}"
                for transaction in stored
                if transaction.is_open or anomalies(transaction)
            ]
