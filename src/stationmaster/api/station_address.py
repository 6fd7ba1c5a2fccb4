"""What is to be configured in a station so that it reaches this CSMS."""

import msgspec
from litestar import Router, get

from stationmaster.api.http.parameters import StationKey
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.ocpp.version import SOAP_VERSIONS


class StationAddress(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` is the whole of it, with the identity that most stations add by themselves to ``base_url``. The user name
    of HTTP Basic is the identity; ``has_password``: whether it must send one. ``soap``: where it posts to if it speaks
    SOAP, by version, ``any`` for all of them at one address; null: nobody listens."""

    url: str
    base_url: str
    username: str
    has_password: bool
    soap: dict[str, str] | None


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
        soap=None if request.services.soap_url is None else _soap(f"{request.services.soap_url}{tenant}"),
    )


def _soap(base_url: str) -> dict[str, str]:
    versions = (version.removesuffix("S") for version in SOAP_VERSIONS)
    return {"any": base_url, **{version: f"{base_url}/v{version}" for version in versions}}


station_address_router = Router("/stations", route_handlers=[get_station_address], tags=["Stations"])
