"""I Tariff and cost, told to stations of 2.x in the answers to what they tell: the price with a token (I01), what a
transaction costs so far (I02) and in the end (I03), and the price anew where it has become another one (I06).

A wrapper around the blocks that decide. Where a tenant has no tariffs it costs one look into a dict; where it has, a
running cost is reckoned once a minute for each transaction, from all that is known of it.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol

import msgspec
import structlog

from stationmaster.csms.billing import Draft
from stationmaster.csms.blocks import Block
from stationmaster.csms.blocks.billing import bill_in
from stationmaster.csms.hooks import CommandHook
from stationmaster.domain.bill import Bill
from stationmaster.domain.billing_records import BillingFacts
from stationmaster.domain.cost import CostUpdated
from stationmaster.domain.decision import Decision, whichever_way
from stationmaster.domain.messages import Request, TransactionAnswer, TransactionEvent
from stationmaster.domain.price_text import price_text
from stationmaster.domain.records import Record
from stationmaster.domain.station import StationState
from stationmaster.domain.tariff import Tariff
from stationmaster.domain.tariff_commands import ChangeTransactionTariff, SetDefaultTariff
from stationmaster.domain.texts import Text
from stationmaster.domain.transaction import Transaction
from stationmaster.domain.variables import SHOWS_TARIFFS, SHOWS_TEXTS

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=60)
"""How often a transaction's running cost is reckoned anew, if nothing changes its price."""
MOST_KNOWN = 100_000
"""Transactions whose running cost is kept in mind; the oldest go first."""
_SINCE = "2."
_NOT_KNOWN = frozenset({"no_tariff", "no_register"})
"""Flags of bills whose total means nothing."""


class Billing(Protocol):
    """See ``csms.billing.Billing``."""

    def bills(self, tenant: str) -> bool: ...
    async def so_far(self, transaction_key: int, records: tuple[Record, ...] = ()) -> Draft | None: ...


class Rows(Protocol):
    async def find_by_wire_id(self, station_key: int, wire_id: str) -> Transaction | None: ...
    async def billing_facts(self, transaction_key: int) -> BillingFacts | None: ...


class Told(msgspec.Struct, frozen=True):
    """What a station was told of a transaction last, in answer to an event of ``at``; ``tariff_key``: whose price."""

    at: datetime
    total: Decimal
    tariff_key: int | None


class RunningCosts:
    """Of every transaction that is told about, by its key. An estimate, in memory only."""

    def __init__(self) -> None:
        self._told: OrderedDict[int, Told] = OrderedDict()

    def last(self, transaction_key: int) -> Told | None:
        return self._told.get(transaction_key)

    def of(self, transaction_key: int) -> Decimal | None:
        """The running cost as it was reckoned last."""
        told = self._told.get(transaction_key)
        return None if told is None else told.total

    def note(self, transaction_key: int, told: Told) -> None:
        self._told[transaction_key] = told
        self._told.move_to_end(transaction_key)
        if len(self._told) > MOST_KNOWN:
            self._told.popitem(last=False)

    def forget(self, transaction_key: int) -> None:
        self._told.pop(transaction_key, None)


@dataclass(frozen=True, slots=True)
class TellsCost:
    """Around the block of transactions, with their bills."""

    block: Block
    billing: Billing
    rows: Rows
    costs: RunningCosts = field(default_factory=RunningCosts)

    def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, event, at)
        if not self.billing.bills(state.tenant) or not (state.station.version or "").startswith(_SINCE):
            return decision
        if event.event_type == "Ended":
            return self._in_the_end(state, event, decision)
        known = state.open.get(event.transaction_id or "")
        if known is not None and not self._is_due(known.key, event):
            return decision
        return self._so_far(state, event, decision)

    def _is_due(self, transaction_key: int, event: TransactionEvent) -> bool:
        told = self.costs.last(transaction_key)
        return told is None or event.id_token is not None or abs(event.timestamp - told.at) >= EVERY

    async def _so_far(
        self, state: StationState, event: TransactionEvent, decision: Decision | Awaitable[Decision]
    ) -> Decision:
        decided = decision if isinstance(decision, Decision) else await decision
        transaction = (decided.state or state).open.get(event.transaction_id or "")
        if transaction is None:
            return decided
        try:
            draft = await self.billing.so_far(transaction.key, decided.records)
        except Exception:  # a cost that cannot be told keeps no message from being stored and answered
            log.exception("no running cost could be made", transaction=transaction.key)
            return decided
        if draft is None:
            return decided
        tariff, before = draft.inputs.tariffs[-1].tariff, self.costs.last(transaction.key)
        is_new = _reads_prices(state) and (before is None or before.tariff_key != tariff.key)
        self.costs.note(transaction.key, Told(event.timestamp, draft.content.total, tariff.key))
        return whichever_way(decided, partial(_saying, draft.content.total, tariff if is_new else None))

    async def _in_the_end(
        self, state: StationState, event: TransactionEvent, decision: Decision | Awaitable[Decision]
    ) -> Decision:
        decided = decision if isinstance(decision, Decision) else await decision
        bill = bill_in(decided)
        if bill is None:  # a repeat, whose first answer may have been lost
            bill = await self._bill_of(state, event)
        if bill is None:
            return decided
        self.costs.forget(bill.transaction_key)
        return whichever_way(decided, partial(_with_total, bill))

    async def _bill_of(self, state: StationState, event: TransactionEvent) -> Bill | None:
        known = await self.rows.find_by_wire_id(state.key, event.transaction_id or "")
        facts = None if known is None else await self.rows.billing_facts(known.key)
        return None if facts is None else facts.bill


def with_costs(
    blocks: Mapping[type[Request], Block], billing: Billing, rows: Rows, costs: RunningCosts
) -> dict[type[Request], Block]:
    """The blocks, with what is told of cost."""
    return {**blocks, TransactionEvent: TellsCost(blocks[TransactionEvent], billing, rows, costs)}


def _reads_prices(state: StationState) -> bool:
    """I01.FR.02: only a station that says that it can show texts is sent any."""
    return "yes" in (state.learned.get(SHOWS_TARIFFS), state.learned.get(SHOWS_TEXTS))


def _with_total(known: Bill, decision: Decision) -> Decision:
    """I03.FR.02, .04: what costs nothing costs 0.00; where that cannot be told nothing is said."""
    bill = bill_in(decision) or known
    return decision if _NOT_KNOWN & set(bill.content.flags) else _saying(bill.content.total, None, decision)


def _saying(total: Decimal, tariff: Tariff | None, decision: Decision) -> Decision:
    answer = decision.answer
    if not isinstance(answer, TransactionAnswer):
        return decision
    answer = msgspec.structs.replace(answer, total_cost=total)
    if tariff is not None:
        language = None if answer.id_token_info is None else answer.id_token_info.language
        answer = msgspec.structs.replace(answer, updated_personal_message=text_of(tariff, language))
    return msgspec.structs.replace(decision, answer=answer)


def text_of(tariff: Tariff, language: str | None) -> Text:
    """The price in words, for a driver who reads a language."""
    known = {text.language.casefold(): text.language for text in tariff.texts} or {"en": "en"}
    wanted = (language or "en").casefold()
    told = known.get(wanted) or known.get(wanted.partition("-")[0]) or known.get("en")
    return Text(content=price_text(tariff, language), language=told or tariff.texts[0].language)


def _cannot_tell(state: StationState, request: CostUpdated) -> str | None:
    return None if request.transaction_id in state.open else "the transaction is not under way at this station"


def _cannot_set(state: StationState, request: SetDefaultTariff) -> str | None:
    return "the station says that it does not reckon with tariffs" if state.learned.get(SHOWS_TARIFFS) == "no" else None


def _cannot_change(state: StationState, request: ChangeTransactionTariff) -> str | None:
    if request.transaction_id not in state.open:
        return "the transaction is not under way at this station"
    return "the station says that it does not reckon with tariffs" if state.learned.get(SHOWS_TARIFFS) == "no" else None


HOOKS: Mapping[type[Request], CommandHook] = {
    CostUpdated: CommandHook(objection=_cannot_tell),
    SetDefaultTariff: CommandHook(objection=_cannot_set),
    ChangeTransactionTariff: CommandHook(objection=_cannot_change),
}
