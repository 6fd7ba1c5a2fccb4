"""The one writer. Callers on the event loop wait; one thread writes for all of them at once.

All that waits is kept on the loop, so there is no lock: the loop hands the thread a batch, the thread hands it back
written, the loop wakes its callers and hands over whatever came in the meantime. The busier it is, the larger the
batches, and the cheaper each item.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

import structlog

from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event, Record
from stationmaster.storage.batch import BatchWriter, Item, Writing

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
Done = Callable[[Decision | Exception], None]
MAX_BATCH = 500


def _nobody(events: Sequence[CommittedEvent]) -> None:
    """Until somebody wants to hear what was committed."""


class Journal:
    """Durable when ``commit`` returns. Must be made and used on one running event loop.

    ``threaded`` off: it writes on the loop itself, at the loop's next turn, still all at once; for virtual time.
    """

    def __init__(self, writer: BatchWriter, *, threaded: bool = True) -> None:
        self.on_committed: Callable[[Sequence[CommittedEvent]], None] = _nobody
        """Called on the loop with the events of each batch, in order, after they are on disk."""
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Item] = []
        self._busy = False
        self._closed = False
        self._drained: asyncio.Future[None] | None = None
        self._batches: SimpleQueue[list[Item] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True) if threaded else None
        if self._thread is not None:
            self._thread.start()

    def submit(self, decision: Decision, done: Done, *, station_key: int | None = None, generation: int = 0) -> None:
        """Store, then call ``done`` on the loop: with what held, or with a StaleGeneration or a StorageFailed.

        What held is the decision itself, or the ``otherwise`` of its first check that failed. Raises StorageFailed
        once closed.
        """
        self._put(Item(done, decision, station_key, generation))

    async def commit(self, decision: Decision, *, station_key: int | None = None, generation: int = 0) -> Decision:
        """As :meth:`submit`, for who waits. Raises StaleGeneration or StorageFailed; then nothing of it is stored."""
        future: asyncio.Future[Decision] = self._loop.create_future()
        self._put(Item(partial(_settle, future), decision, station_key, generation))
        return await future

    async def store(self, records: Sequence[Record], events: Sequence[Event] = ()) -> None:
        """Store without a decision. Raises StorageFailed."""
        await self.commit(Decision(records=tuple(records), events=tuple(events)))

    async def register_connection(self, station_key: int) -> int:
        """The generation of a station's new connection: older ones can no longer commit.

        Raises StorageFailed, also for a station that is not stored.
        """
        return await self.run(lambda writing: writing.next_generation(station_key))

    def run(self, work: Callable[[Writing], Result]) -> "asyncio.Future[Result]":
        """Do other work inside the next transaction. It may be done twice (after a roll-back), so it must only write.

        The future raises StorageFailed if the work or the transaction did.
        """
        future: asyncio.Future[Result] = self._loop.create_future()
        self._put(Item(partial(_settle, future), work=work))
        return future

    async def close(self) -> None:
        """Take nothing more, write all that waits, end the thread. The connection is left to its owner."""
        self._closed = True
        while self._busy:
            self._drained = self._loop.create_future()
            await self._drained
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join()  # it has nothing left to do
            self._thread = None

    def _put(self, item: Item) -> None:
        if self._closed:
            raise StorageFailed("the journal is closed")
        self._waiting.append(item)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._hand_over)  # not at once: others of this turn of the loop join

    def _hand_over(self) -> None:
        batch = self._waiting[:MAX_BATCH]
        del self._waiting[:MAX_BATCH]
        if self._thread is None:
            self._finish(batch, self._writer.write(batch))
        else:
            self._batches.put(batch)

    def _serve(self) -> None:
        while (batch := self._batches.get()) is not None:
            events = self._writer.write(batch)
            try:
                self._loop.call_soon_threadsafe(self._finish, batch, events)
            except RuntimeError:  # the loop was closed under us: nobody waits any more
                return

    def _finish(self, batch: list[Item], events: Sequence[CommittedEvent]) -> None:
        for item in batch:
            try:
                item.done(item.result if item.error is None else item.error)
            except Exception:
                log.exception("storage.listener_failed")  # the others are told all the same
        if self._waiting:
            self._loop.call_soon(self._hand_over)
        else:
            self._busy = False
            if self._drained is not None and not self._drained.done():
                self._drained.set_result(None)
        if events:
            self.on_committed(events)


def _settle(future: "asyncio.Future[Any]", outcome: Any) -> None:
    if future.done():  # its caller was cancelled; it is stored all the same
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
