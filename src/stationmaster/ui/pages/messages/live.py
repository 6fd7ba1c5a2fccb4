"""The message log as it is written: nothing is left out, nothing comes twice, and it can be held."""

from random import random
from typing import Any

from nicegui import background_tasks, ui

from stationmaster.ui.api import Problem
from stationmaster.ui.formats import count
from stationmaster.ui.pages.messages.exchange import open_exchange
from stationmaster.ui.pages.messages.filters import ExportLink, FilterBar, all_actions
from stationmaster.ui.pages.messages.looks import TABS, columns
from stationmaster.ui.parts.address import Address
from stationmaster.ui.parts.data_table import BODY_CELL, cell_of
from stationmaster.ui.parts.heading import named
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.visit import Visit, page

_SHOWN = 50
_EVERY_S = 2.0
_FRESH_S = 1.5
_SPREAD_S = 1.5
"""Viewers take their turns within so long, so that stations' messages come between them."""


@page("/messages", title="Message log", role="operator")
async def messages(visit: Visit) -> None:
    page_tabs("Message log", TABS, "/messages")
    live_log(visit, await all_actions(visit))


def live_log(visit: Visit, actions: list[str], station_key: int | None = None) -> None:
    """Filters, and the frames that come: of all stations, or of one on a page of its own."""
    address = Address(visit) if station_key is None else None
    bar = FilterBar(visit, actions, address=address, station_key=station_key)
    bar.on_change = LiveTail(visit, bar.values, with_station=station_key is None).ask


class LiveTail:
    """One feed that all viewers share tells that there is something new; what it is, is asked for from where one is."""

    def __init__(self, visit: Visit, values: dict[str, Any], *, with_station: bool) -> None:
        self._visit = visit
        self._values = dict(values)
        self._columns = columns(visit.zone, with_date=False, with_station=with_station)
        self._frames: dict[int, dict[str, Any]] = {}
        self._rows: dict[int, dict[str, Any]] = {}
        self._position: int | None = None
        self._is_behind = False
        self._is_held = False
        self._is_asking = False
        self._asks_again = False
        self._build()
        station = {"station": values["station"]} if not with_station else {}
        visit.watch("/messages/tail", self._there_is_more, query={"limit": 1, **station}, every_s=_EVERY_S)

    def _build(self) -> None:
        with ui.row().classes("items-center gap-4 w-full"):
            self._hold = ui.button("Hold", icon="pause", on_click=self._turn).props("outline no-caps")
            self._status = ui.label().classes("sm-quiet").props("role=status")
            ui.space()
            self._export = ExportLink(self._values)
        self._problem = ui.label().classes("sm-error pl-2").props("role=alert")
        self._problem.visible = False
        heads = [
            {
                "name": column.name,
                "label": column.label,
                "field": column.name,
                "align": column.align,
                "classes": "sm-wide-only" if column.wide_only else "",
                "headerClasses": "sm-wide-only" if column.wide_only else "",
            }
            for column in self._columns
        ]
        self._table = ui.table(columns=heads, rows=[], row_key="_key").classes("sm-card w-full cursor-pointer")
        self._table.props('flat dense wrap-cells hide-bottom :pagination="{rowsPerPage: 0}"')
        named(self._table, "Messages, newest first")
        self._table.add_slot("body-cell", BODY_CELL)
        self._table.on("rowClick", self._open, [[], ["_key"], None])
        self._nothing = ui.label("Nothing matches yet. What stations say from now on appears here.")
        self._nothing.classes("sm-quiet w-full text-center py-4")

    def ask(self, values: dict[str, Any]) -> None:
        """Begin anew with other filters."""
        self._values = dict(values)
        self._position = None
        self._export.show(values)
        self._there_is_more(None)

    def _turn(self) -> None:
        self._is_held = not self._is_held
        self._hold.set_text("Go on" if self._is_held else "Hold")
        self._hold.props(f"icon={'play_arrow' if self._is_held else 'pause'}")
        self._there_is_more(None)

    def _there_is_more(self, _: Any) -> None:
        self._tell()
        if self._is_held and self._position is not None:
            return
        self._asks_again = self._is_asking
        if not self._is_asking:
            background_tasks.create(self._catch_up(), name="message tail")

    async def _catch_up(self) -> None:
        self._is_asking = True
        if self._position is not None:
            await self._visit.house.clock.sleep(random() * _SPREAD_S)
        try:
            self._asks_again = True
            while self._asks_again and not self._visit.client.is_deleted:
                self._asks_again = False
                await self._fetch()
        except Problem as problem:
            self._failed(problem)
        finally:
            self._is_asking = False

    async def _fetch(self) -> None:
        """What came since, or the newest where that is more than is shown: reading what would be pushed out at once
        would keep stations waiting."""
        asked, after = self._values, None if self._is_behind else self._position
        answer = await (self._newest(asked) if after is None else self._since(asked, after))
        if asked is not self._values or self._visit.client.is_deleted:
            self._asks_again = True  # somebody chose other filters meanwhile
            return
        if after is not None and answer["more"]:
            self._is_behind = self._asks_again = True
            return
        if after is None:
            known = any(frame["key"] in self._frames for frame in answer["items"])
            self._is_behind = self._position is not None and not known
            self._frames.clear()
        self._position = answer["position"]
        self._frames |= {frame["key"]: frame for frame in answer["items"]}
        self._show()

    async def _newest(self, asked: dict[str, Any]) -> Any:
        """What another viewer was told a moment ago will do, but for what would lead back."""
        answer = await self._visit.glance("/messages/tail", {**asked, "limit": _SHOWN}, _FRESH_S)
        leads_back = self._position is not None and answer["position"] < self._position
        return await self._since(asked, None) if leads_back else answer

    async def _since(self, asked: dict[str, Any], after: int | None) -> Any:
        return await self._visit.api.look("/messages/tail", {**asked, "limit": _SHOWN, "after": after})

    def _show(self) -> None:
        newest = sorted(self._frames.values(), key=lambda frame: frame["key"], reverse=True)[:_SHOWN]
        self._frames = {frame["key"]: frame for frame in newest}
        with self._visit.client:
            self._problem.visible = False
            self._rows = {frame["key"]: self._rows.get(frame["key"]) or self._row(frame) for frame in newest}
            self._table.rows = list(self._rows.values())
            self._nothing.visible = not newest
            self._tell()

    def _row(self, frame: dict[str, Any]) -> dict[str, Any]:
        cells = {column.name: cell_of(column.cell(frame)) for column in self._columns}
        cells["at"]["opens"] = True
        return {"_key": frame["key"], **cells}

    def _tell(self) -> None:
        state = "Held: nothing moves until you go on, and nothing is lost" if self._is_held else "Live"
        shown = f"{count(len(self._frames))} shown" if self._frames else ""
        self._status.set_text(", ".join(word for word in (state, shown) if word))

    async def _open(self, event: Any) -> None:
        await open_exchange(self._visit, event.args[1]["_key"])

    def _failed(self, problem: Problem) -> None:
        if self._visit.client.is_deleted:
            return
        if problem.is_signed_out:
            self._visit.failed(problem)
            return
        with self._visit.client:
            self._problem.set_text(problem.in_words())
            self._problem.visible = True
