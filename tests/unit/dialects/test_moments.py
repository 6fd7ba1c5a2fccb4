from datetime import UTC, datetime, timedelta, timezone

from stationmaster.dialects.moments import UNKNOWN_TIME, utc, utc_or

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EAST = timezone(timedelta(hours=5))


def test_a_moment_of_any_zone_becomes_utc() -> None:
    moved = utc(datetime(2026, 3, 1, 17, tzinfo=EAST))
    assert moved == NOON
    assert moved is not None
    assert moved.isoformat() == NOON.isoformat()


def test_a_moment_before_the_calendar_begins_counts_as_missing() -> None:
    assert utc(datetime(1, 1, 1, tzinfo=EAST)) is None


def test_a_missing_moment_is_the_unknown_time_unless_told_otherwise() -> None:
    assert utc_or(None) == UNKNOWN_TIME == datetime(1970, 1, 1, tzinfo=UTC)
    assert utc_or(None, NOON) == NOON
    assert utc_or(NOON, UNKNOWN_TIME) == NOON
