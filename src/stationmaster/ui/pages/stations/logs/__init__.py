"""The tab "Logs and diagnostics": logs that the station brings, what it noticed, and what it knows of persons."""

from typing import Any

from nicegui import ui

from stationmaster.ui.pages.stations.desk import Desk
from stationmaster.ui.pages.stations.logs.customers import customers
from stationmaster.ui.pages.stations.logs.monitors import monitors
from stationmaster.ui.pages.stations.logs.noticed import alarms, security_events, station_events
from stationmaster.ui.pages.stations.logs.uploads import uploads
from stationmaster.ui.parts.panel import panel
from stationmaster.ui.visit import Visit

__all__ = ["build"]


def build(visit: Visit, station: dict[str, Any]) -> None:
    desk = Desk(visit, station)
    if visit.may("operator"):
        uploads(desk)
    else:
        with panel("Logs"):
            ui.label(f"Logs need the role operator; yours is {visit.who.role}.")
    alarms(desk)
    security_events(desk)
    station_events(desk)
    if not desk.speaks_1x:
        monitors(desk)
        if visit.may("administrator"):
            customers(desk)
