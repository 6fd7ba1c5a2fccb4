"""The message log's buffer: filled by who looks over a session, masked and written in portions, never waited for."""

import asyncio
from collections.abc import Sequence

import structlog

from stationmaster.csms.connection.masking import masked_together
from stationmaster.csms.ports import Clock, MessageLog
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.frame_stretch import SEPARATOR, Head, Stretch

log = structlog.get_logger(__name__)

FLUSH_INTERVAL_S = 0.9
FRAME_WEIGHT = 512
"""What Python keeps of a frame beside its bytes."""
PORTION = 8 * 1024 * 1024
CAPACITY = 64 * 1024 * 1024
MAX_LOGGED_BYTES = 64 * 1024

_SEPARATOR = SEPARATOR.encode()


class Hearing:
    """What is heard of one station until the portion is written."""

    __slots__ = ("frames", "heads", "mask_tokens", "station_key")

    def __init__(self, station_key: int, mask_tokens: bool) -> None:
        self.station_key = station_key
        self.mask_tokens = mask_tokens
        self.heads: list[Head] = []
        self.frames: list[bytes] = []

    def stretch(self) -> Stretch:
        return Stretch(self.station_key, self.heads, self._text())

    def _text(self) -> str:
        frames, together = self.frames, b"".join(self.frames)
        if _SEPARATOR in together:
            frames = [frame.replace(_SEPARATOR, b"\xff") for frame in frames]
        text = masked_together(_SEPARATOR.join(frames).decode("utf-8", "replace"), id_tokens=self.mask_tokens)
        if len(together) > MAX_LOGGED_BYTES and max(map(len, frames)) > MAX_LOGGED_BYTES:
            # Only now: what tells that a frame holds a secret may stand at its end.
            text = SEPARATOR.join([_cut(frame) for frame in text.split(SEPARATOR)])
        return text


class LogBuffer:
    """Loses its last second in a crash, and what the store does not take in time: ``dropped`` counts that.

    ``run`` must run beside it: it writes what waits for want of company. A full portion is written at once. Portion and
    capacity are counted in bytes, of frames and what is kept beside them.
    """

    def __init__(self, store: MessageLog, clock: Clock, *, portion: int = PORTION, capacity: int = CAPACITY) -> None:
        self.dropped = 0
        self.portion = 0
        """The number of the portion that is being filled: what ``begin`` gave out counts while it stays the same."""
        self._store = store
        self._clock = clock
        self._portion_size = portion
        self._capacity = capacity
        self._weight = 0
        self._waiting: list[Hearing] = []
        self._under_way: dict[asyncio.Future[None], tuple[int, int]] = {}
        self._some = asyncio.Event()

    def begin(self, station_key: int, *, mask_tokens: bool) -> Hearing:
        """Where to put what is heard of a station, as long as the portion is the same; ``weigh`` follows each."""
        if not self._waiting:
            self._some.set()
        hearing = Hearing(station_key, mask_tokens)
        self._waiting.append(hearing)
        return hearing

    def weigh(self, size: int) -> None:
        """Count a frame that was put, by its bytes. Never blocks."""
        self._weight += size + FRAME_WEIGHT
        if self._weight >= self._portion_size:
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
        hearings, self._waiting = self._waiting, []
        weight, self._weight = self._weight, 0
        self._some.clear()
        self.portion += 1
        if not hearings:
            return
        frames = sum([len(hearing.heads) for hearing in hearings])
        if weight + sum(waiting for waiting, _ in self._under_way.values()) > self._capacity:
            self._lose(frames)
            return
        try:
            writing = self._store.write(_stretches(hearings))
        except StorageFailed:  # closed
            self._lose(frames)
        else:
            self._under_way[writing] = (weight, frames)
            writing.add_done_callback(self._written)

    def _written(self, writing: asyncio.Future[None]) -> None:
        _, frames = self._under_way.pop(writing)
        if writing.cancelled() or writing.exception() is not None:
            self._lose(frames)

    def _lose(self, frames: int) -> None:
        self.dropped += frames
        log.warning("message_log.dropped", frames=frames, dropped=self.dropped)


def _cut(frame: str) -> str:
    return frame.encode()[:MAX_LOGGED_BYTES].decode("utf-8", "ignore")


def _stretches(hearings: Sequence[Hearing]) -> list[Stretch]:
    return [hearing.stretch() for hearing in hearings]
