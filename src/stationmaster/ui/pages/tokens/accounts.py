"""Prepaid accounts."""

from typing import Any

from nicegui import ui

from stationmaster.ui.formats import text as shown
from stationmaster.ui.pages.tokens.looks import tabs
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.question import Field, ask
from stationmaster.ui.visit import Visit, page


@page("/tokens/accounts", title="Prepaid accounts", role="operator")
def accounts(visit: Visit) -> None:
    page_tabs("Tokens", tabs(visit), "/tokens/accounts")
    with ui.row().classes("items-center w-full"):
        ui.label("A token that names one charges as far as its money goes.").classes("sm-quiet flex-1")
        ui.button("Open an account", icon="add", on_click=lambda: _open(visit)).props("no-caps")
    DataTable(
        visit,
        Listing(
            path="/accounts",
            columns=(
                Column(
                    name="name",
                    label="Name",
                    cell=lambda account: Cell(text=account["name"], href=f"/tokens/accounts/{account['key']}"),
                ),
                Column(name="currency", label="Currency", cell=lambda account: account["currency"]),
                Column(name="note", label="Note", cell=lambda account: shown(account["note"]), wide_only=True),
            ),
            label="Prepaid accounts",
            empty="There is no account yet. Open one, and name it at the tokens that are to charge on it.",
            kinds=("AccountChanged",),
        ),
    )


def _open(visit: Visit) -> None:
    async def send(body: dict[str, Any]) -> None:
        made = await visit.api.post("/accounts", {"name": "", "currency": "", **body})
        ui.navigate.to(f"/tokens/accounts/{made['key']}")

    fields = (
        Field(path="name", label="Name"),
        Field(path="currency", label="Currency, such as EUR"),
        Field(path="note", label="Note", kind="area"),
    )
    ask(visit, "Open an account", "Open", fields, send)
