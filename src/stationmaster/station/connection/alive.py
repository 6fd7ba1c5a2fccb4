"""When the station was at work last: from then on counts how long an interruption was (E17.FR.02)."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime

from stationmaster.station.ports import Clock, Memory
from stationmaster.station.settings import Configuration

EVERY_S = 10.0
LOOK_EVERY_S = 60.0
"""While it need not be noted, as nothing would be resumed."""
_KEY = "alive"


class Alive:
    """Notes the time now and then, while anything runs that would be resumed. An observer of the EVSEs."""

    def __init__(
        self,
        memory: Memory,
        clock: Clock,
        configuration: Configuration,
        running: Callable[[], Iterator[object]],
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._running = running
        self._news = asyncio.Event()

    def seen_at(self) -> datetime | None:
        """The last note; None: there is none."""
        kept = self._memory.get(_KEY)
        return None if kept is None else datetime.fromisoformat(kept.decode())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._news.clear()
            if next(self._running(), None) is None:
                await self._news.wait()
            elif self._configuration.now.tx_resumption_timeout_s:
                self._memory.put(_KEY, self._clock.now().isoformat().encode())
                await self._clock.sleep(EVERY_S)
            else:
                await self._clock.sleep(LOOK_EVERY_S)

    def on_evse(self, evse_id: int) -> None:
        """Something may have begun."""
        self._news.set()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """Nothing has begun."""
