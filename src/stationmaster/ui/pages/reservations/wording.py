"""A reservation in words, for its list and its page."""

from typing import Any

from stationmaster.ui.parts.data_table import Cell, Row, badge_cell
from stationmaster.ui.words import RESERVATIONS, look_of

CHANGES = ("ReservationChanged",)
_STATUS = {
    "Faulted": "the place is faulted",
    "Occupied": "the place is occupied or reserved",
    "Rejected": "the station takes no reservation there",
    "Unavailable": "the place is out of service",
}
"""What a station's word for its refusal means (OCPP 2.0.1 part 2, H01)."""


def place(reservation: dict[str, Any]) -> str:
    """``EVSE 1``, ``EVSE 1, connector 2``, ``any with cCCS2``, ``any``."""
    if reservation["evse_id"] is None:
        kind = reservation["connector_type"]
        return f"any with {kind}" if kind else "any"
    words = f"EVSE {reservation['evse_id']}"
    return words if reservation["connector_id"] is None else f"{words}, connector {reservation['connector_id']}"


def became(reservation: dict[str, Any]) -> str:
    """Why it is as it is, as far as anybody said."""
    words = []
    status = reservation["status"]
    if reservation["state"] == "refused" and status:
        words.append(f"{status}: {_STATUS[status]}" if status in _STATUS else status)
    if reservation["reason"]:
        words.append(reservation["reason"])
    if reservation["changing"]:
        words.append("a change waits for the station's answer")
    if reservation["replaced"]:
        words.append(f"changed {reservation['replaced']} ×")
    if reservation["inferred"]:
        words.append("seen from something else: the station did not tell")
    return "; ".join(words)


def became_cell(reservation: Row) -> Cell | str:
    """With the way to the transaction, where one used it."""
    if reservation["transaction"] is None:
        return became(reservation)
    return Cell(text=f"transaction {reservation['transaction']}", href=f"/transactions/{reservation['transaction']}")


def state_cell(reservation: Row) -> Cell:
    return badge_cell(look_of(RESERVATIONS, reservation["state"]))


def station_cell(reservation: Row) -> Cell:
    name = reservation["station_identity"] or f"station {reservation['station']}"
    return Cell(text=name, href=f"/stations/{reservation['station']}")
