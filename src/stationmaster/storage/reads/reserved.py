"""Since when a transaction's place had been kept for its driver."""

import sqlite3

import msgspec
import sqlalchemy as sa

from stationmaster.domain.cost.evidence import Evidence
from stationmaster.domain.reservation.reservations import Reservation
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.readers import fetch
from stationmaster.storage.schema.reservation import reservations
from stationmaster.storage.statements import compiled

_r = reservations.c
_NEWEST = compiled(
    sa.select(_r.body)
    .where(_r.station_key == sa.bindparam("station_key"), _r.reservation_id == sa.bindparam("reservation_id"))
    .order_by(_r.key.desc())
    .limit(1)
)
_to_reservation = msgspec.json.Decoder(Reservation).decode


def reserved_for(connection: sqlite3.Connection, transaction: Transaction) -> Evidence:
    """What its reservation tells, of a transaction that used one up (I12.FR.06, .07)."""
    if transaction.reservation_id is None:
        return Evidence()
    keys = {"station_key": transaction.station_key, "reservation_id": transaction.reservation_id}
    found = [_to_reservation(row[0]) for row in fetch(connection, _NEWEST, **keys)]
    return Evidence(reserved_from=found[0].kept_from) if found else Evidence()
