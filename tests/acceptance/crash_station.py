"""A station that does nothing but transactions, and writes down what was answered."""

import asyncio
from datetime import datetime
from random import Random
from typing import Any

from crash_deals import Deal, Said, deals
from crash_lines import LOST, Line, OpenLine

from stationmaster.ocpp.version import Version

REPEATED, CUT, BOOTED = 0.05, 0.02, 0.5
"""How often an answered message is sent again, a line is cut before the answer, a reconnected station boots."""

REDIAL_S = 0.25

BOOTS: dict[int, dict[str, Any]] = {
    1: {"chargePointVendor": "Crash", "chargePointModel": "Recorder"},
    2: {"reason": "PowerUp", "chargingStation": {"vendorName": "Crash", "model": "Recorder"}},
}


class RecordingStation:
    """``deals`` is its record: begun transactions, and how many messages of each were answered."""

    def __init__(
        self, open_line: OpenLine, identity: str, version: Version, seed: str, start: datetime, think_s: float
    ) -> None:
        self.identity = identity
        self.version = version
        self.deals: list[Deal] = []
        self.repeated = self.connections = 0
        self._open_line = open_line
        self._random = Random(f"{seed}:{identity}")
        self._plan = deals(identity, version, self._random, start)
        self._think_s = think_s
        self._line: Line | None = None

    @property
    def answered(self) -> int:
        return sum(deal.answered for deal in self.deals)

    async def run(self, closing: asyncio.Event) -> None:
        """One transaction after another; the one that is under way at closing time is brought to its end."""
        try:
            while not closing.is_set():
                deal = next(self._plan)
                self.deals.append(deal)
                for said in deal.messages:
                    await asyncio.sleep(self._random.expovariate(1 / self._think_s))
                    await self._until_answered(deal, said)
                    deal.answered += 1
                    if self._random.random() < REPEATED:
                        self.repeated += 1
                        await self._until_answered(deal, said)
        finally:
            self._drop()

    async def _until_answered(self, deal: Deal, said: Said) -> None:
        while True:
            try:
                line = self._line or await self._dial()
                if self._random.random() < CUT:
                    await line.tell(said.action, deal.payload(said))
                    self._drop()
                    continue
                deal.note(said, await line.ask(said.action, deal.payload(said)))
            except LOST:
                self._drop()
                await asyncio.sleep(self._random.uniform(0, REDIAL_S))
            else:
                return

    async def _dial(self) -> Line:
        self._line = line = await self._open_line()
        self.connections += 1
        if self.connections == 1 or self._random.random() < BOOTED:
            await line.ask("BootNotification", BOOTS[self.version.family])
        return line

    def _drop(self) -> None:
        if self._line is not None:
            self._line.cut()
            self._line = None
