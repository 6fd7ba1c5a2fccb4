"""From the journal to the bus: what was committed is told, in order, to whoever listens."""

import asyncio
from collections import deque
from collections.abc import Sequence

import msgspec

from stationmaster.csms import subjects
from stationmaster.csms.ports import Bus
from stationmaster.domain.decision import Passing
from stationmaster.domain.queries import CommittedEvent

MAX_WAITING = 100_000

_encode = msgspec.json.Encoder(decimal_format="string").encode


class Relay:
    """Bounded: a bus that is down for long costs the oldest events here, never the memory; they stay in the outbox."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: deque[CommittedEvent] = deque(maxlen=MAX_WAITING)
        self._wake = asyncio.Event()

    def put(self, events: Sequence[CommittedEvent]) -> None:
        self._waiting.extend(events)
        self._wake.set()

    def pass_on(self, station_key: int, passing: Passing) -> None:
        """An event of a station for whoever listens right now."""
        if self._bus.is_heard(subjects.event(passing.kind, station_key)):
            self.put((CommittedEvent(None, passing.make()),))

    async def run(self) -> None:
        """Until it is cancelled. Where it fails, the event at hand is lost to listeners; run again, it goes on."""
        while True:
            while self._waiting:
                committed = self._waiting.popleft()
                subject = subjects.event(committed.event.kind, committed.event.station_key)
                if self._bus.is_heard(subject):
                    await self._bus.publish(subject, _encode(committed))
            self._wake.clear()
            await self._wake.wait()
