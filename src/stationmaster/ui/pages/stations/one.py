"""One station: its frame and its tabs. The open tab stands in the address."""

from collections.abc import Mapping
from typing import Any

import structlog
from nicegui import ui
from nicegui.elements.tabs import TabPanel

from stationmaster.ui.api import Problem
from stationmaster.ui.pages.stations.header import Header
from stationmaster.ui.pages.stations.tabs import TABS, Tab
from stationmaster.ui.parts.address import Address
from stationmaster.ui.visit import Visit, page, refusal

log = structlog.get_logger(__name__)


@page("/stations/{station_key}", title="Station")
async def station(visit: Visit, station_key: str) -> None:
    found = await visit.api.get(f"/stations/{station_key}")
    ui.page_title(f"{found['identity']} · Stationmaster")
    Header(visit, found)
    await StationTabs(visit, found).begin()


class StationTabs:
    """The tabs: built when opened for the first time, kept from then on."""

    def __init__(self, visit: Visit, station: dict[str, Any]) -> None:
        self._visit, self._station = visit, station
        self._tabs = {tab.name: tab for tab in TABS if visit.may(tab.role)}
        self._address = Address(visit, self._went_back)
        self._panels: dict[str, TabPanel] = {}
        self._built: set[str] = set()
        with ui.tabs().classes("w-full").props("align=left outside-arrows mobile-arrows inline-label no-caps") as bar:
            for tab in self._tabs.values():
                ui.tab(tab.name, label=tab.title, icon=tab.icon)
        self._bar = bar
        self._first = self._named(self._address.values)
        panels = ui.tab_panels(bar, value=self._first, animated=False, keep_alive=True)
        with panels.classes("sm-tabs w-full bg-transparent"):
            for name in self._tabs:
                self._panels[name] = ui.tab_panel(name).classes("p-0")
        bar.on_value_change(lambda event: self._open(str(event.value)))

    async def begin(self) -> None:
        """Build the tab that the address names."""
        await self._build(self._first)

    def _named(self, values: Mapping[str, str]) -> str:
        name = values.get("tab", "")
        return name if name in self._tabs else next(iter(self._tabs))

    async def _open(self, name: str) -> None:
        first = next(iter(self._tabs))
        self._address.put(tab=None if name == first else name)
        await self._build(name)

    def _went_back(self, values: Mapping[str, str]) -> None:
        self._bar.value = self._named(values)

    async def _build(self, name: str) -> None:
        if name in self._built:
            return
        self._built.add(name)
        with self._panels[name], ui.column().classes("w-full gap-4"):
            await _built(self._visit, self._tabs[name], self._station)


async def _built(visit: Visit, tab: Tab, station: dict[str, Any]) -> None:
    try:
        made = tab.build(visit, station)
        if made is not None:
            await made
    except Problem as problem:
        if problem.is_signed_out:
            visit.failed(problem)
        else:
            refusal(problem.in_words())
    except Exception:
        log.exception("tab failed", tab=tab.name)
        refusal("Something went wrong here; the log of the node says what.")
