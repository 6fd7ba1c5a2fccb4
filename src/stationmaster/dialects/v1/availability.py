"""G Availability in 1.6: nine connector states for the domain's five, and what charging does beside them."""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.moments import utc, utc_or
from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.words import clip, words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Acknowledged,
    ChangeAvailability,
    ChargingState,
    CommandAnswer,
    ConnectorStatus,
    Heartbeat,
    HeartbeatAnswer,
    NotifyEvent,
    Request,
    StatusNotification,
)
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

STATUSES: Mapping[str, tuple[ConnectorStatus, ChargingState | None, bool]] = {
    "Available": ("Available", None, False),
    "Preparing": ("Occupied", "EVConnected", False),
    "Charging": ("Occupied", "Charging", False),
    "SuspendedEVSE": ("Occupied", "SuspendedEVSE", False),
    "SuspendedEV": ("Occupied", "SuspendedEV", False),
    "Finishing": ("Occupied", "Idle", True),
    "Reserved": ("Reserved", None, False),
    "Unavailable": ("Unavailable", None, False),
    "Faulted": ("Faulted", None, False),
    "Occupied": ("Occupied", None, False),  # 1.2 and 1.5
}
"""1.x's status as the domain's status, charging state and whether it is finishing."""

_OCCUPIED: Mapping[ChargingState | None, v16.ChargePointStatus] = {
    None: "Preparing",
    "Idle": "Preparing",
    "EVConnected": "Preparing",
    "Charging": "Charging",
    "SuspendedEV": "SuspendedEV",
    "SuspendedEVSE": "SuspendedEVSE",
}
_ERROR_CODES: Mapping[str, v16.ChargePointErrorCode] = words(v16.ChargePointErrorCode)
_AVAILABILITY: Mapping[str, v16.AvailabilityStatus] = words(v16.AvailabilityStatus)


def read_status(facts: StationFacts, message: wire.StatusNotificationRequest) -> StatusNotification:
    if message.connector_id is None:
        raise Unattributable("connectorId")
    found = STATUSES.get(message.status or "")
    if found is None:
        raise Unattributable("status")
    status, charging_state, finishing = found
    return StatusNotification(
        evse=facts.evse_of(message.connector_id),
        status=status,
        timestamp=utc(message.timestamp),
        charging_state=charging_state,
        finishing=finishing,
        error_code=message.error_code if message.error_code != "NoError" else None,
        info=message.info,
        vendor_id=message.vendor_id,
        vendor_error_code=message.vendor_error_code,
    )


def write_status_answer(
    facts: StationFacts, request: StatusNotification, answer: Acknowledged
) -> v16.StatusNotificationResponse:
    return v16.StatusNotificationResponse()


def write_status(facts: StationFacts, request: StatusNotification) -> v16.StatusNotificationRequest:
    error_code = request.error_code
    return v16.StatusNotificationRequest(
        connector_id=facts.connector_of(request.evse),
        error_code=_ERROR_CODES.get(error_code, "OtherError") if error_code is not None else "NoError",
        info=clip(request.info, 50),
        status=_status(request),
        timestamp=request.timestamp,
        vendor_id=clip(request.vendor_id, 255),
        vendor_error_code=clip(request.vendor_error_code, 50),
    )


def _status(request: StatusNotification) -> v16.ChargePointStatus:
    if request.status != "Occupied":
        return request.status
    return "Finishing" if request.finishing else _OCCUPIED[request.charging_state]


def read_status_answer(facts: StationFacts, request: StatusNotification, answer: Any) -> Acknowledged:
    return ACKNOWLEDGED


def read_heartbeat(facts: StationFacts, message: wire.HeartbeatRequest) -> Heartbeat:
    return Heartbeat()


def write_heartbeat_answer(facts: StationFacts, request: Heartbeat, answer: HeartbeatAnswer) -> v16.HeartbeatResponse:
    return v16.HeartbeatResponse(current_time=answer.current_time)


def write_heartbeat(facts: StationFacts, request: Heartbeat) -> v16.HeartbeatRequest:
    return v16.HeartbeatRequest()


def read_heartbeat_answer(facts: StationFacts, request: Heartbeat, answer: wire.HeartbeatResponse) -> HeartbeatAnswer:
    return HeartbeatAnswer(current_time=utc_or(answer.current_time))


def read_change(facts: StationFacts, message: wire.ChangeAvailabilityRequest) -> ChangeAvailability:
    connector_id = message.connector_id
    if connector_id is None:
        raise Unattributable("connectorId")
    if message.type not in ("Operative", "Inoperative"):
        raise Unattributable("type")
    return ChangeAvailability(
        operative=message.type == "Operative",
        evse=facts.evse_of(connector_id) if connector_id != 0 else None,
    )


def write_change_answer(
    facts: StationFacts, request: ChangeAvailability, answer: CommandAnswer
) -> v16.ChangeAvailabilityResponse:
    return v16.ChangeAvailabilityResponse(status=_AVAILABILITY.get(answer.status, "Rejected"))


def write_change(facts: StationFacts, request: ChangeAvailability) -> v16.ChangeAvailabilityRequest:
    return v16.ChangeAvailabilityRequest(
        connector_id=facts.connector_of(request.evse),
        type="Operative" if request.operative else "Inoperative",
    )


INCOMING: Mapping[str, Incoming] = {
    "StatusNotification": Incoming(read_status, write_status_answer),
    "Heartbeat": Incoming(read_heartbeat, write_heartbeat_answer),
    "ChangeAvailability": Incoming(read_change, write_change_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    StatusNotification: one_call("StatusNotification", write_status, read_status_answer),
    Heartbeat: one_call("Heartbeat", write_heartbeat, read_heartbeat_answer),
    ChangeAvailability: one_call("ChangeAvailability", write_change, read_answer),
    NotifyEvent: unsupported("OCPP 1.x has no device model whose events could be reported"),
}
