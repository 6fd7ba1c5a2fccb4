"""The node's side of changes: from the bus to the line, gathered, and each told once however often it happened."""

import asyncio
from collections.abc import Callable

import msgspec

from stationmaster.bus.memory import MemoryBus
from stationmaster.bus.subscription import Subscription
from stationmaster.cli.pages.line import Subject, Told
from stationmaster.csms import subjects
from stationmaster.csms.background import Background
from stationmaster.csms.ports import Clock
from stationmaster.ui.ports import Change

GATHER_S = 0.1
"""The pages ask again at most once a second, so that they lose nothing by it."""


class _Committed(msgspec.Struct, frozen=True):
    """As much of domain.queries.CommittedEvent as pages are told."""

    event: Change


_decode = msgspec.json.Decoder(_Committed).decode


class Telling:
    """Listens to what the pages want to hear of; ``say`` gets it."""

    def __init__(self, bus: MemoryBus, clock: Clock, say: Callable[[Told], None]) -> None:
        self._bus = bus
        self._clock = clock
        self._say = say
        self._listening: dict[tuple[str, int | None], Subscription] = {}
        self._background = Background()
        self._gathered: dict[Change, None] = {}
        self._due = asyncio.Event()

    def want(self, subject: Subject) -> None:
        """Begin to tell of something, or end it."""
        wish = (subject.kind, subject.station_key)
        if not subject.wanted:
            if wish in self._listening:
                self._listening.pop(wish).end()
        elif wish not in self._listening:
            heard = self._listening[wish] = self._bus.subscribe(subjects.events(*wish))
            self._background.start(self._hear(heard))

    async def run(self) -> None:
        """Tell, until cancelled."""
        try:
            while True:
                await self._due.wait()
                await self._clock.sleep(GATHER_S)
                self._due.clear()
                changes, self._gathered = tuple(self._gathered), {}
                self._say(Told(changes))
        finally:
            for heard in self._listening.values():
                heard.end()
            await self._background.stop()

    async def _hear(self, heard: Subscription) -> None:
        async for message in heard:
            self._gathered[_decode(message.body).event] = None
            self._due.set()
