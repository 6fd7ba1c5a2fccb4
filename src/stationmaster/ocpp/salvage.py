"""Reading what is left of a payload that breaks its schema: the lenient twin, without what has no meaning."""

from typing import Any

import msgspec

from stationmaster.ocpp.kinds import read_kind
from stationmaster.ocpp.violations import Violation, steps, violation_of
from stationmaster.ocpp.wire import OPAQUE

MAX_REPAIRS = 20
"""A payload with more meaningless members than this is refused."""


class Unreadable(ValueError):
    """A payload that not even the lenient twin can read."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.detail)
        self.violation = violation


def without_nulls(value: Any) -> Any:
    """The same value without members and items that are null, but for what is inside opaque members."""
    if isinstance(value, dict):
        return {key: item if key in OPAQUE else without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value


def salvage(tree: Any, shape: type[msgspec.Struct]) -> tuple[msgspec.Struct, tuple[Violation, ...]]:
    """Read plain values into a lenient twin, dropping one after another what it cannot hold.

    Returns the message and a violation for each drop. The tree is changed. Raises :class:`Unreadable`
    if it is no object or needs more than ``MAX_REPAIRS`` drops.
    """
    violations: list[Violation] = []
    while len(violations) <= MAX_REPAIRS:
        try:
            return msgspec.convert(tree, shape, dec_hook=read_kind), tuple(violations)
        except msgspec.ValidationError as error:
            violations.append(violation_of(str(error)))
        if not _drop(tree, steps(violations[-1].path)):
            break
    raise Unreadable(violations[-1])


def _drop(tree: Any, place: tuple[str | int, ...]) -> bool:
    """Remove the member or item at the place; False if there is none to remove."""
    if not place:
        return False
    *parents, last = place
    for step in parents:
        tree = tree[step]
    del tree[last]
    return True
