"""The listening end of a subscription: a bounded queue that drops the oldest."""

import asyncio
from collections import deque
from collections.abc import Callable

from stationmaster.bus.message import BusMessage


class Subscription:
    """An async iterator over messages. It ends when it or its bus is closed, after what is queued."""

    def __init__(self, capacity: int, on_close: Callable[[], None]) -> None:
        self.lost_total = 0
        """Messages dropped because this listener was too slow."""
        self._waiting: deque[BusMessage] = deque(maxlen=capacity)
        self._lost = 0
        self._arrived = asyncio.Event()
        self._closed = False
        self._on_close = on_close

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> BusMessage:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        message = self._waiting.popleft()
        if not self._lost:
            return message
        lost, self._lost = self._lost, 0
        return BusMessage(message.subject, message.body, lost)

    def put(self, message: BusMessage) -> None:
        """Queue a message, in place of the oldest where the queue is full."""
        if len(self._waiting) == self._waiting.maxlen:
            self._lost += 1
            self.lost_total += 1
        self._waiting.append(message)
        self._arrived.set()

    async def aclose(self) -> None:
        """Stop listening."""
        self.end()

    def end(self) -> None:
        if not self._closed:
            self._closed = True
            self._arrived.set()
            self._on_close()
