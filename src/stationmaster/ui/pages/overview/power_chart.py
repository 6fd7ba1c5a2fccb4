"""The power of the last day, site upon site."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import parsed
from stationmaster.ui.parts.heading import named
from stationmaster.ui.visit import Visit

HOURS, SITES = 24, 8
_AXIS = "#7c8b97"
"""To be read on light and dark."""
_COLOURS = ("#3b8fe0", "#2f9e6a", "#b7791f", "#8e5bb5", "#c2513f", "#2a9aa8", "#8a8f2a", "#b5568f", "#7c8b97")


class PowerChart:
    def __init__(self, visit: Visit) -> None:
        self._note = ui.label("Waiting for the first minutes.").classes("sm-quiet")
        self._chart = named(ui.echart(_options()), "Power of the last 24 hours, by site").classes("w-full h-80")
        self._chart.props("role=img")
        self._chart.visible = False
        query = {"hours": HOURS, "sites": SITES}
        visit.watch("/overview/power", self._show, query=query, every_s=30.0)

    def _show(self, answer: dict[str, Any]) -> None:
        sites = answer["sites"]
        self._note.set_text(
            "Nothing charged in the last 24 hours: the power of each site shows here when something does."
        )
        self._note.visible = not sites
        self._chart.visible = bool(sites)
        self._chart.options["series"] = [
            _series(site, drawn(answer, site), colour)
            for site, colour in zip(sites, [*_COLOURS, *[_AXIS] * len(sites)], strict=False)
        ]
        self._chart.update()


def name_of(site: dict[str, Any]) -> str:
    return "Other sites" if site["others"] else site["name"] or "At no site"


def drawn(answer: dict[str, Any], site: dict[str, Any]) -> list[tuple[float, float | None]]:
    """(milliseconds since 1970, kW) of each slot; nothing where the CSMS was not there."""
    begun = parsed(answer["from_at"])
    assert begun is not None
    first_s = begun.timestamp()
    return [
        ((first_s + place * answer["slot_s"]) * 1000, None if watts is None else round(watts / 1000, 2))
        for place, watts in enumerate(site["power_w"])
    ]


def _series(site: dict[str, Any], data: list[tuple[float, float | None]], colour: str) -> dict[str, Any]:
    return {
        "name": name_of(site),
        "type": "line",
        "stack": "power",
        "step": "end",
        "showSymbol": False,
        "data": data,
        "color": colour,
        "lineStyle": {"width": 1},
        "areaStyle": {"opacity": 0.5},
    }


def _options() -> dict[str, Any]:
    label = {"color": _AXIS}
    return {
        "animation": False,
        "textStyle": label,
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "legend": {"top": 0, "type": "scroll", "textStyle": label},
        "grid": {"left": 56, "right": 16, "top": 48, "bottom": 32},
        "xAxis": {"type": "time", "axisLabel": {**label, "hideOverlap": True}},
        "yAxis": {
            "type": "value",
            "name": "kW",
            "min": 0,
            "axisLabel": label,
            "nameTextStyle": label,
            "splitLine": {"lineStyle": {"color": "rgba(128,140,150,0.25)"}},
        },
        "series": [],
    }
