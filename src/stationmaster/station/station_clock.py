"""The station's own clock: set by the CSMS, ticking with the world's."""

from collections.abc import Callable
from datetime import datetime, timedelta

from stationmaster.station.ports import Clock

TOLERANCE = timedelta(seconds=1)
"""Differences up to this are the network's, and would only make times jump."""

REPORTED = timedelta(seconds=20)
"""Differences beyond this are a security event (2.1 appendices, SettingSystemTime)."""


class StationClock:
    """Fulfils the Clock port."""

    def __init__(self, clock: Clock, offset: timedelta = timedelta(0), *, set_once: bool = False) -> None:
        """``set_once``: the first time that the CSMS tells is taken over, and no other, as ours runs faster."""
        self._clock = clock
        self._set_once = set_once
        self._is_set = False
        self.offset = offset
        self.on_set: Callable[[float], None] = lambda difference_s: None
        """Told by how many seconds the clock was set, where that is more than REPORTED."""

    def now(self) -> datetime:
        return self._clock.now() + self.offset

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def set_from(self, current_time: datetime) -> None:
        """Go by the CSMS's clock (B01.FR.06, G02.FR.06)."""
        if self._set_once and self._is_set:
            return
        self._is_set = True
        difference = current_time - self.now()
        if abs(difference) > TOLERANCE:
            self.offset += difference
            if abs(difference) > REPORTED:
                self.on_set(difference.total_seconds())
