"""K21, K22 Whether a transaction is charged with priority, as its station tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stationmaster.domain.decision import Decision
from stationmaster.domain.priority_charging import NotifyPriorityCharging, PriorityCharging
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import Transaction


class TransactionRows(Protocol):
    """What this block reads."""

    async def find_by_wire_id(self, station_key: int, wire_id: str) -> Transaction | None: ...


@dataclass(frozen=True, slots=True)
class NotifyPriorityChargingBlock:
    """K21.FR.09, K22.FR.06. The newest word counts."""

    reads: TransactionRows

    async def __call__(self, state: StationState, request: NotifyPriorityCharging, at: datetime) -> Decision:
        wire_id = request.transaction_id
        found = state.open.get(wire_id) or await self.reads.find_by_wire_id(state.key, wire_id)
        if found is None:
            detail = f"transaction {wire_id[:36]} is not known"
            odd = Oddity(
                station_key=state.key, at=at, kind="priority_charging", action="NotifyPriorityCharging", detail=detail
            )
            return Decision(records=(odd,))
        told = PriorityCharging(
            tenant=state.tenant,
            station_key=state.key,
            transaction_key=found.key,
            activated=request.activated,
            told_at=at,
        )
        data = {"transaction": found.key, "activated": request.activated}
        event = Event(kind="PriorityChargingChanged", tenant=state.tenant, station_key=state.key, at=at, data=data)
        return Decision(records=(told,), events=(event,))
