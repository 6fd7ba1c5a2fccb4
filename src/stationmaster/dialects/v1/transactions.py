"""E Transactions in 1.6: StartTransaction, MeterValues and StopTransaction, under an id that the CSMS gives."""

from collections.abc import Callable, Mapping

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unsupported, WireCall
from stationmaster.dialects.v1.metering import (
    meter_values_request,
    read_meter_values,
    wire_id,
    write_meter_values,
)
from stationmaster.dialects.v1.tokens import (
    read_info,
    read_token,
    write_info,
    write_optional_token,
    write_start_token,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import EventType, Request, TransactionAnswer, TransactionEvent
from stationmaster.domain.metering.values import register_wh
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

UNKNOWN_ID = "-1"
"""A transactionId that the station never learned (1.6 errata 3.18)."""

REASONS: Mapping[str, tuple[str, str]] = {
    "DeAuthorized": ("DeAuthorized", "Deauthorized"),
    "EmergencyStop": ("EmergencyStop", "AbnormalCondition"),
    "EVDisconnected": ("EVDisconnected", "EVCommunicationLost"),
    "HardReset": ("ImmediateReset", "ResetCommand"),
    "Local": ("Local", "StopAuthorized"),
    "Other": ("Other", "AbnormalCondition"),
    "PowerLoss": ("PowerLoss", "AbnormalCondition"),
    "Reboot": ("Reboot", "AbnormalCondition"),
    "Remote": ("Remote", "RemoteStop"),
    "SoftReset": ("ImmediateReset", "ResetCommand"),
    "UnlockCommand": ("Other", "UnlockCommand"),
}
"""1.6's reason as 2.x's stoppedReason and triggerReason."""

_WITHOUT_REASONS = frozenset({"1.2", "1.5"})
_REASON_1X: Mapping[str, v16.Reason] = {
    "DeAuthorized": "DeAuthorized",
    "EmergencyStop": "EmergencyStop",
    "EVDisconnected": "EVDisconnected",
    "ImmediateReset": "HardReset",
    "Local": "Local",
    "MasterPass": "Local",
    "PowerLoss": "PowerLoss",
    "Reboot": "Reboot",
    "Remote": "Remote",
    "SoftReset": "SoftReset",  # what 2.x has no word for; a 1.6 station's blocks use it
}
"""2.x's stoppedReason as 1.6's reason; those not listed are Other."""


def read_start(facts: StationFacts, message: wire.StartTransactionRequest) -> TransactionEvent:
    """1.6 starts a transaction once it is authorized, so that is what triggered it."""
    connector_id = message.connector_id
    return TransactionEvent(
        event_type="Started",
        timestamp=utc_or(message.timestamp),
        trigger_reason="Authorized",
        evse=facts.evse_of(connector_id) if connector_id is not None else None,
        id_token=read_token(message.id_tag),
        reservation_id=message.reservation_id,
        meter_wh=message.meter_start,
    )


def write_start_answer(
    facts: StationFacts, request: TransactionEvent, answer: TransactionAnswer
) -> v16.StartTransactionResponse:
    return v16.StartTransactionResponse(
        id_tag_info=write_info(answer.id_token_info), transaction_id=int(answer.transaction_id or UNKNOWN_ID)
    )


def read_stop(facts: StationFacts, message: wire.StopTransactionRequest) -> TransactionEvent:
    stopped_reason, trigger_reason = REASONS.get(message.reason or _unsaid(facts, message), REASONS["Other"])
    transaction_id = message.transaction_id
    return TransactionEvent(
        event_type="Ended",
        timestamp=utc_or(message.timestamp),
        trigger_reason=trigger_reason,
        transaction_id=str(transaction_id) if transaction_id is not None else UNKNOWN_ID,
        id_token=read_token(message.id_tag),
        stopped_reason=stopped_reason,
        meter_wh=message.meter_stop,
        meter_values=read_meter_values(message.transaction_data),
    )


def _unsaid(facts: StationFacts, message: wire.StopTransactionRequest) -> str:
    """The reason where there is none: in 1.6 that means Local. Before, there was none to say; a station leaves the
    idTag out where it had to stop by itself (1.5 §4.10)."""
    return "Local" if message.id_tag is not None or facts.version not in _WITHOUT_REASONS else "Other"


def write_stop_answer(
    facts: StationFacts, request: TransactionEvent, answer: TransactionAnswer
) -> v16.StopTransactionResponse:
    info = answer.id_token_info
    return v16.StopTransactionResponse(id_tag_info=write_info(info) if info is not None else None)


def _transaction_event(facts: StationFacts, event: TransactionEvent) -> Exchange:
    return (yield from _EXCHANGES[event.event_type](facts, event))


def _started(facts: StationFacts, event: TransactionEvent) -> Exchange:
    request = v16.StartTransactionRequest(
        connector_id=facts.connector_of(event.evse),
        id_tag=write_start_token(facts, event.id_token),
        meter_start=_meter_wh(event),
        reservation_id=event.reservation_id,
        timestamp=event.timestamp,
    )
    response: wire.StartTransactionResponse = yield WireCall("StartTransaction", request)
    given = response.transaction_id
    return TransactionAnswer(
        id_token_info=read_info(response.id_tag_info),
        transaction_id=str(given) if given is not None else None,
    )


def _updated(facts: StationFacts, event: TransactionEvent) -> Exchange:
    """1.6 hears of a running transaction by its meter values alone."""
    request = meter_values_request(facts, event.evse, event.transaction_id, event.meter_values)
    if request.meter_value:
        yield WireCall("MeterValues", request)
    return TransactionAnswer()


def _ended(facts: StationFacts, event: TransactionEvent) -> Exchange:
    request = v16.StopTransactionRequest(
        id_tag=write_optional_token(event.id_token),
        meter_stop=_meter_wh(event),
        timestamp=event.timestamp,
        transaction_id=wire_id(facts, event.transaction_id),
        reason=_reason(event),
        transaction_data=write_meter_values(event.meter_values),
    )
    response: wire.StopTransactionResponse = yield WireCall("StopTransaction", request)
    info = response.id_tag_info
    return TransactionAnswer(id_token_info=read_info(info) if info is not None else None)


def _reason(event: TransactionEvent) -> v16.Reason | None:
    if event.trigger_reason == "UnlockCommand":
        return "UnlockCommand"
    return _REASON_1X.get(event.stopped_reason, "Other") if event.stopped_reason is not None else None


def _meter_wh(event: TransactionEvent) -> int:
    """The register, as 1.6 demands it; a made-up one would be a false bill."""
    if event.meter_wh is not None:
        return event.meter_wh
    register = register_wh(sample for value in event.meter_values for sample in value.samples)
    if register is None:
        raise Unsupported("OCPP 1.x needs the meter's register when a transaction starts and stops")
    return round(register)


_EXCHANGES: Mapping[EventType, Callable[[StationFacts, TransactionEvent], Exchange]] = {
    "Started": _started,
    "Updated": _updated,
    "Ended": _ended,
}

INCOMING: Mapping[str, Incoming] = {
    "StartTransaction": Incoming(read_start, write_start_answer),
    "StopTransaction": Incoming(read_stop, write_stop_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {TransactionEvent: _transaction_event}
