"""Virtual time, for tests and simulations that must not take as long as what they simulate."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from stationmaster.clock.virtual_loop import VirtualTimeLoop

T = TypeVar("T")

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)


class VirtualClock:
    """The time of the VirtualTimeLoop that is running: ``start`` plus ``loop.time()``.

    May be made outside a loop; its methods raise RuntimeError outside a VirtualTimeLoop.
    """

    def __init__(self, start: datetime = EPOCH) -> None:
        if start.tzinfo is None:
            raise ValueError("start must be an aware datetime")
        self._start = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Virtual seconds since the loop was made."""
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualTimeLoop):
            raise RuntimeError("a VirtualClock runs only on a VirtualTimeLoop")
        return loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end on a fresh VirtualTimeLoop. Raises Deadlock where it would wait for ever."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
