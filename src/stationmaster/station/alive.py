"""When the station was at work last: from then on counts how long an interruption was (E17.FR.02)."""

from collections.abc import Callable, Iterator
from datetime import datetime

from stationmaster.station.ports import Clock, Memory
from stationmaster.station.settings import Configuration

EVERY_S = 10.0
_KEY = "alive"


class Alive:
    """Notes the time now and then, while anything runs that would be resumed."""

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

    def seen_at(self) -> datetime | None:
        """The last note; None: there is none."""
        kept = self._memory.get(_KEY)
        return None if kept is None else datetime.fromisoformat(kept.decode())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._configuration.now.tx_resumption_timeout_s and next(self._running(), None) is not None:
                self._memory.put(_KEY, self._clock.now().isoformat().encode())
            await self._clock.sleep(EVERY_S)
