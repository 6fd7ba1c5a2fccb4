"""Which frames are looked at: by station, action, direction, error and text. The choice is in the page's address."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from stationmaster.ui.pages.messages.looks import DIRECTIONS
from stationmaster.ui.parts.address import Address
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.visit import Visit

_VERSIONS = ("1.6", "2.0.1", "2.1")
"""Between them they have every action."""
_NAMES = ("station", "action", "direction", "error", "text", "message_id")


async def all_actions(visit: Visit) -> list[str]:
    """The messages of all versions. Raises Problem."""
    found = [await visit.api.get(f"/protocol/{version}") for version in _VERSIONS]
    return sorted({each["action"] for answer in found for each in answer["actions"]})


class FilterBar:
    """``values`` are the API's; ``on_change`` is called with them. ``address``: the page's, if it is for these filters.
    ``station_key``: of one station only."""

    def __init__(
        self, visit: Visit, actions: list[str], *, address: Address | None = None, station_key: int | None = None
    ) -> None:
        self.on_change: Callable[[dict[str, Any]], None] = lambda _: None
        self._fixed = {} if station_key is None else {"station": station_key}
        self._address = address
        given = {} if address is None else address.values
        self.values: dict[str, Any] = {name: given[name] for name in _NAMES if name in given} | self._fixed
        with ui.row().classes("items-center gap-3 w-full"):
            if station_key is None:
                self._station(visit)
            self._action(actions)
            self._select("direction", {"": "Both ways", **DIRECTIONS}, "Direction", "w-40")
            self._select("error", {"": "All", "true": "Errors only", "false": "No errors"}, "Errors", "w-36")
            self._text("text", "In the frame", "w-48")
            self._text("message_id", "Message id", "w-40")

    def _station(self, visit: Visit) -> None:
        picker = Picker(visit, STATIONS)
        picker.element.classes(remove="w-full", add="w-56").props("dense outlined")
        key = str(self.values.get("station", ""))
        if key.isdigit():
            picker.choose(int(key), f"Station {key}")
        picker.element.on_value_change(lambda event: self._put(station=event.value))

    def _action(self, actions: list[str]) -> None:
        chosen = self.values.get("action")
        options = actions if chosen in (None, *actions) else [*actions, chosen]
        select = ui.select(options, value=chosen, label="Action", with_input=True, clearable=True)
        select.props("dense outlined").classes("w-56").on_value_change(lambda event: self._put(action=event.value))

    def _select(self, name: str, options: dict[str, str], label: str, width: str) -> None:
        given = self.values.get(name, "")
        select = ui.select(options, value=given if given in options else "", label=label)
        select.props("dense outlined").classes(width)
        select.on_value_change(lambda event: self._put(**{name: event.value}))

    def _text(self, name: str, label: str, width: str) -> None:
        text = ui.input(label, value=self.values.get(name, ""))
        text.props("dense outlined clearable debounce=400 maxlength=200").classes(width)
        text.on_value_change(lambda event: self._put(**{name: (event.value or "").strip()}))

    def _put(self, **values: Any) -> None:
        merged = {**self.values, **values, **self._fixed}
        self.values = {name: value for name, value in merged.items() if value not in (None, "")}
        if self._address is not None:
            self._address.put(**{name: str(value) if value else None for name, value in values.items()})
        self.on_change(self.values)


class ExportLink:
    """Downloads what is looked at, for a bug report."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._link = ui.link("Export for a bug report").classes("sm-link").props("download")
        self.show(values)

    def show(self, values: dict[str, Any]) -> None:
        given = {name: value for name, value in values.items() if value not in (None, "")}
        self._link.props["href"] = f"/api/v1/messages/export?{urlencode(given)}"
        self._link.update()
