"""When to try again to reach stations that have no line and could not be called."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from stationmaster.csms.background import Background
from stationmaster.csms.ports import Clock

PAUSES_S = (5.0, 15.0, 30.0, 60.0)
"""After one failure after another; the last one for all further ones."""


class Keyed(Protocol):
    @property
    def key(self) -> int: ...


Station = TypeVar("Station", bound=Keyed)


class Retries(Generic[Station]):
    """Of one node. ``again``: takes up what waits for a station."""

    def __init__(self, clock: Clock, background: Background, again: Callable[[Station], None]) -> None:
        self._clock = clock
        self._background = background
        self._again = again
        self._failures: dict[int, int] = {}
        self._pausing: set[int] = set()

    def unreachable(self, desk: Station) -> None:
        """It could not be called just now: see about it after a while, which grows."""
        if desk.key not in self._pausing:
            self._pausing.add(desk.key)
            self._background.start(self._pause(desk))

    def reached(self, desk: Station) -> None:
        """It could be: the next pause is a short one again."""
        self._failures.pop(desk.key, None)

    def pauses(self, desk: Station) -> bool:
        """Whether something waits for it."""
        return desk.key in self._pausing

    async def _pause(self, desk: Station) -> None:
        failures = self._failures.get(desk.key, 0)
        self._failures[desk.key] = failures + 1
        try:
            await self._clock.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
        finally:
            self._pausing.discard(desk.key)
        self._again(desk)
