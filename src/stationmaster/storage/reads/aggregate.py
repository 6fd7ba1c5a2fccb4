"""Open transactions as they were in memory.

A periodic update writes its evidence (the event, its readings), but not always the transaction's row. So what came
after the row is folded into it again. A fold does not mind what it has seen already, hence nothing needs to be known
of the row but the sequence numbers in it. Of the readings only those count that can change a transaction: the first
and the last register, and those that a station marked as begin or end.
"""

import sqlite3
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue
from stationmaster.domain.transactions.transaction import Transaction, fold, has_number, with_meter_values
from stationmaster.storage.readers import fetch
from stationmaster.storage.rows import moment, to_samples, to_transaction
from stationmaster.storage.schema.core import readings, transaction_events, transactions
from stationmaster.storage.statements import compiled

_to_event = msgspec.json.Decoder(TransactionEvent).decode

_OPEN = compiled(
    sa.select(transactions.c.body)
    .where(transactions.c.station_key == sa.bindparam("station_key"), transactions.c.ended_at.is_(None))
    .order_by(transactions.c.key)
)
_EVENTS = compiled(
    sa.select(
        transaction_events.c.seq_no,
        transaction_events.c.received_at,
        transaction_events.c.body,
    )
    .where(transaction_events.c.transaction_key == sa.bindparam("transaction_key"))
    .order_by(transaction_events.c.key)
)


def _telling_readings() -> sa.Select[Any]:
    of_it = readings.c.transaction_key == sa.bindparam("transaction_key")
    edges = [
        sa.select(edge(readings.c.taken_at)).where(of_it, readings.c.register_wh.is_not(None)).scalar_subquery()
        for edge in (sa.func.min, sa.func.max)
    ]
    return (
        sa.select(readings.c.taken_at, readings.c.received_at, readings.c.samples)
        .where(of_it, sa.or_(readings.c.taken_at.in_(edges), readings.c.samples.contains('"Transaction.')))
        .order_by(readings.c.received_at, readings.c.key)
    )


_READINGS = compiled(_telling_readings())


def open_transactions(connection: sqlite3.Connection, station_key: int) -> list[Transaction]:
    """All that are under way at a station."""
    found = fetch(connection, _OPEN, station_key=station_key)
    return [complete(connection, to_transaction(row[0])) for row in found]


def complete(connection: sqlite3.Connection, stored: Transaction) -> Transaction:
    """The transaction with all that is stored of it folded in."""
    transaction = stored
    for seq_no, received_at_us, body in fetch(connection, _EVENTS, transaction_key=stored.key):
        if seq_no is None or not has_number(stored.seq_seen, seq_no):
            transaction = fold(transaction, _to_event(body), moment(received_at_us))
    values = [
        MeterValue(moment(taken_at_us), to_samples(samples))
        for taken_at_us, _, samples in fetch(connection, _READINGS, transaction_key=stored.key)
    ]
    return with_meter_values(transaction, values)
