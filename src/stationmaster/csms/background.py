"""Work that nobody waits for: kept alive, its failures logged, ended with its owner."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from stationmaster.csms.ports import Clock

log = structlog.get_logger(__name__)

PAUSE_S = 60.0
"""Between the end of work that failed and its next start."""


class Background:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Cancel what is under way and wait for it."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work failed", exc_info=error)


async def kept_up(work: Callable[[], Coroutine[Any, Any, None]], clock: Clock, pause_s: float = PAUSE_S) -> None:
    """Work that must not end while its owner lives: when it fails, that is logged, and it is started once more."""
    while True:
        try:
            await work()
            return
        except Exception as error:
            log.error("background work failed, to be started again", pause_s=pause_s, exc_info=error)
        await clock.sleep(pause_s)
