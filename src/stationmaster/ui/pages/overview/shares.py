"""Who is used, and who was there: by site, and by station, the worst first."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from nicegui import ui

from stationmaster.ui.formats import count, energy, power, share, text
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.plain_table import PlainTable
from stationmaster.ui.visit import Visit
from stationmaster.ui.words import STATIONS, look_of

MOST_SITES = 50
_DAYS = {1: "Last 24 hours", 7: "Last 7 days", 30: "Last 30 days"}


class SiteShares:
    """A table of the sites with the most stations."""

    def __init__(self) -> None:
        self._table = PlainTable(
            _SITE_COLUMNS,
            label="Sites",
            empty="No site yet. A site is a place at which stations stand together: make one under Sites.",
        )
        self._more = ui.link("All sites", "/sites").classes("sm-link")

    def show(self, now: dict[str, Any]) -> None:
        sites = now["sites"]
        self._table.show(sites[:MOST_SITES])
        self._more.visible = len(sites) > MOST_SITES or bool(now["sites_left_out"])


def station_shares(visit: Visit) -> None:
    days = ui.select(_DAYS, value=7, label="Of").props("dense outlined").classes("w-40")
    table = DataTable(
        visit,
        Listing(
            path="/overview/stations",
            columns=STATION_COLUMNS,
            label="Utilisation and uptime of stations",
            empty="No station is known yet.",
            filters={"days": 7},
            sort="uptime",
            rows_per_page=10,
            every_s=60.0,
        ),
    )
    days.on_value_change(lambda event: table.filter(days=event.value))
    ui.label(
        "Uptime is the share of time in which a station was connected; time in which this CSMS was down itself counts "
        "for nobody. Used is the share of time with a transaction. Both count from a station's first connection on."
    ).classes("sm-quiet text-sm")


def _site(site: Row) -> Cell | str:
    name = site["name"]
    return "At no site" if name is None else Cell(text=name, href=f"/sites/{quote(name, safe='')}")


def _state(state: str) -> Callable[[Row], str]:
    return lambda site: count(site["stations"].get(state, 0))


_SITE_COLUMNS = (
    Column(name="site", label="Site", cell=_site),
    Column(name="charging", label="Charging", align="right", cell=_state("charging"), wide_only=True),
    Column(name="faulted", label="Faulted", align="right", cell=_state("faulted")),
    Column(name="offline", label="Offline", align="right", cell=_state("offline")),
    Column(name="power", label="Power", align="right", cell=lambda site: power(site["power_w"])),
    Column(
        name="energy",
        label="Energy today",
        align="right",
        cell=lambda site: energy(site["energy_today_wh"]),
        wide_only=True,
    ),
    Column(
        name="used", label="Used, 24 h", align="right", cell=lambda site: share(site["utilisation"]), wide_only=True
    ),
    Column(name="up", label="Uptime, 7 d", align="right", cell=lambda site: share(site["uptime"])),
)
STATION_COLUMNS = (
    Column(
        name="station",
        label="Station",
        cell=lambda each: Cell(text=each["name"] or each["identity"], href=f"/stations/{each['key']}"),
    ),
    Column(name="site", label="Site", cell=lambda each: text(each["site"]), wide_only=True),
    Column(name="state", label="State", cell=lambda each: badge_cell(look_of(STATIONS, each["state"]))),
    Column(name="uptime", label="Uptime", align="right", cell=lambda each: share(each["uptime"]), sort="uptime"),
    Column(
        name="utilisation",
        label="Used",
        align="right",
        cell=lambda each: share(each["utilisation"]),
        sort="utilisation",
    ),
)
