"""A04 Security events in 1.6, which has them with its security extension alone."""

from collections.abc import Mapping

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, Unsupported, WireCall
from stationmaster.dialects.v1.security_extension import EXTENSION
from stationmaster.dialects.words import clip
from stationmaster.domain.diagnostics.security_events import MAX_TECH_INFO, MAX_TYPE, SecurityEventNotification
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_TYPES: Mapping[str, str] = {
    "FailedToAuthenticateAtCsms": "FailedToAuthenticationAtCentralSystem",
    "CsmsFailedToAuthenticate": "CentralSystemFailedToAuthentication",
    "InvalidCsmsCertificate": "InvalidCentralSystemCertificate",
    "InvalidChargingStationCertificate": "InvalidChargePointCertificate",
}
_TYPES_2X: Mapping[str, str] = {name_1x: name for name, name_1x in _TYPES.items()}


def read_event(facts: StationFacts, message: wire.SecurityEventNotificationRequest) -> SecurityEventNotification:
    """Early editions of the whitepaper print two of the names with spaces in them."""
    if message.type is None:
        raise Unattributable("type")
    name = "".join(message.type.split())
    return SecurityEventNotification(
        type=_TYPES_2X.get(name, message.type),
        timestamp=utc_or(message.timestamp),
        tech_info=message.tech_info,
        extended=True,
    )


def write_event_answer(
    facts: StationFacts, request: SecurityEventNotification, answer: Acknowledged
) -> v16.SecurityEventNotificationResponse:
    return v16.SecurityEventNotificationResponse()


def _event(facts: StationFacts, request: SecurityEventNotification) -> Exchange:
    if EXTENSION not in facts.capabilities:
        raise Unsupported("security events need the security extension of OCPP 1.6")
    yield WireCall(
        "SecurityEventNotification",
        v16.SecurityEventNotificationRequest(
            type=_TYPES.get(request.type, request.type)[:MAX_TYPE],
            timestamp=request.timestamp,
            tech_info=clip(request.tech_info, MAX_TECH_INFO),
        ),
    )
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {"SecurityEventNotification": Incoming(read_event, write_event_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {SecurityEventNotification: _event}
