"""Answers that many want at the same time: made once, and good for everybody for a moment."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")
HOLDS_S = 2.0
SHARE = 20
"""What took long to make is good for as many times as long: no more of the time than one part in so many goes into
making it, whoever looks."""
MOST = 500
"""Answers that are kept; when there are more, all are made anew."""


class Clock(Protocol):
    def monotonic(self) -> float: ...


class _Answer:
    """``until`` is known once it is there."""

    __slots__ = ("task", "until")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self.task = task
        self.until: float | None = None


class SharedAnswers:
    """By whatever tells them apart, the tenant among it. One that failed is told to who waits for it, and not kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[Hashable, _Answer] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Result]]) -> Result:
        """What was made a moment ago, what is being made, or else what ``make`` makes."""
        known = self._answers.get(key)
        if known is None or (known.until is not None and self._clock.monotonic() >= known.until):
            known = self._begin(key, make)
        result: Result = await asyncio.shield(known.task)  # whoever leaves does not take it from the others
        return result

    def _begin(self, key: Hashable, make: Callable[[], Awaitable[Any]]) -> _Answer:
        if len(self._answers) >= MOST:
            self._answers.clear()

        began = self._clock.monotonic()

        async def work() -> Any:
            return await make()

        made = self._answers[key] = _Answer(asyncio.get_running_loop().create_task(work()))

        def done(task: "asyncio.Task[Any]") -> None:
            now = self._clock.monotonic()
            made.until = now + max(HOLDS_S, (now - began) * SHARE)
            if (task.cancelled() or task.exception() is not None) and self._answers.get(key) is made:
                del self._answers[key]

        made.task.add_done_callback(done)
        return made
