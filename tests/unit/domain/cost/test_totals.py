"""Taxes and bounds over groups of lines."""

from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.domain.cost.tariff import Bound, TaxRate
from stationmaster.domain.cost.totals import Group, Money, bounded, factor, raised, taxed

EUR = Money("EUR")
VAT = (TaxRate("VAT", D(19)),)
STACKED = (TaxRate("VAT", D(19), 1), TaxRate("energy", D("2.5")), TaxRate("city", D(1)))
CENTS = st.integers(0, 10**6).map(lambda cents: D(cents).scaleb(-2))
GROUPS = st.lists(
    st.tuples(st.sampled_from([(), VAT, STACKED]), st.booleans(), CENTS).map(lambda fields: Group(*fields)),
    min_size=1,
    max_size=4,
    unique_by=lambda group: (group.taxes, group.includes_tax),
)


def test_I12_FR_13_taxes_of_one_stack_are_side_by_side_and_the_next_is_on_top():
    # 10.00: 2.5 % 0.25 and 1 % 0.10; 10.35 x 19 % = 1.9665 -> 1.97
    found = taxed(Group(STACKED, False, D("10.00")), EUR)
    assert [(rate.name, str(amount)) for rate, amount in found.amounts] == [
        ("energy", "0.25"),
        ("city", "0.10"),
        ("VAT", "1.97"),
    ]
    assert (found.net, found.gross) == (D("10.00"), D("12.32"))
    assert factor(STACKED) == factor(STACKED[1:]) * factor(STACKED[:1])


def test_gross_prices_give_their_tax_back():
    # 12.32 / (1.035 x 1.19) = 10.00284 -> 10.00; what rounding leaves is in the last tax
    found = taxed(Group(STACKED, True, D("12.32")), EUR)
    assert (found.net, found.gross, sum(amount for _, amount in found.amounts)) == (D("10.00"), D("12.32"), D("2.32"))


@settings(deadline=None)
@given(GROUPS, CENTS, st.sampled_from(["excl", "incl"]))
def test_a_bound_is_met_to_the_cent_whatever_the_taxes(groups: list[Group], value: D, side: str):
    before = [taxed(group, EUR) for group in groups]
    total = sum((found.net if side == "excl" else found.gross for found in before), D(0))
    for limit, wanted in (("maximum", min(total, value)), ("minimum", max(total, value))):
        after = [taxed(group, EUR) for group in bounded(groups, Bound(**{side: value}), limit, EUR)]  # type: ignore[arg-type]
        assert sum((found.net if side == "excl" else found.gross for found in after), D(0)) == wanted
        for found in after:
            assert found.net + sum(amount for _, amount in found.amounts) == found.gross


@settings(deadline=None)
@given(GROUPS, CENTS, st.sampled_from(["excl", "incl"]))
def test_a_minimum_with_taxes_of_its_own_changes_one_group_only(groups: list[Group], value: D, side: str):
    key = (VAT, False)
    after = raised(list(groups), Bound(taxes=VAT, **{side: value}), key, EUR)
    others = [group for group in groups if (group.taxes, group.includes_tax) != key]
    assert [group for group in after if (group.taxes, group.includes_tax) != key] == others
    total = sum((getattr(taxed(group, EUR), "net" if side == "excl" else "gross") for group in after), D(0))
    before = sum((getattr(taxed(group, EUR), "net" if side == "excl" else "gross") for group in groups), D(0))
    assert total == max(before, value)
