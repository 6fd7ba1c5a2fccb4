"""J Meter values: registers from one transaction of an EVSE to the next (J02.FR.16, .17).

A wrapper around the blocks that decide. What it compares with is in the station's aggregate; a periodic message of a
transaction whose start was looked at costs two looks into dicts.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec

from stationmaster.csms.blocks import Block
from stationmaster.domain.cost.register_gaps import Gap, KnownRegister, after_idle, after_transaction, in_words
from stationmaster.domain.decision import Decision, whichever_way
from stationmaster.domain.messages import MeterValues, Request, TransactionEvent
from stationmaster.domain.records import Event, Oddity, Reading
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import Register, Transaction

MOST_EVSES = 500
"""Of one station: one that names ever more of them fills no memory."""
MaxPower = Callable[[str, int, int], Decimal | None]
"""What an EVSE can deliver, where somebody said so: by tenant, station and EVSE."""


def with_register_checks(blocks: Mapping[type[Request], Block], max_w: MaxPower) -> dict[type[Request], Block]:
    """The blocks, with registers compared around those that tell of them."""
    return {
        **blocks,
        TransactionEvent: ComparesRegisters(blocks[TransactionEvent], max_w),
        MeterValues: ComparesRegisters(blocks[MeterValues], max_w),
    }


@dataclass(frozen=True, slots=True)
class ComparesRegisters:
    block: Block
    max_w: MaxPower

    def __call__(self, state: StationState, request: Any, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, request, at)
        if not isinstance(decision, Decision):
            return self._compared_later(state, request, decision, at)
        if _is_known(state, request, decision):  # nearly always
            return decision
        return self._compared(state, request, decision, at)

    async def _compared_later(
        self, state: StationState, request: Any, decision: Awaitable[Decision], at: datetime
    ) -> Decision:
        return self._compared(state, request, await decision, at)

    def _compared(self, state: StationState, request: Any, decision: Decision, at: datetime) -> Decision:
        looked_at = self._of_transactions if type(request) is TransactionEvent else self._of_idle
        return whichever_way(decision, partial(looked_at, state, request, at))

    def _of_transactions(self, state: StationState, request: TransactionEvent, at: datetime, d: Decision) -> Decision:
        for transaction in _told(state, request, d):
            place = transaction.evse.id if transaction.evse is not None else 0
            known = (d.state or state).registers.get(place)
            max_w = self.max_w(state.tenant, state.key, place)
            after = after_transaction(known, transaction, max_w, _beside(d.state or state, place))
            if after is not None:
                d = _taken(state, d, known, after, transaction, at)
        return d

    def _of_idle(self, state: StationState, request: MeterValues, at: datetime, d: Decision) -> Decision:
        place = request.evse.id
        busy = any(tx.evse is not None and tx.evse.id == place for tx in state.open.values())
        if request.transaction_id is not None or not place or busy:
            return d
        known = state.registers.get(place)
        for told in _registers(d):
            max_w = self.max_w(state.tenant, state.key, place)
            after = after_idle(known, state.key, place, told, max_w, _beside(d.state or state, place))
            if after is not None:
                d, known = _taken(state, d, known, after, None, at), after
        return d


def _beside(state: StationState, place: int) -> list[KnownRegister]:
    """The registers of a station's other places, where its version has no word for EVSEs with several Connectors."""
    if not state.abilities.speaks_only_of_connectors:
        return []
    return [each for evse_id, each in state.registers.items() if evse_id != place]


def _is_known(state: StationState, request: Any, decision: Decision) -> bool:
    """Whether nothing can be new about registers: the common case, by memory alone."""
    if type(request) is not TransactionEvent:
        return bool(request.transaction_id is not None)
    if request.event_type != "Updated":
        return False
    transaction = (decision.state or state).open.get(request.transaction_id or "")
    if transaction is None or transaction.evse is None:
        return False
    known = state.registers.get(transaction.evse.id)
    return known is not None and known.transaction_key == transaction.key


def _told(state: StationState, request: TransactionEvent, decision: Decision) -> Iterable[Transaction]:
    """The transactions that a decision is about; a periodic one stores none."""
    stored = [each for each in decision.records if type(each) is Transaction]
    going_on = (decision.state or state).open.get(request.transaction_id or "")
    return stored if stored or going_on is None else [going_on]


def _registers(decision: Decision) -> list[Register]:
    """In the order of the station's time."""
    found = [
        Register(each.taken_at, each.register_wh)
        for each in decision.records
        if type(each) is Reading and each.register_wh is not None
    ]
    return sorted(found, key=lambda each: each.at)


def _taken(
    state: StationState,
    decision: Decision,
    before: KnownRegister | None,
    after: KnownRegister,
    transaction: Transaction | None,
    at: datetime,
) -> Decision:
    """The decision with what is known of the register, and what was found."""
    now = decision.state or state
    if before is None and len(now.registers) >= MOST_EVSES:
        return decision
    now = msgspec.structs.replace(now, registers={**now.registers, after.evse_id: after})
    decision = msgspec.structs.replace(decision, records=(*decision.records, after), state=now)
    gap = after.gap
    if gap is None or (before is not None and gap == before.gap):
        return decision
    oddity = Oddity(station_key=state.key, at=at, kind=gap.kind, action=None, detail=_detail(after, gap))
    events = (*decision.events, _event(state, after, gap, at))
    decision = msgspec.structs.replace(decision, records=(*decision.records, oddity), events=events)
    return decision if transaction is None else _flagged(decision, now, transaction, gap)


def _flagged(decision: Decision, now: StationState, transaction: Transaction, gap: Gap) -> Decision:
    flags = tuple(sorted({*transaction.flags, gap.kind}))
    marked = msgspec.structs.replace(transaction, flags=flags)
    others = tuple(each for each in decision.records if not (type(each) is Transaction and each.key == marked.key))
    state = now.with_transaction(marked) if transaction.wire_id in now.open else now
    return msgspec.structs.replace(decision, records=(marked, *others), state=state)


def _detail(known: KnownRegister, gap: Gap) -> str:
    return f"EVSE {known.evse_id}: {in_words(gap)}"


def _event(state: StationState, known: KnownRegister, gap: Gap, at: datetime) -> Event:
    data = {"evse_id": known.evse_id, **msgspec.structs.asdict(gap)}
    return Event(kind="RegisterOdd", tenant=state.tenant, station_key=state.key, at=at, data=data)
