"""What an operator sees first: tiles, the power of the day, the map, and who does well or badly."""

from nicegui import ui

from stationmaster.ui.pages.overview.fleet_map import FleetMap
from stationmaster.ui.pages.overview.looks import CSS
from stationmaster.ui.pages.overview.power_chart import PowerChart
from stationmaster.ui.pages.overview.shares import SiteShares, station_shares
from stationmaster.ui.pages.overview.tiles import Tiles
from stationmaster.ui.parts.panel import empty, panel
from stationmaster.ui.visit import Visit, page

CHANGES = (
    *("StationConnected", "StationDisconnected", "StationRegistered", "ConnectorStatusChanged"),
    *("TransactionStarted", "TransactionEnded", "BillIssued"),
    *("AlarmRaised", "AlarmEnded", "AlarmAcknowledged"),
)


@page("/", title="Overview")
def overview(visit: Visit) -> None:
    ui.add_css(CSS)
    tiles = Tiles(visit)
    with ui.column().classes("w-full") as nobody:
        empty(
            "No station is known yet.",
            "Admit a station, and it shows up here as soon as it calls.",
            link=("Stations", "/stations"),
        )
    nobody.visible = False
    with ui.element("div").classes("sm-overview"):
        with panel("Power over the last 24 hours", classes="w-full min-w-0"):
            PowerChart(visit)
        with panel("Map", classes="w-full min-w-0"):
            FleetMap(visit, CHANGES)
    with panel("Sites"):
        sites = SiteShares()
    with panel("Stations, the worst first"):
        station_shares(visit)

    def show(now: dict[str, object]) -> None:
        tiles.show(now)
        sites.show(now)
        nobody.visible = not now["total"]

    visit.watch("/overview", show, kinds=CHANGES, every_s=5.0)
