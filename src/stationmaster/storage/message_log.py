"""The message log: buffered on the loop, written beside the decisions, never waited for."""

import asyncio
from collections.abc import Sequence

import structlog

from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.records import FrameRecord
from stationmaster.storage.batch import Writing
from stationmaster.storage.bulk import write_rows
from stationmaster.storage.clock import Clock
from stationmaster.storage.exchanges import exchanges
from stationmaster.storage.journal import Journal
from stationmaster.storage.statements import EXCHANGE

log = structlog.get_logger(__name__)


class BufferedMessageLog:
    """Loses its last second in a crash, and what is more than its buffer holds: ``dropped`` counts that.

    ``run`` must run beside it: it writes what waits for want of company. A full portion is written at once.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        *,
        flush_interval_s: float = 0.9,
        portion: int = 4000,
        capacity: int = 50_000,
    ) -> None:
        self.dropped = 0
        self._journal = journal
        self._clock = clock
        self._flush_interval_s = flush_interval_s
        self._portion = portion
        self._capacity = capacity
        self._frames: list[FrameRecord] = []
        self._writing = 0
        self._some = asyncio.Event()

    def record(self, frame: FrameRecord) -> None:
        """Keep a frame, which is masked already."""
        frames = self._frames
        if len(frames) + self._writing >= self._capacity:
            self.dropped += 1
            return
        frames.append(frame)
        waiting = len(frames)
        if waiting == 1:
            self._some.set()
        elif waiting >= self._portion:
            self._write()

    async def run(self) -> None:
        """Write what waits, within the interval; sleeps while nothing does. Ends when it is cancelled."""
        while True:
            await self._some.wait()
            await self._clock.sleep(self._flush_interval_s)
            self._write()

    async def flush(self) -> None:
        """Everything recorded so far is on disk (or counted as dropped) when this returns."""
        self._write()
        try:
            await self._journal.run(lambda _: None)  # the journal keeps its order
        except StorageFailed:
            log.warning("message_log.not_flushed")

    def _write(self) -> None:
        frames, self._frames = self._frames, []
        self._some.clear()
        if not frames:
            return
        self._writing += len(frames)

        def written(done: "asyncio.Future[None]") -> None:
            self._writing -= len(frames)
            if done.cancelled() or done.exception() is not None:
                self._lose(frames)

        try:
            self._journal.run(lambda writing: _insert(writing, frames)).add_done_callback(written)
        except StorageFailed:  # closed
            self._writing -= len(frames)
            self._lose(frames)

    def _lose(self, frames: Sequence[FrameRecord]) -> None:
        self.dropped += len(frames)
        log.warning("message_log.dropped", frames=len(frames), dropped=self.dropped)


def _insert(writing: Writing, frames: Sequence[FrameRecord]) -> None:
    write_rows(writing.connection, EXCHANGE.sql, map(EXCHANGE.to_row, exchanges(frames)))
