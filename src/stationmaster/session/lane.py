"""One lane for each station identity: its messages are handled one after another, over all its connections."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Job = Callable[[], Awaitable[None]]


class Lane:
    """Jobs in the order they were put; the next starts when the last is done. No task exists while it is empty.

    A job must not raise: what it fails at is its own to answer for.
    """

    __slots__ = ("_jobs", "_runner")

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._runner: asyncio.Task[None] | None = None

    def put(self, job: Job) -> None:
        self._jobs.append(job)
        if self._runner is None:
            self._runner = asyncio.get_running_loop().create_task(self._run())

    @property
    def idle(self) -> bool:
        return self._runner is None

    async def drained(self) -> None:
        """Return when every job put so far is done."""
        while self._runner is not None:
            await asyncio.shield(self._runner)

    async def _run(self) -> None:
        try:
            while self._jobs:
                await self._jobs.popleft()()
        finally:
            self._runner = None
            if self._jobs:  # a job that raised must not strand those behind it
                self._runner = asyncio.get_running_loop().create_task(self._run())
