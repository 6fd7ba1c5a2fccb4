"""N07, N08: events on their way to the CSMS, in order; while it cannot be reached they wait, if they are bad enough.

Those that wait are on disk. Beyond a bound the mildest go first, and of these the oldest.
"""

import asyncio

import msgspec
import structlog

from stationmaster.domain.messages import EventData, NotifyEvent
from stationmaster.domain.monitoring.monitors import DEFAULT_SEVERITY
from stationmaster.station.ports import Clock, Line, Memory, NotTold, Offline
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

MAX_WAITING = 1000
_QUEUE, _NEXT_ID = "events", "event_id"
_IDS_AT_ONCE = 1000
"""Reserved on disk together, so that not every event costs a write; a restart skips the rest."""


class EventQueue:
    """Sends one event in each message. What the CSMS refuses, or does not answer, is not sent again."""

    def __init__(self, memory: Memory, line: Line, clock: Clock, configuration: Configuration) -> None:
        self._memory = memory
        self._line = line
        self._clock = clock
        self._configuration = configuration
        kept = memory.get(_QUEUE)
        self._waiting: list[EventData] = [] if kept is None else msgspec.json.decode(kept, type=list[EventData])
        self._is_kept = kept is not None
        self._next_id = self._reserved = int(memory.get(_NEXT_ID) or b"1")
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def next_id(self) -> int:
        """The next eventId: no other event of this station has it, also after restarts."""
        if self._next_id >= self._reserved:
            self._reserved = self._next_id + _IDS_AT_ONCE
            self._memory.put(_NEXT_ID, str(self._reserved).encode())
        self._next_id += 1
        return self._next_id - 1

    def add(self, event: EventData) -> None:
        if not self._line.online and not self._waits(event):
            return
        self._waiting.append(event)
        if len(self._waiting) > MAX_WAITING:
            self._waiting.remove(max(self._waiting, key=_severity))
        if not self._line.online:
            self._keep()
        self._news.set()

    def went_offline(self) -> None:
        """N07.FR.04, N08.FR.03: what is not bad enough is lost; the rest is kept."""
        self._waiting = [event for event in self._waiting if self._waits(event)]
        self._keep()

    def resume(self) -> None:
        """The CSMS can be reached: send on."""
        self._news.set()

    async def run(self) -> None:
        """Send what waits, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting and await self._send(self._waiting[0]):
                pass

    async def _send(self, event: EventData) -> bool:
        """False: there is no line; wait for news."""
        try:
            await self._line.perform(NotifyEvent(events=(event,), generated_at=self._clock.now()))
        except Offline:
            return False
        except NotTold as failure:
            log.warning("event not taken", variable=event.variable, failure=str(failure))
        if event in self._waiting:
            self._waiting.remove(event)
        if self._is_kept:
            self._keep()
        return True

    def _waits(self, event: EventData) -> bool:
        return _severity(event) <= self._configuration.now.offline_queuing_severity

    def _keep(self) -> None:
        if self._waiting:
            self._memory.put(_QUEUE, msgspec.json.encode(self._waiting))
        elif self._is_kept:
            self._memory.delete(_QUEUE)
        self._is_kept = bool(self._waiting)


def _severity(event: EventData) -> int:
    return event.severity if event.severity is not None else DEFAULT_SEVERITY
