"""E Transactions in 2.x: TransactionEvent, under an id that the station gives."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.cost_details import read_cost_details, write_cost_details
from stationmaster.dialects.v2.limits import read_limit, write_limit
from stationmaster.dialects.v2.metering import read_meter_values, write_meter_values
from stationmaster.dialects.v2.parts import (
    read_evse,
    read_info,
    read_token,
    write_evse,
    write_info,
    write_optional_token,
)
from stationmaster.dialects.v2.texts import read_text, write_text
from stationmaster.dialects.v2.vocabulary import VOCABULARIES
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    NOTHING_TO_ADD,
    ChargingState,
    EventType,
    Request,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.domain.metering.values import ENERGY_REGISTER, MeterValue, Sample, register_wh
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_EVENT_TYPES: Mapping[str | None, EventType] = words(EventType)
_CHARGING_STATES: Mapping[str | None, ChargingState] = words(ChargingState)
_CONTEXT: Mapping[EventType, str] = {
    "Started": "Transaction.Begin",
    "Updated": "Sample.Periodic",
    "Ended": "Transaction.End",
}


def read_event(facts: StationFacts, message: wire.TransactionEventRequest) -> TransactionEvent:
    """Only the id of the transaction is needed to keep an event; one without a type changes nothing but readings."""
    info = message.transaction_info
    if info is None or not info.transaction_id:
        raise Unattributable("transactionInfo.transactionId")
    timestamp = utc_or(message.timestamp)
    values = message.meter_value
    return TransactionEvent(
        event_type=_EVENT_TYPES.get(message.event_type, "Updated"),
        timestamp=timestamp,
        trigger_reason=message.trigger_reason or "",
        transaction_id=info.transaction_id,
        seq_no=message.seq_no,
        evse=read_evse(message.evse),
        id_token=read_token(message.id_token),
        charging_state=_CHARGING_STATES.get(info.charging_state),
        stopped_reason=info.stopped_reason,
        remote_start_id=info.remote_start_id,
        reservation_id=message.reservation_id,
        time_spent_charging_s=info.time_spent_charging,
        phases_used=message.number_of_phases_used,
        cable_max_current_a=message.cable_max_current,
        offline=bool(message.offline),
        meter_values=read_meter_values(values, timestamp) if values else (),
        limit=None if info.transaction_limit is None else read_limit(info.transaction_limit),
        tariff_id=info.tariff_id,
        cost=read_cost_details(message.cost_details),
    )


def write_event_answer(
    facts: StationFacts, request: TransactionEvent, answer: TransactionAnswer
) -> v21.TransactionEventResponse:
    """What the version has no place for is left out: the station must be answered."""
    if answer is NOTHING_TO_ADD:
        return _NOTHING_TO_ADD
    info, cost, vocabulary = answer.id_token_info, answer.total_cost, VOCABULARIES[facts.version]
    if info is not None and info.evse_ids and not vocabulary.limits_evses:
        info = msgspec.structs.replace(info, evse_ids=())
    return v21.TransactionEventResponse(
        total_cost=cost if cost is not None and cost.is_finite() else None,
        charging_priority=answer.charging_priority,
        id_token_info=write_info(info) if info is not None else None,
        transaction_limit=write_limit(answer.limit) if vocabulary.limits_transactions else None,
        updated_personal_message=write_text(vocabulary, answer.updated_personal_message),
    )


_NOTHING_TO_ADD = v21.TransactionEventResponse()


def write_event(facts: StationFacts, event: TransactionEvent) -> v21.TransactionEventRequest:
    return v21.TransactionEventRequest(
        event_type=event.event_type,
        meter_value=write_meter_values(facts, _with_register(event)),
        timestamp=event.timestamp,
        trigger_reason=_trigger_reason(facts, event),
        seq_no=event.seq_no or 0,
        offline=event.offline or None,
        number_of_phases_used=event.phases_used,
        cable_max_current=event.cable_max_current_a,
        reservation_id=event.reservation_id,
        transaction_info=_transaction_info(facts, event),
        evse=write_evse(event.evse),
        id_token=write_optional_token(event.id_token),
        cost_details=write_cost_details(event.cost) if VOCABULARIES[facts.version].limits_transactions else None,
    )


def _trigger_reason(facts: StationFacts, event: TransactionEvent) -> v21.TriggerReasonEnumType:
    """One that only a newer version knows becomes the most general one."""
    if event.trigger_reason not in VOCABULARIES["2.1"].trigger_reasons:
        raise Unsupported(f"{event.trigger_reason!r} is no triggerReason of OCPP 2.x")
    return VOCABULARIES[facts.version].trigger_reasons.get(event.trigger_reason, "ChargingStateChanged")


def _stopped_reason(facts: StationFacts, event: TransactionEvent) -> v21.ReasonEnumType | None:
    if event.stopped_reason is None:
        return None
    return VOCABULARIES[facts.version].reasons.get(event.stopped_reason, "Other")


def _transaction_info(facts: StationFacts, event: TransactionEvent) -> v21.TransactionType:
    if event.transaction_id is None:
        raise Unsupported("OCPP 2.x needs a transactionId")
    return v21.TransactionType(
        transaction_id=facts.wire_transactions.get(event.transaction_id, event.transaction_id),
        charging_state=event.charging_state,
        time_spent_charging=event.time_spent_charging_s,
        stopped_reason=_stopped_reason(facts, event),
        remote_start_id=event.remote_start_id,
        tariff_id=event.tariff_id if VOCABULARIES[facts.version].limits_transactions else None,
        transaction_limit=write_limit(event.limit) if VOCABULARIES[facts.version].limits_transactions else None,
    )


def _with_register(event: TransactionEvent) -> tuple[MeterValue, ...]:
    """The event's values; where they lack the register that 1.6 has a field of its own for, it is added."""
    values = event.meter_values
    if event.meter_wh is None or any(register_wh(value.samples) is not None for value in values):
        return values
    return (*values, _register(event.timestamp, event.meter_wh, _CONTEXT[event.event_type]))


def _register(at: datetime, wh: int, context: str) -> MeterValue:
    return MeterValue(at, (Sample(str(wh), ENERGY_REGISTER, context, unit="Wh"),))


def read_event_answer(
    facts: StationFacts, event: TransactionEvent, answer: wire.TransactionEventResponse
) -> TransactionAnswer:
    info = answer.id_token_info
    return TransactionAnswer(
        id_token_info=read_info(info) if info is not None else None,
        total_cost=answer.total_cost,
        charging_priority=answer.charging_priority,
        updated_personal_message=read_text(answer.updated_personal_message),
        limit=read_limit(answer.transaction_limit),
    )


INCOMING: Mapping[str, Incoming] = {"TransactionEvent": Incoming(read_event, write_event_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {
    TransactionEvent: one_call("TransactionEvent", write_event, read_event_answer)
}
