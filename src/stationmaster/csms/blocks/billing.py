"""I Tariff and cost: whatever ends a transaction, or tells more of one that is over, is committed with its bill.

A wrapper around the blocks that decide. Where a tenant has no tariffs it costs one look into a dict; where it has, what
goes on within an open transaction is decided at once as ever.
"""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog

from stationmaster.csms.blocks import Block
from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.sites import PlaceState, place_state
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.messages import MeterValues, Request, StatusNotification, TransactionEvent
from stationmaster.domain.records import Conflict, Event, Reading, Record, TransactionEventRecord
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import Transaction

log = structlog.get_logger(__name__)

_OF_TRANSACTIONS = (TransactionEventRecord, Reading, Conflict)


class Billed(Protocol):
    """See ``csms.cost.billing.Billed``."""

    @property
    def records(self) -> tuple[Record, ...]: ...
    @property
    def events(self) -> tuple[Event, ...]: ...


class Billing(Protocol):
    """See ``csms.cost.billing.Billing``."""

    def bills(self, tenant: str) -> bool: ...
    async def ended_around(self, state: PlaceState) -> Sequence[int]: ...
    async def billed(self, transaction_key: int, at: datetime, records: Iterable[Record] = ()) -> Billed | None: ...


@dataclass(frozen=True, slots=True)
class BilledBlock:
    """A block for messages that tell of transactions, with the bills of those that are over."""

    block: Block
    billing: Billing

    def __call__(self, state: StationState, request: Any, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, request, at)
        if not self.billing.bills(state.tenant):
            return decision
        if isinstance(decision, Decision) and not decision.checks and not over(state, decision):
            return decision  # nearly always
        return self._with_bills(state, decision, at)

    async def _with_bills(
        self, state: StationState, decision: Decision | Awaitable[Decision], at: datetime
    ) -> Decision:
        decided = decision if isinstance(decision, Decision) else await decision
        checks = [CheckedBy(each.claim, await self._billed(state, each.otherwise, at)) for each in decided.checks]
        billed = await self._billed(state, decided, at)
        return msgspec.structs.replace(billed, checks=tuple(checks)) if checks else billed

    async def _billed(self, state: StationState, decision: Decision, at: datetime) -> Decision:
        for key in over(state, decision):
            decision = await with_bill(self.billing, decision, key, at)
        return decision


@dataclass(frozen=True, slots=True)
class StatusOfPlace:
    """Statuses of 1.x stations are evidence of idling, as those of 2.x tell in their transactions: where they carry a
    time of their own they are kept, and one that comes late changes the bill that it belongs to."""

    block: Block
    billing: Billing

    def __call__(
        self, state: StationState, request: StatusNotification, at: datetime
    ) -> Decision | Awaitable[Decision]:
        decision = self.block(state, request, at)
        if (
            not state.abilities.speaks_only_of_connectors
            or not self.billing.bills(state.tenant)
            or not isinstance(decision, Decision)
        ):
            return decision
        told = place_state(state.key, request, at)
        if told is None:
            return decision
        decision = msgspec.structs.replace(decision, records=(*decision.records, told))
        return self._with_bills(decision, told, at)

    async def _with_bills(self, decision: Decision, told: PlaceState, at: datetime) -> Decision:
        for key in await self.billing.ended_around(told):
            decision = await with_bill(self.billing, decision, key, at)
        return decision


def with_billing(blocks: Mapping[type[Request], Block], billing: Billing) -> dict[type[Request], Block]:
    """The blocks, with bills around those that tell of transactions."""
    return {
        **blocks,
        TransactionEvent: BilledBlock(blocks[TransactionEvent], billing),
        MeterValues: BilledBlock(blocks[MeterValues], billing),
        StatusNotification: StatusOfPlace(blocks[StatusNotification], billing),
    }


def over(state: StationState, decision: Decision) -> list[int]:
    """The transactions that a decision stores something of and that are over, by key."""
    touched = {each.transaction_key for each in decision.records if isinstance(each, _OF_TRANSACTIONS)}
    touched |= {each.key for each in decision.records if type(each) is Transaction}
    touched -= {None, *(each.key for each in (decision.state or state).open.values())}
    return sorted(key for key in touched if key is not None)


async def with_bill(billing: Billing, decision: Decision, transaction_key: int, at: datetime) -> Decision:
    """The decision with the transaction's bill, where that is new. One that cannot be made keeps no message from being
    stored: what has no bill is found, and made up for."""
    try:
        billed = await billing.billed(transaction_key, at, decision.records)
    except Exception:
        log.exception("no bill could be made", transaction=transaction_key)
        return decision
    if billed is None:
        return decision
    return msgspec.structs.replace(
        decision, records=(*decision.records, *billed.records), events=(*decision.events, *billed.events)
    )


def bill_in(decision: Decision) -> Bill | None:
    """The current bill that a decision stores, for whoever tells the station what it comes to."""
    bills = [each for each in decision.records if type(each) is Bill and each.state != "superseded"]
    return bills[-1] if bills else None
