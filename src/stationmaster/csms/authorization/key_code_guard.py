"""Slowing down who guesses PINs at a station (C04.FR.06). In memory only; time is an argument."""

from collections import deque
from datetime import datetime, timedelta

WRONG = 5
"""So many within the span lock the station for PINs."""
SPAN = timedelta(minutes=10)
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
MAX_STATIONS = 10_000


class KeyCodeGuard:
    """Bounded: of more stations than that, the one that had its last wrong PIN the longest ago is forgotten."""

    def __init__(self) -> None:
        self._stations: dict[int, _Guesses] = {}

    def locked(self, station_key: int, at: datetime) -> bool:
        guesses = self._stations.get(station_key)
        return guesses is not None and guesses.locked_until is not None and at < guesses.locked_until

    def right(self, station_key: int) -> None:
        self._stations.pop(station_key, None)

    def wrong(self, station_key: int, at: datetime) -> None:
        guesses = self._stations.pop(station_key, None) or _Guesses()
        self._stations[station_key] = guesses
        guesses.add(at)
        if len(self._stations) > MAX_STATIONS:
            del self._stations[next(iter(self._stations))]


class _Guesses:
    def __init__(self) -> None:
        self.locked_until: datetime | None = None
        self._at: deque[datetime] = deque(maxlen=WRONG)
        self._lock = FIRST_LOCK

    def add(self, at: datetime) -> None:
        if self.locked_until is not None and at - self.locked_until > LONGEST_LOCK:
            self._lock = FIRST_LOCK
        self._at.append(at)
        if len(self._at) == WRONG and at - self._at[0] <= SPAN:
            self.locked_until = at + self._lock
            self._lock = min(2 * self._lock, LONGEST_LOCK)
            self._at.clear()
