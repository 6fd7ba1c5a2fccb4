"""Where stations stand, drawn from their coordinates alone: it needs no internet. What is crowded is drawn together.

What can be clicked here can be reached in the tables, too: a picture is for those who see it.
"""

from math import sqrt
from typing import Any
from urllib.parse import quote

from nicegui import ui
from nicegui.events import EChartPointClickEventArguments

from stationmaster.ui.formats import count, counted
from stationmaster.ui.pages.overview.projection import Sheet, scale_bar, sheet_of
from stationmaster.ui.parts.heading import named
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import STATIONS, Tone, look_of

CELLS = 30
_NEAR_KM = 0.5
"""Of a sheet's width: what is one point there is one place."""
_INKS: dict[Tone, tuple[str, str]] = {
    "good": ("#2e7d32", "circle"),
    "busy": ("#1565c0", "diamond"),
    "warn": ("#8a5300", "triangle"),
    "bad": ("#c62828", "rect"),
    "quiet": ("#546e7a", "roundRect"),
}
"""Colour and shape: nobody needs to tell colours apart."""
_IN_WORDS: dict[Tone, str] = {
    "bad": "■ faulted or offline",
    "warn": "▲ occupied, reserved or pending",
    "busy": "◆ charging",
    "good": "● available",
    "quiet": "▢ other",
}


class FleetMap:
    def __init__(self, visit: Visit, kinds: tuple[str, ...]) -> None:
        self._visit = visit
        self._kinds = kinds
        self._sheet: Sheet | None = None
        self._is_whole = True
        self._points: list[dict[str, Any]] = []
        self._nothing = ui.column().classes("items-center w-full py-6 gap-1")
        with self._nothing:
            ui.label("No station has a place on the map yet.")
            ui.label("Give a site its latitude and longitude, or a station its own.").classes("sm-quiet text-center")
            ui.link("Sites", "/sites").classes("sm-link")
        self._nothing.visible = False
        with ui.column().classes("w-full gap-2") as self._all:
            self._draw()
        self._all.visible = False
        self._stop = self._watch({})

    def _draw(self) -> None:
        with ui.element("div").classes("sm-map"):
            self._chart = named(ui.echart(_options(), on_point_click=self._clicked), "Map of stations")
            self._chart.props("role=img").classes("w-full h-full")
            with ui.column().classes("sm-map-tools gap-1"):
                _button("add", "Nearer", lambda: self._look(2.0))
                _button("remove", "Farther", lambda: self._look(0.5))
                _button("zoom_out_map", "All stations", self._look_at_all)
            ui.label("N ↑").classes("sm-map-north").props("aria-hidden=true")
            with ui.element("div").classes("sm-map-scale") as self._bar:
                self._length = ui.label("")
        self._words = ui.label("").classes("sm-quiet text-sm")
        with ui.row().classes("gap-x-4 gap-y-0 text-sm"):
            for tone, words in _IN_WORDS.items():
                ui.label(words).style(f"border-left: 4px solid {_INKS[tone][0]}; padding-left: 6px")

    def _watch(self, area: dict[str, float]) -> Any:
        query = {"cells": CELLS, **{side: f"{degrees:.6f}" for side, degrees in area.items()}}
        return self._visit.watch("/overview/map", self._show, query=query, kinds=self._kinds, every_s=10.0)

    def _show(self, found: dict[str, Any]) -> None:
        area = found["area"]
        self._nothing.visible = area is None
        self._all.visible = area is not None
        if area is None:
            return
        if self._is_whole:
            self._sheet = sheet_of(area["south"], area["west"], area["north"], area["east"])
        sheet = self._sheet
        assert sheet is not None
        self._points = found["points"]
        self._chart.options["xAxis"] |= {"min": -sheet.width / 2, "max": sheet.width / 2}
        self._chart.options["yAxis"] |= {"min": -sheet.height / 2, "max": sheet.height / 2}
        self._chart.options["series"][0]["data"] = [drawn(point, sheet) for point in self._points]
        self._chart.update()
        self._words.set_text(in_words(found))
        length, share = scale_bar(sheet.width_km)
        self._length.set_text(length)
        self._bar.style(f"width: {share * 100:.2f}%")

    def _clicked(self, event: EChartPointClickEventArguments) -> None:
        if not 0 <= event.data_index < len(self._points):
            return
        point, sheet = self._points[event.data_index], self._sheet
        if point["key"] is not None:
            ui.navigate.to(f"/stations/{point['key']}")
        elif sheet is not None and (sheet.width_km > _NEAR_KM or point["site"] is None):
            self._turn(sheet.around(point["latitude"], point["longitude"]).nearer(4.0))
        else:
            ui.navigate.to(f"/stations?site={quote(point['site'], safe='')}")

    def _look(self, factor: float) -> None:
        if self._sheet is not None:
            self._turn(self._sheet.nearer(factor))

    def _look_at_all(self) -> None:
        self._is_whole = True
        self._stop()
        self._stop = self._watch({})

    def _turn(self, sheet: Sheet) -> None:
        self._is_whole, self._sheet = False, sheet
        self._stop()
        self._stop = self._watch(sheet.area())


def drawn(point: dict[str, Any], sheet: Sheet) -> dict[str, Any]:
    """A point for the chart: where, how large, in which colour and shape, and what it says."""
    total = point["stations"]
    colour, shape = _INKS[look_of(STATIONS, point["state"]).tone]
    return {
        "value": [sheet.across(point["longitude"]), point["latitude"] - sheet.latitude],
        "name": title_of(point),
        "symbol": shape,
        "symbolSize": 18 if total == 1 else min(64, 22 + 6 * sqrt(total)),
        "itemStyle": {"color": colour, "borderColor": "#ffffff", "borderWidth": 1},
        "label": {"show": total > 1, "formatter": str(total), "color": "#ffffff", "fontWeight": "bold"},
    }


def title_of(point: dict[str, Any]) -> str:
    """What stands there, and how."""
    labels = {look_of(STATIONS, state).label: number for state, number in point["states"].items()}
    alone = point["key"] is not None
    states = ", ".join(label if alone else f"{count(number)} {label}" for label, number in labels.items())
    what = point["name"] or point["identity"] or point["site"] or "Several stations"
    return f"{what}: {states}"


def in_words(found: dict[str, Any]) -> str:
    shown = counted(found["stations"], "station is shown", "stations are shown")
    without = counted(found["without"], "has no coordinates", "have no coordinates")
    return f"{shown}; {without}." if found["without"] else f"{shown}."


def _button(icon: str, name: str, act: Any) -> None:
    named(ui.button(icon=icon, on_click=act).props("dense unelevated"), name).tooltip(name)


def _options() -> dict[str, Any]:
    axis = {"type": "value", "show": False}
    return {
        "animation": False,
        "grid": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "tooltip": {"trigger": "item", "renderMode": "richText", "formatter": "{b}", "confine": True},
        "xAxis": dict(axis),
        "yAxis": dict(axis),
        "series": [{"type": "scatter", "data": [], "cursor": "pointer"}],
    }
