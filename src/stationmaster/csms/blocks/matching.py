"""Which transaction an event belongs to, and whether it was there before (design rule: idempotent by key).

The keys: 2.x, transactionId and seqNo. 1.6 start: connector, idTag, timestamp and meterStart, unless that transaction
was already ended by its own id. 1.6 stop: transactionId, timestamp and meterStop.

A 1.6 station that never learned a transaction's id ends it with -1 (1.6 errata 3.18). Which one it means is then taken
from token, time and register, whichever of start and end comes first, and only where no other could be meant: a bill
that wants a look is better than a false one. What was taken so is flagged, and gives way to a stop that does name the
transaction.

The ids of 1.x are numbers of ours. A station that speaks 2.x by now gives ids by itself, and may come to such a number:
that is another transaction, to which the older one, which is over, gives its id.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from stationmaster.csms.ports import Keys, Transactions
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.readings import event_digest
from stationmaster.domain.metering.values import MeterValue
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import (
    UNKNOWN_WIRE_IDS,
    Transaction,
    begin,
    has_number,
    start_key,
)

NO_TIMESTAMP = datetime.fromtimestamp(0, UTC)
"""What a dialect puts where a station sent no time that can be read."""

ENDED_WITHOUT_ID = "ended_without_id"
"""The flag of a transaction whose end named none, so that it was matched by token, time and register."""

LONGEST = timedelta(days=7)
"""Of a transaction whose start is looked for after its end: a clock that was reset must not reach back for ever."""

_MAX_INT32 = 2**31 - 1


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``next``: a new event of a known transaction; ``new``: the first we hear of one. ``older``: one of 1.x that had
    its wire id."""

    kind: Literal["new", "next", "repeat", "conflict"]
    transaction: Transaction
    dedupe_key: str
    older: Transaction | None = None

    def dated(self, event: TransactionEvent, at: datetime) -> TransactionEvent:
        """The event with the time of receipt wherever the station sent none."""
        if event.timestamp == NO_TIMESTAMP:
            event = msgspec.structs.replace(event, timestamp=at)
        for value in event.meter_values:
            if value.timestamp == NO_TIMESTAMP:
                values = tuple([_dated(value, event.timestamp) for value in event.meter_values])
                return msgspec.structs.replace(event, meter_values=values)
        return event


@dataclass(frozen=True, slots=True)
class Matcher:
    transactions: Transactions
    keys: Keys

    def quick(self, state: StationState, event: TransactionEvent, _at: datetime) -> Match | None:
        """The common case, from memory: the next number of a transaction that is under way."""
        if event.seq_no is None or event.transaction_id is None:
            return None
        known = state.open.get(event.transaction_id)
        if known is None or event.seq_no <= (known.last_seq_no or 0):
            return None
        return Match(kind="next", transaction=known, dedupe_key=str(event.seq_no))

    async def thorough(self, state: StationState, event: TransactionEvent, at: datetime) -> Match:
        if event.transaction_id is None:
            return await self._start_of_1_6(state, event, at)
        if event.seq_no is None and event.event_type == "Ended":
            return await self._stop_of_1_6(state, event, at)
        known = await self._known(state, event.transaction_id)
        key = str(event.seq_no) if event.seq_no is not None else f"{event.event_type}|{event_digest(event)}"
        if known is None:
            return self._new(state, event, at, key)
        if event.seq_no is not None and _is_another(known, event):
            return msgspec.structs.replace(self._new(state, event, at, key), older=known)
        seen = event.seq_no is None or has_number(known.seq_seen, event.seq_no)
        return await self._compared(known, event, key, seen)

    async def _start_of_1_6(self, state: StationState, event: TransactionEvent, at: datetime) -> Match:
        key = start_key(event)
        known = next((tx for tx in state.open.values() if tx.start_key == key), None)
        if known is None:
            known = await self.transactions.find_by_start_key(state.key, key)
        if known is not None and (known.ended_at is None or ENDED_WITHOUT_ID in known.flags):
            return Match(kind="repeat", transaction=known, dedupe_key="start")
        lost = await self._end_before(state, event) if known is None else None
        if lost is not None:
            lost = msgspec.structs.replace(_flagged(lost, ENDED_WITHOUT_ID), start_key=key)
            return Match(kind="next", transaction=lost, dedupe_key="start")
        number, wire_id = await self._free_wire_id(state)
        transaction = begin(number, state.tenant, state.key, event, at)
        transaction = msgspec.structs.replace(transaction, wire_id=wire_id, start_key=key)
        return Match(kind="new", transaction=transaction, dedupe_key="start")

    async def _end_before(self, state: StationState, event: TransactionEvent) -> Transaction | None:
        """The transaction of which so far only the end came, with no usable id, and which this start must mean: none
        else could, and no other began at the connector in between."""
        if event.id_token is None or event.timestamp == NO_TIMESTAMP:
            return None
        ends = await self.transactions.find_lost_ends(state.key, lost_key(event.id_token))
        possible = [tx for tx in ends if _may_begin(tx, event)]
        if len(possible) != 1 or possible[0].ended_at is None:
            return None
        since = await self.transactions.find_begun_between(state.key, event.timestamp, possible[0].ended_at)
        return None if any(tx.evse == event.evse for tx in since) else possible[0]

    async def _free_wire_id(self, state: StationState) -> tuple[int, str]:
        """A key, and the wire id made from it: one that the station never used, not even of another system's."""
        while True:
            number = self.keys.take()
            wire_id = str((number - 1) % _MAX_INT32 + 1)
            if await self._known(state, wire_id) is None:
                return number, wire_id

    async def _stop_of_1_6(self, state: StationState, event: TransactionEvent, at: datetime) -> Match:
        wire_id = event.transaction_id or ""
        key = f"stop|{event.timestamp.isoformat()}|{event.meter_wh}"
        if wire_id in UNKNOWN_WIRE_IDS:
            return await self._stop_without_id(state, event, at, key)
        known = await self._known(state, wire_id)
        if known is None:
            return self._new(state, event, at, key)
        if known.ended_at is None:
            return Match(kind="next", transaction=known, dedupe_key=key)
        if await self.transactions.find_event(known.key, key) is not None:
            return Match(kind="repeat", transaction=known, dedupe_key=key)
        if ENDED_WITHOUT_ID in known.flags:
            return Match(kind="next", transaction=_without_guessed_end(known), dedupe_key=key)
        return Match(kind="conflict", transaction=known, dedupe_key=key)

    async def _stop_without_id(self, state: StationState, event: TransactionEvent, at: datetime, key: str) -> Match:
        for ended in await self.transactions.find_ended(state.key, event.timestamp):
            if await self.transactions.find_event(ended.key, key) is not None:
                return Match(kind="repeat", transaction=ended, dedupe_key=key)
        known = _open_without_id(state, event)
        if known is not None:
            return Match(kind="next", transaction=known, dedupe_key=key)
        return await self._stop_without_start(state, event, at, key)

    async def _stop_without_start(self, state: StationState, event: TransactionEvent, at: datetime, key: str) -> Match:
        """The start was lost, or is still to come. What is known of the transaction is its end. Where a start could be
        told to belong to it, it gets the wire id that the start would be answered with."""
        if event.id_token is not None and event.meter_wh is not None and event.timestamp != NO_TIMESTAMP:
            number, wire_id = await self._free_wire_id(state)
            transaction = begin(number, state.tenant, state.key, event, at)
            transaction = msgspec.structs.replace(transaction, wire_id=wire_id, start_key=lost_key(event.id_token))
            return Match(kind="new", transaction=transaction, dedupe_key=key)
        wire_id = f"lost-{event_digest(event) & 0xFFFFFFFFFFFFFFFF:016x}"
        known = await self.transactions.find_by_wire_id(state.key, wire_id)
        if known is not None:
            return Match(kind="repeat", transaction=known, dedupe_key=key)
        transaction = begin(self.keys.take(), state.tenant, state.key, event, at)
        return Match(kind="new", transaction=msgspec.structs.replace(transaction, wire_id=wire_id), dedupe_key=key)

    async def _known(self, state: StationState, wire_id: str) -> Transaction | None:
        known = state.open.get(wire_id)
        return known or await self.transactions.find_by_wire_id(state.key, wire_id)

    def _new(self, state: StationState, event: TransactionEvent, at: datetime, dedupe_key: str) -> Match:
        transaction = begin(self.keys.take(), state.tenant, state.key, event, at)
        return Match(kind="new", transaction=transaction, dedupe_key=dedupe_key)

    async def _compared(self, known: Transaction, event: TransactionEvent, dedupe_key: str, seen: bool) -> Match:
        prior = await self.transactions.find_event(known.key, dedupe_key) if seen else None
        if prior is None:
            return Match(kind="next", transaction=known, dedupe_key=dedupe_key)
        same = prior.digest == event_digest(event)
        return Match(kind="repeat" if same else "conflict", transaction=known, dedupe_key=dedupe_key)


def _is_another(known: Transaction, event: TransactionEvent) -> bool:
    """Whether an event of 2.x cannot be about a transaction of 1.x with its id: that one has begun, and is over or
    begins again."""
    of_1_x = known.start_key is not None and not known.seq_seen
    return of_1_x and (event.event_type == "Started" or known.ended_at is not None)


def lost_key(token: IdToken) -> str:
    """Stands in place of the start's key while only the end of a transaction came, and it named none."""
    return f"lost|{token.key}"


def _dated(value: MeterValue, timestamp: datetime) -> MeterValue:
    return msgspec.structs.replace(value, timestamp=timestamp) if value.timestamp == NO_TIMESTAMP else value


def _open_without_id(state: StationState, event: TransactionEvent) -> Transaction | None:
    """The transaction that a stop with no usable id must mean: under way, begun before it with no higher register, and
    on the same token, or the only one there is. None where more than one could be meant: guessing would end the wrong
    bill."""
    possible = [tx for tx in state.open.values() if _may_end(tx, event)]
    same_token = [tx for tx in possible if event.id_token and tx.id_token and tx.id_token.key == event.id_token.key]
    for candidates in (same_token, possible):
        if len(candidates) == 1:
            return _flagged(candidates[0], ENDED_WITHOUT_ID)
    return None


def _flagged(transaction: Transaction, flag: str) -> Transaction:
    return msgspec.structs.replace(transaction, flags=tuple(sorted({*transaction.flags, flag})))


def _without_guessed_end(transaction: Transaction) -> Transaction:
    """What ended it named no transaction, and now comes a stop that names this one. The other stays as evidence."""
    flags = tuple(flag for flag in transaction.flags if flag != ENDED_WITHOUT_ID)
    return _flagged(msgspec.structs.replace(transaction, flags=flags, meter_stop_wh=None, stop_token=None), "conflict")


def _may_end(transaction: Transaction, event: TransactionEvent) -> bool:
    began, meter_start = transaction.started_at or transaction.first_event_at, transaction.meter_start_wh
    if began > event.timestamp:
        return False
    return meter_start is None or event.meter_wh is None or meter_start <= event.meter_wh


def _may_begin(lost: Transaction, start: TransactionEvent) -> bool:
    """Whether a start may be that of a transaction of which only the end came."""
    ended, meter_stop = lost.ended_at, lost.meter_stop_wh
    if ended is None or meter_stop is None or start.meter_wh is None:
        return False
    return start.timestamp <= ended <= start.timestamp + LONGEST and start.meter_wh <= meter_stop
