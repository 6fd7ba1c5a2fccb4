"""The network profiles of a station: which CSMS it may connect to, in which slot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, get, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.commands.commands import CommandResource, give, shown
from stationmaster.api.http.parameters import MAX_INT32, StationKey, Wait
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.device_model.network_profile import (
    Apn,
    NetworkProfile,
    NetworkProfileSet,
    SetNetworkProfile,
    Vpn,
)

Slot = Annotated[int, PathParameter(ge=0, le=MAX_INT32, description="A slot of NetworkConfigurationPriority.")]
Url = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=r"^(wss?|https?)://[^\s/?#@]+[^\s?#@]*$",
        description="Of ws, wss, http or https, without name, password and query",
        examples=["wss://csms.example/ocpp"],
    ),
]
Interface = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3", "Any"
]  # fmt: skip
OcppVersion = Literal["OCPP12", "OCPP15", "OCPP16", "OCPP20", "OCPP201", "OCPP21"]
Name = Annotated[str, Meta(min_length=1, max_length=50)]
Secret = Annotated[str, Meta(min_length=1, max_length=64)]


class ApnDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    apn: Annotated[str, Meta(min_length=1, max_length=2000)]
    authentication: Literal["PAP", "CHAP", "NONE", "AUTO"] = "AUTO"
    user_name: Name | None = None
    password: Secret | None = None
    sim_pin: Annotated[int, Meta(ge=0, le=MAX_INT32)] | None = None
    preferred_network: Annotated[str, Meta(min_length=1, max_length=6)] | None = None
    use_only_preferred_network: bool = False


class VpnDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    server: Annotated[str, Meta(min_length=1, max_length=2000)]
    user: Name
    password: Secret
    key: Annotated[str, Meta(min_length=1, max_length=255)]
    type: Literal["IKEv2", "IPSec", "L2TP", "PPTP"]
    group: Name | None = None


class NetworkProfileDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``csms_url`` is without the station's identity. ``ocpp_version`` None: the station's choice (2.1), or 2.0.1.
    ``identity`` and ``basic_auth_password`` can be told to stations of 2.1; others use the ones that they have."""

    csms_url: Url
    security_profile: Annotated[int, Meta(ge=0, le=3)]
    message_timeout_s: Annotated[int, Meta(ge=1, le=MAX_INT32)] = 30
    interface: Interface = "Wired0"
    transport: Literal["JSON", "SOAP"] = "JSON"
    ocpp_version: OcppVersion | None = None
    identity: Annotated[str, Meta(min_length=1, max_length=48)] | None = None
    basic_auth_password: Annotated[str, Meta(min_length=16, max_length=64)] | None = None
    apn: ApnDraft | None = None
    vpn: VpnDraft | None = None

    def profile(self) -> NetworkProfile:
        plain = {name: value for name, value in msgspec.structs.asdict(self).items() if name not in ("apn", "vpn")}
        return NetworkProfile(
            **plain,
            apn=None if self.apn is None else Apn(**msgspec.structs.asdict(self.apn)),
            vpn=None if self.vpn is None else Vpn(**msgspec.structs.asdict(self.vpn)),
        )


class NetworkProfileResource(msgspec.Struct, frozen=True, kw_only=True):
    """A profile that the station took from here. Passwords, keys and PINs are not kept."""

    slot: int
    set_at: datetime
    csms_url: str
    security_profile: int | None
    message_timeout_s: int
    interface: str
    transport: str
    ocpp_version: str | None
    identity: str | None
    apn: str | None
    vpn: str | None


@get("/{station_key:int}/network-profiles", summary="The network profiles that were set from here, by slot")
async def list_network_profiles(request: ApiRequest, station_key: StationKey) -> Sequence[NetworkProfileResource]:
    await known_station(request, station_key)
    return [_resource(known) for known in await request.queries.network_profiles(request.tenant, station_key)]


@put("/{station_key:int}/network-profiles/{slot:int}", status_code=201, summary="Set a network profile of a station")
async def set_network_profile(
    request: ApiRequest, station_key: StationKey, slot: Slot, data: JSONBody[NetworkProfileDraft], wait: Wait = 0
) -> Response[CommandResource]:
    """Gives the station the command SetNetworkProfile (2.x). The station uses the profile once its variable
    OCPPCommCtrlr.NetworkConfigurationPriority names the slot and it connects anew."""
    await known_station(request, station_key)
    asked = SetNetworkProfile(slot=slot, profile=data.profile())
    return shown(request, await give(request, station_key, asked, wait))


def _resource(known: NetworkProfileSet) -> NetworkProfileResource:
    profile = known.profile
    return NetworkProfileResource(
        slot=known.slot,
        set_at=known.set_at,
        csms_url=profile.csms_url,
        security_profile=profile.security_profile,
        message_timeout_s=profile.message_timeout_s,
        interface=profile.interface,
        transport=profile.transport,
        ocpp_version=profile.ocpp_version,
        identity=profile.identity,
        apn=None if profile.apn is None else profile.apn.apn,
        vpn=None if profile.vpn is None else profile.vpn.server,
    )


network_profiles_router = Router(
    "/stations", route_handlers=[list_network_profiles, set_network_profile], tags=["Network profiles"]
)
