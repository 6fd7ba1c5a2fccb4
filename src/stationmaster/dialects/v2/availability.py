"""G Availability in 2.x.

2.1 prefers NotifyEvent for a status and we send that; 2.0.1 has StatusNotification alone, which is about one connector
(an EVSE as a whole is its connector 0) and never about the station.
"""

from collections.abc import Mapping

from stationmaster.dialects.moments import UNKNOWN_TIME, utc, utc_or
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, WireCall, one_call
from stationmaster.dialects.v2.events import status_event, write_notify
from stationmaster.dialects.v2.parts import read_answer, read_evse, write_evse, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Acknowledged,
    ChangeAvailability,
    CommandAnswer,
    ConnectorStatus,
    Heartbeat,
    HeartbeatAnswer,
    Request,
    StatusNotification,
)
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str | None, ConnectorStatus] = words(ConnectorStatus)
_CHANGE: Mapping[str, v21.ChangeAvailabilityStatusEnumType] = words(v21.ChangeAvailabilityStatusEnumType)


def read_status(facts: StationFacts, message: wire.StatusNotificationRequest) -> StatusNotification:
    if message.evse_id is None:
        raise Unattributable("evseId")
    if message.connector_id is None:
        raise Unattributable("connectorId")
    status = _STATUSES.get(message.connector_status)
    if status is None:
        raise Unattributable("connectorStatus")
    return StatusNotification(
        evse=Evse(message.evse_id, message.connector_id or None),
        status=status,
        timestamp=utc(message.timestamp),
    )


def write_status_answer(
    facts: StationFacts, request: StatusNotification, answer: Acknowledged
) -> v21.StatusNotificationResponse:
    return v21.StatusNotificationResponse()


def _status(facts: StationFacts, request: StatusNotification) -> Exchange:
    if facts.version == "2.1":
        yield WireCall("NotifyEvent", write_notify(facts, status_event(request)))
    elif request.evse.id != 0:
        yield WireCall("StatusNotification", write_status(request))
    return ACKNOWLEDGED


def write_status(request: StatusNotification) -> v21.StatusNotificationRequest:
    return v21.StatusNotificationRequest(
        timestamp=request.timestamp or UNKNOWN_TIME,
        connector_status=request.status,
        evse_id=request.evse.id,
        connector_id=request.evse.connector_id or 0,
    )


def read_heartbeat(facts: StationFacts, message: wire.HeartbeatRequest) -> Heartbeat:
    return Heartbeat()


def write_heartbeat_answer(facts: StationFacts, request: Heartbeat, answer: HeartbeatAnswer) -> v21.HeartbeatResponse:
    return v21.HeartbeatResponse(current_time=answer.current_time)


def write_heartbeat(facts: StationFacts, request: Heartbeat) -> v21.HeartbeatRequest:
    return v21.HeartbeatRequest()


def read_heartbeat_answer(facts: StationFacts, request: Heartbeat, answer: wire.HeartbeatResponse) -> HeartbeatAnswer:
    return HeartbeatAnswer(current_time=utc_or(answer.current_time))


def read_change(facts: StationFacts, message: wire.ChangeAvailabilityRequest) -> ChangeAvailability:
    if message.operational_status not in ("Operative", "Inoperative"):
        raise Unattributable("operationalStatus")
    return ChangeAvailability(operative=message.operational_status == "Operative", evse=read_evse(message.evse))


def write_change_answer(
    facts: StationFacts, request: ChangeAvailability, answer: CommandAnswer
) -> v21.ChangeAvailabilityResponse:
    return v21.ChangeAvailabilityResponse(
        status=_CHANGE.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_change(facts: StationFacts, request: ChangeAvailability) -> v21.ChangeAvailabilityRequest:
    return v21.ChangeAvailabilityRequest(
        evse=write_evse(request.evse),
        operational_status="Operative" if request.operative else "Inoperative",
    )


INCOMING: Mapping[str, Incoming] = {
    "StatusNotification": Incoming(read_status, write_status_answer),
    "Heartbeat": Incoming(read_heartbeat, write_heartbeat_answer),
    "ChangeAvailability": Incoming(read_change, write_change_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    StatusNotification: _status,
    Heartbeat: one_call("Heartbeat", write_heartbeat, read_heartbeat_answer),
    ChangeAvailability: one_call("ChangeAvailability", write_change, read_answer),
}
