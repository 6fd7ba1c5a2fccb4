"""Noticing peers that have gone without a word (half-open connections).

One timer for all connections of a listener, instead of a task with timers for each: ten thousand idle stations cost
one pass over a set every few seconds.
"""

import asyncio
from math import ceil
from typing import Literal, Protocol

from stationmaster.transport.limits import Limits

TICKS_PER_INTERVAL = 4
"""The fineness of a ping interval: a ping leaves after three to four quarters of it in silence."""
CLOSING_TICKS = 2
_DEFAULT_INTERVAL_S = 60.0

Verdict = Literal["wait", "ping", "drop"]


class Vigil:
    """How long one peer has been silent. Sans-I/O: whoever owns it ticks it and resets ``silent_ticks``."""

    __slots__ = ("_drop_at", "_ping_at", "silent_ticks")

    def __init__(self, limits: Limits) -> None:
        pings = limits.ping_interval_s > 0
        self.silent_ticks = 0
        self._ping_at = TICKS_PER_INTERVAL if pings else None
        self._drop_at = TICKS_PER_INTERVAL + ceil(limits.ping_timeout_s / tick_s(limits)) if pings else None

    def tick(self, *, closing: bool) -> Verdict:
        """One tick has passed; ``closing`` if a close frame has been sent and only the end is waited for."""
        self.silent_ticks += 1
        if self.silent_ticks == self._drop_at or (closing and self.silent_ticks > CLOSING_TICKS):
            return "drop"
        if self.silent_ticks == self._ping_at and not closing:
            return "ping"
        return "wait"


class Ticking(Protocol):
    def tick(self) -> None: ...


def tick_s(limits: Limits) -> float:
    """Seconds between two ticks. Without pings they still clear away connections that never finish closing."""
    return (limits.ping_interval_s or _DEFAULT_INTERVAL_S) / TICKS_PER_INTERVAL


class KeepAlive:
    """Ticks every member until stopped."""

    def __init__(self, limits: Limits) -> None:
        self.members: set[Ticking] = set()
        self._tick_s = tick_s(limits)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._tick_s, self._tick)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        for member in tuple(self.members):
            member.tick()
        self.start()
