"""One site: what is said of it, and what stands there."""

from typing import Any
from urllib.parse import quote

from nicegui import ui

from stationmaster.ui.formats import counted, moment, power
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.sites.form import edit, path_of
from stationmaster.ui.pages.sites.listing import on_map
from stationmaster.ui.pages.sites.places import edit_place, place_columns
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import FormDialog, allow, confirm
from stationmaster.ui.parts.panel import Facts, panel
from stationmaster.ui.parts.pickers import STATIONS, Picker
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import STATIONS as LOOKS
from stationmaster.ui.words import look_of

_CHANGES = ("TariffBookChanged",)


@page("/sites/{name}", title="Site")
async def site(visit: Visit, name: str) -> None:
    known: dict[str, Any] = await visit.api.get(path_of(name))
    ui.page_title(f"{known['name']} · Stationmaster")
    ui.link("All sites", "/sites").classes("sm-link")
    with panel():
        with ui.row().classes("items-center w-full"):
            ui.label(known["name"]).classes("sm-section")
            ui.space()
            change = ui.button("Change", icon="edit", on_click=lambda: edit(visit, known))
            allow(visit, change, "administrator")
        facts = Facts("Address", "Time zone", "On the map")

    def show(now: dict[str, Any]) -> None:
        known.update(now)
        facts.show({"Address": now["address"], "Time zone": now["zone"], "On the map": on_map(now)})

    show(known)
    visit.watch(path_of(name), show, kinds=_CHANGES, every_s=60.0)
    with panel("Stations"):
        _stations(visit, known["name"])
    with panel("What is said of places here"):
        _places(visit, known["name"])


def _stations(visit: Visit, name: str) -> None:
    with ui.row().classes("w-full items-center gap-2"):
        add = ui.button("Put stations here", icon="add_location", on_click=lambda: _put(visit, name))
        allow(visit, add, "administrator")
        take = ui.button("Take the ticked ones off", icon="location_off", on_click=lambda: _take(visit, name, table))
        allow(visit, take.props("flat"), "administrator")
    table: DataTable = DataTable(
        visit,
        Listing(
            path="/stations",
            columns=(
                Column(name="identity", label="Station", cell=_station),
                Column(name="state", label="State", cell=lambda each: badge_cell(look_of(LOOKS, each["state"]))),
                Column(name="power", label="Power", align="right", cell=lambda each: power(each["power_w"])),
                Column(name="name", label="Name", cell=lambda each: shown(each["name"]), wide_only=True),
                Column(
                    name="seen",
                    label="Last seen",
                    cell=lambda each: moment(each["last_seen_at"], visit.zone),
                    wide_only=True,
                ),
            ),
            label="Stations at this site",
            empty="No station stands here yet. Put some here: they take over the site's time zone and its tariffs.",
            kinds=(*_CHANGES, "ConnectorStatusChanged", "StationConnected", "StationDisconnected"),
            filters={"site": name},
            selectable=True,
        ),
    )


def _station(station: Row) -> Cell:
    return Cell(text=station["identity"], href=f"/stations/{station['key']}")


def _places(visit: Visit, name: str) -> None:
    with ui.row().classes("w-full items-center"):
        add = ui.button("Put an EVSE here", icon="add", on_click=lambda: edit_place(visit, {"site": name}))
        allow(visit, add.props("flat"), "administrator")
    DataTable(
        visit,
        Listing(
            path=f"/sites/{quote(name, safe='')}/places",
            columns=place_columns(),
            label="Places at this site",
            empty="Nothing more is said of any place here.",
            kinds=_CHANGES,
            every_s=60.0,
            key=lambda each: f"{each['station']}.{each['evse_id']}",
        ),
        on_select=lambda place: edit_place(visit, place),
    )


def _put(visit: Visit, name: str) -> None:
    form = FormDialog(visit, f"Put stations at {name}", "Put them here")
    with form:
        ui.label("Search, and pick as many as stand here. One that stood elsewhere is moved.").classes("sm-quiet")
        stations = Picker(visit, STATIONS, label="Stations", several=True)
        form.field("add", stations.element.props("use-chips"))

    async def send() -> None:
        done = await visit.api.patch(f"{path_of(name)}/stations", {"add": stations.value})
        stand = counted(len(done["added"]), "station stands", "stations stand")
        ui.notify(f"{stand} here now that did not before", type="positive")

    form.on_send(send)
    form.open(once=True)


def _take(visit: Visit, name: str, table: DataTable) -> None:
    ticked = table.selected
    if not ticked:
        ui.notify("Tick the stations that do not stand here any more.")
        return

    async def take() -> None:
        await visit.api.patch(f"{path_of(name)}/stations", {"remove": [each["key"] for each in ticked]})
        table.table.selected = []

    confirm(visit, f"Take {counted(len(ticked), 'station')} off {name}?", "Take them off", take, danger=True)
