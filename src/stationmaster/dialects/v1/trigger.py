"""F06 Trigger message in 1.6: TriggerMessage, and ExtendedTriggerMessage of the security extension."""

from collections.abc import Mapping

import msgspec

from stationmaster.dialects.table import (
    Exchange,
    Incoming,
    Outgoing,
    Unattributable,
    Unsupported,
    WireCall,
)
from stationmaster.dialects.v1.security_extension import EXTENSION
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request, TriggerMessage
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_PLAIN: Mapping[str, v16.MessageTrigger] = {
    "BootNotification": "BootNotification",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "Heartbeat": "Heartbeat",
    "LogStatusNotification": "DiagnosticsStatusNotification",
    "MeterValues": "MeterValues",
    "StatusNotification": "StatusNotification",
}
_EXTENDED: Mapping[str, v16.MessageTriggerEnumType] = {
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "LogStatusNotification": "LogStatusNotification",
    "SignChargingStationCertificate": "SignChargePointCertificate",
}
_PLAIN_2X: Mapping[str, str] = {name_1x: name for name, name_1x in _PLAIN.items()}
_EXTENDED_2X: Mapping[str, str] = {
    **words(v16.MessageTriggerEnumType),
    "SignChargePointCertificate": "SignChargingStationCertificate",
}
_STATUSES: Mapping[str, v16.TriggerMessageStatus] = words(v16.TriggerMessageStatus)


def read_trigger(facts: StationFacts, message: wire.TriggerMessageRequest) -> TriggerMessage:
    return _read(facts, _PLAIN_2X.get(message.requested_message or ""), message.connector_id)


def read_extended(facts: StationFacts, message: wire.ExtendedTriggerMessageRequest) -> TriggerMessage:
    read = _read(facts, _EXTENDED_2X.get(message.requested_message or ""), message.connector_id)
    return msgspec.structs.replace(read, extended=True)


def _read(facts: StationFacts, requested: str | None, connector_id: int | None) -> TriggerMessage:
    if requested is None:
        raise Unattributable("requestedMessage")
    evse = facts.evse_of(connector_id) if connector_id is not None else None
    return TriggerMessage(requested=requested, evse=evse)


def write_trigger_answer(
    facts: StationFacts, request: TriggerMessage, answer: CommandAnswer
) -> v16.TriggerMessageResponse:
    return v16.TriggerMessageResponse(status=_STATUSES.get(answer.status, "Rejected"))


def write_extended_answer(
    facts: StationFacts, request: TriggerMessage, answer: CommandAnswer
) -> v16.ExtendedTriggerMessageResponse:
    return v16.ExtendedTriggerMessageResponse(status=_STATUSES.get(answer.status, "Rejected"))


def _trigger(facts: StationFacts, request: TriggerMessage) -> Exchange:
    response = yield _call(facts, request)
    return read_answer(facts, request, response)


def _call(facts: StationFacts, request: TriggerMessage) -> WireCall:
    """The extension's message where it is needed and the station has it, else the plain one."""
    connector_id = facts.connector_of(request.evse) or None
    extended, plain = _EXTENDED.get(request.requested), _PLAIN.get(request.requested)
    if extended is not None and EXTENSION in facts.capabilities:
        message = v16.ExtendedTriggerMessageRequest(requested_message=extended, connector_id=connector_id)
        return WireCall("ExtendedTriggerMessage", message)
    if plain is not None:
        return WireCall("TriggerMessage", v16.TriggerMessageRequest(requested_message=plain, connector_id=connector_id))
    if extended is not None:
        raise Unsupported(f"{request.requested} needs the security extension of OCPP 1.6")
    known = sorted({*_PLAIN, *_EXTENDED})
    raise Unsupported(f"OCPP 1.x cannot trigger {request.requested}; it triggers {', '.join(known)}")


INCOMING: Mapping[str, Incoming] = {
    "TriggerMessage": Incoming(read_trigger, write_trigger_answer),
    "ExtendedTriggerMessage": Incoming(read_extended, write_extended_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {TriggerMessage: _trigger}
