"""A04 Security events in 2.x."""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.words import clip, words
from stationmaster.domain.diagnostics.security_events import MAX_TECH_INFO, MAX_TYPE, SecurityEventNotification
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, Request
from stationmaster.ocpp import v20, v21
from stationmaster.ocpp.v21 import lenient as wire

_TYPES_20: Mapping[str, Any] = words(v20.SecurityEventEnumType)


def read_event(facts: StationFacts, message: wire.SecurityEventNotificationRequest) -> SecurityEventNotification:
    if message.type is None:
        raise Unattributable("type")
    return SecurityEventNotification(
        type=message.type, timestamp=utc_or(message.timestamp), tech_info=message.tech_info
    )


def write_event_answer(
    facts: StationFacts, request: SecurityEventNotification, answer: Acknowledged
) -> v21.SecurityEventNotificationResponse:
    return v21.SecurityEventNotificationResponse()


def write_event(facts: StationFacts, request: SecurityEventNotification) -> v21.SecurityEventNotificationRequest:
    """2.0 has a closed list of events, and no techInfo."""
    if facts.version == "2.0" and request.type not in _TYPES_20:
        raise Unsupported(f"OCPP 2.0 has no security event {request.type}")
    return v21.SecurityEventNotificationRequest(
        type=request.type[:MAX_TYPE],
        timestamp=request.timestamp,
        tech_info=clip(request.tech_info, MAX_TECH_INFO) if facts.version != "2.0" else None,
    )


def _read_answer(facts: StationFacts, request: SecurityEventNotification, answer: object) -> Acknowledged:
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {"SecurityEventNotification": Incoming(read_event, write_event_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SecurityEventNotification: one_call("SecurityEventNotification", write_event, _read_answer),
}
