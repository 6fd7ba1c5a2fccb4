"""Where a station is called that speaks SOAP, and so keeps no line: its own word, ours, and whether it was reached."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import NONE, moment, text
from stationmaster.ui.pages.stations.header import STATION_CHANGES
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.visit import Visit

NOTHING: Mapping[str, Any] = dict.fromkeys(
    ("told", "told_at", "override", "in_use", "reachable", "unreachable_since", "reason")
)
_HINT = "As http://10.8.0.17:8080/ocpp; empty: as the station says"


class CallbackPanel:
    """Not seen for a station that keeps a line. One that was never here may have our word for it already."""

    def __init__(self, visit: Visit, station: dict[str, Any]) -> None:
        self._visit = visit
        self._path = f"/stations/{station['key']}"
        self._station = station
        with panel("Where we call it (SOAP)") as self._card:
            self._facts = Facts(*callback_facts(NOTHING, visit.zone))
            button = ui.button("Change", icon="edit", on_click=self._change).props("outline no-caps")
            button.props["aria-label"] = "Change where we call it"
            allow(visit, button, "operator")
        self._show(station)
        visit.watch(self._path, self._show, kinds=STATION_CHANGES, station_key=station["key"])

    def _show(self, station: dict[str, Any]) -> None:
        self._station = station
        self._card.visible = is_called(station)
        self._facts.show(callback_facts(station["callback"] or NOTHING, self._visit.zone))

    def _change(self) -> None:
        before = self._station["callback"] or NOTHING
        form = FormDialog(self._visit, "Change where we call it", "Save")
        with form:
            ui.label("Ours goes before what the station says: where it stands behind NAT, or in a VPN.").classes(
                "sm-quiet"
            )
            address = ui.input("Address", value=before["override"] or "").props("maxlength=1000 autofocus")
            address.props["hint"] = _HINT
            form.field("callback_override", address.classes("w-full"))

        async def send() -> None:
            answer = await self._visit.api.patch(self._path, {"callback_override": address.value.strip() or None})
            self._show(answer["station"])
            ui.notify("Saved", type="positive")

        form.on_send(send)
        form.open(once=True)


def is_called(station: Mapping[str, Any]) -> bool:
    """Whether it is called, or may be once it has come."""
    return station["callback"] is not None or station["version"] is None


def callback_facts(callback: Mapping[str, Any], zone: tzinfo) -> dict[str, object]:
    """Of the API's word on calling it."""
    told = f"{callback['told']}, since {moment(callback['told_at'], zone)}" if callback["told"] else NONE
    return {
        "It says": told,
        "We say": text(callback["override"]),
        "It is called at": callback["in_use"] or "nobody knows where: commands wait until it says so, or we do",
        "Reached there": reached(callback, zone),
    }


def reached(callback: Mapping[str, Any], zone: tzinfo) -> str:
    """What the last calls showed."""
    if callback["reachable"] != "no":
        return "yes" if callback["reachable"] == "yes" else "not tried yet"
    return f"not since {moment(callback['unreachable_since'], zone)}: {text(callback['reason'])}"
