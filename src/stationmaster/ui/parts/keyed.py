"""Parts of a page that come and go with the items of a list: made once for each item, changed while it is there."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol

from nicegui import ui


class Part(Protocol):
    """``element`` is all of it."""

    @property
    def element(self) -> ui.element: ...
    def show(self, item: dict[str, Any]) -> None: ...


class Keyed:
    """The parts stand in ``container``, in the order of the items; beyond ``most`` there are none."""

    def __init__(self, container: ui.element, make: Callable[[dict[str, Any]], Part], most: int) -> None:
        self._container = container
        self._make = make
        self._most = most
        self._parts: dict[Hashable, Part] = {}

    def show(self, items: Sequence[Mapping[str, Any]], key: str) -> int:
        """``key``: the items' field that tells them apart. Returns how many items are not shown."""
        shown = {item[key]: dict(item) for item in items[: self._most]}
        for gone in [each for each in self._parts if each not in shown]:
            self._parts.pop(gone).element.delete()
        for place, (name, item) in enumerate(shown.items()):
            part = self._parts.get(name)
            if part is None:
                with self._container:
                    part = self._parts[name] = self._make(item)
                if place < len(self._parts) - 1:
                    part.element.move(target_index=place)
            part.show(item)
        return max(0, len(items) - self._most)
