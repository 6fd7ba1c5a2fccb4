"""What is to be configured in a station so that it reaches this CSMS."""

import msgspec
from litestar import Router, get

from stationmaster.api.http.parameters import StationKey
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.identity import DEFAULT_TENANT


class StationAddress(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` is the whole of it, with the identity that most stations add by themselves to ``base_url``. The user name
    of HTTP Basic is the identity; ``has_password``: whether it must send one."""

    url: str
    base_url: str
    username: str
    has_password: bool


@get("/{station_key:int}/address", summary="What to configure in a station so that it connects here")
async def get_station_address(request: ApiRequest, station_key: StationKey) -> StationAddress:
    station = await known_station(request, station_key)
    tenant = "" if station.tenant == DEFAULT_TENANT else f"/{station.tenant}"
    base_url = f"{request.services.ocpp_url}{tenant}"
    return StationAddress(
        url=f"{base_url}/{station.identity}",
        base_url=base_url,
        username=station.identity,
        has_password=station.password_hash is not None,
    )


station_address_router = Router("/stations", route_handlers=[get_station_address], tags=["Stations"])
