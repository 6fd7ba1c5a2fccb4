"""What a station watches of itself: its monitors, and the events that it sent."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import Paging, StationKey, Within
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.device_model.addresses import Component
from stationmaster.domain.identity import Evse
from stationmaster.domain.monitoring.alarms import KnownMonitor
from stationmaster.domain.monitoring.monitors import Origin
from stationmaster.domain.monitoring.queries import StationEventFilter, StoredEvent

UpToSeverity = Annotated[
    int | None, QueryParameter(name="severity", ge=0, le=9, description="This severity and worse (lower) ones.")
]


class StreamParamsResource(msgspec.Struct, frozen=True, kw_only=True):
    interval_s: int | None
    values: int | None


class MonitorResource(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor as the station last told of it. ``origin`` null: its version does not say. ``stream``: the periodic
    event stream that it was set with; ``stream_id``: the one by which its values come now, null: by events."""

    id: int
    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    variable_instance: str | None
    type: str
    value: Decimal
    severity: int
    transaction: bool
    origin: Origin | None
    stream: StreamParamsResource | None
    stream_id: int | None
    told_at: datetime


class StationEventResource(msgspec.Struct, frozen=True, kw_only=True):
    """One event. ``timestamp`` is the station's time, null: it gave none. A 1.6 station sends none; what its status
    said of an alarm stands here in the same form, with ``event_id`` 0."""

    key: int
    event_id: int
    timestamp: datetime | None
    received_at: datetime
    trigger: str
    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    variable_instance: str | None
    actual_value: str
    severity: int | None
    cleared: bool
    cause: int | None
    tech_code: str | None
    tech_info: str | None
    monitoring_id: int | None
    notification_type: str | None
    transaction_id: str | None
    alarm: int | None


@get("/{station_key:int}/monitors", summary="Monitors of a station, as far as they are known")
async def list_monitors(request: ApiRequest, station_key: StationKey) -> Sequence[MonitorResource]:
    """Known from the station's answers and reports; the command GetMonitoringReport asks for all of them."""
    await known_station(request, station_key)
    streams = await request.queries.event_streams(request.tenant, station_key)
    open_of = {known.monitoring_id: known.id for known in streams}
    return [
        _monitor_resource(known, open_of.get(known.monitor.id)) for known in await request.queries.monitors(station_key)
    ]


@get("/{station_key:int}/station-events", summary="Events of a station, newest first")
async def list_station_events(
    request: ApiRequest,
    page: Paging,
    within: Within,
    station_key: StationKey,
    severity: UpToSeverity = None,
    component: Annotated[str | None, QueryParameter(max_length=50)] = None,
    variable: Annotated[str | None, QueryParameter(max_length=50)] = None,
) -> PageOf[StationEventResource]:
    await known_station(request, station_key)
    query = StationEventFilter(
        tenant=request.tenant,
        station_key=station_key,
        component=component,
        variable=variable,
        severity=severity,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    return page_of(await request.queries.station_events(query, page), event_resource)


def event_resource(stored: StoredEvent) -> StationEventResource:
    record = stored.event
    evse = record.event.evse
    return shaped(
        StationEventResource,
        record.event,
        key=stored.key,
        received_at=record.received_at,
        severity=record.severity,
        evse_id=evse.id if evse else None,
        connector_id=evse.connector_id if evse else None,
        alarm=record.alarm_key,
    )


def place_of(component: Component) -> Evse | None:
    return component.evse if component.evse is not None and component.evse.id else None


def _monitor_resource(known: KnownMonitor, stream_id: int | None) -> MonitorResource:
    monitor = known.monitor
    evse = place_of(monitor.component)
    return shaped(
        MonitorResource,
        monitor,
        component=monitor.component.name,
        component_instance=monitor.component.instance,
        evse_id=evse.id if evse else None,
        connector_id=evse.connector_id if evse else None,
        variable=monitor.variable.name,
        variable_instance=monitor.variable.instance,
        stream=None if monitor.stream is None else shaped(StreamParamsResource, monitor.stream),
        stream_id=stream_id,
        told_at=known.told_at,
    )


monitoring_router = Router("/stations", route_handlers=[list_monitors, list_station_events], tags=["Monitoring"])
