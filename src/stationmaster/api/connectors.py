"""The Connectors of a station, and what it did that it should not have."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Router, get, patch
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from stationmaster.api.http.parameters import MAX_INT32, Paging, StationKey
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.command import Command
from stationmaster.domain.messages import ChargingState, ConnectorStatus
from stationmaster.domain.occupancy import Occupancy, occupancy
from stationmaster.domain.queries import LoggedOddity, OddityCount, OddityFilter
from stationmaster.domain.station import Connector, StationState

Eid = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9*\-]{0,47}\Z",
        description="EVSE id (ISO 15118-2 EVSEID, eMI3), at most 48 characters.",
        examples=["DE*ABC*E0001*1"],
    ),
]
_LATELY = timedelta(minutes=10)
"""Longer than any station waits for a cable."""
EvseNumber = Annotated[int, PathParameter(ge=1, le=MAX_INT32)]
ConnectorNumber = Annotated[int, PathParameter(ge=0, le=MAX_INT32, description="0: the EVSE as a whole.")]


class ConnectorChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``eid`` null takes it away."""

    eid: Eid | None


class EvseNameResource(msgspec.Struct, frozen=True, kw_only=True):
    """The EVSE id at a place; connector 0 is the EVSE as a whole, whose id its Connectors have unless they have one of
    their own."""

    evse_id: int
    connector_id: int
    eid: str | None


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
    starts = await starts_in_hand(request, station_key)
    return [_connector_resource(state, state.connectors[place], starts) for place in places]


async def starts_in_hand(request: ApiRequest, station_key: int) -> Sequence[Command]:
    """Those that were agreed to lately, and have not begun a transaction yet."""
    since = request.services.clock.now() - _LATELY
    in_hand = await request.queries.commands_in_hand(station_key, since)
    return [each for each in in_hand if each.kind == "RequestStartTransaction" and each.state == "accepted"]


@patch("/{station_key:int}/connectors/{evse_id:int}/{connector_id:int}", summary="Set the EVSE id for roaming partners")
async def name_evse(
    request: ApiRequest,
    station_key: StationKey,
    evse_id: EvseNumber,
    connector_id: ConnectorNumber,
    data: JSONBody[ConnectorChange],
) -> EvseNameResource:
    """It may be set before the station has told of the Connector. Transactions that begin from now on carry it;
    those before keep what they have."""
    station = await known_station(request, station_key)
    await request.services.stations.name_evse(station, evse_id, connector_id, data.eid)
    return EvseNameResource(evse_id=evse_id, connector_id=connector_id, eid=data.eid)


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


def _connector_resource(state: StationState, connector: Connector, starts: Sequence[Command]) -> ConnectorResource:
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
        eid=state.eid(connector.evse_id, connector.connector_id),
        occupancy=occupancy(connector, state.open.values(), starts),
        transaction=next(there, None),
    )


def _oddity_resource(logged: LoggedOddity) -> OddityResource:
    return shaped(OddityResource, logged.oddity, key=logged.key)


connectors_router = Router(
    "/stations", route_handlers=[list_connectors, name_evse, list_oddities, count_oddities], tags=["Stations"]
)
