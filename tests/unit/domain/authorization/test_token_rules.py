"""Where, when and how often a token may charge."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.authorization.token_rules import (
    EvseKinds,
    KnownEvse,
    Quota,
    TokenPlace,
    TokenRules,
    Window,
    evses_by_kind,
    evses_by_place,
    period_start,
    window_end,
    within,
)

WORKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = tuple(range(7))
BERLIN = "Europe/Berlin"


def rules(*windows: Window, zone: str = BERLIN) -> TokenRules:
    return TokenRules(windows=windows, time_zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT = rules(Window(days=(4,), from_minute=22 * 60, to_minute=6 * 60))
"""From Friday, 22:00, to Saturday, 06:00."""


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-01-09T20:59", False),
        ("2026-01-09T21:00", True),
        ("2026-01-10T04:59", True),
        ("2026-01-10T05:00", False),
        ("2026-01-08T22:00", False),
        ("2026-01-10T22:00", False),
    ],
)
def test_a_window_past_midnight_is_of_the_day_that_it_begins_on(at: str, inside: bool) -> None:
    assert within(NIGHT, utc(at)) is inside


def test_a_token_without_windows_may_charge_at_any_time() -> None:
    assert within(TokenRules(), utc("2026-01-09T20:59"))
    assert window_end(TokenRules(), utc("2026-01-09T20:59")) is None


def test_the_end_of_a_window_is_told_in_utc() -> None:
    assert window_end(NIGHT, utc("2026-01-09T23:00")) == utc("2026-01-10T05:00")


def test_windows_that_meet_are_one() -> None:
    met = rules(Window(days=(0,), from_minute=600, to_minute=720), Window(days=(0,), from_minute=720, to_minute=780))
    assert window_end(met, utc("2026-01-05T09:30")) == utc("2026-01-05T12:00")


def test_a_window_that_never_ends_has_no_end() -> None:
    assert window_end(rules(Window(days=EVERY_DAY)), utc("2026-01-05T09:30")) is None


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [
        (2 * 60 + 30, 5 * 60, "2026-03-29T01:00", "2026-03-29T03:00"),  # 02:30 is skipped: from the end of the jump
        (60, 2 * 60 + 30, "2026-03-29T00:00", "2026-03-29T01:00"),  # and until it
    ],
)
def test_a_time_that_the_clock_skips_is_the_end_of_the_jump(first: int, last: int, begins: str, ends: str) -> None:
    spring = rules(Window(days=(6,), from_minute=first, to_minute=last))
    for at, inside in ((begins, True), (ends, False)):
        assert within(spring, utc(at)) is inside
        assert within(spring, utc(at) - timedelta(minutes=1)) is not inside


def test_a_time_that_comes_twice_begins_with_the_first_and_ends_with_the_last() -> None:
    autumn = rules(Window(days=(6,), from_minute=150, to_minute=165))
    assert within(autumn, utc("2026-10-25T00:30"))
    assert within(autumn, utc("2026-10-25T01:44"))
    assert window_end(autumn, utc("2026-10-25T00:30")) == utc("2026-10-25T01:45")


_moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
_windows = st.builds(
    Window,
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    from_minute=st.integers(0, 1439),
    to_minute=st.integers(1, 1440),
).filter(lambda window: window.from_minute != window.to_minute)


@given(
    at=_moments,
    windows=st.lists(_windows, min_size=1, max_size=3),
    zone=st.sampled_from([BERLIN, "UTC", "Asia/Kolkata"]),
)
def test_the_end_of_a_window_is_the_first_moment_outside(at: datetime, windows: list[Window], zone: str) -> None:
    wanted = rules(*windows, zone=zone)
    end = window_end(wanted, at)
    if not within(wanted, at):
        assert end is None
    elif end is not None:
        assert at < end
        assert not within(wanted, end)
        assert within(wanted, end - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("period", "start"),
    [("day", "2026-03-31T22:00"), ("week", "2026-03-29T22:00"), ("month", "2026-03-31T22:00")],
)
def test_a_quota_counts_from_local_midnight(period: str, start: str) -> None:
    quota = Quota(starts=1, period=period)  # type: ignore[arg-type]
    assert period_start(quota, BERLIN, utc("2026-04-01T10:00")) == utc(start)


def test_a_month_begins_in_the_time_that_was_in_force_then() -> None:
    assert period_start(Quota(starts=1, period="month"), BERLIN, utc("2026-03-31T10:00")) == utc("2026-02-28T23:00")


@pytest.mark.parametrize(
    ("places", "allowed"),
    [
        ((), ()),
        ((TokenPlace(station_key=1),), ()),
        ((TokenPlace(station_key=1, evse_ids=(3, 2)),), (2, 3)),
        ((TokenPlace(station_key=1, evse_ids=(2,)), TokenPlace(station_key=1)), ()),
        ((TokenPlace(station_key=2),), None),
    ],
)
def test_places_name_stations_and_evses(places: tuple[TokenPlace, ...], allowed: tuple[int, ...] | None) -> None:
    assert evses_by_place(TokenRules(places=places), 1) == allowed


AC, DC = KnownEvse(current="AC", connector_types=("cType2",)), KnownEvse(current="DC", connector_types=("cCCS2",))


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (EvseKinds(), ()),
        (EvseKinds(currents=("DC",)), (2, 3)),
        (EvseKinds(connector_types=("CTYPE2",)), (1, 3)),
        (EvseKinds(currents=("DC",), connector_types=("cType2",)), (3,)),
        (EvseKinds(currents=("AC", "DC")), ()),
    ],
)
def test_what_is_not_known_of_an_evse_fits(wanted: EvseKinds, allowed: tuple[int, ...]) -> None:
    assert evses_by_kind(wanted, {1: AC, 2: DC, 3: KnownEvse()}) == allowed


def test_a_station_without_an_evse_of_the_kind_has_none() -> None:
    assert evses_by_kind(EvseKinds(currents=("DC",)), {1: AC}) is None
