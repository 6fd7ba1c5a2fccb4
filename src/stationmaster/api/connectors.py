"""The Connectors of a station, and what it did that it should not have."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.parameters import Paging, StationKey
from stationmaster.api.problems import not_found
from stationmaster.api.resources import PageOf, page_of, shaped
from stationmaster.api.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.messages import ChargingState, ConnectorStatus
from stationmaster.domain.occupancy import Occupancy, occupancy
from stationmaster.domain.queries import LoggedOddity, OddityCount, OddityFilter
from stationmaster.domain.station import Connector, StationState


class ConnectorResource(msgspec.Struct, frozen=True, kw_only=True):
    """``since`` is the station's time of the status. ``occupancy`` is what it and the transaction there come to.
    ``eid``: the EVSE id by which roaming partners know it."""

    evse_id: int
    connector_id: int
    status: ConnectorStatus
    occupancy: Occupancy
    since: datetime
    received_at: datetime
    charging_state: ChargingState | None
    error_code: str | None
    info: str | None
    vendor_id: str | None
    vendor_error_code: str | None
    eid: str | None
    transaction: int | None


class OddityResource(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    at: datetime
    kind: str
    action: str | None
    detail: str


@get("/{station_key:int}/connectors", summary="Connectors of a station, with their occupancy")
async def list_connectors(request: ApiRequest, station_key: StationKey) -> Sequence[ConnectorResource]:
    state = await request.queries.load(station_key)
    if state is None or state.tenant != request.tenant:
        raise not_found("station")
    places = sorted(place for place in state.connectors if place[1] > 0)
    return [_connector_resource(state, state.connectors[place]) for place in places]


@get("/{station_key:int}/oddities", summary="What a station did that it should not have, newest first")
async def list_oddities(
    request: ApiRequest,
    page: Paging,
    station_key: StationKey,
    kind: Annotated[str | None, QueryParameter(max_length=100)] = None,
) -> PageOf[OddityResource]:
    await known_station(request, station_key)
    query = OddityFilter(tenant=request.tenant, station_key=station_key, kind=kind)
    return page_of(await request.queries.oddities(query, page), _oddity_resource)


@get("/{station_key:int}/oddities/counts", summary="How often a station did each odd thing")
async def count_oddities(request: ApiRequest, station_key: StationKey) -> Sequence[OddityCount]:
    await known_station(request, station_key)
    return await request.queries.oddity_counts(request.tenant, station_key)


def _connector_resource(state: StationState, connector: Connector) -> ConnectorResource:
    there = (
        tx.key
        for tx in state.open.values()
        if tx.evse is not None
        and tx.evse.id == connector.evse_id
        and tx.evse.connector_id in (None, connector.connector_id)
    )
    return shaped(
        ConnectorResource,
        connector,
        occupancy=occupancy(connector, state.open.values()),
        transaction=next(there, None),
    )


def _oddity_resource(logged: LoggedOddity) -> OddityResource:
    return shaped(OddityResource, logged.oddity, key=logged.key)


connectors_router = Router(
    "/stations", route_handlers=[list_connectors, list_oddities, count_oddities], tags=["Stations"]
)
