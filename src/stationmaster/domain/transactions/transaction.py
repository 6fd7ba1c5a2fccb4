"""The life of one transaction, folded from what a station sends of it.

Stations repeat, reorder, replay from offline queues and lose messages. So nothing here depends on the order of
arrival: a transaction is a function of the *set* of its events. Every field that an event may set remembers the rank
(sequence number, then time) of the event that set it, and the higher or lower rank wins, whichever came first.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import AuthorizationStatus, ChargingState, TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample, register_wh
from stationmaster.domain.transactions.limits import LimitState, TransactionLimit

Span = tuple[int, int]
Rank = tuple[int, datetime]
"""An event's place among those of its transaction: sequence number, then the station's time."""
EnergySource = Literal["signed_registers", "registers", "last_sample", "samples", "intervals", "power", "none"]
ClosedBy = Literal["silent", "next_began", "station_says_over", "connector_free", "operator"]
UNKNOWN_WIRE_IDS = frozenset({"-1", "0", ""})
"""What 1.6 stations send for a transactionId that they never learned (1.6 errata 3.18)."""

MAX_SPANS = 500
"""Of one transaction's sequence numbers. Beyond it the oldest gap is taken as filled, so that a station which numbers
at random costs no more than one that does not; nothing is lost by it, as a number that was seen is looked up."""

Found = tuple[datetime, Decimal | None, tuple[Sample, ...]]
"""What was read from one meter value: its time, the register in Wh, its samples."""


class Register(msgspec.Struct, frozen=True, gc=False):
    """The import register at a moment of the station's time."""

    at: datetime
    wh: Decimal


class Weighed(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The energy that all of the evidence tells, where that is more than the fold can know. ``has_fallen``: the meter
    did, so it is that of several parts."""

    wh: Decimal
    source: EnergySource
    has_fallen: bool = False


class Closing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """That a transaction whose end never came is held to be over. ``at`` is the station's time of what was heard of it
    last, ``decided_at`` ours; ``detail`` is in words for an operator."""

    at: datetime
    decided_at: datetime
    reason: ClosedBy
    detail: str


class Transaction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """``key`` is ours and unique; ``wire_id`` is the wire's and unique for the station.

    ``closed`` is no evidence, so the fold leaves it alone: it gives way to any later word of the transaction.
    ``limit`` is what the station said last of how far it may go, ``limits`` what we want of it (no evidence either).
    ``weighed``: see :mod:`transaction_energy`.

    ``seq_seen`` holds the sequence numbers received as spans, so that a gap is visible. ``start_key`` is what two
    copies of one 1.6 start have in common. ``*_rank`` fields, ``meter_start_at`` and ``meter_stop_at`` belong to the
    fold: of several registers marked as the first the earliest counts, of several marked as the last the latest.
    """

    key: int
    tenant: str
    station_key: int
    wire_id: str
    evse: Evse | None = None
    id_token: IdToken | None = None
    stop_token: IdToken | None = None
    authorization: AuthorizationStatus | None = None
    charging_state: ChargingState | None = None
    first_event_at: datetime
    received_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_received_at: datetime | None = None
    stopped_reason: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False
    seq_seen: tuple[Span, ...] = ()
    start_key: str | None = None
    meter_start_wh: Decimal | None = None
    meter_stop_wh: Decimal | None = None
    meter_start_at: datetime | None = None
    meter_stop_at: datetime | None = None
    first_register: Register | None = None
    last_register: Register | None = None
    flags: tuple[str, ...] = ()
    token_rank: Rank | None = None
    state_rank: Rank | None = None
    party_id: str | None = None
    evse_eid: str | None = None
    contract_issuer: str | None = None
    closed: Closing | None = None
    limit: TransactionLimit | None = None
    limit_rank: Rank | None = None
    limits: LimitState | None = None
    weighed: Weighed | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.closed is None

    @property
    def over_at(self) -> datetime | None:
        """The station's time of its end, or of what is taken for it; None while it is open."""
        return self.ended_at or (None if self.closed is None else self.closed.at)

    @property
    def last_seq_no(self) -> int | None:
        return self.seq_seen[-1][1] if self.seq_seen else None


def begin(key: int, tenant: str, station_key: int, event: TransactionEvent, received_at: datetime) -> Transaction:
    """A transaction that is known only by this event, which is not folded in yet."""
    return Transaction(
        key=key,
        tenant=tenant,
        station_key=station_key,
        wire_id=event.transaction_id or "",
        first_event_at=event.timestamp,
        received_at=received_at,
    )


def fold(
    transaction: Transaction,
    event: TransactionEvent,
    received_at: datetime,
    found: Iterable[Found] | None = None,
) -> Transaction:
    """The transaction with one more of its events, in whatever order they come (E01-E12).

    ``found`` is what the event's meter values tell, for who has read them already.
    """
    changes = _event_changes(transaction, event, received_at)
    if event.meter_wh is not None and event.event_type in _EVENT_BOUNDARIES:
        _set_boundary(
            transaction, changes, _EVENT_BOUNDARIES[event.event_type], event.timestamp, Decimal(event.meter_wh)
        )
    _set_registers(transaction, changes, _found_in(event.meter_values) if found is None else found)
    return msgspec.structs.replace(transaction, **changes)


def _event_changes(transaction: Transaction, event: TransactionEvent, received_at: datetime) -> dict[str, object]:
    changes: dict[str, object] = {}
    if event.timestamp < transaction.first_event_at:
        changes["first_event_at"] = event.timestamp
    if event.seq_no is not None:
        changes["seq_seen"] = with_number(transaction.seq_seen, event.seq_no)
    if event.evse is not None and (transaction.evse is None or transaction.evse.connector_id is None):
        changes["evse"] = event.evse
    if event.remote_start_id is not None:
        changes["remote_start_id"] = event.remote_start_id
    if event.reservation_id is not None:
        changes["reservation_id"] = event.reservation_id
    if event.offline:
        changes["offline"] = True
    if event.charging_state is not None:
        changes |= _state_changes(transaction, event.charging_state, _rank(event))
    if event.limit is not None:
        changes |= _limit_changes(transaction, event.limit, _rank(event))
    if event.id_token is not None:
        changes |= _token_changes(transaction, event, _rank(event))
    if event.event_type == "Started":
        changes["started_at"] = event.timestamp
    elif event.event_type == "Ended":
        changes |= _end_changes(event, received_at)
    return changes


def with_meter_values(transaction: Transaction, values: Iterable[MeterValue]) -> Transaction:
    """The transaction with registers read from more meter values."""
    return with_registers(transaction, _found_in(values))


def with_registers(transaction: Transaction, found: Iterable[Found]) -> Transaction:
    """As :func:`with_meter_values`, for who has read the registers already."""
    changes: dict[str, object] = {}
    _set_registers(transaction, changes, found)
    return msgspec.structs.replace(transaction, **changes) if changes else transaction


def _found_in(values: Iterable[MeterValue]) -> list[Found]:
    return [(value.timestamp, register_wh(value.samples), value.samples) for value in values]


def _set_registers(transaction: Transaction, changes: dict[str, object], found: Iterable[Found]) -> None:
    first, last = transaction.first_register, transaction.last_register
    for at, wh, samples in found:
        if wh is None:
            continue
        for sample in samples:
            if sample.context in _BOUNDARIES:
                _set_boundary(transaction, changes, sample.context, at, wh)
                break
        if first is None or at < first.at or (at == first.at and wh < first.wh):
            first = Register(at, wh)
        if last is None or at > last.at or (at == last.at and wh > last.wh):
            last = Register(at, wh)
    if first is not transaction.first_register:
        changes["first_register"] = first
    if last is not transaction.last_register:
        changes["last_register"] = last


def _set_boundary(
    transaction: Transaction, changes: dict[str, object], context: str, at: datetime, wh: Decimal
) -> None:
    """The register at the start or the end, unless a better one is known: at the start the earliest, of several at
    that moment the lowest; at the end the latest, the highest."""
    wh_field, at_field = _BOUNDARIES[context]
    known_wh = changes.get(wh_field, getattr(transaction, wh_field))
    known_at = changes.get(at_field, getattr(transaction, at_field))
    if isinstance(known_wh, Decimal) and isinstance(known_at, datetime):
        known, told = (known_at, known_wh), (at, wh)
        if (told >= known) if context == "Transaction.Begin" else (told <= known):
            return
    changes[wh_field], changes[at_field] = wh, at


REOPENED = "reopened"
"""The flag of a transaction that was closed, and told more of itself afterwards."""


def last_told_at(transaction: Transaction) -> datetime:
    """The station's time of the last that is known of it."""
    told = [transaction.first_event_at]
    if transaction.started_at is not None:
        told.append(transaction.started_at)
    if transaction.last_register is not None:
        told.append(transaction.last_register.at)
    told += [rank[1] for rank in (transaction.token_rank, transaction.state_rank) if rank is not None]
    return max(told)


def closed(transaction: Transaction, reason: ClosedBy, detail: str, at: datetime) -> Transaction:
    """The transaction held to be over, as of what was heard of it last."""
    closing = Closing(at=last_told_at(transaction), decided_at=at, reason=reason, detail=detail)
    return msgspec.structs.replace(transaction, closed=closing)


def reopened(transaction: Transaction) -> Transaction:
    """The transaction as the evidence has it, now that more was heard of it."""
    if transaction.closed is None:
        return transaction
    flags = tuple(sorted({*transaction.flags, REOPENED}))
    return msgspec.structs.replace(transaction, closed=None, flags=flags)


def start_key(event: TransactionEvent) -> str:
    """What two copies of one 1.6 StartTransaction have in common: connector, idTag, timestamp, meterStart."""
    evse = event.evse or Evse(0)
    token = event.id_token.key if event.id_token else ""
    return f"{evse.id}.{evse.connector_id or 0}|{token}|{event.timestamp.isoformat()}|{event.meter_wh}"


def with_number(spans: tuple[Span, ...], number: int) -> tuple[Span, ...]:
    """The spans with one more number in them; the usual case, the next in a row, costs nothing."""
    if spans and spans[-1][1] + 1 == number:
        return (*spans[:-1], (spans[-1][0], number))
    if has_number(spans, number):
        return spans
    merged: list[Span] = []
    for low, high in sorted((*spans, (number, number))):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    if len(merged) > MAX_SPANS:
        merged[:2] = [(merged[0][0], merged[1][1])]
    return tuple(merged)


def has_number(spans: tuple[Span, ...], number: int) -> bool:
    """Whether a sequence number was received."""
    return any(low <= number <= high for low, high in reversed(spans))


def missing_numbers(spans: tuple[Span, ...], *, numbered_late: bool = False) -> int:
    """How many sequence numbers below the highest are missing; they count from 0 (2.0.1 part 2, E01.FR.07).
    ``numbered_late``: it was begun in 1.x, which has no numbers, so those before the lowest are not missed."""
    if not spans:
        return 0
    first = spans[0][0] if numbered_late else 0
    return spans[-1][1] + 1 - first - sum(high - low + 1 for low, high in spans)


_BOUNDARIES = {
    "Transaction.Begin": ("meter_start_wh", "meter_start_at"),
    "Transaction.End": ("meter_stop_wh", "meter_stop_at"),
}
_EVENT_BOUNDARIES = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}
_PLACE = {"Started": 0, "Updated": 1, "Ended": 2}


def _rank(event: TransactionEvent) -> Rank:
    return event.seq_no if event.seq_no is not None else _PLACE[event.event_type], event.timestamp


def _token_changes(transaction: Transaction, event: TransactionEvent, rank: Rank) -> dict[str, object]:
    if event.id_token is None:
        return {}
    if event.event_type == "Ended":
        return {"stop_token": event.id_token}
    if transaction.token_rank is None or rank < transaction.token_rank:
        return {"id_token": event.id_token, "token_rank": rank}
    return {}


def _state_changes(transaction: Transaction, state: ChargingState, rank: Rank) -> dict[str, object]:
    if transaction.state_rank is not None and rank <= transaction.state_rank:
        return {}
    return {"charging_state": state, "state_rank": rank}


def _limit_changes(transaction: Transaction, limit: TransactionLimit, rank: Rank) -> dict[str, object]:
    if transaction.limit_rank is not None and rank <= transaction.limit_rank:
        return {}
    return {"limit": limit, "limit_rank": rank}


def _end_changes(event: TransactionEvent, received_at: datetime) -> dict[str, object]:
    return {
        "ended_at": event.timestamp,
        "end_received_at": received_at,
        "stopped_reason": event.stopped_reason or "Local",
    }
