"""Periodic event streams of stations (2.1), and the values that came by them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.commands.commands import CommandResource, command_resource, location, waited
from stationmaster.api.http.parameters import MAX_INT32, Paging, StationKey, Wait, Within
from stationmaster.api.http.problems import invalid
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.monitoring.monitors import place_of
from stationmaster.api.stations import known_station
from stationmaster.domain.messages import Request
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    GetPeriodicEventStream,
    KnownStream,
    StoredStreamValue,
    StreamParams,
    StreamValueFilter,
)
from stationmaster.domain.monitoring.monitors import Monitor

StreamId = Annotated[int, PathParameter(ge=0, le=MAX_INT32, description="The station's own number of the stream.")]
Count = Annotated[int, Meta(ge=0, le=MAX_INT32)]


class StreamChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message every ``interval_s``, and as soon as there are ``values``: one of them at least."""

    interval_s: Count | None = None
    values: Count | None = None


class StreamResource(msgspec.Struct, frozen=True, kw_only=True):
    """``monitoring_id`` names the monitor; null: values came of a stream that was not opened here. ``component`` to
    ``severity`` are the monitor's, null: it is not known. ``pending``: how many values were waiting at the last
    message."""

    id: int
    monitoring_id: int | None
    component: str | None
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str | None
    variable_instance: str | None
    severity: int | None
    interval_s: int | None
    values: int | None
    opened_at: datetime
    last_at: datetime | None
    pending: int


class StreamValueResource(msgspec.Struct, frozen=True, kw_only=True):
    """``at`` is the station's time."""

    at: datetime
    received_at: datetime
    monitoring_id: int | None
    value: str


@get("/{station_key:int}/event-streams", summary="The periodic event streams that are open at a station")
async def list_event_streams(request: ApiRequest, station_key: StationKey) -> Sequence[StreamResource]:
    """Ask the station with a POST to ``event-streams/refresh``."""
    await known_station(request, station_key)
    known_monitors = await request.queries.monitors(station_key)
    monitors: dict[int | None, Monitor] = {each.monitor.id: each.monitor for each in known_monitors}
    streams = await request.queries.event_streams(request.tenant, station_key)
    return [_resource(known, monitors.get(known.monitoring_id)) for known in streams]


@post("/{station_key:int}/event-streams/refresh", summary="Ask a station which periodic event streams it has")
async def refresh_event_streams(
    request: ApiRequest, station_key: StationKey, wait: Wait = 0
) -> Response[CommandResource]:
    await known_station(request, station_key)
    return await _asked(request, station_key, GetPeriodicEventStream(), wait)


@patch("/{station_key:int}/event-streams/{stream_id:int}", status_code=201, summary="Adjust a periodic event stream")
async def adjust_event_stream(
    request: ApiRequest, station_key: StationKey, stream_id: StreamId, data: JSONBody[StreamChange], wait: Wait = 0
) -> Response[CommandResource]:
    """The answer is the command."""
    await known_station(request, station_key)
    params = StreamParams(interval_s=data.interval_s, values=data.values)
    if params.is_empty:
        raise invalid("body.interval_s", "give interval_s or values, above 0")
    return await _asked(request, station_key, AdjustPeriodicEventStream(id=stream_id, params=params), wait)


@get("/{station_key:int}/event-streams/{stream_id:int}/values", summary="What came by a stream, as it came")
async def list_stream_values(
    request: ApiRequest, page: Paging, within: Within, station_key: StationKey, stream_id: StreamId
) -> PageOf[StreamValueResource]:
    await known_station(request, station_key)
    query = StreamValueFilter(
        tenant=request.tenant,
        station_key=station_key,
        stream_id=stream_id,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    return page_of(await request.queries.stream_values(query, page), _value_resource)


async def _asked(request: ApiRequest, station_key: int, asked: Request, wait_s: float) -> Response[CommandResource]:
    command = await request.services.commands.submit(
        request.tenant, station_key, asked, requested_by=request.caller.name
    )
    command = await waited(request, command, wait_s)
    return JsonResponse(command_resource(command, request.caller.role), headers={"Location": location(command)})


def _resource(known: KnownStream, monitor: Monitor | None) -> StreamResource:
    component, variable = (None, None) if monitor is None else (monitor.component, monitor.variable)
    evse = None if component is None else place_of(component)
    return shaped(
        StreamResource,
        known,
        component=component.name if component else None,
        component_instance=component.instance if component else None,
        evse_id=evse.id if evse else None,
        connector_id=evse.connector_id if evse else None,
        variable=variable.name if variable else None,
        variable_instance=variable.instance if variable else None,
        severity=monitor.severity if monitor else None,
        interval_s=known.params.interval_s,
        values=known.params.values,
    )


def _value_resource(stored: StoredStreamValue) -> StreamValueResource:
    return shaped(StreamValueResource, stored.value)


_HANDLERS: list[Any] = [list_event_streams, refresh_event_streams, adjust_event_stream, list_stream_values]
periodic_streams_router = Router("/stations", route_handlers=_HANDLERS, tags=["Event streams"])
