"""E14 GetTransactionStatus in 2.x."""

from collections.abc import Mapping

from stationmaster.dialects.table import Incoming, Outgoing, one_call
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Request
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus, TransactionStatusAnswer
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire


def read_request(facts: StationFacts, message: wire.GetTransactionStatusRequest) -> GetTransactionStatus:
    return GetTransactionStatus(transaction_id=message.transaction_id)


def write_answer(
    facts: StationFacts, request: GetTransactionStatus, answer: TransactionStatusAnswer
) -> v21.GetTransactionStatusResponse:
    return v21.GetTransactionStatusResponse(
        ongoing_indicator=answer.ongoing, messages_in_queue=answer.messages_in_queue
    )


def write_request(facts: StationFacts, request: GetTransactionStatus) -> v21.GetTransactionStatusRequest:
    return v21.GetTransactionStatusRequest(transaction_id=request.transaction_id)


def read_answer(
    facts: StationFacts, request: GetTransactionStatus, answer: wire.GetTransactionStatusResponse
) -> TransactionStatusAnswer:
    """A station that does not say whether messages wait is taken to have none."""
    return TransactionStatusAnswer(ongoing=answer.ongoing_indicator, messages_in_queue=answer.messages_in_queue is True)


INCOMING: Mapping[str, Incoming] = {"GetTransactionStatus": Incoming(read_request, write_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {
    GetTransactionStatus: one_call("GetTransactionStatus", write_request, read_answer)
}
