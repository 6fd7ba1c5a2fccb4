"""C18-C25 Settlements, VAT numbers and payments on web pages, which came with 2.1."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from stationmaster.dialects.moments import utc, utc_or
from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.newest import with_21
from stationmaster.dialects.v2.parts import UNSPECIFIED, read_status_info
from stationmaster.dialects.words import clip, whole, words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, Request
from stationmaster.domain.payment.payments import (
    NotifySettlement,
    NotifyWebPaymentStarted,
    SettlementAnswer,
    VatAnswer,
    VatNumberValidation,
)
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str, v21.PaymentStatusEnumType] = words(v21.PaymentStatusEnumType)


def read_settlement(facts: StationFacts, message: wire.NotifySettlementRequest) -> NotifySettlement:
    if message.psp_ref is None or message.status is None:
        raise Unattributable("pspRef" if message.psp_ref is None else "status")
    return NotifySettlement(
        psp_ref=message.psp_ref,
        status=message.status,
        amount=Decimal(0) if message.settlement_amount is None else message.settlement_amount,
        at=utc(message.settlement_time),
        transaction_id=message.transaction_id,
        info=message.status_info,
        receipt_id=message.receipt_id,
        receipt_url=message.receipt_url,
        vat_number=message.vat_number,
        vat_company=_read_address(message.vat_company),
    )


def write_settlement_answer(
    facts: StationFacts, request: NotifySettlement, answer: SettlementAnswer
) -> v21.NotifySettlementResponse:
    return v21.NotifySettlementResponse(
        receipt_url=whole(answer.receipt_url, 2000), receipt_id=whole(answer.receipt_id, 50)
    )


def write_settlement(facts: StationFacts, request: NotifySettlement) -> v21.NotifySettlementRequest:
    status = _STATUSES.get(request.status)
    if status is None:
        raise Unsupported(f"OCPP 2.1 has no payment status {request.status[:50]}")
    return v21.NotifySettlementRequest(
        transaction_id=request.transaction_id,
        psp_ref=request.psp_ref,
        status=status,
        status_info=clip(request.info, 500),
        settlement_amount=request.amount,
        settlement_time=utc_or(request.at),
        receipt_id=whole(request.receipt_id, 50),
        receipt_url=whole(request.receipt_url, 2000),
        vat_company=_write_address(request.vat_company),
        vat_number=whole(request.vat_number, 20),
    )


def read_settlement_answer(
    facts: StationFacts, request: NotifySettlement, answer: wire.NotifySettlementResponse
) -> SettlementAnswer:
    return SettlementAnswer(receipt_url=answer.receipt_url, receipt_id=answer.receipt_id)


def read_vat(facts: StationFacts, message: wire.VatNumberValidationRequest) -> VatNumberValidation:
    if message.vat_number is None:
        raise Unattributable("vatNumber")
    evse_id = message.evse_id
    if evse_id is not None and evse_id < 0:  # it must stand in the answer, which could not carry it
        evse_id = None
    return VatNumberValidation(vat_number=message.vat_number, evse_id=evse_id)


def write_vat_answer(
    facts: StationFacts, request: VatNumberValidation, answer: VatAnswer
) -> v21.VatNumberValidationResponse:
    info = None
    if answer.reason is not None or answer.info is not None:
        reason = (answer.reason or UNSPECIFIED)[:20]
        info = v21.StatusInfoType(reason_code=reason, additional_info=clip(answer.info, 512))
    return v21.VatNumberValidationResponse(
        vat_number=answer.vat_number[:20],
        evse_id=answer.evse_id,
        status=answer.status,
        company=_write_address(answer.company),
        status_info=info,
    )


def write_vat(facts: StationFacts, request: VatNumberValidation) -> v21.VatNumberValidationRequest:
    return v21.VatNumberValidationRequest(vat_number=request.vat_number, evse_id=request.evse_id)


def read_vat_answer(
    facts: StationFacts, request: VatNumberValidation, answer: wire.VatNumberValidationResponse
) -> VatAnswer:
    """What is not Accepted is not to be put on a receipt."""
    reason, info = read_status_info(answer.status_info)
    return VatAnswer(
        vat_number=answer.vat_number or request.vat_number,
        evse_id=answer.evse_id,
        status="Accepted" if answer.status == "Accepted" else "Rejected",
        company=_read_address(answer.company),
        reason=reason,
        info=info,
    )


def read_started(facts: StationFacts, message: wire.NotifyWebPaymentStartedRequest) -> NotifyWebPaymentStarted:
    if message.evse_id is None or message.timeout is None:
        raise Unattributable("evseId" if message.evse_id is None else "timeout")
    return NotifyWebPaymentStarted(evse_id=message.evse_id, timeout_s=message.timeout)


def write_started_answer(
    facts: StationFacts, request: NotifyWebPaymentStarted, answer: Acknowledged
) -> v21.NotifyWebPaymentStartedResponse:
    return v21.NotifyWebPaymentStartedResponse()


def write_started(facts: StationFacts, request: NotifyWebPaymentStarted) -> v21.NotifyWebPaymentStartedRequest:
    return v21.NotifyWebPaymentStartedRequest(evse_id=request.evse_id, timeout=request.timeout_s)


def read_started_answer(
    facts: StationFacts, request: NotifyWebPaymentStarted, answer: wire.NotifyWebPaymentStartedResponse
) -> Acknowledged:
    return ACKNOWLEDGED


def _read_address(address: wire.AddressType | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {name: value for name, value in plain_of(address).items() if value is not None and name != "customData"}


def _write_address(address: dict[str, Any] | None) -> v21.AddressType | None:
    if address is None:
        return None
    try:
        return struct_of(address, v21.AddressType)
    except msgspec.ValidationError as error:
        raise Unsupported(f"not an address of OCPP 2.1: {error}") from error


_WHAT = "payment at the station"
INCOMING: Mapping[str, Incoming] = {
    "NotifySettlement": Incoming(read_settlement, write_settlement_answer),
    "VatNumberValidation": Incoming(read_vat, write_vat_answer),
    "NotifyWebPaymentStarted": Incoming(read_started, write_started_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    NotifySettlement: with_21(_WHAT, one_call("NotifySettlement", write_settlement, read_settlement_answer)),
    VatNumberValidation: with_21(_WHAT, one_call("VatNumberValidation", write_vat, read_vat_answer)),
    NotifyWebPaymentStarted: with_21(
        "a payment on a web page", one_call("NotifyWebPaymentStarted", write_started, read_started_answer)
    ),
}
