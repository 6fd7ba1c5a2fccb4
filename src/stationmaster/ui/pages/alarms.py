"""Alarms: what is wrong, over all stations, and who has seen it."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.period import Period
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import Look

_CHANGES = ("AlarmRaised", "AlarmEnded", "AlarmAcknowledged")
_SEVERITIES = {
    0: "Danger",
    1: "Hardware failure",
    2: "System failure",
    3: "Critical",
    4: "Error",
    5: "Alert",
    6: "Warning",
    7: "Notice",
    8: "Informational",
    9: "Debug",
}
"""OCPP 2.0.1 part 2, N: severities of events, the worst first."""


@page("/alarms", title="Alarms")
def alarms(visit: Visit) -> None:
    with ui.row().classes("items-center gap-4 w-full"):
        state = ui.select({"true": "Open", "false": "Ended", "": "All"}, value="true", label="Show").classes("w-32")
        seen = ui.select({"": "All", "false": "Nobody's yet", "true": "Acknowledged"}, value="", label="Seen").classes(
            "w-40"
        )
        least = ui.select({9: "All", **{n: f"{t} and worse" for n, t in _SEVERITIES.items() if n < 9}}, value=9)
        least.props('label="Severity"').classes("w-56")
        text = ui.input("Search").props("clearable debounce=400 type=search").classes("w-52")
        Period(visit, lambda values: table.filter(**values))
    listing = Listing(
        path="/alarms",
        columns=_columns(visit),
        label="Alarms",
        kinds=_CHANGES,
        filters={"open": "true"},
        total=True,
        empty="No alarm matches: nothing needs you here.",
    )
    table: DataTable = DataTable(visit, listing, on_select=lambda alarm: _open(visit, alarm))
    text.on_value_change(lambda event: table.filter(text=event.value))
    state.on_value_change(lambda event: table.filter(open=event.value))
    seen.on_value_change(lambda event: table.filter(acknowledged=event.value))
    least.on_value_change(lambda event: table.filter(severity=None if event.value == 9 else event.value))


def severity_look(severity: int) -> Look:
    """How bad an alarm is, in a word and a colour."""
    tone = "bad" if severity <= 4 else "warn" if severity <= 6 else "quiet"
    return Look(_SEVERITIES.get(severity, str(severity)), tone, "error" if tone == "bad" else "warning")  # type: ignore[arg-type]


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="severity", label="Severity", cell=lambda alarm: badge_cell(severity_look(alarm["severity"]))),
        Column(name="station", label="Station", cell=_station),
        Column(name="what", label="What", cell=_what),
        Column(name="raised", label="Since", cell=lambda alarm: moment(alarm["raised_at"], visit.zone)),
        Column(name="ended", label="Ended", cell=lambda alarm: moment(alarm["ended_at"], visit.zone), wide_only=True),
        Column(name="count", label="Told", align="right", cell=lambda alarm: f"{alarm['count']} ×", wide_only=True),
        Column(name="seen", label="Seen by", cell=lambda alarm: shown(alarm["acknowledged_by"]), wide_only=True),
    )


def _station(alarm: Row) -> Cell:
    return Cell(text=alarm["station_identity"] or str(alarm["station"]), href=f"/stations/{alarm['station']}")


def _what(alarm: Row) -> str:
    place = "" if alarm["evse_id"] is None else f" (EVSE {alarm['evse_id']})"
    said = [word for word in (alarm["code"], alarm["value"], alarm["info"]) if word]
    return f"{alarm['component']} {alarm['variable']}{place}: {', '.join(said) or 'no details'}"


def _open(visit: Visit, alarm: dict[str, Any]) -> None:
    form = FormDialog(visit, _what(alarm), "Acknowledge")
    with form:
        ui.label(f"Station {alarm['station_identity']}, since {moment(alarm['raised_at'], visit.zone)}").classes(
            "sm-quiet"
        )
        if alarm["acknowledged_at"]:
            ui.label(f"Seen by {alarm['acknowledged_by']}: {shown(alarm['note'])}")
        note = form.field("note", ui.textarea("Note: what was found, who goes there").classes("w-full"))

    async def acknowledge() -> None:
        await visit.api.post(f"/alarms/{alarm['key']}/acknowledge", {"note": note.value} if note.value else {})
        ui.notify("Acknowledged", type="positive")

    form.on_send(acknowledge)
    allow(visit, form.button, "operator")
    form.open(once=True)
