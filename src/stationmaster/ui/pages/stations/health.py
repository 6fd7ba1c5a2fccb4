"""The tab "Health": how well the station gets along with us."""

from typing import Any

from stationmaster.ui.formats import NONE, count, duration, moment
from stationmaster.ui.pages.stations.desk import Desk
from stationmaster.ui.pages.stations.header import clock
from stationmaster.ui.pages.stations.logs.noticed import alarms
from stationmaster.ui.parts.data_table import Column, DataTable, Listing, Row
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.visit import Visit

CHANGES = ("StationConnected", "StationDisconnected", "AlarmRaised", "AlarmEnded")
_FACTS = (
    "Connection",
    "Last heard of",
    "Reconnects in the last 24 hours",
    "Reconnects in the last 7 days",
    "Offline in the last 7 days",
    "Clock",
    "Messages against their schema",
    "Open alarms",
)


def build(visit: Visit, station: dict[str, Any]) -> None:
    at = Desk(visit, station)
    with panel("Health"):
        told = Facts(*_FACTS)
    alarms(at)
    with panel("What was odd"):
        counts = PlainTable(_count_columns(visit), label="What was odd, by kind", empty="Nothing was odd so far.")
    with panel("The latest oddities"):
        listing = Listing(
            path=at.path("oddities"),
            columns=_columns(visit),
            label="The latest oddities",
            empty="None is kept.",
            rows_per_page=10,
            every_s=20.0,
        )
        DataTable(visit, listing)

    def show(health: Row) -> None:
        told.show(facts(health, visit))
        counts.show(health["oddities"])

    visit.watch(at.path("health"), show, kinds=CHANGES, station_key=at.key, every_s=20.0)


def facts(health: Row, visit: Visit) -> dict[str, object]:
    """In words."""
    since = health["connected_at"] if health["connected"] else health["disconnected_at"]
    return {
        "Connection": f"{'connected' if health['connected'] else 'not connected'} since {moment(since, visit.zone)}",
        "Last heard of": moment(health["last_seen_at"], visit.zone),
        "Reconnects in the last 24 hours": count(health["reconnects_day"]),
        "Reconnects in the last 7 days": f"{count(health['reconnects_week'])}; {count(health['connections'])} in all",
        "Offline in the last 7 days": duration(health["offline_s"]),
        "Clock": clock(health["skew_s"]),
        "Messages against their schema": count(health["schema_violations"]),
        "Open alarms": count(health["open_alarms"]),
    }


def _count_columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="kind", label="What", cell=lambda odd: str(odd["kind"]).replace("_", " ")),
        Column(name="count", label="How often", align="right", cell=lambda odd: count(odd["count"])),
        Column(name="first", label="First", cell=lambda odd: moment(odd["first_at"], visit.zone)),
        Column(name="last", label="Last", cell=lambda odd: moment(odd["last_at"], visit.zone)),
    )


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="at", label="When", cell=lambda odd: moment(odd["at"], visit.zone)),
        Column(name="kind", label="What", cell=lambda odd: str(odd["kind"]).replace("_", " ")),
        Column(name="action", label="Message", cell=lambda odd: odd["action"] or NONE),
        Column(name="detail", label="Details", cell=lambda odd: str(odd["detail"])),
    )
