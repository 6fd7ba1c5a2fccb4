"""An answer that is still to come, for those who have no need of a task to wait for it."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

from stationmaster.domain.messages import Answer

Outcome = Answer | Exception
Listener = Callable[[Outcome], None]


class Later:
    """Settled once, heard by one. Whoever hears is called within ``settle``, on the event loop.

    It may be awaited too, instead of listened to.
    """

    __slots__ = ("_listener", "_outcome")

    def __init__(self) -> None:
        self._listener: Listener | None = None
        self._outcome: Outcome | None = None

    def settle(self, outcome: Outcome) -> None:
        """The answer, or why there is none."""
        self._outcome = outcome
        if self._listener is not None:
            self._listener(outcome)

    def then(self, listener: Listener) -> None:
        """Call the listener with the outcome: now, or when it is there."""
        self._listener = listener
        if self._outcome is not None:
            listener(self._outcome)

    def __await__(self) -> Generator[Any, None, Answer]:
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.then(lambda outcome: None if future.done() else future.set_result(outcome))
        outcome = yield from future.__await__()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
