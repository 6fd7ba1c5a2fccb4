"""Choosing one of many: what is typed is looked for by the API, and only what it finds is loaded."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
from nicegui import ui
from nicegui.events import GenericEventArguments

from stationmaster.ui.api import Problem
from stationmaster.ui.visit import Visit

_FOUND = 20
_KEPT = 500
"""Options up to which those of former searches stay. A browser tells a choice by its place among them, so none moves
before it has to."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A list of the API that takes ``text`` and ``limit``. ``option`` makes the value and the label of an item."""

    path: str
    label: str
    option: Callable[[dict[str, Any]], tuple[Any, str]]


class Picker:
    """``value`` is what was chosen: None for nothing, a list where several may be."""

    def __init__(self, visit: Visit, source: Source, *, label: str = "", several: bool = False) -> None:
        self._visit, self._source = visit, source
        self._options: dict[Any, str] = {}
        self._asked = ""
        self.element = ui.select({}, label=label or source.label, with_input=True, multiple=several, clearable=True)
        self.element.classes("w-full").props("input-debounce=250")
        self.element.on("input-value", self._typed)
        ui.timer(0, lambda: self._search(""), once=True)

    @property
    def value(self) -> Any:
        return self.element.value

    def choose(self, value: Any, label: str) -> None:
        """Have something chosen that is known already."""
        self._options[value] = label
        self.element.set_options(self._options, value=value)

    def choose_too(self, value: Any, label: str) -> None:
        """The same where several may be chosen."""
        self._options[value] = label
        self.element.set_options(self._options, value=[*(self.element.value or ()), value])

    def label_of(self, value: Any) -> str:
        """What an option is called."""
        return self._options.get(value, str(value))

    async def _typed(self, event: GenericEventArguments) -> None:
        text = str(event.args or "")[:200]
        if text and text != self._asked and text not in self._options.values():
            await self._search(text)

    async def _search(self, text: str) -> None:
        self._asked = text
        try:
            found = await self._visit.api.get(self._source.path, {"text": text, "limit": _FOUND})
        except Problem as problem:
            self._visit.failed(problem)
            return
        if self.element.is_deleted:
            return
        chosen = self.value if isinstance(self.value, list) else [self.value]
        self._options = options_after(self._options, dict(map(self._source.option, found["items"])), chosen)
        self.element.set_options(self._options)


def options_after(options: Mapping[Any, str], found: Mapping[Any, str], chosen: Collection[Any]) -> dict[Any, str]:
    """What is found comes behind what is there; where that is too much, only what is chosen stays of it."""
    both = {**options, **{value: label for value, label in found.items() if value not in options}}
    if len(both) <= _KEPT:
        return both
    return {value: label for value, label in options.items() if value in chosen} | dict(found)


def station_option(station: dict[str, Any]) -> tuple[int, str]:
    """Its key, and what it is called."""
    name = station["name"]
    return station["key"], station["identity"] if not name else f"{station['identity']} · {name}"


STATIONS = Source(path="/stations", label="Station", option=station_option)
SITES = Source(path="/sites", label="Site", option=lambda site: (site["name"], site["name"]))
TARIFFS = Source(path="/tariffs", label="Tariff", option=lambda tariff: (tariff["name"], tariff["name"]))
TOKENS = Source(path="/tokens", label="Token", option=lambda token: (token["key"], token["value"]))
TOKEN_VALUES = Source(path="/tokens", label="Token", option=lambda token: (token["value"], token["value"]))
"""Where the API takes a token's value."""
