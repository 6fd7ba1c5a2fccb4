"""Offsets of a session as the time-zone database has them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.csms.cost.zones import offsets_between, zone_named
from stationmaster.domain.cost.local_time import MAX_DAYS, Offset, local

BERLIN = zone_named("Europe/Berlin")


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_both_changes_of_a_year_are_found_to_the_second() -> None:
    spring = offsets_between(BERLIN, moment(2026, 3, 29), moment(2026, 3, 29, 3))
    assert spring[1:] == (Offset(moment(2026, 3, 29, 1), 7200),)
    autumn = offsets_between(BERLIN, moment(2026, 10, 25), moment(2026, 10, 25, 3))
    assert autumn[1:] == (Offset(moment(2026, 10, 25, 1), 3600),)


def test_a_session_without_a_change_has_one_offset_from_a_day_before() -> None:
    first = moment(2026, 7, 1, 12)
    assert offsets_between(BERLIN, first, first) == (Offset(first - timedelta(days=1), 7200),)


def test_half_hours_are_offsets_too() -> None:
    (offset,) = offsets_between(zone_named("Asia/Kolkata"), moment(2026, 1, 1), moment(2026, 1, 2))
    assert offset.seconds == 19_800


def test_a_session_of_a_wrong_clock_ends_after_some_time() -> None:
    offsets = offsets_between(BERLIN, moment(1970, 1, 1), moment(2026, 1, 1))
    assert offsets[-1].from_at < moment(1970, 1, 1) + timedelta(days=MAX_DAYS + 2)


def test_no_clock_is_so_wrong_that_there_are_no_offsets() -> None:
    for first in (datetime.min, datetime.max):
        at = first.replace(tzinfo=UTC)
        assert offsets_between(BERLIN, at, at)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.integers(0, 40 * 24 * 60),
    st.integers(0, 100),
)
def test_local_time_by_the_offsets_is_local_time_by_the_database(
    name: str, start: datetime, minutes: int, percent: int
) -> None:
    first, zone = start.replace(tzinfo=UTC), zone_named(name)
    last = first + timedelta(minutes=minutes)
    at = first + (last - first) * percent / 100
    assert local(offsets_between(zone, first, last), at) == at.astimezone(zone).replace(tzinfo=None)


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../../etc/passwd", "/etc/passwd", "Europe", "x" * 65, "Zürich"])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(LookupError):
        zone_named(name)
