"""From when to when, in the viewer's zone."""

from collections.abc import Callable, Mapping
from datetime import datetime

from nicegui import ui

from stationmaster.ui.formats import for_input, kept_moment
from stationmaster.ui.visit import Visit


class Period:
    """Two inputs. ``values`` are the API's ``from`` and ``to``; ``on_change`` is called with them."""

    def __init__(
        self, visit: Visit, on_change: Callable[[dict[str, str | None]], None], given: Mapping[str, str] | None = None
    ) -> None:
        self._given = {name: _moment(value) for name, value in (given or {}).items()}
        self._zone = visit.zone
        self._on_change = on_change
        self._inputs = {
            name: ui.input(label, value=for_input(self._given.get(name), visit.zone), on_change=self._changed)
            .props("type=datetime-local stack-label dense outlined debounce=500")
            .classes("w-52")
            for name, label in (("from", "From"), ("to", "Before"))
        }

    @property
    def values(self) -> dict[str, str | None]:
        return {
            name: kept_moment(self._given.get(name), element.value, self._zone)
            for name, element in self._inputs.items()
        }

    def _changed(self) -> None:
        self._on_change(self.values)


def _moment(given: str) -> str | None:
    """Of the page's address, where anything may stand."""
    try:
        datetime.fromisoformat(given)
    except ValueError:
        return None
    return given
