"""J Meter values: J01 outside a transaction, and 1.6's inside one."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from stationmaster.csms.blocks.closing import told as told_of
from stationmaster.csms.blocks.matching import NO_TIMESTAMP
from stationmaster.csms.ports import Transactions
from stationmaster.domain.decision import Decision, Passing
from stationmaster.domain.messages import MeterValues
from stationmaster.domain.metering.readings import readings
from stationmaster.domain.metering.values import MeterValue
from stationmaster.domain.records import Event, Oddity, Reading, Record
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transactions.transaction import UNKNOWN_WIRE_IDS, Transaction, reopened, with_registers


@dataclass(frozen=True, slots=True)
class MeterValuesBlock:
    transactions: Transactions

    def __call__(self, state: StationState, request: MeterValues, at: datetime) -> Decision | Awaitable[Decision]:
        wire_id = request.transaction_id
        if wire_id is None:
            return _decide(state, request, _unnamed(state, request, at), at)
        known = _open_at(state, request) if wire_id in UNKNOWN_WIRE_IDS else state.open.get(wire_id)
        if known is not None:
            return _decide(state, request, known, at)
        return self._ask(state, request, wire_id, at)

    async def _ask(self, state: StationState, request: MeterValues, wire_id: str, at: datetime) -> Decision:
        """The transaction is over, or was never heard of."""
        known = await self.transactions.find_by_wire_id(state.key, wire_id)
        decision = _decide(state, request, known, at)
        if known is not None:
            return decision
        oddity = Oddity(
            station_key=state.key,
            at=at,
            kind="unknown_transaction",
            action="MeterValues",
            detail=f"meter values of transaction {wire_id[:40]}, which is not known",
        )
        return msgspec.structs.replace(decision, records=(*decision.records, oddity))


def _decide(state: StationState, request: MeterValues, known: Transaction | None, at: datetime) -> Decision:
    station = state.station
    values = [_dated(value, at) for value in request.meter_values]
    stored = readings(station.key, known.key if known else None, request.evse, values, at)
    records: tuple[Record, ...] = stored
    state_after = None
    if known is not None and known.closed is not None:
        return _going_on(state, request, known, stored, at)
    if known is not None:
        after = with_registers(known, [(r.taken_at, r.register_wh, r.samples) for r in stored])
        if known.is_open:
            state_after = state.with_transaction(after)
        elif after is not known:
            records = (after, *stored)
    told = Passing("MeterValues", partial(_told, station, request, known, stored, at))
    return Decision(records=records, passing=told, state=state_after)


def _going_on(
    state: StationState, request: MeterValues, known: Transaction, stored: tuple[Reading, ...], at: datetime
) -> Decision:
    """It was held to be over, and is not."""
    after = reopened(with_registers(known, [(r.taken_at, r.register_wh, r.samples) for r in stored]))
    return Decision(
        records=(after, *stored),
        events=(told_of("TransactionReopened", after, at),),
        passing=Passing("MeterValues", partial(_told, state.station, request, after, stored, at)),
        state=state.with_transaction(after),
    )


def _open_at(state: StationState, request: MeterValues) -> Transaction | None:
    """The transaction at the place of measuring, where a 1.6 station never learned its id (errata 3.18)."""
    there = [tx for tx in state.open.values() if tx.evse is not None and tx.evse.id == request.evse.id]
    return there[0] if len(there) == 1 else None


def _unnamed(state: StationState, request: MeterValues, at: datetime) -> Transaction | None:
    """1.2 has no room for a transactionId: its values belong to what goes on where and when they were measured."""
    if state.abilities.names_transactions_of_values:
        return None
    known = _open_at(state, request)
    if known is None or known.started_at is None:
        return None
    began = known.started_at
    return known if all(began <= _dated(value, at).timestamp for value in request.meter_values) else None


def _dated(value: MeterValue, at: datetime) -> MeterValue:
    return msgspec.structs.replace(value, timestamp=at) if value.timestamp == NO_TIMESTAMP else value


def _told(
    station: Station, request: MeterValues, known: Transaction | None, stored: tuple[Reading, ...], at: datetime
) -> Event:
    last = stored[-1] if stored else None
    data = {
        "transaction": known.key if known else None,
        "evse_id": request.evse.id,
        "power_w": last.power_w if last else None,
        "register_wh": last.register_wh if last else None,
    }
    return Event(kind="MeterValues", tenant=station.tenant, station_key=station.key, at=at, data=data)
