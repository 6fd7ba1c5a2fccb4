"""Local time without a time-zone database: a session's offsets from UTC are given, and frozen into its bill.

Inside, a moment is the number of microseconds since 1970 UTC: whole, or a fraction where it was interpolated.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from stationmaster.domain.cost.money import Exact

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_MICROSECOND = timedelta(microseconds=1)
_MONDAY_SHIFT = 3
"""1970-01-01 was a Thursday."""

MAX_DAYS = 400
"""Longer sessions come from clocks that are wrong. Their days after that are not cut at the hours of a tariff."""


class Offset(msgspec.Struct, frozen=True, gc=False):
    """From this moment on, local time is UTC plus so many seconds."""

    from_at: datetime
    seconds: int


def micros(at: datetime) -> int:
    """The moment as microseconds since 1970 UTC."""
    return (at - EPOCH) // _MICROSECOND


def moment(micros: Exact) -> datetime:
    """The other way round; a fraction of a microsecond is cut off."""
    return EPOCH + timedelta(microseconds=int(micros // 1))


def minute_of_day(text: str) -> int:
    """Minutes since midnight of ``hh:mm``. Raises ValueError for anything else."""
    hours, minutes = text.split(":")
    if len(hours) != 2 or len(minutes) != 2 or not (hours + minutes).isdecimal() or not text.isascii():
        raise ValueError(f"{text!r} is not hh:mm")
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(f"{text!r} is no time of day")
    return int(hours) * 60 + int(minutes)


class LocalClock:
    """What the clock on the wall shows. Before the first offset the first holds; without any it is UTC."""

    def __init__(self, offsets: Sequence[Offset]) -> None:
        ordered = sorted((micros(offset.from_at), offset.seconds * SECOND) for offset in offsets) or [(0, 0)]
        self._from = [at for at, _ in ordered]
        self._shift = [shift for _, shift in ordered]

    def wall(self, at: Exact) -> Exact:
        """The moment moved by the offset in force."""
        return at + self._shift[max(0, bisect_right(self._from, at) - 1)]

    def time_of_day(self, at: Exact) -> Exact:
        """Microseconds since local midnight, as the clock shows it."""
        return self.wall(at) % DAY

    def weekday(self, at: Exact) -> int:
        """0 for Monday."""
        return int((self.wall(at) // DAY + _MONDAY_SHIFT) % 7)

    def date(self, at: Exact) -> date:
        return (EPOCH + timedelta(days=int(self.wall(at) // DAY))).date()

    def changes(self, first: Exact, last: Exact) -> Iterator[int]:
        """The moments within at which the offset changes: I12.FR.37, the hands jump."""
        return (at for at in self._from[1:] if first < at < last)

    def wall_moments(self, first: int, last: Exact, minutes: int) -> Iterator[int]:
        """When, strictly within, the clock shows so many minutes after midnight.

        A time that comes twice gives two, one that is skipped gives none.
        """
        last = min(last, first + MAX_DAYS * DAY)
        for place, shift in enumerate(self._shift):
            low = max(first, self._from[place]) if place else first
            high = min(last, self._from[place + 1]) if place + 1 < len(self._from) else last
            at = (low + shift) // DAY * DAY + minutes * MINUTE - shift
            while at < high:
                if at >= low and at > first:
                    yield at
                at += DAY


def local(offsets: Sequence[Offset], at: datetime) -> datetime:
    """What the clock on the wall shows, without a zone."""
    return moment(LocalClock(offsets).wall(micros(at))).replace(tzinfo=None)


def wall_moments(offsets: Sequence[Offset], first: datetime, last: datetime, time_of_day: str) -> tuple[datetime, ...]:
    """When, strictly between two moments, the clock on the wall shows ``hh:mm``."""
    found = LocalClock(offsets).wall_moments(micros(first), micros(last), minute_of_day(time_of_day))
    return tuple(moment(at) for at in found)
