"""I12 The cost that a station of 2.1 says that a transaction comes to, held against the bill: a difference is odd.

A wrapper around the block of transactions with its bills. It looks at new versions of bills alone.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from stationmaster.csms.blocks import Block
from stationmaster.csms.blocks.billing import bill_in
from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.cost_details import CostDetails
from stationmaster.domain.decision import Decision, whichever_way
from stationmaster.domain.messages import Request, TransactionEvent
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import StationState

KIND = "station_cost_differs"
"""Of the oddity, and the bill's flag."""


@dataclass(frozen=True, slots=True)
class ComparesCost:
    block: Block

    def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, event, at)
        if event.cost is None or event.event_type != "Ended":
            return decision
        return self._compared(state, event.cost, decision, at)

    async def _compared(
        self, state: StationState, cost: CostDetails, decision: Decision | Awaitable[Decision], at: datetime
    ) -> Decision:
        decided = decision if isinstance(decision, Decision) else await decision
        return whichever_way(decided, lambda each: _with_oddity(state, cost, each, at))


def with_station_costs(blocks: Mapping[type[Request], Block]) -> dict[type[Request], Block]:
    """The blocks, with what stations reckon by themselves held against their bills."""
    return {**blocks, TransactionEvent: ComparesCost(blocks[TransactionEvent])}


def difference(cost: CostDetails, bill: Bill) -> Decimal | None:
    """How much more the station says than the bill, taxes included; None: it did not say, or in other money."""
    if cost.failed or cost.currency != bill.content.currency:
        return None
    if cost.total.incl is not None:
        return cost.total.incl - bill.content.total
    return None if cost.total.excl is None else cost.total.excl - bill.content.net


def _with_oddity(state: StationState, cost: CostDetails, decision: Decision, at: datetime) -> Decision:
    bill = bill_in(decision)
    if bill is None or KIND not in bill.content.flags:
        return decision
    oddity = Oddity(station_key=state.key, at=at, kind=KIND, action="TransactionEvent", detail=_detail(cost, bill))
    return msgspec.structs.replace(decision, records=(*decision.records, oddity))


def _detail(cost: CostDetails, bill: Bill) -> str:
    total = cost.total.excl if cost.total.incl is None else cost.total.incl
    mine = f"{bill.content.total} {bill.content.currency}"
    return f"transaction {bill.transaction_key}: the station says {total} {cost.currency}, the bill {mine}"
