"""All sites."""

from nicegui import ui

from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.sites.form import edit, path_of
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row
from stationmaster.ui.parts.form import allow
from stationmaster.ui.visit import Visit, page


@page("/sites", title="Sites")
def sites(visit: Visit) -> None:
    with ui.row().classes("items-center gap-4 w-full"):
        text = ui.input("Search by name or address").props("clearable debounce=300").classes("w-72")
        ui.space()
        make = ui.button("New site", icon="add", on_click=lambda: edit(visit, None))
        allow(visit, make, "administrator")
    table = DataTable(
        visit,
        Listing(
            path="/sites",
            columns=_COLUMNS,
            label="Sites",
            empty="No site matches. A site is a place with a time zone, at which stations stand together: prices and "
            "maps go by it.",
            kinds=("TariffBookChanged",),
            every_s=60.0,
            key="name",
        ),
    )
    text.on_value_change(lambda event: table.filter(text=event.value))


def on_map(site: Row) -> str:
    """``52.5163, 13.3777``."""
    return shown(None) if site["latitude"] is None else f"{site['latitude']}, {site['longitude']}"


_COLUMNS = (
    Column(name="name", label="Site", cell=lambda site: Cell(text=site["name"], href=path_of(site["name"]))),
    Column(name="address", label="Address", cell=lambda site: shown(site["address"])),
    Column(name="zone", label="Time zone", cell=lambda site: site["zone"]),
    Column(name="map", label="On the map", cell=on_map, wide_only=True),
)
