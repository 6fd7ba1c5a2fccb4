"""I Tariff and cost, told to stations of 2.x in the answers to what they tell: what a transaction costs so far (I02)
and in the end (I03), and the price anew where it has become another one (I06).

A wrapper around the blocks that decide. Where a tenant has no tariffs it costs one look into a dict; where it has, a
running cost is brought forward by each message, and told once a minute.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

import msgspec
import structlog

from stationmaster.csms.blocks import Block
from stationmaster.csms.blocks.billing import bill_in
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.csms.cost.accruals import Accruals, SoFar
from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.billing_records import BillingFacts
from stationmaster.domain.cost.evidence import of_readings, told
from stationmaster.domain.cost.price_text import price_text
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_commands import ChangeTransactionTariff, SetDefaultTariff
from stationmaster.domain.cost.telling import CostUpdated
from stationmaster.domain.cost.unit_prices import UnitPrices, in_short
from stationmaster.domain.decision import Decision, whichever_way
from stationmaster.domain.device_model.variables import SHOWS_TARIFFS, SHOWS_TEXTS
from stationmaster.domain.messages import (
    MeterValues,
    Request,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.domain.records import Reading
from stationmaster.domain.station import StationState
from stationmaster.domain.texts import Text
from stationmaster.domain.transactions.transaction import Transaction

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=60)
"""How often a transaction's running cost is told anew, if nothing changes its price."""
MOST_KNOWN = 100_000
"""Transactions whose running cost is kept in mind; the oldest go first."""
_NOT_KNOWN = frozenset({"no_tariff", "no_register"})
"""Flags of bills whose total means nothing."""


class Billing(Protocol):
    """See ``csms.cost.billing.Billing``."""

    def bills(self, tenant: str) -> bool: ...


class Rows(Protocol):
    async def find_by_wire_id(self, station_key: int, wire_id: str) -> Transaction | None: ...
    async def billing_facts(self, transaction_key: int) -> BillingFacts | None: ...


class Told(msgspec.Struct, frozen=True):
    """What was told of a transaction last, in answer to an event of ``at``; ``tariff_key``: whose price.
    ``told_at``: by our clock. ``prices``: those that held, where the station shows texts."""

    at: datetime
    total: Decimal
    tariff_key: int | None
    told_at: datetime
    prices: UnitPrices | None = None


class RunningCosts:
    """Of every transaction that is told about, by its key. An estimate, in memory only."""

    def __init__(self) -> None:
        self._told: OrderedDict[int, Told] = OrderedDict()

    def last(self, transaction_key: int) -> Told | None:
        return self._told.get(transaction_key)

    def of(self, transaction_key: int) -> Decimal | None:
        """The running cost as it was reckoned last."""
        known = self._told.get(transaction_key)
        return None if known is None else known.total

    def note(self, transaction_key: int, news: Told) -> None:
        self._told[transaction_key] = news
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
    accruals: Accruals
    costs: RunningCosts = field(default_factory=RunningCosts)

    def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, event, at)
        if not self.billing.bills(state.tenant):
            return decision
        known = state.open.get(event.transaction_id or "")
        if known is not None:
            self._count_in(known.key, event)
        if not state.abilities.carries_costs:
            return decision
        if event.event_type == "Ended":
            return self._in_the_end(state, event, decision)
        if known is not None and not self._is_due(known.key, event):
            return decision
        return self._so_far(state, event, decision, at)

    def _count_in(self, transaction_key: int, event: TransactionEvent) -> None:
        """Who pays, and by which tariff, is chosen anew. An end is left to the bill, however late it is told."""
        if event.event_type == "Ended":
            self.accruals.forget(transaction_key)
            self.costs.forget(transaction_key)
        elif event.id_token is not None or event.tariff_id is not None:
            self.accruals.forget(transaction_key)
        else:
            self.accruals.told(transaction_key, told(event))

    def _is_due(self, transaction_key: int, event: TransactionEvent) -> bool:
        last = self.costs.last(transaction_key)
        return last is None or event.id_token is not None or abs(event.timestamp - last.at) >= EVERY

    async def _so_far(
        self, state: StationState, event: TransactionEvent, decision: Decision | Awaitable[Decision], at: datetime
    ) -> Decision:
        decided = decision if isinstance(decision, Decision) else await decision
        transaction = (decided.state or state).open.get(event.transaction_id or "")
        if transaction is None:
            return decided
        try:
            found = await self.accruals.so_far(state.tenant, transaction.key, decided.records)
        except Exception:  # a cost that cannot be told keeps no message from being stored and answered
            log.exception("no running cost could be made", transaction=transaction.key)
            return decided
        if found is None:
            return decided
        prices = found.prices() if reads_prices(state) else None
        text = _news(found, prices, self.costs.last(transaction.key), _language(decided))
        self.costs.note(
            transaction.key, Told(event.timestamp, found.content.total, found.tariff.key, told_at=at, prices=prices)
        )
        return whichever_way(decided, partial(_saying, found.content.total, text))

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


@dataclass(frozen=True, slots=True)
class CountsReadings:
    """Around the block of meter values: those of a transaction move its running cost on."""

    block: Block
    accruals: Accruals

    def __call__(self, state: StationState, request: Any, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, request, at)
        if self.accruals and isinstance(decision, Decision):  # the others are of transactions that are over
            readings = [each for each in decision.records if type(each) is Reading]
            for key in {each.transaction_key for each in readings if each.transaction_key is not None}:
                self.accruals.told(key, of_readings(each for each in readings if each.transaction_key == key))
        return decision


@dataclass(frozen=True, slots=True)
class NoticesStates:
    """Around the block of statuses: in 1.x they tell of idling, so what it costs is reckoned anew."""

    block: Block
    accruals: Accruals

    def __call__(
        self, state: StationState, request: StatusNotification, at: datetime
    ) -> Decision | Awaitable[Decision]:
        if state.abilities.speaks_only_of_connectors:
            for transaction in state.open.values():
                if transaction.evse is not None and transaction.evse.id == request.evse.id:
                    self.accruals.forget(transaction.key)
        return self.block(state, request, at)


def with_costs(
    blocks: Mapping[type[Request], Block], billing: Billing, rows: Rows, accruals: Accruals, costs: RunningCosts
) -> dict[type[Request], Block]:
    """The blocks, with what is told of cost."""
    return {
        **blocks,
        TransactionEvent: TellsCost(blocks[TransactionEvent], billing, rows, accruals, costs),
        MeterValues: CountsReadings(blocks[MeterValues], accruals),
        StatusNotification: NoticesStates(blocks[StatusNotification], accruals),
    }


def reads_prices(state: StationState) -> bool:
    """I01.FR.02: only a station that says that it can show texts is sent any."""
    return "yes" in (state.learned.get(SHOWS_TARIFFS), state.learned.get(SHOWS_TEXTS))


def _language(decision: Decision) -> str | None:
    answer = decision.answer
    info = answer.id_token_info if isinstance(answer, TransactionAnswer) else None
    return None if info is None else info.language


def _news(found: SoFar, prices: UnitPrices | None, last: Told | None, language: str | None) -> Text | None:
    """I06: the whole price where it is another tariff's, what holds from now on where a boundary was crossed."""
    if prices is None:
        return None
    if last is None or last.tariff_key != found.tariff.key:
        return text_of(found.tariff, language)
    if last.prices is None or last.prices == prices:
        return None
    return Text(content=f"Now {in_short(prices, found.tariff.currency) or 'free'}", language="en")


def _with_total(known: Bill, decision: Decision) -> Decision:
    """I03.FR.02, .04: what costs nothing costs 0.00; where that cannot be told nothing is said."""
    bill = bill_in(decision) or known
    return _saying(bill.content.total, None, decision) if is_known(bill) else decision


def is_known(bill: Bill) -> bool:
    """Whether its total means anything."""
    return not _NOT_KNOWN & set(bill.content.flags)


def _saying(total: Decimal, text: Text | None, decision: Decision) -> Decision:
    answer = decision.answer
    if not isinstance(answer, TransactionAnswer):
        return decision
    answer = msgspec.structs.replace(answer, total_cost=total)
    if text is not None:
        answer = msgspec.structs.replace(answer, updated_personal_message=text)
    return msgspec.structs.replace(decision, answer=answer)


def text_of(tariff: Tariff, language: str | None) -> Text:
    """The price in words, for a driver who reads a language."""
    known = {text.language.casefold(): text.language for text in tariff.texts} or {"en": "en"}
    wanted = (language or "en").casefold()
    found = known.get(wanted) or known.get(wanted.partition("-")[0]) or known.get("en")
    return Text(content=price_text(tariff, language), language=found or tariff.texts[0].language)


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
