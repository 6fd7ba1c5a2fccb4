"""Reports of a station's device model, and what changed between its inventories."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import PathParameter, QueryParameter

from stationmaster.api.device_model.variables import (
    AddressResource,
    AttributeResource,
    CharacteristicsResource,
    address_fields,
    attribute_resources,
    characteristics_resource,
)
from stationmaster.api.http.parameters import MAX_INT64, Paging, StationKey
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.device_model.addresses import ReportData
from stationmaster.domain.device_model.inventory import ChangeKind, InventoryChange, compare
from stationmaster.domain.device_model.reports import OpenReport, ReportFilter, ReportKind, ReportState, missing
from stationmaster.domain.queries import PageRequest

ReportKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
_OfReport = Annotated[int | None, QueryParameter(ge=1, le=MAX_INT64, description="Key of a report.")]


class SpanResource(msgspec.Struct, frozen=True):
    """Numbers of parts, both ends included."""

    first: int
    last: int


class ReportResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: open until all parts are there, then complete; incomplete if the rest did not come; empty or refused
    by the station's answer. ``asked``: the base of a base report. ``command`` null: nobody here asked for it.
    ``flags``: what is odd about it."""

    key: int
    station: int
    kind: ReportKind
    asked: str | None
    state: ReportState
    request_id: int | None
    command: int | None
    opened_at: datetime
    updated_at: datetime
    generated_at: datetime | None
    received: tuple[SpanResource, ...]
    missing: tuple[SpanResource, ...]
    flags: tuple[str, ...]


class ReportedResource(AddressResource, frozen=True, kw_only=True):
    """A variable as the report tells of it."""

    attributes: tuple[AttributeResource, ...]
    characteristics: CharacteristicsResource | None


class WholeReportResource(msgspec.Struct, frozen=True, kw_only=True):
    """``variables`` in the order of the parts; none for a report of monitors, which changes the list of those."""

    report: ReportResource
    variables: tuple[ReportedResource, ...]


class ChangeResource(AddressResource, frozen=True, kw_only=True):
    """``old`` and ``new``: the value, the mutability or the characteristics, by ``kind``."""

    kind: ChangeKind
    attribute: str | None
    old: str | None
    new: str | None


class InventoryChangesResource(msgspec.Struct, frozen=True, kw_only=True):
    """``earlier`` null: there is only one full inventory so far."""

    earlier: ReportResource | None
    later: ReportResource
    changes: tuple[ChangeResource, ...]


@get("/{station_key:int}/reports", summary="Reports of a station, newest first")
async def list_reports(
    request: ApiRequest,
    page: Paging,
    station_key: StationKey,
    in_state: Annotated[ReportState | None, QueryParameter(name="state")] = None,
) -> PageOf[ReportResource]:
    await known_station(request, station_key)
    query = ReportFilter(tenant=request.tenant, station_key=station_key, state=in_state)
    return page_of(await request.queries.reports(query, page), _resource)


@get("/{station_key:int}/reports/{report_key:int}", summary="One report with all that it tells")
async def get_report(request: ApiRequest, station_key: StationKey, report_key: ReportKey) -> WholeReportResource:
    report = await _report(request, station_key, report_key)
    items = await request.queries.reported(request.tenant, report.key)
    return WholeReportResource(report=_resource(report), variables=tuple(map(_reported, items)))


@get("/{station_key:int}/inventory/changes", summary="What changed between two full inventories")
async def list_inventory_changes(
    request: ApiRequest, station_key: StationKey, earlier: _OfReport = None, later: _OfReport = None
) -> InventoryChangesResource:
    """The two newest, or those that are named. Measured values are left out."""
    await known_station(request, station_key)
    newer = await _inventory(request, station_key, later, "later", before=None)
    if newer is None:
        raise not_found("inventory: ask the station for a full one")
    older = await _inventory(request, station_key, earlier, "earlier", before=newer)
    changes: tuple[InventoryChange, ...] = ()
    if older is not None:
        reported = request.queries.reported
        changes = compare(await reported(request.tenant, older.key), await reported(request.tenant, newer.key))
    return InventoryChangesResource(
        earlier=None if older is None else _resource(older),
        later=_resource(newer),
        changes=tuple(map(_change, changes)),
    )


async def _inventory(
    request: ApiRequest, station_key: int, named: int | None, parameter: str, before: OpenReport | None
) -> OpenReport | None:
    """The named inventory, or the newest, or the newest before another."""
    if named is not None:
        report = await _report(request, station_key, named)
        if report.asked != "FullInventory" or report.state != "complete":
            raise invalid(f"query.{parameter}", "the report is no complete full inventory")
        return report
    query = ReportFilter(tenant=request.tenant, station_key=station_key, inventory=True)
    cursor: str | None = None
    while True:
        found = await request.queries.reports(query, PageRequest(limit=50, cursor=cursor))
        for report in found.items:
            if before is None or report.key < before.key:
                return report
        cursor = found.next_cursor
        if cursor is None:
            return None


async def _report(request: ApiRequest, station_key: int, report_key: int) -> OpenReport:
    report = await request.queries.report(request.tenant, report_key)
    if report is None or report.station_key != station_key:
        raise not_found("report")
    return report


def _resource(report: OpenReport) -> ReportResource:
    return shaped(
        ReportResource,
        report,
        station=report.station_key,
        command=report.command_key,
        received=tuple(SpanResource(*span) for span in report.seen),
        missing=tuple(SpanResource(*span) for span in missing(report)),
    )


def _reported(item: ReportData) -> ReportedResource:
    return ReportedResource(
        **address_fields(item.component, item.variable),
        attributes=attribute_resources(item.attributes),
        characteristics=characteristics_resource(item.characteristics),
    )


def _change(change: InventoryChange) -> ChangeResource:
    return ChangeResource(
        **address_fields(change.component, change.variable),
        kind=change.kind,
        attribute=change.attribute,
        old=change.old,
        new=change.new,
    )


reports_router = Router(
    "/stations", route_handlers=[list_reports, get_report, list_inventory_changes], tags=["Device model"]
)
