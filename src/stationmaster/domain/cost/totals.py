"""From amounts to a total: bounds and taxes.

Amounts with the same taxes are one group, and taxes are calculated on the sum of a group's rounded lines, stack by
stack, each rounded (I12.FR.13). A bound with tax fixes the gross: what rounding leaves goes into the last tax, so that
the total is the bound to the cent. Bounds are shared out over the groups by weight (ours).
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Literal, NamedTuple

from stationmaster.domain.cost.money import EXACT, Rounding, shared_out, summed, to_minor
from stationmaster.domain.cost.tariff import Bound, TaxRate

Limit = Literal["maximum", "minimum"]
Side = Literal["excl", "incl"]


class Money(NamedTuple):
    """How amounts are written."""

    currency: str
    rounding: Rounding = "half_up"

    def minor(self, amount: Fraction | Decimal) -> Decimal:
        return to_minor(amount, self.currency, self.rounding)

    def sum(self, amounts: Iterable[Decimal]) -> Decimal:
        return summed(amounts, self.currency)


class Group(NamedTuple):
    """Lines with the same taxes: ``base`` is their sum, net, or gross where prices include tax.

    ``gross`` is set where a bound with tax fixed it.
    """

    taxes: tuple[TaxRate, ...]
    includes_tax: bool
    base: Decimal
    gross: Decimal | None = None


class Taxed(NamedTuple):
    net: Decimal
    gross: Decimal
    amounts: tuple[tuple[TaxRate, Decimal], ...]


def taxed(group: Group, money: Money) -> Taxed:
    """What a group costs without and with its taxes, and each of them."""
    gross = group.base if group.includes_tax else group.gross
    net = group.base
    if group.includes_tax:
        net = money.minor(Fraction(group.base) / factor(group.taxes))
    amounts = _stacked(net, group.taxes, money)
    if gross is not None and amounts:
        rate, last = amounts[-1]
        rest = EXACT.subtract(gross, money.sum([net, *(amount for _, amount in amounts)]))
        amounts[-1] = (rate, EXACT.add(last, rest))
    return Taxed(net, money.sum([net, *(amount for _, amount in amounts)]), tuple(amounts))


def factor(taxes: Iterable[TaxRate]) -> Fraction:
    """Gross by net, before rounding."""
    product = Fraction(1)
    for _, rates in groupby(_by_stack(taxes), key=lambda rate: rate.stack):
        product *= 1 + sum((Fraction(rate.percent) for rate in rates), Fraction(0)) / 100
    return product


def bounded(groups: list[Group], bound: Bound, limit: Limit, money: Money) -> list[Group]:
    """The groups with their amounts lowered to a maximum or raised to a minimum (I12.FR.38, .39).

    A bound without tax is met first, then the one with tax.
    """
    for side in ("excl", "incl"):
        value: Decimal | None = getattr(bound, side)
        if value is not None:
            groups = _bounded(groups, money.minor(value), limit, side, money)
    return groups


def _bounded(groups: list[Group], value: Decimal, limit: Limit, side: Side, money: Money) -> list[Group]:
    now = [_side(taxed(group, money), side) for group in groups]
    total = money.sum(now)
    if total <= value if limit == "maximum" else total >= value:
        return groups
    shares = shared_out(
        EXACT.subtract(value, total), [max(Fraction(amount), Fraction(0)) for amount in now], money.currency
    )
    return [
        _with_target(group, EXACT.add(amount, share), side, money)
        for group, amount, share in zip(groups, now, shares, strict=True)
    ]


def raised(groups: list[Group], bound: Bound, key: tuple[tuple[TaxRate, ...], bool], money: Money) -> list[Group]:
    """A minimum whose difference has taxes of its own: all of it goes into the group of these taxes."""
    taxes, includes_tax = key
    place = next((at for at, group in enumerate(groups) if (group.taxes, group.includes_tax) == key), None)
    if place is None:
        groups, place = [*groups, Group(taxes, includes_tax, money.sum(()))], len(groups)
    for side in ("excl", "incl"):
        value: Decimal | None = getattr(bound, side)
        now = [_side(taxed(group, money), side) for group in groups]
        missing = Decimal(0) if value is None else EXACT.subtract(money.minor(value), money.sum(now))
        if missing > 0:
            target = EXACT.add(now[place], missing)
            groups[place] = _with_target(groups[place], target, side, money)
    return groups


def _side(found: Taxed, side: Side) -> Decimal:
    return found.net if side == "excl" else found.gross


def _with_target(group: Group, target: Decimal, side: Side, money: Money) -> Group:
    """The group that costs exactly so much without or with tax."""
    if group.includes_tax:
        base = target if side == "incl" else money.minor(Fraction(target) * factor(group.taxes))
        return group._replace(base=base)
    if side == "excl" or not group.taxes:
        return group._replace(base=target, gross=None)
    return group._replace(base=money.minor(Fraction(target) / factor(group.taxes)), gross=target)


def _by_stack(taxes: Iterable[TaxRate]) -> list[TaxRate]:
    return sorted(taxes, key=lambda rate: rate.stack)


def _stacked(net: Decimal, taxes: Iterable[TaxRate], money: Money) -> list[tuple[TaxRate, Decimal]]:
    amounts: list[tuple[TaxRate, Decimal]] = []
    base = net
    for _, rates in groupby(_by_stack(taxes), key=lambda rate: rate.stack):
        level = [(rate, money.minor(Fraction(base) * Fraction(rate.percent) / 100)) for rate in rates]
        base = money.sum([base, *(amount for _, amount in level)])
        amounts += level
    return amounts
