"""C18-C23 Payment by card at the station: what the payment terminal settles goes to the CSMS, and so does what came to
nothing. Whether the CSMS authorizes a payment too, and whether it settles it itself, the variables of PaymentCtrlr say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Request, TransactionAnswer, TransactionEvent
from stationmaster.domain.payment.payments import (
    DIRECT_PAYMENT,
    NotifySettlement,
    SettlementStatus,
    VatAnswer,
    VatNumberValidation,
)
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.station import display
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Clock, Line, Memory, NotTold, PaymentTerminal, Receipt, Spawn
from stationmaster.station.settings import Configuration

TOLD = (NotifySettlement,)
_KEPT = "payments"


class Present(Protocol):
    """Hold a token to the reader of an EVSE; whether it may charge there. ``ask``: the CSMS."""

    async def __call__(self, id_token: IdToken, evse_id: int, *, ask: bool) -> bool: ...


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment that is authorized and not settled yet. ``granted``: it may be charged with. ``told``: the CSMS was
    asked about it. ``reserved``: of the card, in the tariff's currency; ``details``: what the CSMS wants to know of it.
    ``asked``: more was asked for, and nothing said of it yet."""

    psp_ref: str
    evse_id: int
    granted: bool = False
    told: bool = True
    reserved: Decimal | None = None
    asked: Decimal | None = None
    details: tuple[tuple[str, str], ...] = ()
    transaction_id: str | None = None
    vat_number: str | None = None
    vat_company: dict[str, Any] | None = None

    @property
    def id_token(self) -> IdToken:
        return IdToken(self.psp_ref, DIRECT_PAYMENT, additional=self.details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """Where payments are made. ``limit``: say how far the transaction of an EVSE may go; ``show``: tell who stands at
    an EVSE something."""

    terminal: PaymentTerminal
    transactions: Transactions
    present: Present
    limit: Callable[[int, TransactionLimit], None]
    show: Callable[[int, str], None]
    configuration: Configuration


class Payments:
    """Fulfils ``ports.PaymentListener`` and ``transactions.Observer``. Payments under way survive a loss of power."""

    def __init__(
        self,
        till: Till,
        put: Callable[[Request], None],
        memory: Memory,
        line: Line,
        clock: Clock,
        spawn: Spawn,
    ) -> None:
        self._till = till
        self._terminal = till.terminal
        self._transactions = till.transactions
        self._put = put
        self._memory = memory
        self._line = line
        self._clock = clock
        self._spawn = spawn
        kept = memory.get(_KEPT)
        known = [] if kept is None else msgspec.json.decode(kept, type=list[Payment])
        self._payments = {payment.psp_ref: payment for payment in known}

    def begin(self) -> None:
        """Listen to the terminal; what was not granted when power was lost never will be."""
        self._terminal.attach_payments(self)
        self.set_amount()
        for payment in tuple(self._payments.values()):
            self._look(payment)

    def set_amount(self) -> None:
        """C18.FR.01."""
        self._terminal.reserve(Decimal(self._till.configuration.now.authorization_amount))

    def limit_of(self, evse_id: int, id_token: IdToken) -> TransactionLimit | None:
        """C18.FR.06: a payment is good for what is reserved."""
        payment = self._payments.get(id_token.value) if id_token.type == DIRECT_PAYMENT else None
        if payment is None or payment.evse_id != evse_id or payment.reserved is None:
            return None
        return TransactionLimit(max_cost=payment.reserved)

    # PaymentListener ──────────────────────────────────────────────────────────────────────────────────────────────

    def on_payment(self, psp_ref: str, evse_id: int, details: Mapping[str, str]) -> None:
        settings = self._till.configuration.now
        payment = Payment(
            psp_ref=psp_ref,
            evse_id=evse_id,
            told=settings.authorize_direct_payment,
            reserved=Decimal(settings.authorization_amount),
            details=tuple((details[name], name) for name in settings.payment_details if name in details),
        )
        self._keep(payment)
        self._spawn(self._ask(psp_ref))

    def on_increased(self, psp_ref: str, *, granted: bool) -> None:
        """C23.FR.02."""
        payment = self._payments.get(psp_ref)
        if payment is None or payment.reserved is None or payment.asked is None:
            return
        if not granted:
            return  # what is asked for stays asked for: it is refused once
        more = payment.reserved + payment.asked
        self._keep(msgspec.structs.replace(payment, reserved=more, asked=None))
        self._till.limit(payment.evse_id, TransactionLimit(max_cost=more))

    def on_settled(self, psp_ref: str, status: SettlementStatus, amount: Decimal, receipt: Receipt) -> None:
        payment = self._payments.get(psp_ref)
        if payment is None:
            return
        if receipt.url is not None and status == "Settled":
            self._till.show(payment.evse_id, display.qr_code(receipt.url))
        own = not self._till.configuration.now.receipt_by_csms  # C21.FR.03, .04
        self._tell(payment, status, amount, receipt if own else Receipt(info=receipt.info))  # C21.FR.02, C22.FR.01, .02

    async def check_vat(self, vat_number: str, evse_id: int) -> bool:
        """C18.FR.08."""
        try:
            answer = await self._line.perform(VatNumberValidation(vat_number=vat_number, evse_id=evse_id))
        except NotTold:
            return False
        assert isinstance(answer, VatAnswer)
        if answer.status != "Accepted":
            return False
        for payment in tuple(self._payments.values()):
            if payment.evse_id == evse_id:
                changed = msgspec.structs.replace(payment, vat_number=vat_number, vat_company=answer.company)
                self._keep(changed)
        return True

    # Transactions ─────────────────────────────────────────────────────────────────────────────────────────────────

    def on_evse(self, evse_id: int) -> None:
        for payment in tuple(self._payments.values()):
            if payment.evse_id == evse_id and payment.granted:
                self._look(payment)

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """Nothing to do with payments."""

    def on_answer(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        """The CSMS knows what a transaction cost when it has heard of its end."""
        for payment in tuple(self._payments.values()):
            if payment.transaction_id != event.transaction_id:
                continue
            if event.event_type == "Ended":
                self._close(payment, answer.total_cost)
            else:
                self._look_at_cost(payment)

    def _look_at_cost(self, payment: Payment) -> None:
        """C23.FR.01."""
        settings = self._till.configuration.now
        more = Decimal(settings.incremental_authorization_amount)
        running = self._transactions.state(payment.evse_id).transaction
        cost = None if running is None or running.id != payment.transaction_id else running.cost
        if cost is None or payment.reserved is None or payment.asked is not None or more <= 0:
            return
        if cost > payment.reserved - Decimal(settings.incremental_authorization_threshold):
            self._keep(msgspec.structs.replace(payment, asked=more))
            self._terminal.increase(payment.psp_ref, more)

    def _close(self, payment: Payment, total: Decimal | None) -> None:
        settings = self._till.configuration.now
        if settings.settlement_by_csms:  # C21.FR.06, .07
            if settings.receipt_server_url:
                self._till.show(payment.evse_id, display.qr_code(settings.receipt_server_url))
            self._forget(payment)
        elif total is None:
            self._terminal.release(payment.psp_ref)
            self._tell(payment, "Failed", Decimal(0), Receipt(info="the total cost was not told"))
        elif total <= 0:
            self._cancel(payment)  # C20.FR.04, .05
        else:
            self._terminal.settle(payment.psp_ref, total)  # C21.FR.01

    async def _ask(self, psp_ref: str) -> None:
        payment = self._payments[psp_ref]
        granted = await self._till.present(payment.id_token, payment.evse_id, ask=payment.told)
        payment = msgspec.structs.replace(self._payments.get(psp_ref, payment), granted=granted)
        self._keep(payment)
        self._look(payment)

    def _look(self, payment: Payment) -> None:
        """Whether the payment is still good for something: a transaction on it that runs or has still to begin."""
        if payment.transaction_id is not None:
            return
        state = self._transactions.state(payment.evse_id)
        of_grant = None if state.grant is None else state.grant.id_token.key
        if not state.situation.authorized or of_grant != payment.id_token.key:
            self._cancel(payment)  # C18.FR.07, C19.FR.01, .02
        elif state.transaction is not None:
            self._keep(msgspec.structs.replace(payment, transaction_id=state.transaction.id))

    def _cancel(self, payment: Payment) -> None:
        self._terminal.release(payment.psp_ref)
        if payment.told or payment.transaction_id is not None:
            self._tell(payment, "Canceled", Decimal(0), Receipt())
        else:  # C19.FR.02: the CSMS never heard of it
            self._forget(payment)

    def _tell(self, payment: Payment, status: SettlementStatus, amount: Decimal, receipt: Receipt) -> None:
        self._put(
            NotifySettlement(
                psp_ref=payment.psp_ref,
                status=status,
                amount=amount,
                at=self._clock.now(),
                transaction_id=payment.transaction_id,
                info=receipt.info,
                receipt_id=receipt.id,
                receipt_url=receipt.url,
                vat_number=payment.vat_number,
                vat_company=payment.vat_company,
            )
        )
        self._forget(payment)

    def _forget(self, payment: Payment) -> None:
        del self._payments[payment.psp_ref]
        self._store()

    def _keep(self, payment: Payment) -> None:
        self._payments[payment.psp_ref] = payment
        self._store()

    def _store(self) -> None:
        self._memory.put(_KEPT, msgspec.json.encode(list(self._payments.values())))
