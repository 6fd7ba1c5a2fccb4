"""The message log's buffer: filled by who looks over a session, masked and written in portions, never waited for."""

import asyncio
from collections.abc import Sequence

import structlog

from stationmaster.csms.masking import mask_all
from stationmaster.csms.ports import Clock, MessageLog
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.records import Exchange

log = structlog.get_logger(__name__)

FLUSH_INTERVAL_S = 0.9
PORTION = 2000
CAPACITY = 25_000


class LogBuffer:
    """Loses its last second in a crash, and what the store does not take in time: ``dropped`` counts that.

    ``run`` must run beside it: it writes what waits for want of company. A full portion is written at once. An exchange
    may be completed by its answer as long as ``portion`` stays what it was when it was recorded.
    """

    def __init__(self, store: MessageLog, clock: Clock, *, portion: int = PORTION, capacity: int = CAPACITY) -> None:
        self.dropped = 0
        self.portion = 0
        """The number of the portion that is being filled."""
        self._store = store
        self._clock = clock
        self._portion_size = portion
        self._capacity = capacity
        self._waiting: list[Exchange] = []
        self._under_way: dict[asyncio.Future[None], list[Exchange]] = {}
        self._some = asyncio.Event()

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange, as it was heard. Never blocks."""
        waiting = self._waiting
        if not waiting:
            self._some.set()
        waiting.append(exchange)
        if len(waiting) >= self._portion_size:
            self._write()

    async def run(self) -> None:
        """Write what waits, within the interval; sleeps while nothing does. Ends when it is cancelled."""
        while True:
            await self._some.wait()
            await self._clock.sleep(FLUSH_INTERVAL_S)
            self._write()

    async def flush(self) -> None:
        """Everything recorded so far is on disk (or counted as dropped) when this returns."""
        self._write()
        if self._under_way:
            await asyncio.wait(tuple(self._under_way))

    def _write(self) -> None:
        exchanges, self._waiting = self._waiting, []
        self._some.clear()
        self.portion += 1
        if not exchanges:
            return
        if len(exchanges) + sum(map(len, self._under_way.values())) > self._capacity:
            self._lose(exchanges)
            return
        mask_all(exchanges)
        try:
            writing = self._store.write(exchanges)
        except StorageFailed:  # closed
            self._lose(exchanges)
        else:
            self._under_way[writing] = exchanges
            writing.add_done_callback(self._written)

    def _written(self, writing: asyncio.Future[None]) -> None:
        exchanges = self._under_way.pop(writing)
        if writing.cancelled() or writing.exception() is not None:
            self._lose(exchanges)

    def _lose(self, exchanges: Sequence[Exchange]) -> None:
        frames = sum(1 if exchange.answer is None else 2 for exchange in exchanges)
        self.dropped += frames
        log.warning("message_log.dropped", frames=frames, dropped=self.dropped)
