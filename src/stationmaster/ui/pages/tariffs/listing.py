"""All tariffs: what each costs, and for whom."""

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.pages.tariffs.words import LOOKS, NEW, tabs_of
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.visit import Visit, page
from stationmaster.ui.words import look_of

CHANGES = ("TariffBookChanged",)


@page("/tariffs", title="Tariffs")
def tariffs(visit: Visit) -> None:
    page_tabs("Tariffs", tabs_of(visit), "/tariffs")
    with ui.row().classes("items-center gap-4 w-full"):
        text = ui.input("Search by name").props("clearable debounce=300").classes("w-64")
        ui.space()
        make = ui.button("New tariff", icon="add", on_click=lambda: ui.navigate.to(NEW))
        allow(visit, make, "administrator")
    table = DataTable(
        visit,
        Listing(
            path="/tariffs",
            columns=(
                Column(name="name", label="Tariff", cell=_name),
                Column(name="price", label="Price", cell=lambda tariff: tariff["price_text"]),
                Column(name="for", label="For", cell=for_whom_in_words),
                Column(name="state", label="Newest version", cell=_state),
                Column(
                    name="from",
                    label="Valid from",
                    cell=lambda tariff: moment(tariff["valid_from"], visit.zone),
                    wide_only=True,
                ),
            ),
            label="Tariffs",
            empty="No tariff is here yet. Make one, then assign it: from then on sessions are billed.",
            kinds=CHANGES,
            every_s=60.0,
        ),
    )
    text.on_value_change(lambda event: table.filter(text=event.value))


def _name(tariff: Row) -> Cell:
    return Cell(text=tariff["name"], href=f"/tariffs/{tariff['name']}")


def _state(tariff: Row) -> Cell:
    return badge_cell(look_of(LOOKS, tariff["state"]))


def for_whom_in_words(tariff: Row) -> str:
    """Some of the places and people that pay by it."""
    told = tariff["assigned"]
    if not told:
        return "nobody: it is not assigned"
    more = " …" if len(told) > 3 or tariff["assignments"] > 20 else ""
    return "; ".join(told[:3]) + more
