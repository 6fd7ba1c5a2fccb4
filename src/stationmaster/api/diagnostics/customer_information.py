"""What stations know of a person, told or erased."""

from datetime import datetime

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody

from stationmaster.api.commands.commands import give
from stationmaster.api.commands.diagnostics_drafts import CustomerDraft
from stationmaster.api.http.parameters import CustomerReportKey, Paging, StationKey, Wait
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.diagnostics.customer_information import (
    CustomerReportFilter,
    CustomerReportView,
    ReportState,
    told_at,
)


class CustomerReportResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` goes queued, requested, accepted, complete; or ends as rejected, failed or unsupported. ``asked``: by
    what the person was named (the command tells whom); null: the station told it unasked."""

    key: int
    station: int
    state: ReportState
    status: str | None
    detail: str | None
    report: bool
    clear: bool
    asked: str | None
    request_id: int | None
    created_at: datetime
    completed_at: datetime | None


class CustomerTextResource(CustomerReportResource, frozen=True, kw_only=True):
    """``text`` is put together from the parts that came; ``gaps``: one before the last is missing. Empty once complete:
    the station knows nothing of the person."""

    text: str
    parts: int
    gaps: bool


@post("/{station_key:int}/customer-information", summary="Have a station tell or erase what it knows of a customer")
async def ask_customer_information(
    request: ApiRequest, station_key: StationKey, data: JSONBody[CustomerDraft], wait: Wait = 0
) -> Response[CustomerTextResource]:
    """N09, N10. It is personal data: it is kept for a month at most. A person who is on the station's local list too
    stays there until the list is changed (N10.FR.02)."""
    await known_station(request, station_key)
    command = await give(request, station_key, data.request(), wait, data.lifetime_s)
    view = await _known(request, station_key, command.key)
    where = f"/api/v1/stations/{station_key}/customer-information/{command.key}"
    return JsonResponse(_with_text(view), headers={"Location": where})


@get("/{station_key:int}/customer-information", summary="What a station was asked of customers, newest first")
async def list_customer_information(
    request: ApiRequest, page: Paging, station_key: StationKey
) -> PageOf[CustomerReportResource]:
    await known_station(request, station_key)
    query = CustomerReportFilter(tenant=request.tenant, station_key=station_key)
    return page_of(await request.queries.customer_reports(query, page), _resource)


@get("/{station_key:int}/customer-information/{report_key:int}", summary="What a station told of one customer")
async def get_customer_information(
    request: ApiRequest, station_key: StationKey, report_key: CustomerReportKey
) -> CustomerTextResource:
    return _with_text(await _known(request, station_key, report_key))


async def _known(request: ApiRequest, station_key: int, report_key: int) -> CustomerReportView:
    view = await request.queries.customer_report(request.tenant, station_key, report_key)
    if view is None:
        raise not_found("customer report")
    return view


def _resource(view: CustomerReportView) -> CustomerReportResource:
    state, detail = told_at(view.report, view.command)
    return shaped(CustomerReportResource, view.report, station=view.report.station_key, state=state, detail=detail)


def _with_text(view: CustomerReportView) -> CustomerTextResource:
    return shaped(CustomerTextResource, _resource(view), text=view.text, parts=len(view.parts), gaps=view.gaps)


customer_information_router = Router(
    "/stations",
    route_handlers=[ask_customer_information, list_customer_information, get_customer_information],
    tags=["Diagnostics"],
)
