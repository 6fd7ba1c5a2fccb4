"""Numbers are compared exactly and kept in range."""

import itertools
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stationmaster.ocpp.checks import check_number, decimal_of, json_number, json_whole, utc_moment

TENTH = Decimal("0.1")


@pytest.mark.parametrize("text", ["8.1", "0", "-0.1", "1E+2", "123456789012345678901234567890.1", "1E-10", "9E+308"])
def test_a_number_keeps_every_digit(text: str) -> None:
    assert str(decimal_of(text)) == text


@pytest.mark.parametrize("text", ["1e309", "1e-309", "1e999999999999999999999", "NaN", "Infinity", "-inf", "x", ""])
def test_what_a_double_could_not_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"range|Expected"):
        decimal_of(text)


@pytest.mark.parametrize("value", [True, "1", None, [], {}])
def test_only_numbers_are_numbers(value: object) -> None:
    with pytest.raises(ValueError, match="Expected `number`, got"):
        json_number(value)


@pytest.mark.parametrize("value", ["8.1", "0", "-3.2", "8.10", "1e30", "123456789012345678901234567890.1"])
def test_multiples_of_a_tenth_are_accepted(value: str) -> None:
    check_number(Decimal(value), None, None, TENTH)


@pytest.mark.parametrize("value", ["8.11", "0.05", "1e-30", "123456789012345678901234567890.12"])
def test_other_numbers_are_no_multiples_of_a_tenth(value: str) -> None:
    with pytest.raises(ValueError, match="multiple"):
        check_number(Decimal(value), None, None, TENTH)


@pytest.mark.parametrize("value", [2**63 - 1, 0, -(2**63)])
def test_a_whole_number_of_64_bits_is_a_decimal(value: int) -> None:
    assert repr(json_whole(value)) == f"Decimal('{value}')"


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, True, Decimal(1), "1", None])
def test_other_whole_numbers_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"range|Expected `int`, got"):
        json_whole(value)


def test_bounds_are_inclusive_and_exact() -> None:
    zero, hundred = Decimal(0), Decimal(100)
    check_number(zero, zero, hundred, None)
    check_number(hundred, zero, hundred, None)
    for value in ("-0.00000000000000000000000000000000001", "100.00000000000000000000000000000000001"):
        with pytest.raises(ValueError, match=r"Expected `number` [<>]="):
            check_number(Decimal(value), zero, hundred, None)


RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
USUAL = ("2026-01-21T10:20:30Z", "2026-01-21T10:20:30.123Z")


def _moment_by_the_book(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC) if RFC3339.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> datetime | None:
    try:
        return utc_moment(text)
    except ValueError:
        return None


@pytest.mark.parametrize("usual", USUAL)
def test_no_two_changed_characters_make_a_time_that_rfc_3339_does_not_know(usual: str) -> None:
    for (i, a), (j, b) in itertools.product(itertools.product(range(len(usual)), "0W-:.,+ TtZz\u0661"), repeat=2):
        if i < j:
            text = usual[:i] + a + usual[i + 1 : j] + b + usual[j + 1 :]
            assert _moment(text) == _moment_by_the_book(text), text


@pytest.mark.parametrize("text", [usual[:n] + extra for usual in USUAL for n in range(25) for extra in ("", "Z", "0Z")])
def test_a_time_cut_short_is_read_as_rfc_3339_says(text: str) -> None:
    assert _moment(text) == _moment_by_the_book(text)


@pytest.mark.parametrize("text", [*USUAL, "2026-01-21T12:20:30+02:00", "2026-01-21t10:20:30.1234567z"])
def test_every_moment_is_in_utc(text: str) -> None:
    assert utc_moment(text).tzinfo is UTC
