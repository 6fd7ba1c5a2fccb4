"""All that is stored of a transaction as evidence for its bill, read on a connection at one moment."""

import sqlite3

import msgspec
import sqlalchemy as sa

from stationmaster.domain.cost.evidence import Evidence, merged, of_readings, told
from stationmaster.domain.cost.sites import PlaceState
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.readers import fetch
from stationmaster.storage.rows import micros, moment, to_reading
from stationmaster.storage.schema.billing import unplugged
from stationmaster.storage.schema.core import readings, transaction_events, transactions
from stationmaster.storage.schema.tariffs import place_states
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.tariffs import to_state

MAX_STATES = 10_000
"""Of one transaction's place: a connector that flickers must not hold up a bill."""

_r, _e, _s, _t = readings.c, transaction_events.c, place_states.c, transactions.c
_EVENTS = compiled(sa.select(_e.body).where(_e.transaction_key == sa.bindparam("transaction_key")))
_READINGS = compiled(sa.select(*readings.c[1:]).where(_r.transaction_key == sa.bindparam("transaction_key")))
_UNPLUGGED = compiled(sa.select(unplugged.c.at).where(unplugged.c.transaction_key == sa.bindparam("transaction_key")))
_HERE = (_s.station_key == sa.bindparam("station_key"), _s.evse_id == sa.bindparam("evse_id"))
_STATE = place_states.c[1:]
_BEFORE = compiled(
    sa.select(*_STATE).where(*_HERE, _s.at < sa.bindparam("first")).order_by(_s.at.desc(), _s.key.desc()).limit(1)
)
_WITHIN = compiled(
    sa.select(*_STATE)
    .where(*_HERE, _s.at >= sa.bindparam("first"), _s.at <= sa.bindparam("last"))
    .order_by(_s.at, _s.key)
    .limit(MAX_STATES)
)
_NEXT = compiled(sa.select(sa.func.min(_s.at)).where(*_HERE, _s.at > sa.bindparam("at")))
_ENDED_LATER = compiled(
    sa.select(_t.body).where(
        _t.station_key == sa.bindparam("station_key"),
        _t.ended_at > sa.bindparam("at"),
        _t.first_event_at <= sa.bindparam("next_at"),
    )
)
_FOR_EVER_US = 2**62

_decode = msgspec.json.Decoder(TransactionEvent).decode
_to_transaction = msgspec.json.Decoder(Transaction).decode


def evidence_of(connection: sqlite3.Connection, transaction_key: int) -> Evidence:
    """What the transaction's own events and readings tell."""
    events = [told(_decode(row[0])) for row in fetch(connection, _EVENTS, transaction_key=transaction_key)]
    taken = [to_reading(row) for row in fetch(connection, _READINGS, transaction_key=transaction_key)]
    left = [
        Evidence(unplugged_at=moment(row[0])) for row in fetch(connection, _UNPLUGGED, transaction_key=transaction_key)
    ]
    return merged(*events, of_readings(taken), *left)


def states_for(connection: sqlite3.Connection, transaction: Transaction) -> tuple[PlaceState, ...]:
    """The states of a transaction's EVSE from its first event to its end, and the last one before."""
    if transaction.evse is None:
        return ()
    place = {"station_key": transaction.station_key, "evse_id": transaction.evse.id}
    first = micros(transaction.first_event_at)
    last = _FOR_EVER_US if transaction.over_at is None else micros(transaction.over_at)
    rows = [
        *fetch(connection, _BEFORE, **place, first=first),
        *fetch(connection, _WITHIN, **place, first=first, last=last),
    ]
    return tuple(to_state(row) for row in rows)


def ended_at_place(connection: sqlite3.Connection, state: PlaceState) -> tuple[int, ...]:
    """The transactions, over by now, whose evidence a state that comes late belongs to: those that it lies in, and the
    one after it if no other state lies between."""
    place = {"station_key": state.station_key, "evse_id": state.evse_id}
    at = micros(state.at)
    next_at = fetch(connection, _NEXT, **place, at=at)[0][0] or _FOR_EVER_US
    found = fetch(connection, _ENDED_LATER, station_key=state.station_key, at=at, next_at=next_at)
    ended = [_to_transaction(row[0]) for row in found]
    return tuple(tx.key for tx in ended if tx.evse is not None and tx.evse.id == state.evse_id)
