"""C18-C22 Payment by card at the station: what the payment terminal settles goes to the CSMS, and so does what came to
nothing. Every payment is authorized by the CSMS too (AuthorizeDirectPayment), and settled here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Request, TransactionAnswer, TransactionEvent
from stationmaster.domain.payment import (
    DIRECT_PAYMENT,
    NotifySettlement,
    SettlementStatus,
    VatAnswer,
    VatNumberValidation,
)
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Clock, Line, Memory, NotTold, PaymentTerminal, Receipt, Spawn

TOLD = (NotifySettlement,)
_KEPT = "payments"
Present = Callable[[IdToken, int], Awaitable[bool]]


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment that is authorized and not settled yet. ``granted``: it may be charged with."""

    psp_ref: str
    evse_id: int
    granted: bool = False
    transaction_id: str | None = None
    vat_number: str | None = None
    vat_company: dict[str, Any] | None = None

    @property
    def id_token(self) -> IdToken:
        return IdToken(self.psp_ref, DIRECT_PAYMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """Where payments are made. ``present``: hold a token to the reader of an EVSE; whether it may charge there."""

    terminal: PaymentTerminal
    transactions: Transactions
    present: Present


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
        self._terminal = till.terminal
        self._transactions = till.transactions
        self._present = till.present
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
        for payment in tuple(self._payments.values()):
            self._look(payment)

    # PaymentListener ──────────────────────────────────────────────────────────────────────────────────────────────

    def on_payment(self, psp_ref: str, evse_id: int) -> None:
        self._keep(Payment(psp_ref=psp_ref, evse_id=evse_id))
        self._spawn(self._ask(psp_ref))

    def on_settled(self, psp_ref: str, status: SettlementStatus, amount: Decimal, receipt: Receipt) -> None:
        payment = self._payments.get(psp_ref)
        if payment is not None:
            self._tell(payment, status, amount, receipt)  # C21.FR.02, C22.FR.01, .02

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
        if event.event_type != "Ended":
            return
        for payment in tuple(self._payments.values()):
            if payment.transaction_id == event.transaction_id:
                self._close(payment, answer.total_cost)

    def _close(self, payment: Payment, total: Decimal | None) -> None:
        if total is None:
            self._terminal.release(payment.psp_ref)
            self._tell(payment, "Failed", Decimal(0), Receipt(info="the total cost was not told"))
        elif total <= 0:
            self._cancel(payment)  # C20.FR.04, .05
        else:
            self._terminal.settle(payment.psp_ref, total)  # C21.FR.01

    async def _ask(self, psp_ref: str) -> None:
        payment = self._payments[psp_ref]
        granted = await self._present(payment.id_token, payment.evse_id)
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
        self._tell(payment, "Canceled", Decimal(0), Receipt())

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
        del self._payments[payment.psp_ref]
        self._store()

    def _keep(self, payment: Payment) -> None:
        self._payments[payment.psp_ref] = payment
        self._store()

    def _store(self) -> None:
        self._memory.put(_KEPT, msgspec.json.encode(list(self._payments.values())))
