"""Room for requests: how many are served at once, and how much memory those have that still arrive.

A place costs work, so nobody keeps one who has not sent all of a request. What arrives costs memory alone. Where that
runs out, the body that has been on its way for longest gives way: an honest one is there within a packet or two, so
thousands that come by halves and stop keep nobody out.
"""

import asyncio
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager

from stationmaster.transport.http_messages import busy

MAX_ARRIVING_BYTES = 32 * 1024 * 1024


class Places:
    """``most``: served at once."""

    def __init__(self, most: int) -> None:
        self._free = most

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises Refused where there is none left."""
        if self._free <= 0:
            raise busy()
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


class _Arriving:
    """A body of which some has come. It gives way when its ``bound`` is moved to now."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.bound = asyncio.timeout(None)


class Bodies:
    """Bodies under way. ``most_bytes``: in memory, of all of them."""

    def __init__(self, most_bytes: int = MAX_ARRIVING_BYTES) -> None:
        self._most_bytes = most_bytes
        self._arriving: dict[_Arriving, None] = {}
        """The oldest first."""
        self._bytes = 0

    async def read(self, portions: AsyncIterable[bytes]) -> bytes:
        """A body to its end. Raises Refused where it had to give way, and whatever reading its portions does."""
        arriving = _Arriving()
        self._arriving[arriving] = None
        try:
            async with arriving.bound:
                async for portion in portions:
                    arriving.content += portion
                    self._count(arriving, len(portion))
        except TimeoutError:
            if arriving.bound.expired():
                raise busy() from None
            raise
        finally:
            self._drop(arriving)
        return bytes(arriving.content)

    def _count(self, arriving: _Arriving, more_bytes: int) -> None:
        if arriving not in self._arriving:  # it is to give way, and has not been told yet
            return
        self._bytes += more_bytes
        while self._bytes > self._most_bytes:
            oldest = next(iter(self._arriving))
            self._drop(oldest)
            oldest.bound.reschedule(0.0)  # which is over by any clock

    def _drop(self, arriving: _Arriving) -> None:
        """Once only: the bytes of what gives way are free before its reader knows."""
        if arriving in self._arriving:
            del self._arriving[arriving]
            self._bytes -= len(arriving.content)
