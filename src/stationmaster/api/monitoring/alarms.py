"""Alarms: what is wrong, over all stations, and who has seen it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.http.csv_stream import CsvOrJson, csv_list, wants_csv
from stationmaster.api.http.parameters import MAX_INT64, Counting, OfStation, Paging, StationKey, Within
from stationmaster.api.http.problems import conflict, not_found
from stationmaster.api.http.resources import CountedPageOf, JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.monitoring.monitors import StationEventResource, UpToSeverity, event_resource, place_of
from stationmaster.api.stations import known_station
from stationmaster.domain.identity import Evse
from stationmaster.domain.monitoring.alarms import Alarm, AlarmAcknowledgement
from stationmaster.domain.monitoring.queries import AlarmFilter, AlarmSeen, StationEventFilter
from stationmaster.domain.queries import PageRequest
from stationmaster.domain.records import Event

AlarmKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
IsOpen = Annotated[bool | None, QueryParameter(name="open")]
IsAcknowledged = Annotated[bool | None, QueryParameter(name="acknowledged")]
WordsOfIt = Annotated[
    str | None,
    QueryParameter(
        name="text",
        max_length=200,
        description="Some part of what it says, of its note, or of its station's identity or name.",
    ),
]


class AcknowledgeDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    note: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None


class AlarmResource(msgspec.Struct, frozen=True, kw_only=True):
    """``raised_at`` and ``ended_at`` are the station's times, ``received_at`` and ``closed_at`` ours. ``code``: the
    error code of a status (1.6), or techCode of an event. ``ending``: cleared by the station, or removed with its
    monitor. ``count``: how often the station told of it while it was open."""

    key: int
    station: int
    station_identity: str | None
    severity: int
    open: bool
    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    variable_instance: str | None
    monitor: int | None
    code: str | None
    value: str | None
    info: str | None
    vendor_id: str | None
    vendor_error_code: str | None
    transaction_id: str | None
    raised_at: datetime
    received_at: datetime
    last_at: datetime
    count: int
    ended_at: datetime | None
    closed_at: datetime | None
    ending: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None


@get("/", summary="Alarms of all stations: open ones first, the worst of them first, as JSON or CSV")
async def list_alarms(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    request: ApiRequest,
    page: Paging,
    within: Within,
    station_key: OfStation = None,
    is_open: IsOpen = None,
    acknowledged: IsAcknowledged = None,
    severity: UpToSeverity = None,
    text: WordsOfIt = None,
    count: Counting = False,
    wanted_format: CsvOrJson = None,
) -> Response[CountedPageOf[AlarmResource]]:
    """``from`` and ``to`` are about when it was first told of, by our clock."""
    query = AlarmFilter(
        tenant=request.tenant,
        station_key=station_key,
        open=is_open,
        acknowledged=acknowledged,
        severity=severity,
        text=text,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    if wants_csv(request, wanted_format):
        return csv_list("alarms", AlarmResource, lambda each: _page(request, query, each))
    found = await _page(request, query, page)
    total = await request.queries.alarm_count(query) if count else None
    return JsonResponse(CountedPageOf(found.items, found.next_cursor, total))


@get("/{station_key:int}/alarms", summary="Alarms of a station: open ones first, the worst of them first")
async def list_station_alarms(
    request: ApiRequest,
    page: Paging,
    station_key: StationKey,
    is_open: IsOpen = None,
    acknowledged: IsAcknowledged = None,
    severity: UpToSeverity = None,
) -> PageOf[AlarmResource]:
    await known_station(request, station_key)
    query = AlarmFilter(
        tenant=request.tenant, station_key=station_key, open=is_open, acknowledged=acknowledged, severity=severity
    )
    return await _page(request, query, page)


@get("/{alarm_key:int}", summary="One alarm")
async def get_alarm(request: ApiRequest, alarm_key: AlarmKey) -> AlarmResource:
    return await _one(request, await _known(request, alarm_key))


@get("/{alarm_key:int}/events", summary="What the station said of an alarm, newest first")
async def list_alarm_events(request: ApiRequest, page: Paging, alarm_key: AlarmKey) -> PageOf[StationEventResource]:
    await _known(request, alarm_key)
    query = StationEventFilter(tenant=request.tenant, alarm_key=alarm_key)
    return page_of(await request.queries.station_events(query, page), event_resource)


@post("/{alarm_key:int}/acknowledge", status_code=200, summary="Say that you have seen an alarm")
async def acknowledge_alarm(
    request: ApiRequest, alarm_key: AlarmKey, data: JSONBody[AcknowledgeDraft]
) -> AlarmResource:
    """It changes nothing about what is wrong. Also one that is over can be acknowledged; each of them once."""
    seen = await _known(request, alarm_key)
    if seen.acknowledgement is None:
        at = request.services.clock.now()
        made = AlarmAcknowledgement(alarm_key=alarm_key, at=at, by=request.caller.name, note=data.note)
        await request.services.journal.store([made], [_acknowledged(seen.alarm, made)])
        seen = await _known(request, alarm_key)
        if seen.acknowledgement == made:
            return await _one(request, seen)
    raise conflict("already-acknowledged", "Somebody has acknowledged this alarm before.")


def _acknowledged(alarm: Alarm, made: AlarmAcknowledgement) -> Event:
    data = {"alarm": alarm.key, "severity": alarm.severity, "by": made.by, "note": made.note}
    return Event(kind="AlarmAcknowledged", tenant=alarm.tenant, station_key=alarm.station_key, at=made.at, data=data)


async def _page(request: ApiRequest, query: AlarmFilter, page: PageRequest) -> PageOf[AlarmResource]:
    found = await request.queries.alarms(query, page)
    identities = await _identities(request, found.items)
    return page_of(found, lambda seen: _resource(seen, identities))


async def _known(request: ApiRequest, alarm_key: int) -> AlarmSeen:
    """The caller's alarm; a ProblemError of 404 where it is none, or another tenant's."""
    seen = await request.queries.alarm(request.tenant, alarm_key)
    if seen is None:
        raise not_found("alarm")
    return seen


async def _one(request: ApiRequest, seen: AlarmSeen) -> AlarmResource:
    return _resource(seen, await _identities(request, [seen]))


async def _identities(request: ApiRequest, found: Iterable[AlarmSeen]) -> Mapping[int, str]:
    """What the alarms' stations are called, by key: asked once for a page."""
    return await request.queries.station_identities(request.tenant, {seen.alarm.station_key for seen in found})


def _resource(seen: AlarmSeen, identities: Mapping[int, str]) -> AlarmResource:
    alarm, subject, acknowledgement = seen.alarm, seen.alarm.subject, seen.acknowledgement
    evse = place_of(subject.component) or Evse(0)
    return shaped(
        AlarmResource,
        alarm,
        station=alarm.station_key,
        station_identity=identities.get(alarm.station_key),
        open=alarm.is_open,
        component=subject.component.name,
        component_instance=subject.component.instance,
        evse_id=evse.id or None,
        connector_id=evse.connector_id,
        variable=subject.variable.name,
        variable_instance=subject.variable.instance,
        monitor=subject.monitor_id,
        code=subject.code or alarm.tech_code,
        acknowledged_at=acknowledgement.at if acknowledgement else None,
        acknowledged_by=acknowledgement.by if acknowledgement else None,
        note=acknowledgement.note if acknowledgement else None,
    )


alarms_router = Router(
    "/alarms", route_handlers=[list_alarms, get_alarm, list_alarm_events, acknowledge_alarm], tags=["Monitoring"]
)
station_alarms_router = Router("/stations", route_handlers=[list_station_alarms], tags=["Monitoring"])
