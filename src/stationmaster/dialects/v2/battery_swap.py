"""S Battery swap, which came with 2.1."""

from collections.abc import Mapping
from decimal import Decimal

from stationmaster.dialects.moments import utc
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.newest import with_21
from stationmaster.dialects.v2.parts import read_answer, read_token, write_status_info, write_token
from stationmaster.dialects.words import clip, words
from stationmaster.domain.battery_swap import Battery, BatterySwap, RequestBatterySwap
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import NO_TOKEN
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_EVENTS: Mapping[str, v21.BatterySwapEventEnumType] = words(v21.BatterySwapEventEnumType)
_UNKNOWN = Decimal(0)


def read_swap(facts: StationFacts, message: wire.BatterySwapRequest) -> BatterySwap:
    if message.request_id is None or message.event_type is None:
        raise Unattributable("requestId" if message.request_id is None else "eventType")
    return BatterySwap(
        event=message.event_type,
        request_id=message.request_id,
        id_token=read_token(message.id_token) or NO_TOKEN,
        batteries=tuple([_read_battery(each) for each in message.battery_data]),
    )


def write_swap_answer(facts: StationFacts, request: BatterySwap, answer: Acknowledged) -> v21.BatterySwapResponse:
    return v21.BatterySwapResponse()


def write_swap(facts: StationFacts, request: BatterySwap) -> v21.BatterySwapRequest:
    event = _EVENTS.get(request.event)
    if event is None:
        raise Unsupported(f"OCPP 2.1 has no event {request.event[:50]} of a battery swap")
    return v21.BatterySwapRequest(
        event_type=event,
        request_id=request.request_id,
        id_token=write_token(request.id_token),
        battery_data=tuple([_write_battery(each) for each in request.batteries]),
    )


def read_swap_answer(facts: StationFacts, request: BatterySwap, answer: wire.BatterySwapResponse) -> Acknowledged:
    return ACKNOWLEDGED


def read_request(facts: StationFacts, message: wire.RequestBatterySwapRequest) -> RequestBatterySwap:
    token = read_token(message.id_token)
    if message.request_id is None or token is None:
        raise Unattributable("requestId" if message.request_id is None else "idToken")
    return RequestBatterySwap(request_id=message.request_id, id_token=token)


def write_request_answer(
    facts: StationFacts, request: RequestBatterySwap, answer: CommandAnswer
) -> v21.RequestBatterySwapResponse:
    accepted = answer.status == "Accepted"
    return v21.RequestBatterySwapResponse(
        status="Accepted" if accepted else "Rejected", status_info=write_status_info(answer)
    )


def write_request(facts: StationFacts, request: RequestBatterySwap) -> v21.RequestBatterySwapRequest:
    return v21.RequestBatterySwapRequest(request_id=request.request_id, id_token=write_token(request.id_token))


def _read_battery(data: wire.BatteryDataType) -> Battery:
    return Battery(
        evse_id=data.evse_id or 0,
        serial_number=data.serial_number or "",
        soc_pct=_UNKNOWN if data.soc is None else data.soc,
        soh_pct=_UNKNOWN if data.soh is None else data.soh,
        produced_at=utc(data.production_date),
        vendor_info=data.vendor_info,
    )


def _write_battery(battery: Battery) -> v21.BatteryDataType:
    return v21.BatteryDataType(
        evse_id=battery.evse_id,
        serial_number=battery.serial_number[:50],
        soc=battery.soc_pct,
        soh=battery.soh_pct,
        production_date=battery.produced_at,
        vendor_info=clip(battery.vendor_info, 500),
    )


INCOMING: Mapping[str, Incoming] = {
    "BatterySwap": Incoming(read_swap, write_swap_answer),
    "RequestBatterySwap": Incoming(read_request, write_request_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    BatterySwap: with_21("battery swap", one_call("BatterySwap", write_swap, read_swap_answer)),
    RequestBatterySwap: with_21("battery swap", one_call("RequestBatterySwap", write_request, read_answer)),
}
