"""Bills: first those that wait for somebody, then all."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from stationmaster.ui.formats import energy, moment, money
from stationmaster.ui.pages.transactions.looks import TABS, bill_cell, flags_in_words, station_cell
from stationmaster.ui.parts.csv_link import CsvLink
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row
from stationmaster.ui.parts.heading import heading
from stationmaster.ui.parts.page_tabs import page_tabs
from stationmaster.ui.parts.period import Period
from stationmaster.ui.visit import Visit, page

CHANGES = ("BillIssued", "BillHeld")
_STATES = {"": "Current ones", "issued": "Issued", "held": "Held", "superseded": "Superseded", "void": "Void"}


@page("/transactions/bills", title="Bills")
async def bills(visit: Visit) -> None:
    page_tabs("Transactions and bills", TABS, "/transactions/bills")
    flags = {each["flag"]: each["meaning"] for each in (await visit.api.get("/bill-holds"))["flags"]}
    heading("Held: somebody is to look at them first")
    DataTable(
        visit,
        Listing(
            path="/bills",
            columns=_columns(visit),
            label="Held bills",
            empty="No bill waits for anybody.",
            kinds=CHANGES,
            filters={"state": "held"},
            rows_per_page=10,
            total=True,
        ),
    )
    heading("All bills")
    _all(visit, flags)


def _all(visit: Visit, flags: Mapping[str, str]) -> None:
    asked: dict[str, Any] = {}

    def ask(**values: Any) -> None:
        asked.update(values)
        table.filter(**values)
        as_csv.show(asked)

    with ui.row().classes("items-center gap-3 w-full"):
        state = ui.select(_STATES, value="", label="Show").props("dense outlined").classes("w-40")
        token = ui.input("Token").props("dense outlined clearable debounce=400 type=search").classes("w-44")
        odd = ui.select({"": "Whatever", **flags}, value="", label="With the oddity", with_input=True)
        odd.props("dense outlined").classes("w-72")
        Period(visit, lambda values: ask(**values))
        ui.space()
        as_csv = CsvLink("/bills", asked)
        ui.link("Charge detail records", "/api/v1/cdrs?format=csv").classes("sm-link").props("download")
    table = DataTable(
        visit,
        Listing(
            path="/bills",
            columns=_columns(visit),
            label="Bills",
            empty="No bill matches. A bill is made when a transaction ends and a tariff applies to it.",
            kinds=CHANGES,
            total=True,
        ),
    )
    state.on_value_change(lambda event: ask(state=event.value))
    token.on_value_change(lambda event: ask(token=(event.value or "").strip()))
    odd.on_value_change(lambda event: ask(flag=event.value))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column(name="issued", label="Issued", cell=lambda bill: _issued(bill, visit)),
        Column(name="state", label="State", cell=bill_cell),
        Column(name="station", label="Station", cell=station_cell),
        Column(
            name="started",
            label="Session began",
            cell=lambda bill: moment(bill["content"]["started_at"], visit.zone),
            wide_only=True,
        ),
        Column(name="energy", label="Energy", align="right", cell=lambda bill: energy(bill["content"]["energy_wh"])),
        Column(name="total", label="Total", align="right", cell=total),
        Column(name="version", label="Version", align="right", cell=lambda bill: str(bill["version"]), wide_only=True),
        Column(name="flags", label="Odd", cell=lambda bill: flags_in_words(bill["content"]["flags"])),
    )


def _issued(bill: Row, visit: Visit) -> Cell:
    return Cell(text=moment(bill["issued_at"], visit.zone), href=f"/transactions/{bill['transaction']}")


def total(bill: dict[str, Any]) -> str:
    return money(bill["content"]["total"], bill["content"]["currency"])
