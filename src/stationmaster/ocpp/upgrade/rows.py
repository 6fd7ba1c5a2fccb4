"""The kinds of rows an upgrade table is made of. Each knows how to lift a payload and how to lower it again.

Rows work in place on decoded JSON. ``at`` leads to the objects a row is about; ``*`` stands for every
item of a list. A row that does not find what it looks for does nothing, so broken payloads pass through.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Place = tuple[str, ...]
Tree = dict[str, Any]

_PEM = re.compile(r".*?-----END CERTIFICATE-----\s*|.+", re.DOTALL)
"""One certificate of a chain with the white space behind it, or what stands after the last."""


class Refused(ValueError):
    """Lowering found something that the older version cannot say. ``path`` is a wire path of the newer shape."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class Untold(ValueError):
    """Lowering left nothing that the older version could tell: the request is not sent, which the table lists."""


class Row(Protocol):
    """One difference between two neighbouring versions of a message."""

    def lift(self, tree: Tree) -> None:
        """Make the older payload newer."""

    def lower(self, tree: Tree) -> None:
        """Make the newer payload older; raises :class:`Refused` or :class:`Untold`."""


@dataclass(frozen=True)
class Rename:
    """The member has another name."""

    at: Place
    old: str
    new: str

    def lift(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            _rename(owner, self.old, self.new)

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            _rename(owner, self.new, self.old)


@dataclass(frozen=True)
class Move:
    """The value stands in another place, both counted from the objects at ``at``.

    With ``if_present`` it is lifted only into an object that exists already, and lost otherwise.
    """

    at: Place
    old: Place
    new: Place
    if_present: bool = False

    def lift(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            room = not self.if_present or any(True for _ in objects(owner, self.new[:-1]))
            for value in _taken(owner, self.old):
                if room:
                    _put(owner, self.new, value)

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            for value in _taken(owner, self.new):
                _put(owner, self.old, value)


@dataclass(frozen=True)
class Values:
    """Texts that are spelled differently; None leaves the member out.

    ``renamed`` goes both ways, ``lifted`` and ``lowered`` are losses in one direction. Other texts stay.
    """

    at: Place
    member: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    lifted: Mapping[str, str | None] = field(default_factory=dict)
    lowered: Mapping[str, str | None] = field(default_factory=dict)

    def lift(self, tree: Tree) -> None:
        self._spell(tree, {**self.renamed, **self.lifted})

    def lower(self, tree: Tree) -> None:
        self._spell(tree, {**{new: old for old, new in self.renamed.items()}, **self.lowered})

    def _spell(self, tree: Tree, table: Mapping[str, str | None]) -> None:
        for owner in objects(tree, self.at):
            value = owner.get(self.member)
            if isinstance(value, list):
                owner[self.member] = [_looked_up(table, item) for item in value]
            elif self.member in owner:
                found = _looked_up(table, value)
                if found is None:
                    del owner[self.member]
                else:
                    owner[self.member] = found


@dataclass(frozen=True)
class Listed:
    """One value became a list; a longer list cannot be lowered."""

    at: Place
    member: str

    def lift(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            if self.member in owner:
                owner[self.member] = [owner[self.member]]

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            value = owner.get(self.member)
            if isinstance(value, list):
                if len(value) != 1:
                    raise Refused(wire_path((*self.at, self.member)), "the older version carries exactly one")
                owner[self.member] = value[0]


@dataclass(frozen=True)
class Wrapped:
    """Each item of a list became an object that holds it as ``key``; what stands beside it is lost."""

    at: Place
    member: str
    key: str

    def lift(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            if isinstance(owner.get(self.member), list):
                owner[self.member] = [{self.key: item} for item in owner[self.member]]

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            if isinstance(owner.get(self.member), list):
                owner[self.member] = [item.get(self.key, {}) for item in owner[self.member]]


@dataclass(frozen=True)
class OnlyOld:
    """Members of the older version that the newer has no place for: lost when lifted."""

    at: Place
    members: tuple[str, ...]

    def lift(self, tree: Tree) -> None:
        _drop(tree, self.at, self.members)

    def lower(self, tree: Tree) -> None:
        """Nothing to do: what the newer shape does not have cannot be there."""


@dataclass(frozen=True)
class OnlyNew:
    """Members of the newer version that the older can do without: left out when lowered."""

    at: Place
    members: tuple[str, ...]

    def lift(self, tree: Tree) -> None:
        """Nothing to do: the newer shape can be read without them."""

    def lower(self, tree: Tree) -> None:
        _drop(tree, self.at, self.members)


@dataclass(frozen=True)
class NoLongerRequired:
    """The older version insists on the member: lowering gives it a value."""

    at: Place
    member: str
    value: Any

    def lift(self, tree: Tree) -> None:
        """Nothing to do: the member is there."""

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            owner.setdefault(self.member, self.value)


@dataclass(frozen=True)
class Constant:
    """A member the older version does not have, because it always means ``value`` there."""

    at: Place
    member: str
    value: Any

    def lift(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            owner.setdefault(self.member, self.value)

    def lower(self, tree: Tree) -> None:
        for owner in objects(tree, self.at):
            if owner.pop(self.member, self.value) != self.value:
                raise Refused(wire_path((*self.at, self.member)), f"the older version means {self.value!r}")


@dataclass(frozen=True)
class NumberForAbsent:
    """The older version writes a number where the newer leaves the object out: EVSE 0 for the whole station."""

    old: str
    new: Place
    number: int

    def lift(self, tree: Tree) -> None:
        for value in _taken(tree, (self.old,)):
            if value != self.number:
                _put(tree, self.new, value)

    def lower(self, tree: Tree) -> None:
        tree[self.old] = next(iter(_taken(tree, self.new)), self.number)


@dataclass(frozen=True)
class PemChain:
    """A list of PEM certificates became one text with all of them."""

    old: str
    new: str

    def lift(self, tree: Tree) -> None:
        certificates = tree.get(self.old)
        if isinstance(certificates, list) and all(isinstance(item, str) for item in certificates):
            del tree[self.old]
            tree[self.new] = "".join(certificates)

    def lower(self, tree: Tree) -> None:
        chain = tree.pop(self.new, None)
        if isinstance(chain, str):
            tree[self.old] = _PEM.findall(chain) or [chain]


def objects(tree: Any, at: Place) -> Iterator[Tree]:
    """The objects at a place, if the payload has them."""
    if not at:
        if isinstance(tree, dict):
            yield tree
        return
    first, *rest = at
    if first == "*":
        for item in tree if isinstance(tree, list) else ():
            yield from objects(item, tuple(rest))
    elif isinstance(tree, dict) and first in tree:
        yield from objects(tree[first], tuple(rest))


def _rename(owner: Tree, old: str, new: str) -> None:
    if old in owner:
        owner[new] = owner.pop(old)


def _taken(owner: Tree, place: Place) -> list[Any]:
    """Remove the value at a place and return it, if it is there; an object left empty by that goes too."""
    first, *rest = place
    if first not in owner:
        return []
    if not rest:
        return [owner.pop(first)]
    inner = owner[first]
    if not isinstance(inner, dict):
        return []
    taken = _taken(inner, tuple(rest))
    if taken and not inner:
        del owner[first]
    return taken


def _put(owner: Tree, place: Place, value: Any) -> None:
    *parents, last = place
    for name in parents:
        inner = owner.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        owner = inner
    owner[last] = value


def _drop(tree: Tree, at: Place, members: tuple[str, ...]) -> None:
    for owner in objects(tree, at):
        for member in members:
            owner.pop(member, None)


def _looked_up(table: Mapping[str, str | None], value: Any) -> Any:
    return table.get(value, value) if isinstance(value, str) else value


def wire_path(place: Place) -> str:
    """As violations and refusals spell it."""
    return ".".join(("$", *place)).replace(".*", "[*]")
