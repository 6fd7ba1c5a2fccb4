"""How far a transaction may go."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.transactions.limits import TransactionLimit, lower_of

_amounts = st.none() | st.integers(0, 5).map(Decimal)
_wholes = st.none() | st.integers(0, 5)
limits = st.builds(TransactionLimit, max_cost=_amounts, max_energy_wh=_amounts, max_time_s=_wholes, max_soc_pct=_wholes)


def test_of_each_kind_the_lower_limit_counts() -> None:
    one = TransactionLimit(max_cost=Decimal(10), max_time_s=60)
    other = TransactionLimit(max_cost=Decimal("9.50"), max_energy_wh=Decimal(0), max_soc_pct=80)
    assert lower_of(one, other) == TransactionLimit(
        max_cost=Decimal("9.50"), max_energy_wh=Decimal(0), max_time_s=60, max_soc_pct=80
    )


def test_a_limit_of_zero_limits() -> None:
    assert TransactionLimit().is_empty
    assert not TransactionLimit(max_energy_wh=Decimal(0)).is_empty


@given(limits, limits, limits)
def test_the_order_of_limits_does_not_matter(a: TransactionLimit, b: TransactionLimit, c: TransactionLimit) -> None:
    assert lower_of(a, b) == lower_of(b, a)
    assert lower_of(lower_of(a, b), c) == lower_of(a, lower_of(b, c))
    assert lower_of(a, a) == a == lower_of(a, TransactionLimit())
