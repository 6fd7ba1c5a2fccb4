"""Security events that stations told of."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import OfStation, Paging, StationKey, Within
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.diagnostics.security_events import SecurityEventFilter, StoredSecurityEvent

EventType = Annotated[str | None, QueryParameter(name="type", max_length=50, description="As 2.x spells it.")]
Critical = Annotated[
    bool | None, QueryParameter(description="Only those that the specification calls critical, or does not.")
]


class SecurityEventResource(msgspec.Struct, frozen=True, kw_only=True):
    """``timestamp`` is the station's. ``critical`` null: the specification does not know the type."""

    key: int
    station: int
    type: str
    timestamp: datetime
    received_at: datetime
    critical: bool | None
    tech_info: str | None


@get("/{station_key:int}/security-events", summary="Security events of a station, as they arrived, newest first")
async def list_station_security_events(
    request: ApiRequest,
    page: Paging,
    within: Within,
    station_key: StationKey,
    of_type: EventType = None,
    critical: Critical = None,
) -> PageOf[SecurityEventResource]:
    await known_station(request, station_key)
    query = SecurityEventFilter(
        tenant=request.tenant,
        station_key=station_key,
        type=of_type,
        critical=critical,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    return page_of(await request.queries.security_events(query, page), _resource)


@get("/", summary="Security events of all stations, as they arrived, newest first")
async def list_security_events(
    request: ApiRequest,
    page: Paging,
    within: Within,
    station: OfStation = None,
    of_type: EventType = None,
    critical: Critical = None,
) -> PageOf[SecurityEventResource]:
    query = SecurityEventFilter(
        tenant=request.tenant,
        station_key=station,
        type=of_type,
        critical=critical,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    return page_of(await request.queries.security_events(query, page), _resource)


def _resource(stored: StoredSecurityEvent) -> SecurityEventResource:
    return shaped(SecurityEventResource, stored.event, key=stored.key, station=stored.event.station_key)


station_security_events_router = Router(
    "/stations", route_handlers=[list_station_security_events], tags=["Diagnostics"]
)
security_events_router = Router("/security-events", route_handlers=[list_security_events], tags=["Diagnostics"])
