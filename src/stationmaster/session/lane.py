"""One lane for each station identity: its messages are handled one after another, over all its connections."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import structlog

log = structlog.get_logger(__name__)

Turn = Callable[[], None]
Job = Callable[[], Coroutine[Any, Any, None]]


class Lane:
    """Turns in the order in which they came; the next begins when the last has left.

    A turn that has nothing to wait for begins and ends within ``enter``: no task is made for it, and none exists while
    the lane is empty. Neither turns nor jobs may raise: what they fail at is their own to answer for.
    """

    __slots__ = ("_busy", "_drained", "_going_on", "_left", "_task", "_turns")

    def __init__(self) -> None:
        self._turns: deque[Turn] = deque()
        self._busy = False
        self._going_on = False
        self._left = False
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None

    def enter(self, turn: Turn) -> None:
        """Call ``turn`` when all before it have left. It, or what it sets going, calls ``leave``, once."""
        if self._busy:
            self._turns.append(turn)
            return
        self._busy = True
        try:
            turn()
        except Exception:
            self._failed()

    def leave(self) -> None:
        """The turn under way is over."""
        if self._going_on:
            self._left = True  # a turn that had waited ended at once: the loop that began it goes on
        elif self._turns:
            self._go_on()
        else:
            self._come_to_rest()

    def put(self, job: Job) -> None:
        """A turn that may take its time: it leaves when the job is done."""
        self.enter(partial(self._start, job))

    @property
    def idle(self) -> bool:
        return not self._busy

    async def drained(self) -> None:
        """Return when everything that has entered so far has left."""
        while self._busy:
            if self._drained is None:
                self._drained = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._drained)

    def _go_on(self) -> None:
        """Begin those that wait; in a loop, as a hundred turns that each began the next would nest a hundred deep."""
        self._going_on = self._left = True
        while self._left and self._turns:
            self._left = False
            try:
                self._turns.popleft()()
            except Exception:
                self._failed()
        self._going_on = False
        if self._left:
            self._come_to_rest()

    def _failed(self) -> None:
        log.exception("a turn failed")
        self.leave()

    def _come_to_rest(self) -> None:
        self._busy = False
        if self._drained is not None:
            drained, self._drained = self._drained, None
            if not drained.done():
                drained.set_result(None)

    def _start(self, job: Job) -> None:
        self._task = asyncio.get_running_loop().create_task(job())
        self._task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a job failed", exc_info=error)
        self.leave()
