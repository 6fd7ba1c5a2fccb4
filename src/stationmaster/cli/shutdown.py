"""Running a command's coroutine so that it ends well: the first signal asks it to finish, the second does not ask."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_FORCED: Final = 128  # plus the signal's number, as shells report it


def run_until_signal(work: Coroutine[Any, Any, T]) -> T | None:
    """Run it on a loop of its own and return its result, or None where a signal cancelled it.

    A signal cancels the coroutine, which may take its time to drain, and may still return a result. A second signal
    ends the process at once.
    """
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_watched(work))


async def _watched(work: Coroutine[Any, Any, T]) -> T | None:
    task = asyncio.ensure_future(work)
    signalled = False

    def on_signal(number: int) -> None:
        nonlocal signalled
        if signalled:
            os._exit(_FORCED + number)
        signalled = True
        task.cancel()
        with contextlib.suppress(OSError):  # whoever read it may be gone
            sys.stderr.write("\nStopping; once more to stop at once.\n")

    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows: there asyncio's own way with Ctrl-C has to do
        for number in SIGNALS:
            loop.add_signal_handler(number, on_signal, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not signalled:
            raise
        return None


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Of the fastest loop that this system has."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
