"""Transactions that never end by themselves: when they are held to be over, and what is told of it.

A transaction is evidence, and its end may still come, weeks later. So closing it is a decision of ours beside the
evidence: it says so, and any later word of the transaction undoes it.
"""

from datetime import datetime

import msgspec

from stationmaster.domain.decision import Decision
from stationmaster.domain.records import Event, WireIdPassedOn
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import REOPENED, ClosedBy, Transaction, closed


def concluded(
    state: StationState, at: datetime, *, transaction: Transaction, reason: ClosedBy, detail: str
) -> Decision | None:
    """Hold it to be over. ``transaction`` as it was found; None where more was heard of it since, or it is over."""
    now = state.open.get(transaction.wire_id, transaction)
    if now.key != transaction.key or not now.is_open or _evidence(now) != _evidence(transaction):
        return None
    over = closed(now, reason, detail, at)
    return Decision(records=(over,), events=(told("TransactionClosed", over, at),), state=state.with_transaction(over))


def overtaken(state: StationState, transaction: Transaction, at: datetime) -> tuple[Transaction, ...]:
    """Those that go on, by what is known, where another one is now, closed: an EVSE has one at most (E01.FR.14).

    One that has told more after it was closed is left to time: it may be the other that is wrong.
    """
    place = transaction.evse
    if place is None:
        return ()
    return tuple(
        closed(other, "next_began", f"transaction {transaction.wire_id[:40]} began at its EVSE", at)
        for other in state.open.values()
        if other.key != transaction.key
        and other.evse is not None
        and other.evse.id == place.id
        and _began(other) < _began(transaction)
        and REOPENED not in other.flags
    )


def with_overtaken(decision: Decision, before: StationState, others: tuple[Transaction, ...], at: datetime) -> Decision:
    """The decision, and those closed by it."""
    state = decision.state or before
    for other in others:
        state = state.with_transaction(other)
    news = tuple(told("TransactionClosed", other, at) for other in others)
    return msgspec.structs.replace(
        decision, records=(*decision.records, *others), events=(*decision.events, *news), state=state
    )


def giving_way(decision: Decision, older: Transaction, at: datetime) -> Decision:
    """The decision, and before it that an older transaction leaves its wire id to the one that is decided on."""
    over = closed(older, "next_began", "its station gave its number to another", at) if older.is_open else older
    over = msgspec.structs.replace(over, wire_id=f"was-{older.wire_id}-{older.key}")
    passed_on = WireIdPassedOn(transaction_key=over.key, wire_id=over.wire_id)
    news = (told("TransactionClosed", over, at),) if older.is_open else ()
    return msgspec.structs.replace(
        decision, records=(passed_on, over, *decision.records), events=(*news, *decision.events)
    )


def told(kind: str, transaction: Transaction, at: datetime) -> Event:
    """That it was closed, or goes on after all."""
    reason = None if transaction.closed is None else transaction.closed.reason
    data = {"transaction": transaction.key, "wire_id": transaction.wire_id, "reason": reason}
    return Event(kind=kind, tenant=transaction.tenant, station_key=transaction.station_key, at=at, data=data)


def _began(transaction: Transaction) -> datetime:
    return transaction.started_at or transaction.first_event_at


def _evidence(transaction: Transaction) -> tuple[object, ...]:
    """What changes with nearly every word of it."""
    return transaction.seq_seen, transaction.last_register, transaction.charging_state, transaction.id_token
