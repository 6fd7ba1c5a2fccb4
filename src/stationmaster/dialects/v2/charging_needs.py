"""K15-K20, R02, R03: what a car needs and can do, as it told the station. Its DER and V2X parameters came with 2.1."""

from collections.abc import Mapping

import msgspec

from stationmaster.dialects.moments import utc
from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.parts import read_status_info, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.charging_needs import ChargingNeedsAnswer, NotifyEVChargingNeeds
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str, v21.NotifyEVChargingNeedsStatusEnumType] = words(v21.NotifyEVChargingNeedsStatusEnumType)


def read_needs(facts: StationFacts, message: wire.NotifyEVChargingNeedsRequest) -> NotifyEVChargingNeeds:
    if message.evse_id is None or message.charging_needs is None:
        raise Unattributable("evseId" if message.evse_id is None else "chargingNeeds")
    return NotifyEVChargingNeeds(
        evse_id=message.evse_id,
        needs=plain_of(message.charging_needs),
        max_schedule_tuples=message.max_schedule_tuples,
        timestamp=utc(message.timestamp),
    )


def write_needs_answer(
    facts: StationFacts, request: NotifyEVChargingNeeds, answer: ChargingNeedsAnswer
) -> v21.NotifyEVChargingNeedsResponse:
    """Before 2.1 Rejected is the word for having no profile (2.0.1 part 2, K15.FR.04)."""
    older = facts.version != "2.1" and answer.status == "NoChargingProfile"
    status = "Rejected" if older else answer.status
    return v21.NotifyEVChargingNeedsResponse(
        status=_STATUSES.get(status, "Rejected"), status_info=write_status_info(answer)
    )


def write_needs(facts: StationFacts, request: NotifyEVChargingNeeds) -> v21.NotifyEVChargingNeedsRequest:
    try:
        needs = struct_of(request.needs, v21.ChargingNeedsType)
    except msgspec.ValidationError as error:
        raise Unsupported(f"not what OCPP 2.1 knows of a car's needs: {error}") from error
    return v21.NotifyEVChargingNeedsRequest(
        evse_id=request.evse_id,
        charging_needs=needs,
        max_schedule_tuples=request.max_schedule_tuples,
        timestamp=request.timestamp,
    )


def read_needs_answer(
    facts: StationFacts, request: NotifyEVChargingNeeds, answer: wire.NotifyEVChargingNeedsResponse
) -> ChargingNeedsAnswer:
    reason, info = read_status_info(answer.status_info)
    return ChargingNeedsAnswer(status=answer.status or "Rejected", reason=reason, info=info)


INCOMING: Mapping[str, Incoming] = {"NotifyEVChargingNeeds": Incoming(read_needs, write_needs_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {
    NotifyEVChargingNeeds: one_call("NotifyEVChargingNeeds", write_needs, read_needs_answer),
}
