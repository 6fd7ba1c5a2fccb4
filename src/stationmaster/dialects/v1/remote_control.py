"""F Remote control in 1.6.

1.6 has no remoteStartId and no group for a remote start: they are left out, and read as 0 and None.
"""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v1.charging_profile import lift_profile, lower_profile
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.v1.tokens import read_token, write_token
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    CommandAnswer,
    Request,
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
    UnlockConnector,
)
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_REMOTE: Mapping[str, v16.RemoteStartStopStatus] = words(v16.RemoteStartStopStatus)
_UNLOCK: Mapping[str, v16.UnlockStatus] = {
    "Unlocked": "Unlocked",
    "UnlockFailed": "UnlockFailed",
    "OngoingAuthorizedTransaction": "UnlockFailed",
    "UnknownConnector": "NotSupported",
    "NotSupported": "NotSupported",
}
_UNLOCK_2X: Mapping[str, CommandAnswer] = {
    "Unlocked": CommandAnswer(status="Unlocked"),
    "NotSupported": CommandAnswer(status="NotSupported", info="the connector has no lock, or there is none of that id"),
}


def read_start(facts: StationFacts, message: wire.RemoteStartTransactionRequest) -> RequestStartTransaction:
    token = read_token(message.id_tag)
    if token is None:
        raise Unattributable("idTag")
    profile = message.charging_profile
    return RequestStartTransaction(
        id_token=token,
        remote_start_id=0,
        evse=facts.evse_of(message.connector_id) if message.connector_id else None,
        charging_profile=lift_profile(profile) if profile is not None else None,
    )


def write_start_answer(
    facts: StationFacts, request: RequestStartTransaction, answer: RequestStartAnswer
) -> v16.RemoteStartTransactionResponse:
    return v16.RemoteStartTransactionResponse(status=_REMOTE.get(answer.status, "Rejected"))


def write_start(facts: StationFacts, request: RequestStartTransaction) -> v16.RemoteStartTransactionRequest:
    return v16.RemoteStartTransactionRequest(
        connector_id=facts.connector_of(request.evse) or None,
        id_tag=write_token(request.id_token),
        charging_profile=_transaction_profile(request.charging_profile),
    )


def _transaction_profile(profile: dict[str, Any] | None) -> v16.ChargingProfile | None:
    if profile is None:
        return None
    if profile.get("chargingProfilePurpose") != "TxProfile":
        raise Unsupported("a remote start takes a TxProfile only")  # 1.6 §5.11; 2.0.1 F01.FR.09
    return lower_profile(profile)


def read_start_answer(
    facts: StationFacts, request: RequestStartTransaction, answer: wire.RemoteStartTransactionResponse
) -> RequestStartAnswer:
    return RequestStartAnswer(status=answer.status or "Rejected")


def read_stop(facts: StationFacts, message: wire.RemoteStopTransactionRequest) -> RequestStopTransaction:
    if message.transaction_id is None:
        raise Unattributable("transactionId")
    return RequestStopTransaction(transaction_id=str(message.transaction_id))


def write_stop_answer(
    facts: StationFacts, request: RequestStopTransaction, answer: CommandAnswer
) -> v16.RemoteStopTransactionResponse:
    return v16.RemoteStopTransactionResponse(status=_REMOTE.get(answer.status, "Rejected"))


def write_stop(facts: StationFacts, request: RequestStopTransaction) -> v16.RemoteStopTransactionRequest:
    """The id is the wire's already; there is none before the CSMS gave one."""
    if not request.transaction_id.removeprefix("-").isdecimal():
        raise Unsupported("the transaction has no OCPP 1.x transactionId")
    return v16.RemoteStopTransactionRequest(transaction_id=int(request.transaction_id))


def read_unlock(facts: StationFacts, message: wire.UnlockConnectorRequest) -> UnlockConnector:
    if message.connector_id is None:
        raise Unattributable("connectorId")
    return UnlockConnector(evse=facts.evse_of(message.connector_id))


def write_unlock_answer(
    facts: StationFacts, request: UnlockConnector, answer: CommandAnswer
) -> v16.UnlockConnectorResponse:
    return v16.UnlockConnectorResponse(status=_UNLOCK.get(answer.status, "UnlockFailed"))


def write_unlock(facts: StationFacts, request: UnlockConnector) -> v16.UnlockConnectorRequest:
    return v16.UnlockConnectorRequest(connector_id=facts.connector_of(request.evse))


def read_unlock_answer(
    facts: StationFacts, request: UnlockConnector, answer: wire.UnlockConnectorResponse
) -> CommandAnswer:
    """NotSupported is 1.6's one word for a connector without a lock and for none at all (1.6 errata 2025-04)."""
    return _UNLOCK_2X.get(answer.status or "", CommandAnswer(status="UnlockFailed"))


INCOMING: Mapping[str, Incoming] = {
    "RemoteStartTransaction": Incoming(read_start, write_start_answer),
    "RemoteStopTransaction": Incoming(read_stop, write_stop_answer),
    "UnlockConnector": Incoming(read_unlock, write_unlock_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    RequestStartTransaction: one_call("RemoteStartTransaction", write_start, read_start_answer),
    RequestStopTransaction: one_call("RemoteStopTransaction", write_stop, read_answer),
    UnlockConnector: one_call("UnlockConnector", write_unlock, read_unlock_answer),
}
