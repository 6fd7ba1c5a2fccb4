"""B Provisioning in 2.x: BootNotification and Reset."""

from collections.abc import Mapping

from stationmaster.dialects.alike import read_boot_answer
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.dialects.words import clip, whole, words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    BootAnswer,
    BootNotification,
    CommandAnswer,
    Request,
    Reset,
    StationInfo,
)
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_BOOT_REASONS: Mapping[str, v21.BootReasonEnumType] = words(v21.BootReasonEnumType)
_RESET_TYPES: Mapping[str, v21.ResetEnumType] = words(v21.ResetEnumType)
_RESET: Mapping[str, v21.ResetStatusEnumType] = words(v21.ResetStatusEnumType)


def read_boot(facts: StationFacts, message: wire.BootNotificationRequest) -> BootNotification:
    station = message.charging_station or wire.ChargingStationType()
    modem = station.modem or wire.ModemType()
    return BootNotification(
        station=StationInfo(
            vendor=station.vendor_name or "",
            model=station.model or "",
            serial_number=station.serial_number,
            firmware_version=station.firmware_version,
            iccid=modem.iccid,
            imsi=modem.imsi,
        ),
        reason=message.reason or "Unknown",
    )


def write_boot_answer(
    facts: StationFacts, request: BootNotification, answer: BootAnswer
) -> v21.BootNotificationResponse:
    return v21.BootNotificationResponse(
        status=answer.status, current_time=answer.current_time, interval=answer.interval_s
    )


def write_boot(facts: StationFacts, request: BootNotification) -> v21.BootNotificationRequest:
    return v21.BootNotificationRequest(
        charging_station=_charging_station(facts, request.station),
        reason=_BOOT_REASONS.get(request.reason, "Unknown"),
    )


def _charging_station(facts: StationFacts, station: StationInfo) -> v21.ChargingStationType:
    has_modem = station.iccid is not None or station.imsi is not None
    modem = v21.ModemType(iccid=whole(station.iccid, 20), imsi=whole(station.imsi, 20)) if has_modem else None
    return v21.ChargingStationType(
        serial_number=whole(station.serial_number, 20 if facts.version == "2.0" else 25),
        model=station.model[:20],
        modem=modem,
        vendor_name=station.vendor[:50],
        firmware_version=clip(station.firmware_version, 50),
    )


def read_reset(facts: StationFacts, message: wire.ResetRequest) -> Reset:
    kind = _RESET_TYPES.get(message.type or "")
    if kind is None:
        raise Unattributable("type")
    return Reset(type=kind, evse_id=message.evse_id)


def write_reset_answer(facts: StationFacts, request: Reset, answer: CommandAnswer) -> v21.ResetResponse:
    return v21.ResetResponse(status=_RESET.get(answer.status, "Rejected"), status_info=write_status_info(answer))


def write_reset(facts: StationFacts, request: Reset) -> v21.ResetRequest:
    return v21.ResetRequest(type=request.type, evse_id=request.evse_id)


INCOMING: Mapping[str, Incoming] = {
    "BootNotification": Incoming(read_boot, write_boot_answer),
    "Reset": Incoming(read_reset, write_reset_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    BootNotification: one_call("BootNotification", write_boot, read_boot_answer),
    Reset: one_call("Reset", write_reset, read_answer),
}
