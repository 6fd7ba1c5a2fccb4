"""Callers that are no stations of ours: to admit, or to leave outside."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import moment, text
from stationmaster.ui.pages.stations.admitting import admit
from stationmaster.ui.pages.stations.every import TABS
from stationmaster.ui.parts.data_table import Column, DataTable, Listing
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.visit import Visit, page


@page("/stations/unknown", title="Unknown callers")
def unknown_callers(visit: Visit) -> None:
    page_tabs("Stations", TABS, "/stations/unknown")
    ui.label("They called, and were refused. Choose one to admit it as a station.").classes("sm-quiet")
    listing = Listing(
        path="/stations/unknown",
        columns=_columns(visit.zone),
        label="Unknown callers",
        empty="Nobody unknown has called. A station shows up here when it calls with an identity that is not admitted.",
        key="identity",
    )
    may_admit = visit.may("operator")
    DataTable(visit, listing, on_select=(lambda caller: admit(visit, caller["identity"])) if may_admit else None)


def _columns(zone: Any) -> tuple[Column, ...]:
    return (
        Column(name="identity", label="Identity", cell=lambda caller: text(caller["identity"])),
        Column(name="calls", label="Calls", cell=lambda caller: f"{caller['calls']:,}", align="right"),
        Column(name="last", label="Last call", cell=lambda caller: moment(caller["last_at"], zone)),
        Column(name="first", label="First call", cell=lambda caller: moment(caller["first_at"], zone), wide_only=True),
        Column(name="address", label="From", cell=lambda caller: text(caller["address"]), wide_only=True),
        Column(name="versions", label="Speaks", cell=lambda caller: text(caller["subprotocols"]), wide_only=True),
    )
