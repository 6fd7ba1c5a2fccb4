"""B Provisioning in 1.6: BootNotification and Reset."""

from collections.abc import Mapping

from stationmaster.dialects.alike import read_boot_answer
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.words import clip, whole
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    BootAnswer,
    BootNotification,
    CommandAnswer,
    Request,
    Reset,
    StationInfo,
)
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire


def read_boot(facts: StationFacts, message: wire.BootNotificationRequest) -> BootNotification:
    return BootNotification(
        station=StationInfo(
            vendor=message.charge_point_vendor or "",
            model=message.charge_point_model or "",
            serial_number=message.charge_point_serial_number,
            firmware_version=message.firmware_version,
            iccid=message.iccid,
            imsi=message.imsi,
            meter_type=message.meter_type,
            meter_serial_number=message.meter_serial_number,
            box_serial_number=message.charge_box_serial_number,
        )
    )


def write_boot_answer(
    facts: StationFacts, request: BootNotification, answer: BootAnswer
) -> v16.BootNotificationResponse:
    return v16.BootNotificationResponse(
        status=answer.status, current_time=answer.current_time, interval=answer.interval_s
    )


def write_boot(facts: StationFacts, request: BootNotification) -> v16.BootNotificationRequest:
    station = request.station
    return v16.BootNotificationRequest(
        charge_point_vendor=station.vendor[:20],
        charge_point_model=station.model[:20],
        charge_point_serial_number=whole(station.serial_number, 25),
        charge_box_serial_number=whole(station.box_serial_number, 25),
        firmware_version=clip(station.firmware_version, 50),
        iccid=whole(station.iccid, 20),
        imsi=whole(station.imsi, 20),
        meter_type=clip(station.meter_type, 25),
        meter_serial_number=whole(station.meter_serial_number, 25),
    )


def read_reset(facts: StationFacts, message: wire.ResetRequest) -> Reset:
    match message.type:
        case "Hard":
            return Reset(type="Immediate")
        case "Soft":
            return Reset(type="OnIdle")
        case _:
            raise Unattributable("type")


def write_reset_answer(facts: StationFacts, request: Reset, answer: CommandAnswer) -> v16.ResetResponse:
    """1.6 knows no Scheduled; a soft reset that waits for a transaction is Accepted."""
    accepted = answer.status in ("Accepted", "Scheduled")
    return v16.ResetResponse(status="Accepted" if accepted else "Rejected")


def write_reset(facts: StationFacts, request: Reset) -> v16.ResetRequest:
    if request.evse_id is not None:
        raise Unsupported("OCPP 1.x resets whole stations, not single EVSEs")
    if request.type == "ImmediateAndResume":
        raise Unsupported("OCPP 1.x cannot resume transactions after a reset")
    return v16.ResetRequest(type="Hard" if request.type == "Immediate" else "Soft")


INCOMING: Mapping[str, Incoming] = {
    "BootNotification": Incoming(read_boot, write_boot_answer),
    "Reset": Incoming(read_reset, write_reset_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    BootNotification: one_call("BootNotification", write_boot, read_boot_answer),
    Reset: one_call("Reset", write_reset, read_answer),
}
