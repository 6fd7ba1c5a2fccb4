"""Time as it passes."""

import asyncio
from datetime import UTC, datetime
from time import monotonic


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """UTC, aware. Jumps when the machine's clock is set."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
