"""All differences between a version and the head of its family, and the two ways through them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stationmaster.ocpp.upgrade.rows import Row, Tree
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wire import OPAQUE

Rows = Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True)
class Table:
    """``dropped``: members that the version has in no object and that only explain or extend, left out when lowered.
    ``native_only``: actions that the head does not have. ``differs_in_writing_only``: there is nothing to lift.
    """

    head: Version
    requests: Rows
    responses: Rows
    dropped: frozenset[str] = frozenset()
    native_only: frozenset[str] = frozenset()
    differs_in_writing_only: bool = False

    def lift(self, action: str, response: bool, tree: Tree) -> Tree:
        """A payload of the version in the shape of the head; changes the tree and returns it."""
        for row in self._rows(action, response):
            row.lift(tree)
        return tree

    def lower(self, action: str, response: bool, tree: Tree) -> Tree:
        """A payload in the head's shape as the version writes it; changes the tree and returns it.

        Raises ``Refused`` for what a row cannot lower, and ``Untold`` where nothing is left to tell.
        """
        for row in reversed(self._rows(action, response)):
            row.lower(tree)
        if self.dropped:
            self._drop_everywhere(tree)
        return tree

    def lowers(self, action: str, response: bool) -> bool:
        """Whether lowering changes anything."""
        return bool(self.dropped or self._rows(action, response))

    def _rows(self, action: str, response: bool) -> tuple[Row, ...]:
        return (self.responses if response else self.requests).get(action, ())

    def _drop_everywhere(self, value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                self._drop_everywhere(item)
        elif isinstance(value, dict):
            for member in self.dropped & value.keys():
                del value[member]
            for member, inner in value.items():
                if member not in OPAQUE:
                    self._drop_everywhere(inner)
