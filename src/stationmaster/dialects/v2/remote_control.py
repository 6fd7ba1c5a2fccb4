"""F Remote control in 2.x."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.parts import (
    read_answer,
    read_evse,
    read_status_info,
    read_token,
    write_evse,
    write_optional_token,
    write_status_info,
    write_token,
)
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    CommandAnswer,
    Request,
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_REMOTE: Mapping[str, v21.RequestStartStopStatusEnumType] = words(v21.RequestStartStopStatusEnumType)
_UNLOCK: Mapping[str, v21.UnlockStatusEnumType] = words(v21.UnlockStatusEnumType)
_TRIGGERS: Mapping[str, v21.MessageTriggerEnumType] = words(v21.MessageTriggerEnumType)
_TRIGGER: Mapping[str, v21.TriggerMessageStatusEnumType] = words(v21.TriggerMessageStatusEnumType)


def read_start(facts: StationFacts, message: wire.RequestStartTransactionRequest) -> RequestStartTransaction:
    token = read_token(message.id_token)
    if token is None:
        raise Unattributable("idToken")
    profile = message.charging_profile
    return RequestStartTransaction(
        id_token=token,
        remote_start_id=message.remote_start_id or 0,
        evse=Evse(message.evse_id) if message.evse_id is not None else None,
        group=read_token(message.group_id_token),
        charging_profile=plain_of(profile) if profile is not None else None,
    )


def write_start_answer(
    facts: StationFacts, request: RequestStartTransaction, answer: RequestStartAnswer
) -> v21.RequestStartTransactionResponse:
    return v21.RequestStartTransactionResponse(
        status=_REMOTE.get(answer.status, "Rejected"),
        status_info=write_status_info(answer),
        transaction_id=answer.transaction_id,
    )


def write_start(facts: StationFacts, request: RequestStartTransaction) -> v21.RequestStartTransactionRequest:
    return v21.RequestStartTransactionRequest(
        evse_id=request.evse.id or None if request.evse is not None else None,
        group_id_token=write_optional_token(request.group),
        id_token=write_token(request.id_token),
        remote_start_id=request.remote_start_id,
        charging_profile=_profile(request.charging_profile),
    )


def _profile(profile: dict[str, Any] | None) -> v21.ChargingProfileType | None:
    if profile is None:
        return None
    try:
        return struct_of(profile, v21.ChargingProfileType)
    except msgspec.ValidationError as error:
        raise Unsupported(f"not a charging profile of OCPP 2.x: {error}") from error


def read_start_answer(
    facts: StationFacts, request: RequestStartTransaction, answer: wire.RequestStartTransactionResponse
) -> RequestStartAnswer:
    reason, info = read_status_info(answer.status_info)
    return RequestStartAnswer(
        status=answer.status or "Rejected", reason=reason, info=info, transaction_id=answer.transaction_id
    )


def read_stop(facts: StationFacts, message: wire.RequestStopTransactionRequest) -> RequestStopTransaction:
    if message.transaction_id is None:
        raise Unattributable("transactionId")
    return RequestStopTransaction(transaction_id=message.transaction_id)


def write_stop_answer(
    facts: StationFacts, request: RequestStopTransaction, answer: CommandAnswer
) -> v21.RequestStopTransactionResponse:
    return v21.RequestStopTransactionResponse(
        status=_REMOTE.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_stop(facts: StationFacts, request: RequestStopTransaction) -> v21.RequestStopTransactionRequest:
    return v21.RequestStopTransactionRequest(transaction_id=request.transaction_id)


def read_unlock(facts: StationFacts, message: wire.UnlockConnectorRequest) -> UnlockConnector:
    if message.evse_id is None:
        raise Unattributable("evseId")
    return UnlockConnector(evse=Evse(message.evse_id, message.connector_id))


def write_unlock_answer(
    facts: StationFacts, request: UnlockConnector, answer: CommandAnswer
) -> v21.UnlockConnectorResponse:
    return v21.UnlockConnectorResponse(
        status=_UNLOCK.get(answer.status, "UnlockFailed"), status_info=write_status_info(answer)
    )


def write_unlock(facts: StationFacts, request: UnlockConnector) -> v21.UnlockConnectorRequest:
    """2.x wants a connector; the first one where none is named."""
    return v21.UnlockConnectorRequest(evse_id=request.evse.id, connector_id=request.evse.connector_id or 1)


def read_unlock_answer(
    facts: StationFacts, request: UnlockConnector, answer: wire.UnlockConnectorResponse
) -> CommandAnswer:
    reason, info = read_status_info(answer.status_info)
    return CommandAnswer(status=answer.status or "UnlockFailed", reason=reason, info=info)


def read_trigger(facts: StationFacts, message: wire.TriggerMessageRequest) -> TriggerMessage:
    if message.requested_message is None:
        raise Unattributable("requestedMessage")
    return TriggerMessage(
        requested=message.requested_message, evse=read_evse(message.evse), custom=message.custom_trigger
    )


def write_trigger_answer(
    facts: StationFacts, request: TriggerMessage, answer: CommandAnswer
) -> v21.TriggerMessageResponse:
    return v21.TriggerMessageResponse(
        status=_TRIGGER.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_trigger(facts: StationFacts, request: TriggerMessage) -> v21.TriggerMessageRequest:
    requested = _TRIGGERS.get(request.requested)
    if requested is None:
        raise Unsupported(f"OCPP 2.x cannot trigger {request.requested}; it triggers {', '.join(sorted(_TRIGGERS))}")
    return v21.TriggerMessageRequest(
        evse=write_evse(request.evse), requested_message=requested, custom_trigger=request.custom
    )


INCOMING: Mapping[str, Incoming] = {
    "RequestStartTransaction": Incoming(read_start, write_start_answer),
    "RequestStopTransaction": Incoming(read_stop, write_stop_answer),
    "UnlockConnector": Incoming(read_unlock, write_unlock_answer),
    "TriggerMessage": Incoming(read_trigger, write_trigger_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    RequestStartTransaction: one_call("RequestStartTransaction", write_start, read_start_answer),
    RequestStopTransaction: one_call("RequestStopTransaction", write_stop, read_answer),
    UnlockConnector: one_call("UnlockConnector", write_unlock, read_unlock_answer),
    TriggerMessage: one_call("TriggerMessage", write_trigger, read_answer),
}
