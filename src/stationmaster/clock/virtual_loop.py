"""An event loop in which waiting takes no time.

When nothing is ready to run, asyncio asks its selector to wait until the next timer. Here that wait is replaced by a
step of the loop's own time: a program that only sleeps, as everything on the memory transport does, runs through a
week as fast as its callbacks do. Blocking calls handed to an executor are run at once, in place, for a loop that is
about to jump cannot know that a thread is still at work.
"""

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class Deadlock(RuntimeError):
    """Nothing is ready, no timer is set and no I/O is awaited: the program would wait for ever."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """``time()`` starts at 0 and jumps to the next timer whenever nothing else is ready."""

    def __init__(self) -> None:
        self._virtual_s = 0.0
        super().__init__(_JumpingSelector(self._advance))
        # Timers due within this count as due now. At the base's nanosecond, adding it to a time of a year or more
        # changes nothing any more, and the loop would spin at a timer that is due but never run.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_s

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run ``func`` here and now."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def _advance(self, seconds: float | None) -> None:
        if seconds is None:
            raise Deadlock(_describe(self))
        self._virtual_s += seconds


class _JumpingSelector(selectors.BaseSelector):
    """Looks for I/O without waiting; where there is none, lets time jump."""

    def __init__(self, advance: Callable[[float | None], None]) -> None:
        self._real = selectors.DefaultSelector()
        self._advance = advance

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None and self._awaits_io():
            return self._real.select(None)
        self._advance(timeout)
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()

    def _awaits_io(self) -> bool:
        return len(self._real.get_map()) > 1  # one is the loop's own wake-up socket


def _describe(loop: asyncio.AbstractEventLoop) -> str:
    names = sorted(task.get_name() for task in asyncio.all_tasks(loop))
    return f"at {loop.time():.3f} s nothing can happen any more; waiting: {', '.join(names) or 'nobody'}"
