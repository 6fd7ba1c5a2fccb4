"""How a station serves the grid (2.1): its DER controls, and what it could not keep to."""

import json
from urllib.parse import quote

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.parts.raw import raw_text
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look, look_of

STATES: dict[str, Look] = {
    "sent": Look("sent", "busy", "send"),
    "rejected": Look("refused", "bad", "thumb_down"),
    "waiting": Look("waiting for its time", "quiet", "schedule"),
    "active": Look("active", "good", "check_circle"),
    "superseded": Look("another one goes before it", "quiet", "layers"),
    "ended": Look("over", "quiet", "event_busy"),
    "missing": Look("missing in the station's last report", "warn", "help"),
}


def der_controls(desk: Desk) -> None:
    """The section."""
    with desk.section("DER control") as at:
        with tools():
            at.button("Ask the station", "refresh", lambda: _refresh(at))
        listing = Listing(
            path=at.path("der-controls"),
            columns=_columns(at.visit),
            label="DER controls",
            empty="None.",
            kinds=("DERControlsChanged", "CommandChanged"),
            station_key=at.key,
            key="id",
            rows_per_page=10,
        )
        DataTable(at.visit, listing, on_select=lambda control: _open(at, control))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="type", label="Control", cell=lambda control: str(control["control_type"])),
        Column(name="state", label="State", cell=lambda control: badge_cell(look_of(STATES, control["state"]))),
        Column(name="default", label="By default", cell=lambda control: text(control["is_default"])),
        Column(name="priority", label="Priority", align="right", cell=lambda control: text(control["priority"])),
        Column(name="from", label="From", cell=lambda c: moment(c["starts_at"], visit.zone), wide_only=True),
        Column(name="to", label="To", cell=lambda control: moment(control["ends_at"], visit.zone), wide_only=True),
    )


async def _refresh(at: Section) -> None:
    await at.visit.trying(at.post("der-controls/refresh", None, "Ask for the DER controls"))


def _open(at: Section, control: Row) -> None:
    form = FormDialog(at.visit, f"{control['control_type']} {control['id']}", "Clear it", danger=True)
    with form:
        raw_text(json.dumps(control["setting"], indent=2, ensure_ascii=False))

    async def clear() -> None:
        await at.delete(f"der-controls/{quote(control['id'], safe='')}", f"Clear {control['control_type']}")

    form.on_send(clear)
    allow(at.visit, form.button, "operator")
    form.open(once=True)


def der_alarms(at: Desk) -> None:
    with panel("DER alarms"):
        listing = Listing(
            path=at.path("der-alarms"),
            columns=_alarm_columns(at.visit),
            label="DER alarms",
            empty="None.",
            kinds=("DERAlarm",),
            station_key=at.key,
            rows_per_page=10,
        )
        DataTable(at.visit, listing)


def _alarm_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="From", cell=lambda alarm: moment(alarm["started_at"], visit.zone)),
        Column(name="to", label="To", cell=lambda alarm: moment(alarm["ended_at"], visit.zone)),
        Column(name="type", label="Control", cell=lambda alarm: str(alarm["control_type"])),
        Column(name="fault", label="Fault", cell=lambda alarm: text(alarm["fault"])),
        Column(name="extra", label="Details", cell=lambda alarm: text(alarm["extra"]), wide_only=True),
    )
