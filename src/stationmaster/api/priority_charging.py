"""Priority charging: what stations told of their transactions."""

from datetime import datetime

import msgspec
from litestar import Router, get

from stationmaster.api.http.parameters import Paging, StationKey
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.priority_charging import PriorityCharging


class PriorityChargingResource(msgspec.Struct, frozen=True, kw_only=True):
    """``activated``: whether the transaction is charged with priority, as its station told at ``told_at``."""

    transaction: int
    activated: bool
    told_at: datetime


@get("/{station_key:int}/priority-charging", summary="Transactions with priority charging, newest first")
async def list_priority_charging(
    request: ApiRequest, page: Paging, station_key: StationKey
) -> PageOf[PriorityChargingResource]:
    """Those that ever had it; the command UsePriorityCharging turns it on and off."""
    await known_station(request, station_key)
    return page_of(await request.queries.priority_chargings(request.tenant, station_key, page), _resource)


def _resource(told: PriorityCharging) -> PriorityChargingResource:
    return shaped(PriorityChargingResource, told, transaction=told.transaction_key)


priority_charging_router = Router("/stations", route_handlers=[list_priority_charging], tags=["Commands"])
