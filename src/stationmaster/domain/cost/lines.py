"""The lines of a bill: prices, then maximum or minimum, then adjustments, then taxes. Their sum is the total."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from stationmaster.domain.cost.bill import Line, LineKind, Part
from stationmaster.domain.cost.condition_words import in_words
from stationmaster.domain.cost.corrections import AdjustmentChange, Change, WaiveChange
from stationmaster.domain.cost.curve import whole
from stationmaster.domain.cost.local_time import moment
from stationmaster.domain.cost.money import EXACT, Exact, rounded
from stationmaster.domain.cost.pricing import Ledger, Rate, Run, Use, billable, cost
from stationmaster.domain.cost.tariff import DIMENSIONS, Bound, Tariff, TaxRate, main_taxes
from stationmaster.domain.cost.totals import Group, Limit, Money, bounded, raised, taxed

QUANTITY_DIGITS = 6
WH_DIGITS = 3
_UNITS: dict[str, Literal["kWh", "min", ""]] = {"energy": "kWh", "fixed": "", "reservation_fixed": ""}
_TYPES: dict[Limit, Literal["MinCost", "MaxCost"]] = {"maximum": "MaxCost", "minimum": "MinCost"}

Taxes = tuple[TaxRate, ...]


class DrawnUp(NamedTuple):
    lines: tuple[Line, ...]
    net: Decimal
    total: Decimal
    type_of_cost: Literal["NormalCost", "MinCost", "MaxCost"]


class _Draft:
    """A bill being written: its lines, and the groups of taxes they belong to."""

    def __init__(self, money: Money) -> None:
        self.money = money
        self.lines: list[Line] = []
        self.groups: list[Group] = []
        self.type_of_cost: Literal["NormalCost", "MinCost", "MaxCost"] = "NormalCost"

    def write(self, kind: LineKind, amount: Decimal, **fields: object) -> None:
        self.lines.append(Line(no=len(self.lines) + 1, kind=kind, amount=amount, **fields))  # type: ignore[arg-type]

    def group(self, amount: Decimal, taxes: Taxes, includes_tax: bool) -> None:
        for place, group in enumerate(self.groups):
            if (group.taxes, group.includes_tax) == (taxes, includes_tax):
                self.groups[place] = group._replace(base=EXACT.add(group.base, amount))
                return
        self.groups.append(Group(taxes, includes_tax, self.money.sum([amount])))


def drawn_up(
    ledger: Ledger, tariff: Tariff | None, money: Money, changes: Iterable[Change], *, has_minimum: bool
) -> DrawnUp:
    """The bill of what is in the ledger. ``tariff``: the one in force at the end, whose bounds hold (ours)."""
    draft = _Draft(money)
    _write_prices(draft, ledger)
    if tariff is not None and tariff.maximum is not None:
        _write_bound(draft, tariff.maximum, "maximum", tariff)
    if tariff is not None and tariff.minimum is not None and has_minimum:
        _write_bound(draft, tariff.minimum, "minimum", tariff)
    _write_changes(draft, changes, tariff)
    nets = [_write_taxes(draft, group) for group in draft.groups]
    total = money.sum(line.amount for line in draft.lines if not line.of_which)
    return DrawnUp(tuple(draft.lines), money.sum(nets), total, draft.type_of_cost)


def _write_prices(draft: _Draft, ledger: Ledger) -> None:
    for rate, use in sorted(ledger.uses.items(), key=_line_order):
        quantity = use.quantity + use.rounded_up
        amount = draft.money.minor(cost(rate, quantity))
        draft.write(
            rate.dimension,
            amount,
            quantity=rounded(billable(rate, quantity), QUANTITY_DIGITS),
            unit=_UNITS.get(rate.dimension, "min"),
            price=rate.amount,
            taxes=rate.taxes,
            from_at=moment(use.first_us),
            to_at=moment(use.last_us),
            parts=_parts(rate, use),
        )
        draft.group(amount, rate.taxes, rate.includes_tax)


def _line_order(entry: tuple[Rate, Use]) -> tuple[int, Exact, Decimal, bytes]:
    rate, use = entry
    return DIMENSIONS.index(rate.dimension), use.first_us, rate.amount, msgspec.json.encode(rate.taxes)


def _parts(rate: Rate, use: Use) -> tuple[Part, ...]:
    parts = [_part(rate, run) for run in use.runs]
    if use.rounded_up and parts:
        quantity = rounded(billable(rate, use.rounded_up), QUANTITY_DIGITS)
        at = parts[-1].to_at
        parts.append(Part(from_at=at, to_at=at, quantity=quantity, how="rounded_up", why="up to a whole increment"))
    return tuple(parts)


def _part(rate: Rate, run: Run) -> Part:
    is_energy = rate.dimension == "energy"
    return Part(
        from_at=moment(run.from_us),
        to_at=moment(run.to_us),
        quantity=rounded(billable(rate, run.quantity), QUANTITY_DIGITS),
        from_wh=rounded(whole(run.from_wh), WH_DIGITS) if is_energy else None,
        to_wh=rounded(whole(run.to_wh), WH_DIGITS) if is_energy else None,
        how="interpolated" if is_energy and not (run.known_from and run.known_to) else "measured",
        why=in_words(run.when),
    )


def _write_bound(draft: _Draft, bound: Bound, limit: Limit, tariff: Tariff) -> None:
    """One line for each group of taxes that the bound changes."""
    if not draft.groups:
        draft.group(draft.money.sum(()), main_taxes(tariff), tariff.includes_tax)
    before = {(group.taxes, group.includes_tax): group for group in draft.groups}
    if limit == "minimum" and bound.taxes:
        draft.groups = raised(draft.groups, bound, (bound.taxes, tariff.includes_tax), draft.money)
    else:
        draft.groups = bounded(draft.groups, bound, limit, draft.money)
    for group in draft.groups:
        old = before.get((group.taxes, group.includes_tax))
        if old == group or (old is None and not group.base):
            continue
        draft.type_of_cost = _TYPES[limit]
        difference = EXACT.subtract(group.base, draft.money.sum(()) if old is None else old.base)
        if difference:
            draft.write(limit, difference, taxes=group.taxes)


def _write_changes(draft: _Draft, changes: Iterable[Change], tariff: Tariff | None) -> None:
    """What operators added or took off, in the order in which they did."""
    includes_tax = tariff is not None and tariff.includes_tax
    for change in changes:
        if isinstance(change, AdjustmentChange):
            amount = draft.money.minor(change.amount)
            draft.write("adjustment", amount, taxes=change.taxes, text=change.text)
            draft.groups.append(Group(change.taxes, includes_tax, amount))
        elif isinstance(change, WaiveChange):
            for place, group in enumerate(draft.groups):
                if group.base:
                    draft.write("adjustment", -group.base, taxes=group.taxes, text="waived")
                draft.groups[place] = group._replace(base=draft.money.sum(()), gross=None)


def _write_taxes(draft: _Draft, group: Group) -> Decimal:
    """A line for each tax; returns what the group costs without them."""
    found = taxed(group, draft.money)
    for rate, amount in found.amounts:
        if amount or group.base:
            text = f"{rate.name} {rate.percent} %"
            draft.write("tax", amount, taxes=(rate,), text=text, of_which=group.includes_tax)
    return found.net
