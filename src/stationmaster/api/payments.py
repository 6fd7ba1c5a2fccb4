"""Payments at stations: what was settled, and the VAT numbers that were asked about."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Router, get
from litestar.params import PathParameter, QueryParameter

from stationmaster.api.parameters import MAX_INT64, OfStation, Paging
from stationmaster.api.problems import not_found
from stationmaster.api.resources import PageOf, page_of, shaped
from stationmaster.api.services import ApiRequest
from stationmaster.domain.payment import (
    SettlementFilter,
    SettlementSeen,
    SettlementStatus,
    VatCheck,
    VatCheckFilter,
)

SettlementKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64, description="Key of the settlement.")]


class SettlementResource(msgspec.Struct, frozen=True, kw_only=True):
    """``transaction``: the one that was paid for, found by its id or by the payment's reference; null where a payment
    was cancelled before one began, or it is not known. ``bill`` and ``bill_total`` are of its current bill;
    ``difference``: by how much more was settled. ``vat_company``: an address as OCPP 2.1 has it."""

    key: int
    station: int
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


class VatCheckResource(msgspec.Struct, frozen=True, kw_only=True):
    """``accepted``: it has the form of its country's numbers, and its check digits where they are known here; nobody
    else was asked. ``transaction``: the one at the EVSE then."""

    key: int
    station: int
    evse_id: int | None
    transaction: int | None
    vat_number: str
    accepted: bool
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
    return page_of(await request.queries.settlements(query, page), _settlement)


@get("/{settlement_key:int}", summary="One settlement")
async def get_settlement(request: ApiRequest, settlement_key: SettlementKey) -> SettlementResource:
    found = await request.queries.settlement(request.tenant, settlement_key)
    if found is None:
        raise not_found("settlement")
    return _settlement(found)


@get("/", summary="VAT numbers that stations asked about, newest first")
async def list_vat_checks(request: ApiRequest, page: Paging, station: OfStation = None) -> PageOf[VatCheckResource]:
    query = VatCheckFilter(tenant=request.tenant, station_key=station)
    return page_of(await request.queries.vat_checks(query, page), _vat_check)


def _settlement(seen: SettlementSeen) -> SettlementResource:
    told = seen.settlement
    return shaped(
        SettlementResource,
        told,
        station=told.station_key,
        transaction=told.transaction_key,
        bill=seen.bill_key,
        bill_total=seen.bill_total,
        currency=seen.currency,
        difference=seen.difference,
    )


def _vat_check(check: VatCheck) -> VatCheckResource:
    return shaped(VatCheckResource, check, station=check.station_key, transaction=check.transaction_key)


settlements_router = Router("/settlements", route_handlers=[list_settlements, get_settlement], tags=["Payments"])
vat_checks_router = Router("/vat-checks", route_handlers=[list_vat_checks], tags=["Payments"])
