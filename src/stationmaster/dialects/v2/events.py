"""N07 NotifyEvent in 2.x, and 2.1's connector status, which is an event of the variable AvailabilityState (G01)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zlib import crc32

from stationmaster.dialects.moments import UNKNOWN_TIME, utc
from stationmaster.dialects.table import Incoming, Outgoing, Unsupported, one_call
from stationmaster.dialects.v2.parts import read_evse, write_evse
from stationmaster.dialects.words import clip, words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Acknowledged,
    EventData,
    NotifyEvent,
    Request,
    StatusNotification,
)
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_TRIGGERS: Mapping[str, v21.EventTriggerEnumType] = words(v21.EventTriggerEnumType)
_NOTIFICATION_TYPES: Mapping[str | None, v21.EventNotificationEnumType] = {
    None: "HardWiredNotification",
    **words(v21.EventNotificationEnumType),
}


def read_notify(facts: StationFacts, message: wire.NotifyEventRequest) -> NotifyEvent:
    return NotifyEvent(
        events=tuple([_read_event(event) for event in message.event_data]),
        generated_at=utc(message.generated_at),
        seq_no=message.seq_no or 0,
        to_be_continued=bool(message.tbc),
    )


def _read_event(event: wire.EventDataType) -> EventData:
    component = event.component or wire.ComponentType()
    variable = event.variable or wire.VariableType()
    return EventData(
        event_id=event.event_id or 0,
        timestamp=utc(event.timestamp),
        trigger=event.trigger or "",
        component=component.name or "",
        variable=variable.name or "",
        actual_value=event.actual_value or "",
        evse=read_evse(component.evse),
        component_instance=component.instance,
        variable_instance=variable.instance,
        notification_type=event.event_notification_type,
        severity=event.severity,
        cause=event.cause,
        cleared=bool(event.cleared),
        tech_code=event.tech_code,
        tech_info=event.tech_info,
        monitoring_id=event.variable_monitoring_id,
        transaction_id=event.transaction_id,
    )


def write_notify_answer(facts: StationFacts, request: NotifyEvent, answer: Any) -> v21.NotifyEventResponse:
    return v21.NotifyEventResponse()


def write_notify(facts: StationFacts, request: NotifyEvent) -> v21.NotifyEventRequest:
    generated_at = request.generated_at or next((event.timestamp for event in request.events), None)
    return v21.NotifyEventRequest(
        generated_at=generated_at or UNKNOWN_TIME,
        tbc=request.to_be_continued or None,
        seq_no=request.seq_no,
        event_data=tuple([_write_event(facts, event, generated_at) for event in request.events]),
    )


def _write_event(facts: StationFacts, event: EventData, generated_at: datetime | None) -> v21.EventDataType:
    trigger = _TRIGGERS.get(event.trigger)
    if trigger is None:
        raise Unsupported(f"{event.trigger!r} is no trigger of an OCPP 2.x event")
    return v21.EventDataType(
        event_id=event.event_id,
        timestamp=event.timestamp or generated_at or UNKNOWN_TIME,
        trigger=trigger,
        cause=event.cause,
        actual_value=event.actual_value,
        tech_code=clip(event.tech_code, 50),
        tech_info=clip(event.tech_info, 500),
        cleared=event.cleared or None,
        transaction_id=event.transaction_id,
        component=v21.ComponentType(
            name=event.component, instance=event.component_instance, evse=write_evse(event.evse)
        ),
        variable_monitoring_id=event.monitoring_id,
        event_notification_type=_NOTIFICATION_TYPES.get(event.notification_type, "HardWiredNotification"),
        variable=v21.VariableType(name=event.variable, instance=event.variable_instance),
        severity=event.severity if facts.version == "2.1" else None,  # new in 2.1, and no reason to lose an event
    )


def read_notify_answer(facts: StationFacts, request: NotifyEvent, answer: Any) -> Acknowledged:
    return ACKNOWLEDGED


def status_event(status: StatusNotification) -> NotifyEvent:
    """The event that 2.1 reports a status by: of the Connector, the EVSE or the station as a whole."""
    timestamp = status.timestamp or UNKNOWN_TIME
    event = EventData(
        event_id=_event_id(status.evse, timestamp),
        timestamp=timestamp,
        trigger="Delta",
        component=_component(status.evse),
        variable="AvailabilityState",
        actual_value=status.status,
        evse=status.evse,
        notification_type="HardWiredNotification",
        tech_code=status.error_code,
        tech_info=status.info,
    )
    return NotifyEvent(events=(event,), generated_at=timestamp)


def _component(evse: Evse) -> str:
    if evse.id == 0:
        return "ChargingStation"
    return "Connector" if evse.connector_id is not None else "EVSE"


def _event_id(evse: Evse, timestamp: datetime) -> int:
    """The same for a message that is sent again, another one for another place or time; 31 bits."""
    return crc32(f"{evse.id}.{evse.connector_id}@{timestamp.isoformat()}".encode()) & 0x7FFFFFFF


INCOMING: Mapping[str, Incoming] = {"NotifyEvent": Incoming(read_notify, write_notify_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {NotifyEvent: one_call("NotifyEvent", write_notify, read_notify_answer)}
