"""B09 SetNetworkProfile in 2.x."""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, Unsupported, WireCall
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.device_model.network_profile import Apn, NetworkProfile, SetNetworkProfile, Vpn
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str, v21.SetNetworkProfileStatusEnumType] = words(v21.SetNetworkProfileStatusEnumType)
_INTERFACES: Mapping[str, v21.OCPPInterfaceEnumType] = words(v21.OCPPInterfaceEnumType)
_TRANSPORTS: Mapping[str, v21.OCPPTransportEnumType] = words(v21.OCPPTransportEnumType)
_VERSIONS: Mapping[str, v21.OCPPVersionEnumType] = words(v21.OCPPVersionEnumType)
_AUTHENTICATIONS: Mapping[str, v21.APNAuthenticationEnumType] = words(v21.APNAuthenticationEnumType)
_VPNS: Mapping[str, v21.VPNEnumType] = words(v21.VPNEnumType)

_BEFORE_2_1: Mapping[str | None, v21.OCPPVersionEnumType] = {None: "OCPP20", "OCPP201": "OCPP20"}
"""Before 2.1 the version must be named, and OCPP20 stands for 2.0.1 (TC_B_42)."""
_NOT_CARRIED = "OCPP 2.0 cannot carry the security profile: the station was not told it"

_NOT_HERE = (
    "OCPP {} has no password in a network profile: leave it out, and set SecurityCtrlr.BasicAuthPassword "
    "with SetVariables"
)


def read_set(facts: StationFacts, message: wire.SetNetworkProfileRequest) -> SetNetworkProfile:
    """What is missing of the profile itself is for the station to find fault with."""
    data = message.connection_data
    if message.configuration_slot is None:
        raise Unattributable("configurationSlot")
    if data is None:
        raise Unattributable("connectionData")
    profile = NetworkProfile(
        csms_url=data.ocpp_csms_url or "",
        message_timeout_s=data.message_timeout or 0,
        security_profile=data.security_profile,
        interface=data.ocpp_interface or "",
        transport=data.ocpp_transport or "",
        ocpp_version=data.ocpp_version,
        identity=data.identity,
        basic_auth_password=data.basic_auth_password,
        apn=None if data.apn is None else _read_apn(data.apn),
        vpn=None if data.vpn is None else _read_vpn(data.vpn),
    )
    return SetNetworkProfile(slot=message.configuration_slot, profile=profile)


def _read_apn(apn: wire.APNType) -> Apn:
    return Apn(
        apn=apn.apn or "",
        authentication=apn.apn_authentication or "",
        user_name=apn.apn_user_name,
        password=apn.apn_password,
        sim_pin=apn.sim_pin,
        preferred_network=apn.preferred_network,
        use_only_preferred_network=bool(apn.use_only_preferred_network),
    )


def _read_vpn(vpn: wire.VPNType) -> Vpn:
    return Vpn(
        server=vpn.server or "",
        user=vpn.user or "",
        password=vpn.password or "",
        key=vpn.key or "",
        type=vpn.type or "",
        group=vpn.group,
    )


def write_set_answer(
    facts: StationFacts, request: SetNetworkProfile, answer: CommandAnswer
) -> v21.SetNetworkProfileResponse:
    return v21.SetNetworkProfileResponse(
        status=_STATUSES.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def set_profile(facts: StationFacts, request: SetNetworkProfile) -> Exchange:
    response = yield WireCall("SetNetworkProfile", write_set(facts, request))
    answer = read_answer(facts, request, response)
    if facts.version == "2.0" and answer.info is None and request.profile.security_profile is not None:
        return CommandAnswer(status=answer.status, reason=answer.reason, info=_NOT_CARRIED)
    return answer


def write_set(facts: StationFacts, request: SetNetworkProfile) -> v21.SetNetworkProfileRequest:
    profile = request.profile
    if profile.security_profile is None:
        raise Unsupported("a network profile of OCPP 2.x names its security profile")
    version = profile.ocpp_version
    if facts.version != "2.1" and profile.basic_auth_password is not None:
        raise Unsupported(_NOT_HERE.format(facts.version))
    if facts.version != "2.1":
        version = _BEFORE_2_1.get(version, version)
    return v21.SetNetworkProfileRequest(
        configuration_slot=request.slot,
        connection_data=v21.NetworkConnectionProfileType(
            ocpp_csms_url=profile.csms_url,
            message_timeout=profile.message_timeout_s,
            security_profile=profile.security_profile,
            ocpp_interface=_word(_INTERFACES, profile.interface, "interface"),
            ocpp_transport=_word(_TRANSPORTS, profile.transport, "transport"),
            ocpp_version=None if version is None else _word(_VERSIONS, version, "version"),
            identity=profile.identity,
            basic_auth_password=profile.basic_auth_password,
            apn=None if profile.apn is None else _write_apn(profile.apn),
            vpn=None if profile.vpn is None else _write_vpn(profile.vpn),
        ),
    )


def _write_apn(apn: Apn) -> v21.APNType:
    return v21.APNType(
        apn=apn.apn,
        apn_authentication=_word(_AUTHENTICATIONS, apn.authentication, "authentication of an APN"),
        apn_user_name=apn.user_name,
        apn_password=apn.password,
        sim_pin=apn.sim_pin,
        preferred_network=apn.preferred_network,
        use_only_preferred_network=apn.use_only_preferred_network,
    )


def _write_vpn(vpn: Vpn) -> v21.VPNType:
    return v21.VPNType(
        server=vpn.server,
        user=vpn.user,
        password=vpn.password,
        key=vpn.key,
        type=_word(_VPNS, vpn.type, "kind of VPN"),
        group=vpn.group,
    )


def _word(known: Mapping[str, Any], text: str, what: str) -> Any:
    found = known.get(text)
    if found is None:
        raise Unsupported(f"OCPP 2.x has no {what} {text!r}")
    return found


INCOMING: Mapping[str, Incoming] = {"SetNetworkProfile": Incoming(read_set, write_set_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {SetNetworkProfile: set_profile}
