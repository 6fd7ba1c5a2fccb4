"""Messages that must reach the CSMS, though the line may be away: kept in memory, sent one after another."""

import asyncio
from collections.abc import Iterable

import msgspec
import structlog

from stationmaster.domain.messages import Request
from stationmaster.station.ports import CannotSay, Clock, Line, Memory, NotTold, Offline
from stationmaster.station.settings import Configuration

log = structlog.get_logger(__name__)

MAX_WAITING = 200
"""Beyond it the oldest is given up."""


class Kept(msgspec.Struct, frozen=True):
    """A message as it lies in memory."""

    kind: str
    body: msgspec.Raw


class ToldLater:
    """``kinds`` are all that may be put in. A message that the CSMS answers with errors is tried as often as a
    transaction's, then given up; while there is no line it waits."""

    def __init__(
        self,
        key: str,
        kinds: Iterable[type[Request]],
        memory: Memory,
        line: Line,
        clock: Clock,
        settings: Configuration,
    ) -> None:
        self._key = key
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._memory = memory
        self._line = line
        self._clock = clock
        self._settings = settings
        self._news = asyncio.Event()
        kept = memory.get(key)
        self._waiting = [] if kept is None else msgspec.json.decode(kept, type=list[Kept])

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, request: Request) -> None:
        """On disk when it returns."""
        self._waiting.append(Kept(type(request).__name__, msgspec.Raw(msgspec.json.encode(request))))
        del self._waiting[:-MAX_WAITING]
        self._keep()
        self._news.set()

    def resume(self) -> None:
        """The line is there."""
        self._news.set()

    async def run(self) -> None:
        """Send, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting and await self._send(self._waiting[0]):
                pass

    async def _send(self, first: Kept) -> bool:
        """Whether to go on with the next one."""
        request = msgspec.json.decode(first.body, type=self._kinds[first.kind])
        for attempt in range(1, self._settings.now.message_attempts + 1):
            try:
                await self._line.perform(request)
                break
            except Offline:
                return False
            except CannotSay as failure:
                log.warning("message given up", kind=first.kind, failure=str(failure))
                break
            except NotTold as failure:
                log.warning("message not taken", kind=first.kind, attempt=attempt, failure=str(failure))
                if attempt < self._settings.now.message_attempts:
                    await self._clock.sleep(self._settings.now.message_attempt_interval_s * attempt)
        if self._waiting and self._waiting[0] is first:
            del self._waiting[0]
            self._keep()
        return True

    def _keep(self) -> None:
        self._memory.put(self._key, msgspec.json.encode(self._waiting))
