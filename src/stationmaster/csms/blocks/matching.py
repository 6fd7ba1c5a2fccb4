"""Which transaction an event belongs to, and whether it was there before (design rule: idempotent by key).

The keys: 2.x, transactionId and seqNo. 1.6 start: connector, idTag, timestamp and meterStart, unless that transaction
was already ended by its own id. 1.6 stop: transactionId, timestamp and meterStop.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from stationmaster.csms.ports import Keys, Transactions
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering import MeterValue
from stationmaster.domain.readings import event_digest
from stationmaster.domain.station import StationState
from stationmaster.domain.transaction import (
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

_MAX_INT32 = 2**31 - 1


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``next``: a new event of a known transaction; ``new``: the first we hear of one."""

    kind: Literal["new", "next", "repeat", "conflict"]
    transaction: Transaction
    dedupe_key: str

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
        seen = event.seq_no is None or has_number(known.seq_seen, event.seq_no)
        return await self._compared(known, event, key, seen)

    async def _start_of_1_6(self, state: StationState, event: TransactionEvent, at: datetime) -> Match:
        key = start_key(event)
        known = next((tx for tx in state.open.values() if tx.start_key == key), None)
        if known is None:
            known = await self.transactions.find_by_start_key(state.key, key)
        if known is not None and (known.is_open or ENDED_WITHOUT_ID in known.flags):
            return Match(kind="repeat", transaction=known, dedupe_key="start")
        number, wire_id = await self._free_wire_id(state)
        transaction = begin(number, state.tenant, state.key, event, at)
        transaction = msgspec.structs.replace(transaction, wire_id=wire_id, start_key=key)
        return Match(kind="new", transaction=transaction, dedupe_key="start")

    async def _free_wire_id(self, state: StationState) -> tuple[int, str]:
        """A key, and the wire id made from it: one that the station never used, not even of another system's."""
        while True:
            number = self.keys.take()
            wire_id = str((number - 1) % _MAX_INT32 + 1)
            if await self._known(state, wire_id) is None:
                return number, wire_id

    async def _stop_of_1_6(self, state: StationState, event: TransactionEvent, at: datetime) -> Match:
        wire_id = event.transaction_id or ""
        known = None if wire_id in UNKNOWN_WIRE_IDS else await self._known(state, wire_id)
        key = f"stop|{event.timestamp.isoformat()}|{event.meter_wh}"
        if known is None:
            known = _open_without_id(state, event)
        if known is None:
            return await self._stop_without_start(state, event, at, key)
        if known.is_open:
            return Match(kind="next", transaction=known, dedupe_key=key)
        prior = await self.transactions.find_event(known.key, key)
        return Match(kind="repeat" if prior else "conflict", transaction=known, dedupe_key=key)

    async def _stop_without_start(self, state: StationState, event: TransactionEvent, at: datetime, key: str) -> Match:
        """The start was lost. What is known of the transaction is its end; repeats of it carry the same content."""
        wire_id = event.transaction_id or ""
        if wire_id in UNKNOWN_WIRE_IDS:
            for ended in await self.transactions.find_ended(state.key, event.timestamp):
                if await self.transactions.find_event(ended.key, key) is not None:
                    return Match(kind="repeat", transaction=ended, dedupe_key=key)
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


def _dated(value: MeterValue, timestamp: datetime) -> MeterValue:
    return msgspec.structs.replace(value, timestamp=timestamp) if value.timestamp == NO_TIMESTAMP else value


def _open_without_id(state: StationState, event: TransactionEvent) -> Transaction | None:
    """The transaction that a stop with no usable id must mean: under way, begun before it with no higher register, and
    on the same token, or the only one there is. None where more than one could be meant: guessing would end the wrong
    bill."""
    if event.transaction_id not in UNKNOWN_WIRE_IDS:
        return None
    possible = [tx for tx in state.open.values() if _may_end(tx, event)]
    same_token = [tx for tx in possible if event.id_token and tx.id_token and tx.id_token.key == event.id_token.key]
    for candidates in (same_token, possible):
        if len(candidates) == 1:
            flags = tuple(sorted({*candidates[0].flags, ENDED_WITHOUT_ID}))
            return msgspec.structs.replace(candidates[0], flags=flags)
    return None


def _may_end(transaction: Transaction, event: TransactionEvent) -> bool:
    began, meter_start = transaction.started_at or transaction.first_event_at, transaction.meter_start_wh
    if began > event.timestamp:
        return False
    return meter_start is None or event.meter_wh is None or meter_start <= event.meter_wh
