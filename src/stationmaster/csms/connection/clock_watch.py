"""How far a station's clock is from ours, from what it sends live."""

from datetime import datetime

from stationmaster.csms.blocks.matching import NO_TIMESTAMP
from stationmaster.domain.messages import Request, TransactionEvent
from stationmaster.domain.records import Oddity


class ClockWatch:
    """Remembers the newest difference; speaks up once each time the station drifts out of bounds."""

    __slots__ = ("_limit_s", "_warned", "skew_s")

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._warned = False
        self.skew_s: float | None = None

    def look(self, station_key: int, request: Request, at: datetime) -> Oddity | None:
        timestamp = getattr(request, "timestamp", None)
        if timestamp is None or (isinstance(request, TransactionEvent) and not _is_live(request)):
            return None
        self.skew_s = (timestamp - at).total_seconds()
        wrong = abs(self.skew_s) > self._limit_s
        speak = wrong and not self._warned
        self._warned = wrong
        if not speak:
            return None
        return Oddity(
            station_key=station_key,
            at=at,
            kind="clock_skew",
            action=None,
            detail=f"the station's clock is {self.skew_s:+.0f} s from ours",
        )


def _is_live(event: TransactionEvent) -> bool:
    """Not so for what was kept while offline, of which 1.6 does not tell, nor without a time that could be read."""
    return event.seq_no is not None and not event.offline and event.timestamp != NO_TIMESTAMP
