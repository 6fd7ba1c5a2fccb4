"""Power, energy and state of charge over time; the API makes few points of however many readings."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import parsed
from stationmaster.ui.parts.heading import named
from stationmaster.ui.visit import Visit

POINTS = 300
_AXIS = "#7c8b97"
"""To be read on light and dark."""
_SERIES = (
    ("Power (kW)", "power_w", 1000, 0, "#3b8fe0"),
    ("Energy (kWh)", "energy_wh", 1000, 1, "#2f9e6a"),
    ("State of charge (%)", "soc_pct", 1, 2, "#b7791f"),
)


class ChargingChart:
    """Follows the transaction while it runs."""

    def __init__(self, visit: Visit, transaction: dict[str, Any]) -> None:
        self._note = ui.label("Waiting for the readings.").classes("sm-quiet")
        self._chart = named(ui.echart(_options()), "Power, energy and state of charge over time").classes("w-full h-72")
        self._chart.props("role=img")
        self._chart.visible = False
        visit.watch(
            f"/transactions/{transaction['key']}/series",
            self._show,
            query={"points": POINTS},
            kinds=("TransactionUpdated", "TransactionEnded"),
            station_key=transaction["station"],
            every_s=30.0,
        )

    def _show(self, answer: dict[str, Any]) -> None:
        points = answer["points"]
        self._note.set_text(_note(answer["power_source"], len(points)))
        self._note.visible = not points or answer["power_source"] == "register"
        self._chart.visible = bool(points)
        drawn = [drawn_points(points, field, unit) for _, field, unit, _, _ in _SERIES]
        for series, data in zip(self._chart.options["series"], drawn, strict=True):
            series["data"] = data
            series["showSymbol"] = len(data) < 3
        self._chart.options["yAxis"][2]["show"] = bool(drawn[2])
        self._chart.options["grid"]["right"] = 104 if drawn[2] else 56
        self._chart.options["legend"]["data"] = [name for (name, *_), data in zip(_SERIES, drawn, strict=True) if data]
        self._chart.update()


def drawn_points(points: list[dict[str, Any]], field: str, unit: int) -> list[tuple[float, float]]:
    """(milliseconds since 1970, value) of those points that have one."""
    found = ((parsed(point["at"]), point[field]) for point in points)
    return [(at.timestamp() * 1000, round(value / unit, 3)) for at, value in found if at and value is not None]


def _note(source: str | None, count: int) -> str:
    if not count:
        return "The station has told no reading of it yet. How often it does is set by its variables."
    if source == "register":
        return "The station tells no power: it is drawn by how fast the register rose."
    return ""


def _options() -> dict[str, Any]:
    label = {"color": _AXIS}
    scales = (("kW", "left", 0), ("kWh", "right", 0), ("%", "right", 48))
    return {
        "animation": False,
        "textStyle": label,
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "textStyle": label, "data": []},
        "grid": {"left": 48, "right": 56, "top": 48, "bottom": 32},
        "xAxis": {"type": "time", "axisLabel": {**label, "hideOverlap": True}},
        "yAxis": [
            {
                "type": "value",
                "name": name,
                "position": side,
                "offset": offset,
                "min": 0,
                "axisLabel": label,
                "nameTextStyle": label,
                "splitLine": {"show": side == "left", "lineStyle": {"color": "rgba(128,140,150,0.25)"}},
                **({"max": 100, "show": False} if name == "%" else {}),
            }
            for name, side, offset in scales
        ],
        "series": [
            {
                "name": name,
                "type": "line",
                "yAxisIndex": axis,
                "showSymbol": False,
                "data": [],
                "color": colour,
                "step": "end" if axis == 0 else False,
                **({"areaStyle": {"opacity": 0.15}} if axis == 0 else {}),
            }
            for name, _, _, axis, colour in _SERIES
        ],
    }
