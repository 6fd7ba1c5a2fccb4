"""Time zones: the one place that asks the time-zone database. What it says is frozen into each bill."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stationmaster.domain.cost.local_time import MAX_DAYS, Offset

AROUND = timedelta(days=1)
"""Offsets are kept for a day more on both sides: local days begin before and end after those of UTC."""

_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_STEP = timedelta(hours=6)
_SECOND = timedelta(seconds=1)
_MOST_ZONE = 64


def zone_named(name: str) -> ZoneInfo:
    """Reads the database, so never on the event loop. Raises LookupError for a name that it does not have."""
    if not 0 < len(name) <= _MOST_ZONE or not name.isascii():
        raise LookupError("no zone has this name")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise LookupError(f"the time-zone database has no {name}") from None


def offsets_between(zone: ZoneInfo, first: datetime, last: datetime) -> tuple[Offset, ...]:
    """The offsets in force from a day before ``first`` to a day after ``last``, each from the second it begins at."""
    first = min(max(first, _EARLIEST), _LATEST)  # clocks that are wrong must not keep a bill from being made
    start, end = first - AROUND, min(last, first + timedelta(days=MAX_DAYS)) + AROUND
    return (Offset(start, _offset(zone, start)), *_changes(zone, start, end))


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Offset]:
    at, offset = start, _offset(zone, start)
    while at < end:
        following = min(at + _STEP, end)
        if _offset(zone, following) != offset:
            changed = _moment_of_change(zone, at, following)
            offset = _offset(zone, changed)
            yield Offset(changed, offset)
            following = changed  # there may be another soon after
        at = following


def _moment_of_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first whole second at which the offset is another than ``before``'s, found by halving."""
    offset = _offset(zone, before)
    low, high = before, after
    while high - low > _SECOND:
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
    return high.replace(microsecond=0)


def _offset(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
