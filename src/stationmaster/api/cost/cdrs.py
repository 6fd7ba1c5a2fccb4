"""Charge detail records: bills as other systems take them over, in an order in which an export can go on."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, get
from litestar.params import FromQuery, QueryParameter

from stationmaster.api.cost.bill_shapes import LineResource, line_resource
from stationmaster.api.cost.tariff_shapes import money
from stationmaster.api.http.csv_stream import Format, csv_response, wants_csv
from stationmaster.api.http.parameters import MAX_INT64, OfStation, Paging, Within
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.cost.bill import BillState
from stationmaster.domain.cost.billing_records import BillFilter, BillSeen
from stationmaster.domain.cost.cdr import COLUMNS, Cdr, Subject, cdr, csv_row
from stationmaster.domain.cost.corrections import corrected_tariffs
from stationmaster.domain.queries import MAX_PAGE, PageRequest


class CdrResource(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a bill as other systems take it. ``started_local`` and ``ended_local`` are what the clock at the
    station showed."""

    cdr_id: str
    bill: int
    version: int
    corrects: int | None
    state: BillState
    station: str
    evse: int | None
    evse_eid: str | None
    site: str | None
    zone: str
    token: str | None
    token_type: str | None
    party_id: str | None
    contract_issuer: str | None
    started_at: datetime | None
    ended_at: datetime | None
    started_local: datetime | None
    ended_local: datetime | None
    energy_kwh: Decimal
    energy_source: str
    charging_min: Decimal
    idle_min: Decimal
    currency: str
    net: str
    tax: str
    total: str
    difference: str
    tariff: str | None
    flags: tuple[str, ...]
    lines: tuple[LineResource, ...]


@get("/", summary="Charge detail records, oldest first, as JSON or CSV")
async def list_cdrs(
    request: ApiRequest,
    page: Paging,
    within: Within,
    station_key: OfStation = None,
    after: Annotated[
        int | None,
        QueryParameter(ge=0, le=MAX_INT64, description="Only bills made after this one: the last of your last export."),
    ] = None,
    include: FromQuery[Literal["held"] | None] = None,
    wanted_format: Annotated[Format | None, QueryParameter(name="format", description="csv: all of them.")] = None,
) -> Response[PageOf[CdrResource]]:
    """Each is the newest version of a bill that may be exported. One whose ``corrects`` is set takes the place of the
    record of the same ``cdr_id``: its ``difference`` is what is to be charged or given back."""
    query = BillFilter(
        tenant=request.tenant,
        states=("issued", "held") if include == "held" else ("issued",),
        station_key=station_key,
        from_at=within.from_at,
        to_at=within.to_at,
        after=after,
    )
    if wants_csv(request, wanted_format):
        return csv_response("cdrs", COLUMNS, _rows(request, query))
    return JsonResponse(page_of(await request.queries.bills_seen(query, page), _resource))


def record(seen: BillSeen) -> Cdr:
    """A bill with the names of what it is about."""
    transaction, inputs = seen.transaction, seen.inputs
    tariffs = corrected_tariffs(inputs.tariffs, inputs.corrections)
    token, evse = transaction.id_token, transaction.evse
    subject = Subject(
        station=seen.station,
        evse_id=evse.id if evse else None,
        evse_eid=transaction.evse_eid,
        token=token.value if token else None,
        token_type=token.type if token else None,
        party_id=transaction.party_id,
        contract_issuer=transaction.contract_issuer,
        tariff=tariffs[0].tariff.wire_id if tariffs else None,
    )
    return cdr(seen.bill, inputs, subject)


def _resource(seen: BillSeen) -> CdrResource:
    made = record(seen)
    amounts = {name: money(getattr(made, name)) for name in ("net", "tax", "total", "difference")}
    return shaped(CdrResource, made, lines=tuple(map(line_resource, made.lines)), **amounts)


async def _rows(request: ApiRequest, query: BillFilter) -> AsyncIterator[Iterable[Any]]:
    cursor: str | None = None
    while True:
        found = await request.queries.bills_seen(query, PageRequest(limit=MAX_PAGE, cursor=cursor))
        for seen in found.items:
            yield csv_row(record(seen))
        if (cursor := found.next_cursor) is None:
            return


cdrs_router = Router("/cdrs", route_handlers=[list_cdrs], tags=["Bills"])
