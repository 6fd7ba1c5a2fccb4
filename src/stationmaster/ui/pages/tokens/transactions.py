"""What a token charged, wherever."""

from stationmaster.ui.formats import energy, moment, money
from stationmaster.ui.pages.transactions.looks import station_cell, transaction_look
from stationmaster.ui.parts.data_table import Cell, Column, DataTable, Listing, Row, badge_cell
from stationmaster.ui.visit import Visit

_CHANGES = ("TransactionStarted", "TransactionEnded", "TransactionClosed")


def token_transactions(visit: Visit, value: str) -> None:
    """``value``: of the token."""
    columns = (
        Column(name="started", label="Started", cell=lambda transaction: _started(transaction, visit)),
        Column(name="state", label="State", cell=lambda transaction: badge_cell(transaction_look(transaction))),
        Column(name="station", label="Station", cell=station_cell),
        Column(name="energy", label="Energy", align="right", cell=lambda transaction: energy(transaction["energy_wh"])),
        Column(name="cost", label="Cost", align="right", cell=lambda each: money(each["cost"], each["currency"])),
    )
    DataTable(
        visit,
        Listing(
            path="/transactions",
            columns=columns,
            label="Transactions of the token",
            empty="It has charged nothing yet.",
            kinds=_CHANGES,
            filters={"token": value},
            rows_per_page=10,
            every_s=5.0,
        ),
    )


def _started(transaction: Row, visit: Visit) -> Cell:
    at = moment(transaction["started_at"] or transaction["first_event_at"], visit.zone)
    return Cell(text=at, href=f"/transactions/{transaction['key']}")
