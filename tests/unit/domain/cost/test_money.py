"""Rounding, sharing out and spelling of amounts."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.domain.cost.money import plain, rounded, shared_out, spelled, summed, to_minor


@pytest.mark.parametrize(
    ("amount", "up", "even"),
    [("0.125", "0.13", "0.12"), ("0.135", "0.14", "0.14"), ("-0.125", "-0.13", "-0.12"), ("0.1249", "0.12", "0.12")],
)
def test_half_a_cent_goes_away_from_zero_or_to_the_even_one(amount: str, up: str, even: str):
    assert to_minor(D(amount), "EUR") == D(up)
    assert to_minor(D(amount), "EUR", "half_even") == D(even)


def test_an_amount_has_exactly_the_digits_of_its_currency():
    assert [str(to_minor(F(10, 3), currency)) for currency in ("EUR", "JPY", "KWD")] == ["3.33", "3", "3.333"]
    assert str(to_minor(0, "EUR")) == "0.00"


def test_nothing_is_never_negative():
    assert str(to_minor(D("-0.001"), "EUR")) == "0.00"


def test_amounts_of_any_size_keep_all_digits():
    assert str(summed([D("1" + "0" * 40 + ".01"), D("0.01")], "EUR")) == "1" + "0" * 40 + ".02"


def test_shares_take_the_largest_remainders_first():
    # 1.00 by 1:1:1 is 33.33 cents each: the first has the cent that is over
    assert shared_out(D("1.00"), [F(1), F(1), F(1)], "EUR") == (D("0.34"), D("0.33"), D("0.33"))
    # 10 cents by 2:3:1 are 3.33, 5 and 1.67: the last has the largest remainder
    assert shared_out(D("0.10"), [F(2), F(3), F(1)], "EUR") == (D("0.03"), D("0.05"), D("0.02"))


def test_where_nothing_weighs_anything_the_first_has_all():
    assert shared_out(D("0.10"), [F(0), F(0)], "EUR") == (D("0.10"), D("0.00"))
    assert shared_out(D("0.10"), [], "EUR") == ()


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6).map(F), min_size=1, max_size=6))
def test_shares_add_up_and_none_is_off_by_a_cent(cents: int, weights: list[F]):
    total = D(cents).scaleb(-2)
    shares = shared_out(total, weights, "EUR")
    assert sum(shares) == total
    if sum(weights):
        exact = [F(total) * weight / sum(weights) for weight in weights]
        assert all(abs(F(share) - each) < F(1, 100) for share, each in zip(shares, exact, strict=True))


def test_equal_numbers_have_one_spelling():
    assert [str(plain(D(text))) for text in ("1.500", "1E+3", "0.000", "-0", "100")] == ["1.5", "1000", "0", "0", "100"]


def test_a_price_has_at_least_the_digits_of_its_currency():
    prices = [("0.1", "EUR"), ("0.33610", "EUR"), ("100", "JPY"), ("100", "EUR")]
    assert [str(spelled(D(price), currency)) for price, currency in prices] == ["0.10", "0.3361", "100", "100.00"]


def test_numbers_are_rounded_to_any_digits():
    assert str(rounded(F(2, 3), 6)) == "0.666667"
