"""Numbers are compared exactly and kept in range."""

from decimal import Decimal

import pytest

from stationmaster.ocpp.checks import check_number, decimal_of, json_number

TENTH = Decimal("0.1")


@pytest.mark.parametrize("text", ["8.1", "0", "-0.1", "1E+2", "123456789012345678901234567890.1", "1E-10"])
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


def test_bounds_are_inclusive_and_exact() -> None:
    zero, hundred = Decimal(0), Decimal(100)
    check_number(zero, zero, hundred, None)
    check_number(hundred, zero, hundred, None)
    for value in ("-0.00000000000000000000000000000000001", "100.00000000000000000000000000000000001"):
        with pytest.raises(ValueError, match=r"Expected `number` [<>]="):
            check_number(Decimal(value), zero, hundred, None)
