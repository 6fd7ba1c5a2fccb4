"""How transactions and their bills are worded wherever they stand."""

from typing import Any

from stationmaster.ui.parts.data_table import Cell, Row, badge_cell
from stationmaster.ui.words import BILLS, TRANSACTIONS, Look, look_of

TABS = (("Transactions", "/transactions"), ("Bills", "/transactions/bills"))

LINES = {
    "reservation_fixed": "Reservation",
    "reservation_time": "Time of reservation",
    "fixed": "Fixed price",
    "energy": "Energy",
    "charging_time": "Time of charging",
    "idle_time": "Idle time",
    "maximum": "Down to the most a session costs",
    "minimum": "Up to the least a session costs",
    "adjustment": "Adjustment",
    "tax": "Tax",
}
"""What the lines of a bill are for."""


def transaction_look(transaction: dict[str, Any]) -> Look:
    """Running, by its charging state where that is told; ended; or closed, as no end was ever told."""
    if transaction["open"]:
        return look_of(TRANSACTIONS, transaction["charging_state"] or "open")
    return look_of(TRANSACTIONS, "closed" if transaction["closed_at"] else "ended")


def station_cell(item: Row) -> Cell:
    """Of anything that names its station by key and identity."""
    return Cell(text=item["station_identity"] or f"station {item['station']}", href=f"/stations/{item['station']}")


def bill_cell(bill: Row) -> Cell:
    return badge_cell(look_of(BILLS, bill["state"]))


def flags_in_words(flags: list[str]) -> str:
    return ", ".join(flag.replace("_", " ") for flag in flags)
