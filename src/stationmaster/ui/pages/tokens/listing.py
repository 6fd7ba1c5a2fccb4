"""All tokens: looked for by the API, a page at a time."""

from nicegui import ui

from stationmaster.ui.formats import moment
from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.tokens.forms import add_token
from stationmaster.ui.pages.tokens.looks import STATUSES, status_cell, tabs
from stationmaster.ui.parts.address import Address
from stationmaster.ui.parts.csv_link import CsvLink
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing
from stationmaster.ui.parts.form import allow
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.visit import Visit, page


@page("/tokens", title="Tokens")
def tokens(visit: Visit) -> None:
    page_tabs("Tokens", tabs(visit), "/tokens")
    address = Address(visit)
    filters = {name: value for name, value in address.values.items() if name in ("text", "status")}
    with ui.row().classes("items-center gap-3 w-full"):
        text = ui.input("Search by value", value=filters.get("text", ""))
        text.props("dense outlined clearable debounce=400 type=search").classes("w-64")
        given = filters.get("status", "")
        status = ui.select({"": "All", **STATUSES}, value=given if given in STATUSES else "", label="Status")
        status.props("dense outlined").classes("w-36")
        ui.space()
        as_csv = CsvLink("/tokens", filters)
        importing = ui.button("Import", icon="upload_file", on_click=lambda: ui.navigate.to("/tokens/import"))
        allow(visit, importing.props("outline no-caps"), "operator")
        adding = ui.button("Add a token", icon="add", on_click=lambda: add_token(visit)).props("no-caps")
        allow(visit, adding, "operator")
    table = DataTable(
        visit,
        Listing(
            path="/tokens",
            columns=_columns(visit),
            label="Tokens",
            empty="No token matches. Add one, or import a list of them.",
            kinds=("TokenChanged",),
            filters=filters,
            total=True,
        ),
    )

    def search(name: str, value: str | None) -> None:
        wanted = {name: (value or "").strip() or None}
        address.put(**wanted)
        table.filter(**wanted)
        as_csv.show({each: address.values.get(each) for each in ("text", "status")})

    text.on_value_change(lambda event: search("text", event.value))
    status.on_value_change(lambda event: search("status", event.value))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(
            name="value", label="Value", cell=lambda token: Cell(text=token["value"], href=f"/tokens/{token['key']}")
        ),
        Column(name="type", label="Type", cell=lambda token: shown(token["type"]), wide_only=True),
        Column(name="status", label="Status", cell=status_cell),
        Column(name="group", label="Group", cell=lambda token: shown(token["group"])),
        Column(
            name="expires", label="Expires", cell=lambda token: moment(token["expires_at"], visit.zone), wide_only=True
        ),
        Column(name="contract", label="Contract", cell=lambda token: shown(token["contract_id"]), wide_only=True),
        Column(name="note", label="Note", cell=lambda token: shown(token["note"]), wide_only=True),
    )
