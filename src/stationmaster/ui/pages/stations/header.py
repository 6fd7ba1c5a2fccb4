"""What stands above a station's tabs: who it is, how it stands, since when it is there."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE, moment, text
from stationmaster.ui.parts.badge import StateBadge
from stationmaster.ui.parts.heading import heading
from stationmaster.ui.parts.panel import Facts
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import STATIONS, VERSIONS, look_of, word_of

STATION_CHANGES = (
    *("StationConnected", "StationDisconnected", "StationBooted", "StationRegistered", "StationChanged"),
    "StationCallbackChanged",
)
_STATE_CHANGES = ("ConnectorStatusChanged", "TransactionStarted", "TransactionUpdated", "TransactionEnded")


class Header:
    """Follows the station while the page is open."""

    def __init__(self, visit: Visit, station: dict[str, Any]) -> None:
        self._visit = visit
        with ui.card().classes("sm-card w-full gap-2").props('data-testid="station"'):
            with ui.row().classes("items-center gap-3 w-full"):
                heading(station["identity"])
                self._name = ui.label().classes("sm-quiet")
                self._badge = StateBadge(look_of(STATIONS, None))
            with ui.element("div").classes("sm-grid"):
                self._of_it = Facts("Version", "Hardware", "Firmware")
                self._around = Facts("Site", "Connection", "Clock")
        self._show(station)
        key, kinds = station["key"], STATION_CHANGES + _STATE_CHANGES
        visit.watch(f"/stations/{key}", self._show, kinds=kinds, station_key=key)

    def _show(self, station: dict[str, Any]) -> None:
        self._name.set_text(station["name"] or "")
        self._badge.show(look_of(STATIONS, station["state"]))
        self._of_it.show(told_of_itself(station))
        self._around.show(seen_of_it(station, self._visit.zone))


def standing(station: dict[str, Any]) -> str | None:
    """How it stands, in the API's word."""
    said: str | None = station.get("state")
    return said


def told_of_itself(station: dict[str, Any]) -> dict[str, object]:
    """What it is, as it said when it booted."""
    info = station["info"]
    hardware = " ".join(word for word in (info["vendor"], info["model"]) if word)
    if info["serial_number"]:
        hardware += f", serial number {info['serial_number']}"
    return {
        "Version": f"OCPP {word_of(VERSIONS, station['version'])}" if station["version"] else NONE,
        "Hardware": text(hardware),
        "Firmware": text(info["firmware_version"]),
    }


def seen_of_it(station: dict[str, Any], zone: Any) -> dict[str, object]:
    """Where it is, and how it is reached."""
    return {
        "Site": text(station["site"]),
        "Connection": connection(station, zone),
        "Clock": clock(station["skew_s"]),
    }


def connection(station: dict[str, Any], zone: Any) -> str:
    """Since when it is there or away. One that speaks SOAP has no line: it is heard of, and may be beyond our calls."""
    if station["connected_at"] is None:
        return "never connected"
    if station["callback"] is not None:
        return _heard(station, zone)
    if station["connected"]:
        return f"connected since {moment(station['connected_at'], zone)}"
    return f"disconnected since {moment(station['disconnected_at'], zone)}"


def _heard(station: dict[str, Any], zone: Any) -> str:
    called = ", cannot be called" if station["callback"]["reachable"] == "no" else ""
    if station["connected"]:
        return f"heard since {moment(station['connected_at'], zone)}{called}"
    return f"silent since {moment(station['disconnected_at'], zone)}{called}"


def clock(skew_s: float | None) -> str:
    """How far the station's clock is off."""
    if skew_s is None:
        return NONE
    if abs(skew_s) < 1:
        return "right to the second"
    return f"{abs(skew_s):,.0f} s {'ahead' if skew_s > 0 else 'behind'}"
