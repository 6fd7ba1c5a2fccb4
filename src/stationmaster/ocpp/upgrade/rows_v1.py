"""The kinds of rows that only the upgrade tables of the 1.x generation are made of; see ``rows`` for the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from stationmaster.ocpp.checks import decimal_of
from stationmaster.ocpp.upgrade.rows import Place, Refused, Tree, Untold, objects, wire_path

_WATT_HOURS = {"Wh": 1, "kWh": 1000, None: 1}


class _LowersOnly:
    """A row for what the older version says in the same way, but less of it."""

    def lift(self, tree: Tree) -> None:
        """Nothing to do."""


@dataclass(frozen=True)
class Flattened:
    """The items of a list are objects that hold lists; the newer version has one list of all that is in those.

    Lowered, they are all in the first: how they were spread is lost.
    """

    at: Place
    member: str
    inner: str

    def lift(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            outer = owner.get(self.member)
            if isinstance(outer, list):
                held = (each.get(self.inner, ()) for each in outer if isinstance(each, dict))
                owner[self.member] = [item for items in held if isinstance(items, list) for item in items]

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            items = owner.pop(self.member, None)
            if items:
                owner[self.member] = [{self.inner: items}]


@dataclass(frozen=True)
class WattHours:
    """A meter value is one whole number, which is the register of imported energy in Wh, measured at the outlet.

    Lowered, all else that a meter value says is lost; without a register it is left out.
    """

    member: str
    """The list of meter values."""
    old: str
    new: str

    def lift(self, tree: Tree) -> None:
        for owner in objects(tree, (self.member, "*")):
            if isinstance(owner.get(self.old), int | str | Decimal):
                owner[self.new] = [{"value": str(owner.pop(self.old)), "unit": "Wh"}]

    def lower(self, tree: Tree) -> None:
        meter_values = tree.get(self.member)
        if not isinstance(meter_values, list):
            return
        tree[self.member] = kept = []
        for owner in meter_values:
            registers = (_register_wh(sample) for sample in owner.pop(self.new, ()))
            register = next((each for each in registers if each is not None), None)
            if register is not None:
                kept.append({**owner, self.old: register})


def _register_wh(sample: Mapping[str, Any]) -> int | None:
    factor = _WATT_HOURS.get(sample.get("unit"))
    if factor is None or any(sample.get(member, usual) != usual for member, usual in _USUAL.items()):
        return None
    try:
        wh = decimal_of(sample.get("value", "")) * factor
    except ValueError:
        return None
    return int(wh.quantize(Decimal(1), ROUND_HALF_EVEN)) if -(2**31) <= wh < 2**31 - Decimal("0.5") else None


_USUAL = {"measurand": "Energy.Active.Import.Register", "location": "Outlet", "phase": None, "format": "Raw"}
"""What a sample means that leaves the member out."""


@dataclass(frozen=True)
class OnlyWords(_LowersOnly):
    """Items of a list with a member whose value the older version has no word for: left out when lowered."""

    at: Place
    member: str
    words: Mapping[str, frozenset[str]]

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            items = owner.get(self.member)
            if isinstance(items, list):
                owner[self.member] = [each for each in items if self._has_words(each)]

    def _has_words(self, item: Tree) -> bool:
        return all(item[member] in words for member, words in self.words.items() if member in item)


@dataclass(frozen=True)
class NotEmpty(_LowersOnly):
    """Items of a list with nothing in a list of their own: left out when lowered."""

    at: Place
    member: str
    inner: str

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            items = owner.get(self.member)
            if isinstance(items, list):
                owner[self.member] = [each for each in items if each.get(self.inner)]


@dataclass(frozen=True)
class UntoldWithout(_LowersOnly):
    """A list that is what the message is about: without any item it is not sent."""

    member: str

    def lower(self, tree: Tree) -> None:
        if not tree.get(self.member):
            raise Untold(f"nothing is left in {self.member}")


@dataclass(frozen=True)
class UntoldValues(_LowersOnly):
    """Values that the older version has no word for, and nothing near it: then the message is not sent."""

    member: str
    values: frozenset[str]

    def lower(self, tree: Tree) -> None:
        if tree.get(self.member) in self.values:
            raise Untold(f"there is no word for {tree[self.member]}")


@dataclass(frozen=True)
class RefusedMember(_LowersOnly):
    """A member that the older version does not have, and that must not be lost."""

    member: str
    reason: str

    def lower(self, tree: Tree) -> None:
        if self.member in tree:
            raise Refused(wire_path((self.member,)), self.reason)


@dataclass(frozen=True)
class Limited(_LowersOnly):
    """A text, or texts, of limited length; a longer one is refused."""

    member: str
    most: int

    def lower(self, tree: Tree) -> None:
        value = tree.get(self.member)
        if any(len(each) > self.most for each in (value if isinstance(value, list) else (value or "",))):
            raise Refused(wire_path((self.member,)), f"the older version has at most {self.most} characters there")


@dataclass(frozen=True)
class Clipped(_LowersOnly):
    """A text of limited length that only describes: what is longer is cut off."""

    member: str
    most: int

    def lower(self, tree: Tree) -> None:
        if self.member in tree:
            tree[self.member] = tree[self.member][: self.most]


@dataclass(frozen=True)
class LeftOutIfLonger(_LowersOnly):
    """A text of limited length that the older version can do without: a longer one is left out."""

    at: Place
    member: str
    most: int

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            if len(owner.get(self.member, "")) > self.most:
                del owner[self.member]
