"""Wall clocks from offsets that are given."""

from datetime import UTC, date, datetime, timedelta

import pytest

from stationmaster.domain.cost.local_time import LocalClock, Offset, local, micros, minute_of_day, moment, wall_moments

BERLIN = (
    Offset(datetime(2025, 10, 26, 1, tzinfo=UTC), 3600),
    Offset(datetime(2026, 3, 29, 1, tzinfo=UTC), 7200),
    Offset(datetime(2026, 10, 25, 1, tzinfo=UTC), 3600),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_moment_survives_the_way_there_and_back():
    at = datetime(2026, 3, 29, 1, 2, 3, 456789, tzinfo=UTC)
    assert moment(micros(at)) == at
    assert micros(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1_000_000


def test_the_clock_shows_winter_and_summer_time():
    assert local(BERLIN, utc("2026-03-29T00:59")) == datetime(2026, 3, 29, 1, 59)
    assert local(BERLIN, utc("2026-03-29T01:00")) == datetime(2026, 3, 29, 3, 0)
    assert local((), utc("2026-03-29T01:00")) == datetime(2026, 3, 29, 1, 0)


def test_before_the_first_offset_the_first_one_holds():
    assert local(BERLIN, utc("2020-01-01T12:00")) == datetime(2020, 1, 1, 13, 0)


def test_a_time_that_is_skipped_never_comes():
    assert wall_moments(BERLIN, utc("2026-03-28T12:00"), utc("2026-03-29T12:00"), "02:30") == ()


def test_a_time_that_comes_twice_comes_twice():
    assert wall_moments(BERLIN, utc("2026-10-24T12:00"), utc("2026-10-25T12:00"), "02:30") == (
        utc("2026-10-25T00:30"),
        utc("2026-10-25T01:30"),
    )


def test_wall_moments_come_every_day_and_not_at_the_limits():
    first, last = utc("2026-01-01T11:00"), utc("2026-01-04T11:00")  # 12:00 local
    assert wall_moments(BERLIN, first, last, "12:00") == (utc("2026-01-02T11:00"), utc("2026-01-03T11:00"))


def test_a_clock_that_is_decades_off_does_not_cost_decades():
    first = utc("1970-01-01T00:00")
    assert len(wall_moments(BERLIN, first, first + timedelta(days=20000), "00:00")) <= 400


def test_days_are_local_days():
    clock = LocalClock(BERLIN)
    at = micros(utc("2026-03-13T23:00"))  # Saturday begins in Berlin
    assert (clock.weekday(at), clock.weekday(at - 1)) == (5, 4)
    assert (clock.date(at), clock.date(at - 1)) == (date(2026, 3, 14), date(2026, 3, 13))


@pytest.mark.parametrize("text", ["24:00", "7:00", "07:60", "0700", "aa:bb", "07:00:00", "", "٠٧:٠٠"])
def test_what_is_no_time_of_day_is_refused(text: str):
    with pytest.raises(ValueError):
        minute_of_day(text)


def test_a_time_of_day_is_minutes():
    assert (minute_of_day("00:00"), minute_of_day("23:59")) == (0, 1439)
