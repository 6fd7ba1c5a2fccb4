"""Prepaid accounts: sums are exact."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.authorization.prepaid import MAX_AMOUNT, amount_of, millionths

_amounts = st.decimals(-MAX_AMOUNT, MAX_AMOUNT, places=6)


@given(st.lists(_amounts, max_size=50))
def test_a_sum_of_millionths_is_the_sum_of_the_amounts(amounts: list[Decimal]) -> None:
    assert amount_of(sum(map(millionths, amounts))) == sum(amounts)


def test_an_amount_is_told_without_an_exponent() -> None:
    assert [f"{amount_of(whole):f}" for whole in (0, 1, 20_000_000, -1_500_000)] == ["0", "0.000001", "20", "-1.5"]
