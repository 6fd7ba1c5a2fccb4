"""What a driver or an operator wants to know of a Connector, from its status and the transaction there."""

from collections.abc import Iterable
from typing import Literal

from stationmaster.domain.station import Connector
from stationmaster.domain.transaction import Transaction

Occupancy = Literal[
    "available",
    "plugged_without_authorization",
    "charging",
    "suspended",
    "finished",
    "reserved",
    "unavailable",
    "faulted",
]


def occupancy(connector: Connector, open_transactions: Iterable[Transaction]) -> Occupancy:
    """How a Connector is used. Occupied tells only that a car is there: the rest comes from who pays for it.

    ``open_transactions`` are those of the station. A 1.6 station may charge while the status is still Available; then
    the transaction is believed, as it is what is billed.
    """
    if connector.status in _PLAIN:
        return _PLAIN[connector.status]
    authorized = [tx for tx in open_transactions if _is_there(tx, connector) and tx.authorization == "Accepted"]
    if not authorized:
        return _UNPAID[connector.status] if not _is_finished(connector) else "finished"
    state = authorized[-1].charging_state or connector.charging_state
    return _PAID.get(state or "", "charging")


_PLAIN: dict[str, Occupancy] = {"Reserved": "reserved", "Unavailable": "unavailable", "Faulted": "faulted"}
_UNPAID: dict[str, Occupancy] = {"Available": "available", "Occupied": "plugged_without_authorization"}
_PAID: dict[str, Occupancy] = {
    "EVConnected": "suspended",
    "SuspendedEV": "suspended",
    "SuspendedEVSE": "suspended",
    "Idle": "finished",
}


def _is_there(transaction: Transaction, connector: Connector) -> bool:
    """2.x may name only the EVSE of a transaction."""
    place = transaction.evse
    return (
        place is not None and place.id == connector.evse_id and place.connector_id in (None, 0, connector.connector_id)
    )


def _is_finished(connector: Connector) -> bool:
    """1.6's Finishing is told as Occupied and Idle: the car is still there, its transaction is over."""
    return connector.status == "Occupied" and connector.charging_state == "Idle"
