"""What a driver or an operator wants to know of a Connector, from its status and the transaction there."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from stationmaster.domain.command import Command
from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.domain.station import Connector
from stationmaster.domain.transactions.transaction import Transaction

Occupancy = Literal[
    "available",
    "plugged_without_authorization",
    "authorized",
    "charging",
    "suspended",
    "finished",
    "reserved",
    "unavailable",
    "faulted",
]
"""authorized: somebody may charge, and the cable is not there yet."""


def occupancy(
    connector: Connector, open_transactions: Iterable[Transaction], starts: Iterable[Command] = ()
) -> Occupancy:
    """How a Connector is used. Occupied tells only that a car is there: the rest comes from who pays for it.

    ``open_transactions`` are those of the station, ``starts`` its RequestStartTransactions that wait for their effect.
    A 1.6 station may charge while the status is still Available; then the transaction is believed, as it is what is
    billed. Its Preparing, which is told as Occupied, may be a start that waits for the cable.
    """
    if connector.status in _PLAIN:
        return _PLAIN[connector.status]
    authorized = [tx for tx in open_transactions if _is_there(tx, connector) and tx.authorization == "Accepted"]
    if authorized:
        return _paid(connector, authorized[-1])
    if _is_finished(connector):
        return "finished"
    if connector.status == "Occupied" and any(_explains(start, connector) for start in starts):
        return "authorized"
    return _UNPAID[connector.status]


def _paid(connector: Connector, transaction: Transaction) -> Occupancy:
    state = transaction.charging_state or connector.charging_state
    if connector.status == "Available" and _tells_states(transaction) and state in (None, "Idle"):
        return "finished" if _has_charged(transaction) else "authorized"
    return _PAID.get(state or "", "charging")


def _tells_states(transaction: Transaction) -> bool:
    """2.x numbers its events, and begins a transaction before the cable is there."""
    return bool(transaction.seq_seen)


def _has_charged(transaction: Transaction) -> bool:
    found = energy(transaction)
    return found is not None and found[0] > 0


def _explains(start: Command, connector: Connector) -> bool:
    """Whether the status came with the start: a car that is plugged in later is not what it was for."""
    evse = start.request.get("evse")
    if start.sent_at is None or start.answered_at is None or (evse is not None and evse["id"] != connector.evse_id):
        return False
    return start.sent_at <= connector.received_at <= start.answered_at + _AT_ONCE


_AT_ONCE = timedelta(seconds=10)
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
    """The car is still there, its transaction is over. 1.6's Finishing is told as Occupied and Idle."""
    if connector.status != "Occupied":
        return False
    return connector.finished if connector.charging_state is None else connector.charging_state == "Idle"
