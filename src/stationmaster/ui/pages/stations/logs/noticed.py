"""What a station noticed: alarms, security events, and all events of its device model."""

from nicegui import ui

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.alarms import severity_look
from stationmaster.ui.pages.stations.configuration.values import full_name
from stationmaster.ui.pages.stations.desk import Desk, tools
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import Look

CRITICAL = Look("critical", "bad", "gpp_bad")
ORDINARY = Look("ordinary", "quiet", "shield")
STRANGE = Look("not in the specification", "warn", "help")


def alarms(at: Desk) -> None:
    """Those that are open, with the way to all of them."""
    with panel("Open alarms"):
        listing = Listing(
            path=at.path("alarms"),
            columns=_alarm_columns(at.visit),
            label="Open alarms",
            empty="None: nothing at this station needs you.",
            kinds=("AlarmRaised", "AlarmEnded", "AlarmAcknowledged"),
            station_key=at.key,
            filters={"open": "true"},
            rows_per_page=10,
        )
        DataTable(at.visit, listing)
        with tools():
            ui.link("All alarms, and who has seen them", "/alarms").classes("sm-link")


def _alarm_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="severity", label="Severity", cell=lambda alarm: badge_cell(severity_look(alarm["severity"]))),
        Column(name="what", label="What", cell=alarm_in_words),
        Column(name="since", label="Since", cell=lambda alarm: moment(alarm["raised_at"], visit.zone)),
        Column(name="seen", label="Seen by", cell=lambda alarm: text(alarm["acknowledged_by"]), wide_only=True),
    )


def alarm_in_words(alarm: Row) -> str:
    """Where it is, and what was said of it."""
    place = full_name({**alarm, "instance": alarm["component_instance"]})
    said = [word for word in (alarm["code"], alarm["value"], alarm["info"]) if word]
    return f"{place}: {', '.join(said)}" if said else place


def security_events(at: Desk) -> None:
    with panel("Security events"):
        listing = Listing(
            path=at.path("security-events"),
            columns=_security_columns(at.visit),
            label="Security events",
            empty="None was told of. Stations of 1.6 tell of them with the security extension only.",
            kinds=("SecurityEvent",),
            station_key=at.key,
            rows_per_page=10,
        )
        DataTable(at.visit, listing)


def _security_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="When", cell=lambda event: moment(event["timestamp"], visit.zone)),
        Column(name="type", label="What", cell=lambda event: str(event["type"])),
        Column(name="critical", label="How bad", cell=lambda event: badge_cell(weight(event["critical"]))),
        Column(name="info", label="Details", cell=lambda event: text(event["tech_info"])),
    )


def weight(critical: bool | None) -> Look:
    """How bad the specification takes a security event to be."""
    if critical is None:
        return STRANGE
    return CRITICAL if critical else ORDINARY


def station_events(at: Desk) -> None:
    with panel("Events"):
        listing = Listing(
            path=at.path("station-events"),
            columns=_event_columns(at.visit),
            label="Events",
            empty="None was told of. Set a monitor to have the station tell when a value leaves its bounds.",
            kinds=("NotifyEvent", "ConnectorStatusChanged"),
            station_key=at.key,
            rows_per_page=10,
        )
        DataTable(at.visit, listing)


def _event_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="When", cell=lambda e: moment(e["timestamp"] or e["received_at"], visit.zone)),
        Column(name="where", label="Where", cell=lambda e: full_name({**e, "instance": e["component_instance"]})),
        Column(name="value", label="Value", cell=lambda event: text(event["actual_value"])),
        Column(name="trigger", label="Trigger", cell=lambda event: str(event["trigger"]), wide_only=True),
        Column(name="severity", label="Severity", cell=_severity, wide_only=True),
        Column(name="info", label="Details", cell=_details, wide_only=True),
    )


def _severity(event: Row) -> Cell | str:
    return text(None) if event["severity"] is None else badge_cell(severity_look(event["severity"]))


def _details(event: Row) -> str:
    cleared = ["over"] if event["cleared"] else []
    return text(", ".join([*cleared, *(word for word in (event["tech_code"], event["tech_info"]) if word)]))
