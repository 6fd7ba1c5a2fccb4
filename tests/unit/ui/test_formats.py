"""Values in words and units, for people."""

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.ui import formats

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("watt", "shown"),
    [
        (0, "0 W"),
        (850, "850 W"),
        (999.4, "999 W"),
        (7360, "7.36 kW"),
        (-7360, "-7.36 kW"),
        ("22000", "22.00 kW"),
        (1_200_000, "1.20 MW"),
        (Decimal("2.5e9"), "2.50 GW"),
        (None, formats.NONE),
    ],
)
def test_power(watt: object, shown: str) -> None:
    assert formats.power(watt) == shown  # type: ignore[arg-type]


def test_one_is_singular_and_any_other_number_is_not() -> None:
    assert [formats.counted(number, "station") for number in (0, 1, 1000)] == [
        "0 stations",
        "1 station",
        "1,000 stations",
    ]
    assert formats.counted(2, "station is shown", "stations are shown") == "2 stations are shown"


def test_energy_is_in_watt_hours() -> None:
    assert formats.energy(12_345) == "12.35 kWh"


@pytest.mark.parametrize("below", [999.6, 999_999, 999_995_000])
def test_rounding_up_to_a_thousand_takes_the_greater_unit(below: float) -> None:
    assert "1000" not in formats.power(below)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("12.3", "EUR", "12.30 EUR"),
        (12, "EUR", "12.00 EUR"),
        ("0.3361", "EUR", "0.3361 EUR"),
        ("0.10", "EUR", "0.10 EUR"),
        ("1234567.891", "EUR", "1,234,567.891 EUR"),
        ("-5", "EUR", "-5.00 EUR"),
        ("100", None, "100.00"),
        (None, "EUR", formats.NONE),
    ],
)
def test_money(amount: object, currency: str | None, shown: str) -> None:
    assert formats.money(amount, currency) == shown  # type: ignore[arg-type]


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_money_loses_no_digit(amount: Decimal) -> None:
    assert Decimal(formats.money(amount, None).replace(",", "")) == amount


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00 min"),
        (11_100, "3 h 05 min"),
        (86_400, "1 d 0 h"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (None, formats.NONE),
    ],
)
def test_duration(seconds: float | timedelta | None, shown: str) -> None:
    assert formats.duration(seconds) == shown


def test_moments_are_in_the_viewer_s_zone() -> None:
    assert formats.moment("2026-07-01T22:30:00Z", BERLIN) == "2026-07-02 00:30:00"
    assert formats.moment(datetime(2026, 1, 1, 12, tzinfo=UTC), BERLIN) == "2026-01-01 13:00:00"
    assert formats.clock_time("2026-07-01T22:30:05Z", BERLIN) == "00:30:05"
    assert formats.moment(None, BERLIN) == formats.NONE


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "Europe/" + "x" * 300, "a\0b"])
def test_a_zone_that_is_none_is_utc(name: str) -> None:
    assert formats.zone_of(name) == UTC


def test_a_zone_is_known_by_its_name() -> None:
    assert formats.zone_of("Europe/Berlin") == BERLIN


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_an_input_of_date_and_time_gives_back_what_it_was_given_to_the_second(at: datetime) -> None:
    at = at.replace(microsecond=0)
    told = formats.from_input(formats.for_input(at, UTC), UTC)
    assert told is not None
    assert datetime.fromisoformat(told) == at


def test_what_was_typed_counts_in_the_viewer_s_zone() -> None:
    assert formats.from_input("2026-07-01T08:00", BERLIN) == "2026-07-01T08:00:00+02:00"
    assert formats.from_input("2026-07-01T08:00+00:00", BERLIN) == "2026-07-01T08:00:00+00:00"
    assert formats.for_input("2026-07-01T06:00:00Z", BERLIN) == "2026-07-01T08:00:00"


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([UTC, BERLIN]),
)
def test_a_moment_that_nobody_changed_is_kept_to_the_microsecond_and_is_no_change(at: datetime, zone: tzinfo) -> None:
    prefilled = formats.for_input(at, zone)
    assert formats.changed_moment(prefilled, prefilled, zone) is None
    assert formats.kept_moment(at.isoformat(), prefilled, zone) == at.isoformat()


@pytest.mark.parametrize(
    ("prefilled", "now", "sent"),
    [
        ("2026-07-01T08:00:37", "2026-07-01T08:00:37", None),
        ("2026-07-01T08:00:00", "2026-07-01T08:00", None),
        ("2026-07-01T08:00:37", "2026-07-01T08:00:36", "2026-07-01T08:00:36+02:00"),
        ("2026-07-01T08:00:37", "2026-07-01T08:00", "2026-07-01T08:00:00+02:00"),
        ("", "2026-07-01T08:00", "2026-07-01T08:00:00+02:00"),
        ("2026-07-01T08:00:37", "", None),
        ("2026-07-01T08:00:37", None, None),
        ("", "", None),
        ("", "tomorrow", "tomorrow"),
    ],
)
def test_only_a_moment_that_was_changed_is_sent(prefilled: str, now: str | None, sent: str | None) -> None:
    assert formats.changed_moment(prefilled, now, BERLIN) == sent


def test_what_was_typed_or_taken_away_is_not_kept() -> None:
    given = "2026-07-01T06:00:37.250Z"
    assert formats.kept_moment(given, "2026-07-01T08:00:38", BERLIN) == "2026-07-01T08:00:38+02:00"
    assert formats.kept_moment(given, "", BERLIN) is None
    assert formats.kept_moment(None, "2026-07-01T08:00", BERLIN) == "2026-07-01T08:00:00+02:00"
    assert formats.kept_moment(None, "", BERLIN) is None


def test_what_is_no_moment_is_left_for_the_api_to_find_wrong() -> None:
    assert formats.from_input("tomorrow", BERLIN) == "tomorrow"
    assert formats.from_input("", BERLIN) is None


@pytest.mark.parametrize(
    ("typed", "sent"), [("2,5", "2500"), (" 20 ", "20000"), ("0.001", "1"), ("abc", "abc"), ("", "")]
)
def test_a_number_goes_to_the_api_in_its_unit(typed: str, sent: str) -> None:
    assert formats.scaled(typed, 1000) == sent


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from([1, 60, 1000]))
def test_a_number_of_the_api_is_typed_and_sent_back_unchanged(number: int, factor: int) -> None:
    if factor != 60 or number % 60 == 0:
        assert Decimal(formats.scaled(formats.unscaled(number, factor), factor)) == number


def test_shares_counts_and_anything_else() -> None:
    assert formats.share("0.983") == "98.3 %"
    assert formats.share(None) == formats.NONE
    assert formats.count(12_345) == "12,345"
    assert formats.count(None) == formats.NONE
    assert [formats.text(value) for value in (None, "", True, False, 0, "a")] == ["–", "–", "yes", "no", "0", "a"]
