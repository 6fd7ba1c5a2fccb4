"""A bound on guessing the codes of web payments. In memory only; time is an argument."""

from collections import deque
from datetime import datetime, timedelta

MOST = 60
"""Wrong codes of one station within the span; then no code of it is looked at until some of them are older. A code
has at least six letters, so this is no way to guess one; and few enough drivers come with a photo of yesterday."""
SPAN = timedelta(minutes=10)
MAX_STATIONS = 10_000


class WrongCodes:
    """Bounded: of more stations than that, the one whose last wrong code is the oldest is forgotten."""

    def __init__(self) -> None:
        self._at: dict[int, deque[datetime]] = {}

    def too_many(self, station_key: int, at: datetime) -> bool:
        wrong = self._at.get(station_key)
        return wrong is not None and len(wrong) == MOST and at - wrong[0] < SPAN

    def wrong(self, station_key: int, at: datetime) -> None:
        wrong = self._at.pop(station_key, None) or deque(maxlen=MOST)
        self._at[station_key] = wrong
        wrong.append(at)
        if len(self._at) > MAX_STATIONS:
            del self._at[next(iter(self._at))]
