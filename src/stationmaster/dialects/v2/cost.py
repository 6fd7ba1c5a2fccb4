"""I02 The running cost in 2.x."""

from collections.abc import Mapping

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.domain.cost.telling import ConnectorUnplugged, CostUpdated, TellFinalCost, TellPrice
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire


def read_cost(facts: StationFacts, message: wire.CostUpdatedRequest) -> CostUpdated:
    if not message.transaction_id:
        raise Unattributable("transactionId")
    if message.total_cost is None or not message.total_cost.is_finite():
        raise Unattributable("totalCost")
    return CostUpdated(transaction_id=message.transaction_id, total=message.total_cost)


def write_cost(facts: StationFacts, request: CostUpdated) -> v21.CostUpdatedRequest:
    return v21.CostUpdatedRequest(total_cost=request.total, transaction_id=request.transaction_id)


def write_cost_answer(facts: StationFacts, request: CostUpdated, answer: Acknowledged) -> v21.CostUpdatedResponse:
    return v21.CostUpdatedResponse()


def read_cost_answer(facts: StationFacts, request: CostUpdated, answer: wire.CostUpdatedResponse) -> Acknowledged:
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {"CostUpdated": Incoming(read_cost, write_cost_answer)}
_IN_ANSWERS = unsupported("OCPP 2.x tells prices and totals in its answers")
OUTGOING: Mapping[type[Request], Outgoing] = {
    CostUpdated: one_call("CostUpdated", write_cost, read_cost_answer),
    TellPrice: _IN_ANSWERS,
    TellFinalCost: _IN_ANSWERS,
    ConnectorUnplugged: unsupported("OCPP 2.x tells that a car has left in the transaction's own events"),
}
