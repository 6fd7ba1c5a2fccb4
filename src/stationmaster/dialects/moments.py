"""Times as they come from the other side, which may leave them out."""

from datetime import UTC, datetime

UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)
"""Stands for a time that is missing where the domain needs one; whoever stores it takes the time of receipt instead."""


def utc(moment: datetime | None) -> datetime | None:
    """The moment in UTC; None where it is missing or outside the calendar once it is moved to UTC."""
    if moment is None or moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def utc_or(moment: datetime | None, otherwise: datetime = UNKNOWN_TIME) -> datetime:
    """As :func:`utc`, with something to stand for a missing one."""
    return utc(moment) or otherwise
