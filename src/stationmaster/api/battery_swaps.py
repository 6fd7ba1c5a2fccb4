"""Battery swaps: which there were, and asking a station for one."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, QueryParameter

from stationmaster.api.authorization.token_judging import check_accepted
from stationmaster.api.commands.command_drafts import IdTokenDraft
from stationmaster.api.commands.commands import CommandResource, command_resource, location, waited
from stationmaster.api.http.parameters import OfStation, Paging, StationKey, Wait
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.battery_swap import Battery, RequestBatterySwap, Swap, SwapFilter, SwapState
from stationmaster.domain.identity import IdToken


class BatterySwapDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id_token: IdTokenDraft


class BatteryResource(msgspec.Struct, frozen=True, kw_only=True):
    """``evse_id`` is the slot; state of charge and of health in percent."""

    evse_id: int
    serial_number: str
    soc_pct: Decimal
    soh_pct: Decimal
    produced_at: datetime | None
    vendor_info: str | None


class BatterySwapResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: requested, refused (by the station), in (brought, none taken), out (taken, none brought), done, or
    out_timeout (``offered`` and not taken in time). ``poor``: serial numbers of too little health."""

    key: int
    station: int
    request_id: int
    id_token: str
    state: SwapState
    started_at: datetime
    changed_at: datetime
    brought: tuple[BatteryResource, ...]
    taken: tuple[BatteryResource, ...]
    offered: tuple[BatteryResource, ...]
    poor: tuple[str, ...]


@post("/{station_key:int}/battery-swaps", summary="Ask a station to swap batteries for a token")
async def request_battery_swap(
    request: ApiRequest, station_key: StationKey, data: JSONBody[BatterySwapDraft], wait: Wait = 0
) -> Response[CommandResource]:
    """The token must be accepted (S02.FR.03)."""
    await known_station(request, station_key)
    id_token = IdToken(data.id_token.value, data.id_token.type)
    await check_accepted(request, station_key, id_token)
    command = await request.services.commands.submit(
        request.tenant, station_key, RequestBatterySwap(id_token=id_token), requested_by=request.caller.name
    )
    command = await waited(request, command, wait)
    return JsonResponse(command_resource(command, request.caller.role), headers={"Location": location(command)})


@get("/", summary="Battery swaps, newest first")
async def list_battery_swaps(
    request: ApiRequest,
    page: Paging,
    station: OfStation = None,
    in_state: Annotated[SwapState | None, QueryParameter(name="state")] = None,
) -> PageOf[BatterySwapResource]:
    query = SwapFilter(tenant=request.tenant, station_key=station, state=in_state)
    return page_of(await request.queries.battery_swaps(query, page), _resource)


def _resource(swap: Swap) -> BatterySwapResource:
    return shaped(
        BatterySwapResource,
        swap,
        station=swap.station_key,
        id_token=swap.id_token.value,
        brought=_batteries(swap.brought),
        taken=_batteries(swap.taken),
        offered=_batteries(swap.offered),
    )


def _batteries(batteries: tuple[Battery, ...]) -> tuple[BatteryResource, ...]:
    return tuple(shaped(BatteryResource, battery) for battery in batteries)


battery_swap_requests_router = Router("/stations", route_handlers=[request_battery_swap], tags=["Battery swap"])
battery_swaps_router = Router("/battery-swaps", route_handlers=[list_battery_swaps], tags=["Battery swap"])
