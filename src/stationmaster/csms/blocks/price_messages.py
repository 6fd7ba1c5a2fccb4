"""I01-I03 for stations of 1.6 that show prices and costs: told by DataTransfer, each right after the answer that it
belongs to. The price after a token, the running cost after a start and after each meter value, the total after the end.

Where a station lets idling cost after its transaction has stopped (CustomIdleFeeAfterStop), the total waits until it
says that the car has left.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from stationmaster.csms.blocks import Block
from stationmaster.csms.blocks.billing import bill_in, with_bill
from stationmaster.csms.blocks.cost import RunningCosts, Told, is_known, text_of
from stationmaster.csms.cost.accruals import Accruals
from stationmaster.csms.cost.billing import Billing
from stationmaster.csms.cost.telling import cost_of, idling_after, takes_transfers
from stationmaster.domain.cost.bill import Bill, Inputs
from stationmaster.domain.cost.bill_text import bill_text
from stationmaster.domain.cost.billing import thawed
from stationmaster.domain.cost.billing_records import FrozenInputs, Unplugged
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.telling import ConnectorUnplugged, CostUpdated, TellFinalCost, TellPrice
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.variables import COSTS_AFTER_STOP, READS_LANGUAGES
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import (
    Authorize,
    AuthorizeAnswer,
    CommandAnswer,
    MeterValues,
    Request,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.domain.station import StationState
from stationmaster.domain.texts import Text
from stationmaster.domain.transactions.transaction import Transaction

LATE = timedelta(minutes=10)
"""An end that is told so long after it was is of nobody who still stands there."""
FAR_AHEAD = timedelta(days=1)
"""Of our clock. A station that says so is not believed: idling would cost until then."""
MOST_TEXTS = 4

Chosen = Callable[[StationState, IdToken, datetime], Awaitable[Tariff | None]]
Submit = Callable[[str, int, Request], None]
"""Have a command carried out: tenant, station, request."""
COST_TELLER = "cost"
"""Who asks for it."""


class Later(Protocol):
    """See ``csms.cost.notices.Notices``."""

    def after_answer(
        self, station_key: int, slot: str, make: Callable[[StationState], Awaitable[Request | None]]
    ) -> None: ...


class Rows(Protocol):
    async def find_by_wire_id(self, station_key: int, wire_id: str) -> Transaction | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What the wrappers have in common."""

    later: Later
    billing: Billing
    accruals: Accruals
    costs: RunningCosts
    chosen: Chosen
    rows: Rows
    submit: Submit
    priced: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    """By station, whose price was told last, and when."""

    def tells(self, state: StationState) -> bool:
        return self.billing.bills(state.tenant) and takes_transfers(state)

    def price(self, state: StationState, id_token: IdToken, language: str | None, at: datetime) -> None:
        self.priced[state.key] = (id_token.key, at)
        self.later.after_answer(state.key, "price", partial(self._price, id_token, language, at))

    async def _price(
        self, id_token: IdToken, language: str | None, at: datetime, state: StationState
    ) -> TellPrice | None:
        tariff = await self.chosen(state, id_token, at)
        if tariff is None:
            return None
        extra = _in_other_languages(tariff) if state.learned.get(READS_LANGUAGES) == "yes" else ()
        return TellPrice(id_token=id_token, text=text_of(tariff, language).content, extra=extra)

    def price_at_start(
        self, state: StationState, event: TransactionEvent, answer: TransactionAnswer, at: datetime
    ) -> None:
        """Of a token that the station did not ask about before, as it knew it, or was told to start with it."""
        info, id_token = answer.id_token_info, event.id_token
        if id_token is None or info is None or info.status != "Accepted":
            return
        key, told_at = self.priced.get(state.key, ("", at))
        if key != id_token.key or at - told_at > LATE:
            self.price(state, id_token, info.language, at)

    def running(self, state: StationState, wire_id: str, at: datetime) -> None:
        self.later.after_answer(state.key, f"cost {wire_id}", partial(self._running, wire_id, at))

    async def _running(self, wire_id: str, at: datetime, state: StationState) -> CostUpdated | None:
        transaction = state.open.get(wire_id)
        if transaction is None:
            return None
        found = await self.accruals.so_far(transaction.tenant, transaction.key)
        if found is None:
            return None
        self.costs.note(transaction.key, Told(found.at, found.content.total, found.tariff.key, told_at=at))
        return cost_of(wire_id, found)

    def forget(self, transaction_key: int) -> None:
        """It is over: what it costs is on its bill."""
        self.costs.forget(transaction_key)
        self.accruals.forget(transaction_key)

    def ended(self, state: StationState, wire_id: str, bill: Bill, inputs: Inputs | None) -> None:
        """The total, or that idling goes on to cost."""
        waits = state.learned.get(COSTS_AFTER_STOP) == "yes"
        basis = idling_after(inputs) if waits and inputs is not None else None
        if basis is None:
            self.total(state, wire_id, bill)
            return
        told = CostUpdated(transaction_id=wire_id, total=bill.content.total, basis=basis)
        self.later.after_answer(state.key, f"cost {wire_id}", partial(_said, told))

    def total(self, state: StationState, wire_id: str, bill: Bill) -> None:
        """I03.FR.04: where it cannot be told nothing is said."""
        if not is_known(bill):
            return
        request = TellFinalCost(transaction_id=wire_id, total=bill.content.total, text=bill_text(bill.content))
        self.later.after_answer(state.key, f"total {wire_id}", partial(self._submitted, request))

    async def _submitted(self, request: Request, state: StationState) -> None:
        self.submit(state.tenant, state.key, request)


def _inputs_in(decision: Decision) -> Inputs | None:
    """What the bill of a decision was made from."""
    kept = [each for each in decision.records if type(each) is FrozenInputs]
    return thawed(kept[-1].body) if kept else None


async def _said(request: Request, state: StationState) -> Request:
    return request


@dataclass(frozen=True, slots=True)
class TellsPrice:
    """Around the block that judges tokens."""

    block: Block
    teller: Teller

    async def __call__(self, state: StationState, request: Authorize, at: datetime) -> Decision:
        found = self.block(state, request, at)
        decision = found if isinstance(found, Decision) else await found
        answer = decision.answer
        if self.teller.tells(state) and isinstance(answer, AuthorizeAnswer):
            info = answer.id_token_info
            if info.status == "Accepted":
                self.teller.price(state, request.id_token, info.language, at)
        return decision


@dataclass(frozen=True, slots=True)
class TellsRunning:
    """Around the block of transactions, with their bills."""

    block: Block
    teller: Teller

    def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, event, at)
        return self._after(state, event, decision, at) if self.teller.tells(state) else decision

    async def _after(
        self, state: StationState, event: TransactionEvent, decision: Decision | Awaitable[Decision], at: datetime
    ) -> Decision:
        decided = decision if isinstance(decision, Decision) else await decision
        answer = decided.answer
        if event.event_type == "Started" and isinstance(answer, TransactionAnswer) and answer.transaction_id:
            self.teller.price_at_start(state, event, answer, at)
            self.teller.running(state, answer.transaction_id, at)
        bill = bill_in(decided) if event.event_type == "Ended" else None
        if bill is None:
            return decided
        self.teller.forget(bill.transaction_key)
        if event.transaction_id is not None and abs(at - event.timestamp) < LATE:
            self.teller.ended(state, event.transaction_id, bill, _inputs_in(decided))
        return decided


@dataclass(frozen=True, slots=True)
class TellsReading:
    """Around the block of meter values."""

    block: Block
    teller: Teller

    def __call__(self, state: StationState, request: MeterValues, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, request, at)
        wire_id = request.transaction_id
        if wire_id is not None and wire_id in state.open and self.teller.tells(state):
            self.teller.running(state, wire_id, at)
        return decision


@dataclass(frozen=True, slots=True)
class UnpluggedBlock:
    """The car of a transaction that is over has left: the bill with what idling cost since, and its total."""

    teller: Teller

    async def __call__(self, state: StationState, request: ConnectorUnplugged, at: datetime) -> Decision:
        known = await self.teller.rows.find_by_wire_id(state.key, request.transaction_id)
        if known is None or request.at - at > FAR_AHEAD:
            return Decision(answer=CommandAnswer(status="Rejected"))
        told = Unplugged(transaction_key=known.key, at=request.at)
        decision = Decision(answer=CommandAnswer(status="Accepted"), records=(told,))
        if known.is_open or not self.teller.billing.bills(state.tenant):
            return decision
        decision = await with_bill(self.teller.billing, decision, known.key, at)
        bill = bill_in(decision)
        if bill is None:
            bill = await self._as_it_was(known.key, at)
        if bill is not None and takes_transfers(state) and abs(at - request.at) < LATE:
            self.teller.total(state, known.wire_id, bill)
        return decision

    async def _as_it_was(self, transaction_key: int, at: datetime) -> Bill | None:
        """Idling cost nothing more."""
        billed = await self.teller.billing.billed(transaction_key, at)
        return None if billed is None else billed.bill


def with_price_messages(blocks: Mapping[type[Request], Block], teller: Teller) -> dict[type[Request], Block]:
    """The blocks, with what is told by DataTransfer."""
    return {
        **blocks,
        Authorize: TellsPrice(blocks[Authorize], teller),
        TransactionEvent: TellsRunning(blocks[TransactionEvent], teller),
        MeterValues: TellsReading(blocks[MeterValues], teller),
        ConnectorUnplugged: UnpluggedBlock(teller),
    }


def _in_other_languages(tariff: Tariff) -> tuple[Text, ...]:
    return tuple(Text(content=text.content, language=text.language) for text in tariff.texts[:MOST_TEXTS])
