"""Time that runs faster, for demonstrations: a day in a few minutes."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic


class ScaledClock:
    """Runs ``speed`` times as fast as the wall clock, from ``start`` (default: now) on.

    All of ``now``, ``monotonic`` and ``sleep`` are in scaled seconds. It follows the machine's monotonic clock, so
    that setting the machine's clock does not disturb it.
    """

    def __init__(self, speed: float, start: datetime | None = None) -> None:
        if not speed > 0:
            raise ValueError(f"speed must be positive, not {speed}")
        if start is not None and start.tzinfo is None:
            raise ValueError("start must be an aware datetime")
        self._speed = speed
        self._start = (start or datetime.now(UTC)).astimezone(UTC)
        self._origin = monotonic()

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Scaled seconds since the clock was made."""
        return (monotonic() - self._origin) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
