"""What a station watches for (2.x): its monitors, setting one and taking one away."""

from typing import Any

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.alarms import severity_look
from stationmaster.ui.pages.stations.configuration.values import full_name
from stationmaster.ui.pages.stations.desk import Desk, Section, tools
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import word_of

_TYPES = {
    "UpperThreshold": "rises above",
    "LowerThreshold": "falls below",
    "Delta": "changes by",
    "Periodic": "every so many seconds",
    "PeriodicClockAligned": "every so many seconds, by the clock",
    "TargetDelta": "differs from its target by",
    "TargetDeltaRelative": "differs from its target by a share of",
}
_FIELDS = (
    Field(path="component", label="Component", hint="As in the configuration, such as Connector"),
    Field(path="evse_id", label="EVSE", kind="number", hint="Empty: the station itself"),
    Field(path="connector_id", label="Connector", kind="number"),
    Field(path="variable", label="Variable"),
    Field(path="type", label="Tell when the value", kind="choice", options=_TYPES, value="UpperThreshold"),
    Field(path="value", label="Bound, difference or seconds", kind="number"),
    Field(
        path="severity",
        label="Severity",
        kind="choice",
        options={number: severity_look(number).label for number in range(10)},
        value=6,
    ),
    Field(path="transaction", label="Only while charging", kind="check"),
)


def monitors(desk: Desk) -> None:
    """The section."""
    with desk.section("Monitors") as at:
        with tools():
            at.button("Set a monitor", "add_alert", lambda: _ask(at))
            at.button("Read monitors anew", "refresh", lambda: _read(at))
        listing = Listing(
            path=at.path("monitors"),
            columns=_columns(at.visit),
            label="Monitors",
            empty="None is known: read them from the station, or set one.",
            kinds=("MonitorsChanged",),
            station_key=at.key,
            key="id",
            paged=False,
        )
        DataTable(at.visit, listing, on_select=lambda monitor: _open(at, monitor))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="what", label="Value", cell=lambda m: full_name({**m, "instance": m["component_instance"]})),
        Column(name="when", label="Tells when it", cell=condition),
        Column(name="severity", label="Severity", cell=lambda m: badge_cell(severity_look(m["severity"]))),
        Column(name="origin", label="Origin", cell=lambda m: text(m["origin"]), wide_only=True),
        Column(name="told", label="Known from", cell=lambda m: moment(m["told_at"], visit.zone), wide_only=True),
    )


def condition(monitor: Row) -> str:
    """When it tells of its value."""
    only = ", only while charging" if monitor["transaction"] else ""
    return f"{word_of(_TYPES, monitor['type'])} {monitor['value']}{only}"


def _ask(at: Section) -> None:
    async def send(body: dict[str, Any]) -> None:
        command = {"type": "SetVariableMonitoring", "monitors": [body]}
        await at.command(command, f"Monitor {body.get('component')} {body.get('variable')}")

    ask(at.visit, "Set a monitor", "Set", _FIELDS, send)


async def _read(at: Section) -> None:
    await at.visit.trying(at.command({"type": "GetMonitoringReport"}, "Read all monitors"))


def _open(at: Section, monitor: Row) -> None:
    form = FormDialog(at.visit, f"Monitor {monitor['id']}: {monitor['variable']}", "Take it away", danger=True)

    async def clear() -> None:
        await at.command({"type": "ClearVariableMonitoring", "ids": [monitor["id"]]}, f"Clear monitor {monitor['id']}")

    form.on_send(clear)
    allow(at.visit, form.button, "operator")
    form.open(once=True)
