"""C18-C22 What payment terminals settled, kept beside the transaction that was paid for; and VAT numbers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args

import msgspec

from stationmaster.csms.payment.vat_office import VatOffice
from stationmaster.csms.ports import Keys
from stationmaster.csms.settings import CsmsSettings, VatPolicy
from stationmaster.domain.decision import Decision
from stationmaster.domain.payment import vat
from stationmaster.domain.payment.payments import (
    NotifySettlement,
    Settlement,
    SettlementAnswer,
    SettlementStatus,
    VatAnswer,
    VatCheck,
    VatNumberValidation,
    VatWord,
)
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import Transaction

_STATUSES: Mapping[str, SettlementStatus] = {status: status for status in get_args(SettlementStatus)}


class PaymentRows(Protocol):
    """What this block reads."""

    async def find_by_wire_id(self, station_key: int, wire_id: str) -> Transaction | None: ...
    async def find_settlement(
        self, station_key: int, psp_ref: str, status: SettlementStatus, at: datetime
    ) -> Settlement | None: ...
    async def transaction_paid_by(self, station_key: int, psp_ref: str) -> int | None: ...


@dataclass(frozen=True, slots=True)
class SettlementBlock:
    """C19-C22. What is told again, of the same payment, status and time, changes nothing and is answered alike."""

    reads: PaymentRows
    keys: Keys
    settings: CsmsSettings

    async def __call__(self, state: StationState, request: NotifySettlement, at: datetime) -> Decision:
        status = _STATUSES.get(request.status)
        if status is None:
            detail = f"a payment that is {request.status[:50]}"
            return Decision(answer=SettlementAnswer(), records=(_odd(state, at, detail),))
        known = await self.reads.find_settlement(state.key, request.psp_ref, status, request.at or at)
        if known is not None:
            return self._again(state, known, request, at)
        transaction = await self._transaction(state, request)
        told = self._settlement(state, request, status, transaction, at)
        unknown = request.transaction_id if transaction is None else None
        odd = () if unknown is None else (_odd(state, at, f"transaction {unknown[:36]} is not known"),)
        return Decision(answer=_answer(request, told), records=(told, *odd), events=(settled_event(told, at),))

    def _again(self, state: StationState, known: Settlement, request: NotifySettlement, at: datetime) -> Decision:
        answer = _answer(request, known)
        if known.amount == request.amount:
            return Decision(answer=answer)
        detail = f"{known.status} a second time with another amount: {request.amount}, not {known.amount}"
        return Decision(answer=answer, records=(_odd(state, at, detail),))

    async def _transaction(self, state: StationState, request: NotifySettlement) -> int | None:
        """By its id, else by the payment that its token stands for."""
        if request.transaction_id is not None:
            running = state.open.get(request.transaction_id)
            found = running or await self.reads.find_by_wire_id(state.key, request.transaction_id)
            if found is not None:
                return found.key
        return await self.reads.transaction_paid_by(state.key, request.psp_ref)

    def _settlement(
        self,
        state: StationState,
        request: NotifySettlement,
        status: SettlementStatus,
        transaction_key: int | None,
        at: datetime,
    ) -> Settlement:
        key = self.keys.take()
        template = self.settings.policy(state.tenant).receipt_url
        receipt = request.receipt_url
        if receipt is None and template is not None and status == "Settled":
            receipt = template.replace("{settlement}", str(key))
        return Settlement(
            key=key,
            tenant=state.tenant,
            station_key=state.key,
            transaction_key=transaction_key,
            psp_ref=request.psp_ref,
            status=status,
            amount=request.amount,
            at=request.at or at,
            received_at=at,
            info=request.info,
            receipt_id=request.receipt_id,
            receipt_url=receipt,
            vat_number=request.vat_number,
            vat_company=request.vat_company,
        )


@dataclass(frozen=True, slots=True)
class VatNumberBlock:
    """C18.FR.08-.10. A number that cannot be one is refused at once; of any other the ``office`` is asked, where the
    tenant has one."""

    keys: Keys
    settings: CsmsSettings
    office: VatOffice | None = None
    can_be: Callable[[str], bool] = vat.can_be

    def __call__(
        self, state: StationState, request: VatNumberValidation, at: datetime
    ) -> Decision | Awaitable[Decision]:
        policy = self.settings.policy(state.tenant).vat
        if not self.can_be(request.vat_number):
            return self._decided(state, request, at, VatWord(valid=False), "form")
        if policy is None or self.office is None:
            return self._decided(state, request, at, VatWord(valid=True), "form")
        return self._asked(self.office, policy, state, request, at)

    async def _asked(
        self, office: VatOffice, policy: VatPolicy, state: StationState, request: VatNumberValidation, at: datetime
    ) -> Decision:
        word = await office.word(policy, state.tenant, request.vat_number, state.station.identity)
        return self._decided(state, request, at, word, "policy" if word.by_policy else "outside")

    def _decided(
        self,
        state: StationState,
        request: VatNumberValidation,
        at: datetime,
        word: VatWord,
        by: Literal["form", "outside", "policy"],
    ) -> Decision:
        running = (each for each in state.open.values() if each.evse is not None and each.evse.id == request.evse_id)
        company = None if word.company is None or not word.valid else msgspec.to_builtins(word.company)
        check = VatCheck(
            key=self.keys.take(),
            tenant=state.tenant,
            station_key=state.key,
            at=at,
            vat_number=request.vat_number,
            accepted=word.valid,
            evse_id=request.evse_id,
            transaction_key=max((each.key for each in running), default=None),
            judged_by=by,
            company=company,
        )
        answer = VatAnswer(
            vat_number=request.vat_number,
            status="Accepted" if word.valid else "Rejected",
            evse_id=request.evse_id,
            company=company,
            reason=None if word.valid else "Unavailable" if by == "policy" else "InvalidValue",
        )
        return Decision(answer=answer, records=(check,))


def _answer(request: NotifySettlement, told: Settlement) -> SettlementAnswer:
    """C21.FR.03: a receipt of ours, for stations that have none."""
    return SettlementAnswer(receipt_url=told.receipt_url if request.receipt_url is None else None)


def _odd(state: StationState, at: datetime, detail: str) -> Oddity:
    return Oddity(station_key=state.key, at=at, kind="settlement", action="NotifySettlement", detail=detail)


def settled_event(told: Settlement, at: datetime) -> Event:
    """That a payment came to its end, or did not."""
    data = {
        "settlement": told.key,
        "transaction": told.transaction_key,
        "status": told.status,
        "amount": str(told.amount),
    }
    return Event(kind="PaymentSettled", tenant=told.tenant, station_key=told.station_key, at=at, data=data)
