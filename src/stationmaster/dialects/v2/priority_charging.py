"""K21, K22 Priority charging, which came with 2.1."""

from collections.abc import Mapping

from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v2.newest import with_21
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.domain.priority_charging import NotifyPriorityCharging, UsePriorityCharging
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str, v21.PriorityChargingStatusEnumType] = words(v21.PriorityChargingStatusEnumType)


def read_use(facts: StationFacts, message: wire.UsePriorityChargingRequest) -> UsePriorityCharging:
    if message.transaction_id is None or message.activate is None:
        raise Unattributable("transactionId" if message.transaction_id is None else "activate")
    return UsePriorityCharging(transaction_id=message.transaction_id, activate=message.activate)


def write_use_answer(
    facts: StationFacts, request: UsePriorityCharging, answer: CommandAnswer
) -> v21.UsePriorityChargingResponse:
    return v21.UsePriorityChargingResponse(
        status=_STATUSES.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_use(facts: StationFacts, request: UsePriorityCharging) -> v21.UsePriorityChargingRequest:
    return v21.UsePriorityChargingRequest(transaction_id=request.transaction_id, activate=request.activate)


def read_notice(facts: StationFacts, message: wire.NotifyPriorityChargingRequest) -> NotifyPriorityCharging:
    if message.transaction_id is None or message.activated is None:
        raise Unattributable("transactionId" if message.transaction_id is None else "activated")
    return NotifyPriorityCharging(transaction_id=message.transaction_id, activated=message.activated)


def write_notice_answer(
    facts: StationFacts, request: NotifyPriorityCharging, answer: Acknowledged
) -> v21.NotifyPriorityChargingResponse:
    return v21.NotifyPriorityChargingResponse()


def write_notice(facts: StationFacts, request: NotifyPriorityCharging) -> v21.NotifyPriorityChargingRequest:
    return v21.NotifyPriorityChargingRequest(transaction_id=request.transaction_id, activated=request.activated)


def read_notice_answer(
    facts: StationFacts, request: NotifyPriorityCharging, answer: wire.NotifyPriorityChargingResponse
) -> Acknowledged:
    return ACKNOWLEDGED


_WHAT = "priority charging"
INCOMING: Mapping[str, Incoming] = {
    "UsePriorityCharging": Incoming(read_use, write_use_answer),
    "NotifyPriorityCharging": Incoming(read_notice, write_notice_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    UsePriorityCharging: with_21(_WHAT, one_call("UsePriorityCharging", write_use, read_answer)),
    NotifyPriorityCharging: with_21(_WHAT, one_call("NotifyPriorityCharging", write_notice, read_notice_answer)),
}
