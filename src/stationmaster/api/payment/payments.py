"""What was settled of payments, and the VAT numbers that stations asked about."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.cost.amounts import checked
from stationmaster.api.cost.tariff_shapes import Moment
from stationmaster.api.http.parameters import MAX_INT64, OfStation, Paging
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.blocks.payment import settled_event
from stationmaster.domain.claims import SettlementClaim
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.identity import IdToken
from stationmaster.domain.payment.payments import (
    DIRECT_PAYMENT,
    Settlement,
    SettlementFilter,
    SettlementSeen,
    SettlementStatus,
    VatCheck,
    VatCheckFilter,
)
from stationmaster.domain.payment.web_payment import WebPaymentFilter

_MOST = Decimal(1_000_000)
SettlementKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="Key of the settlement.")]


class SettlementResource(msgspec.Struct, frozen=True, kw_only=True):
    """``transaction``: the one that was paid for, found by its id or by the payment's reference; null where a payment
    was cancelled before one began, or it is not known. ``bill`` and ``bill_total`` are of its current bill;
    ``difference``: by how much more was settled. ``vat_company``: an address as OCPP 2.1 has it."""

    key: int
    station: int
    station_identity: str | None
    transaction: int | None
    psp_ref: str
    status: SettlementStatus
    amount: Decimal
    at: datetime
    received_at: datetime
    info: str | None
    receipt_id: str | None
    receipt_url: str | None
    vat_number: str | None
    vat_company: dict[str, Any] | None
    bill: int | None
    bill_total: Decimal | None
    currency: str | None
    difference: Decimal | None


class SettlementDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``transaction``: one that was paid for directly; its token is the payment's reference. ``amount`` as text, such
    as "12.34". ``at``: the provider's time; without it, now."""

    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)]
    status: SettlementStatus
    amount: Decimal
    at: Moment | None = None
    info: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    receipt_id: Annotated[str, Meta(min_length=1, max_length=50)] | None = None
    receipt_url: (
        Annotated[str, Meta(max_length=2000, pattern=r"^https?://[!-~]+\Z", description="Of http or https.")] | None
    ) = None


class VatCheckResource(msgspec.Struct, frozen=True, kw_only=True):
    """``judged_by``: its form (that of its country's numbers, with their check digits where they are known here), or
    outside, which was asked, or our policy as outside was silent. ``company``: whose it is, as outside says, an address
    as OCPP 2.1 has it. ``transaction``: the one at the EVSE then."""

    key: int
    station: int
    evse_id: int | None
    transaction: int | None
    vat_number: str
    accepted: bool
    judged_by: Literal["form", "outside", "policy"]
    company: dict[str, Any] | None
    at: datetime


@get("/", summary="Payments that stations settled, or did not, newest first")
async def list_settlements(
    request: ApiRequest,
    page: Paging,
    station: OfStation = None,
    transaction: Annotated[int | None, QueryParameter(ge=1, le=MAX_INT64, description="Key of a transaction.")] = None,
    status: Annotated[SettlementStatus | None, QueryParameter()] = None,
    psp_ref: Annotated[str | None, QueryParameter(max_length=255)] = None,
) -> PageOf[SettlementResource]:
    query = SettlementFilter(
        tenant=request.tenant, station_key=station, transaction_key=transaction, status=status, psp_ref=psp_ref
    )
    found = await request.queries.settlements(query, page)
    stations = {seen.settlement.station_key for seen in found.items}
    identities = await request.queries.station_identities(request.tenant, stations)
    return page_of(found, lambda seen: _settlement(seen, identities))


@get("/{settlement_key:int}", summary="One settlement")
async def get_settlement(request: ApiRequest, settlement_key: SettlementKey) -> SettlementResource:
    return await _known(request, settlement_key)


@post("/", summary="Record what was settled with the payment provider, past any station")
async def record_settlement(request: ApiRequest, data: JSONBody[SettlementDraft]) -> Response[SettlementResource]:
    """For web payments, and for terminals whose payments this system settles (C21.FR.05, C25.FR.40). What is recorded
    again, of the same payment, status and time, is the settlement that is there already."""
    services = request.services
    transaction = await request.queries.transaction(request.tenant, data.transaction)
    token = None if transaction is None else transaction.id_token
    if transaction is None or token is None or not await _is_payment(request, transaction.station_key, token):
        raise invalid("body.transaction", "no transaction that was paid for directly")
    now = services.clock.now()
    told = Settlement(
        key=services.keys.take(),
        tenant=request.tenant,
        station_key=transaction.station_key,
        transaction_key=transaction.key,
        psp_ref=token.value,
        status=data.status,
        amount=checked(data.amount, _MOST, zero=True),
        at=data.at or now,
        received_at=now,
        info=data.info,
        receipt_id=data.receipt_id,
        receipt_url=data.receipt_url,
    )
    key = await _stored_once(request, told, now)
    return JsonResponse(await _known(request, key), headers={"Location": f"/api/v1/settlements/{key}"})


@get("/", summary="VAT numbers that stations asked about, newest first")
async def list_vat_checks(request: ApiRequest, page: Paging, station: OfStation = None) -> PageOf[VatCheckResource]:
    query = VatCheckFilter(tenant=request.tenant, station_key=station)
    return page_of(await request.queries.vat_checks(query, page), _vat_check)


async def _known(request: ApiRequest, key: int) -> SettlementResource:
    found = await request.queries.settlement(request.tenant, key)
    if found is None:
        raise not_found("settlement")
    identities = await request.queries.station_identities(request.tenant, (found.settlement.station_key,))
    return _settlement(found, identities)


async def _stored_once(request: ApiRequest, told: Settlement, at: datetime) -> int:
    """The key of what is recorded then: this one, or the one that was there already."""
    same = (told.station_key, told.psp_ref, told.status, told.at)
    claim = SettlementClaim(station_key=same[0], psp_ref=same[1], status=same[2], at=same[3])
    decision = Decision(records=(told,), events=(settled_event(told, at),), checks=(CheckedBy(claim, Decision()),))
    if (await request.services.journal.commit(decision)).records:
        return told.key
    known = await request.queries.find_settlement(*same)
    assert known is not None
    return known.key


async def _is_payment(request: ApiRequest, station_key: int, token: IdToken) -> bool:
    """Before 2.1 there is no type that says so."""
    if token.type == DIRECT_PAYMENT:
        return True
    query = WebPaymentFilter(tenant=request.tenant, station_key=station_key, psp_ref=token.value)
    return bool((await request.queries.web_payments(query)).items)


def _settlement(seen: SettlementSeen, identities: Mapping[int, str]) -> SettlementResource:
    told = seen.settlement
    return shaped(
        SettlementResource,
        told,
        station=told.station_key,
        station_identity=identities.get(told.station_key),
        transaction=told.transaction_key,
        bill=seen.bill_key,
        bill_total=seen.bill_total,
        currency=seen.currency,
        difference=seen.difference,
    )


def _vat_check(check: VatCheck) -> VatCheckResource:
    return shaped(VatCheckResource, check, station=check.station_key, transaction=check.transaction_key)


settlements_router = Router(
    "/settlements", route_handlers=[list_settlements, get_settlement, record_settlement], tags=["Payments"]
)
vat_checks_router = Router("/vat-checks", route_handlers=[list_vat_checks], tags=["Payments"])
