"""L Firmware in 2.x.

statusInfo beside a status is 2.1's; 2.0 has no requestId for publications, and one location only.
"""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.alike import read_update
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, WireCall, one_call
from stationmaster.dialects.v2.parts import UNSPECIFIED, read_answer, read_status_info, write_status_info
from stationmaster.dialects.words import clip, words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.firmware.updates import (
    FirmwareStatus,
    FirmwareStatusNotification,
    PublishFirmware,
    PublishFirmwareStatusNotification,
    PublishStatus,
    UnpublishFirmware,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str | None, FirmwareStatus] = words(FirmwareStatus)
_PUBLISH_STATUSES: Mapping[str | None, PublishStatus] = words(PublishStatus)
_UPDATE: Mapping[str, v21.UpdateFirmwareStatusEnumType] = words(v21.UpdateFirmwareStatusEnumType)
_GENERIC: Mapping[str, v21.GenericStatusEnumType] = words(v21.GenericStatusEnumType)
_UNPUBLISH: Mapping[str, v21.UnpublishFirmwareStatusEnumType] = words(v21.UnpublishFirmwareStatusEnumType)


def write_update_answer(
    facts: StationFacts, request: UpdateFirmware, answer: CommandAnswer
) -> v21.UpdateFirmwareResponse:
    return v21.UpdateFirmwareResponse(
        status=_UPDATE.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_update(facts: StationFacts, request: UpdateFirmware) -> v21.UpdateFirmwareRequest:
    firmware = request.firmware
    return v21.UpdateFirmwareRequest(
        retries=request.retries,
        retry_interval=request.retry_interval_s,
        request_id=request.request_id or 0,
        firmware=v21.FirmwareType(
            location=firmware.location,
            retrieve_date_time=firmware.retrieve_at,
            install_date_time=firmware.install_at,
            signing_certificate=firmware.signing_certificate,
            signature=firmware.signature,
        ),
    )


def read_update_answer(
    facts: StationFacts, request: UpdateFirmware, answer: wire.UpdateFirmwareResponse
) -> UpdateFirmwareAnswer:
    reason, info = read_status_info(answer.status_info)
    return UpdateFirmwareAnswer(status=answer.status or "Rejected", reason=reason, info=info)


def read_status(facts: StationFacts, message: wire.FirmwareStatusNotificationRequest) -> FirmwareStatusNotification:
    status = _STATUSES.get(message.status)
    if status is None:
        raise Unattributable("status")
    reason, info = read_status_info(message.status_info)
    return FirmwareStatusNotification(status=status, request_id=message.request_id, reason=reason, info=info)


def write_status_answer(
    facts: StationFacts, request: FirmwareStatusNotification, answer: Acknowledged
) -> v21.FirmwareStatusNotificationResponse:
    return v21.FirmwareStatusNotificationResponse()


def write_status(facts: StationFacts, request: FirmwareStatusNotification) -> v21.FirmwareStatusNotificationRequest:
    return v21.FirmwareStatusNotificationRequest(
        status=request.status, request_id=request.request_id, status_info=_status_info(facts, request)
    )


def _status_info(
    facts: StationFacts, told: FirmwareStatusNotification | PublishFirmwareStatusNotification
) -> v21.StatusInfoType | None:
    if facts.version != "2.1" or (told.reason is None and told.info is None):
        return None
    return v21.StatusInfoType(reason_code=(told.reason or UNSPECIFIED)[:20], additional_info=clip(told.info, 512))


def read_publish(facts: StationFacts, message: wire.PublishFirmwareRequest) -> PublishFirmware:
    if message.location is None:
        raise Unattributable("location")
    if message.checksum is None:
        raise Unattributable("checksum")
    return PublishFirmware(
        location=message.location,
        checksum=message.checksum,
        request_id=message.request_id or 0,
        retries=message.retries,
        retry_interval_s=message.retry_interval,
    )


def write_publish_answer(
    facts: StationFacts, request: PublishFirmware, answer: CommandAnswer
) -> v21.PublishFirmwareResponse:
    return v21.PublishFirmwareResponse(
        status=_GENERIC.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_publish(facts: StationFacts, request: PublishFirmware) -> v21.PublishFirmwareRequest:
    return v21.PublishFirmwareRequest(
        location=request.location,
        checksum=request.checksum,
        request_id=request.request_id,
        retries=request.retries,
        retry_interval=request.retry_interval_s,
    )


def read_publish_status(
    facts: StationFacts, message: wire.PublishFirmwareStatusNotificationRequest
) -> PublishFirmwareStatusNotification:
    status = _PUBLISH_STATUSES.get(message.status)
    if status is None:
        raise Unattributable("status")
    reason, info = read_status_info(message.status_info)
    return PublishFirmwareStatusNotification(
        status=status, request_id=message.request_id, locations=message.location, reason=reason, info=info
    )


def write_publish_status_answer(
    facts: StationFacts, request: PublishFirmwareStatusNotification, answer: Acknowledged
) -> v21.PublishFirmwareStatusNotificationResponse:
    return v21.PublishFirmwareStatusNotificationResponse()


def _publish_status(facts: StationFacts, request: PublishFirmwareStatusNotification) -> Exchange:
    """2.0 has no Idle here, which says nothing of a publication, and holds one location: the first."""
    oldest = facts.version == "2.0"
    if oldest and request.status == "Idle":
        return ACKNOWLEDGED
    yield WireCall(
        "PublishFirmwareStatusNotification",
        v21.PublishFirmwareStatusNotificationRequest(
            status=request.status,
            location=request.locations[:1] if oldest else request.locations,
            request_id=request.request_id,
            status_info=_status_info(facts, request),
        ),
    )
    return ACKNOWLEDGED


def read_unpublish(facts: StationFacts, message: wire.UnpublishFirmwareRequest) -> UnpublishFirmware:
    if message.checksum is None:
        raise Unattributable("checksum")
    return UnpublishFirmware(checksum=message.checksum)


def write_unpublish_answer(
    facts: StationFacts, request: UnpublishFirmware, answer: CommandAnswer
) -> v21.UnpublishFirmwareResponse:
    return v21.UnpublishFirmwareResponse(status=_UNPUBLISH.get(answer.status, "DownloadOngoing"))


def write_unpublish(facts: StationFacts, request: UnpublishFirmware) -> v21.UnpublishFirmwareRequest:
    return v21.UnpublishFirmwareRequest(checksum=request.checksum)


def read_unpublish_answer(
    facts: StationFacts, request: UnpublishFirmware, answer: wire.UnpublishFirmwareResponse
) -> CommandAnswer:
    return CommandAnswer(status=answer.status or "Rejected")


def _acknowledged(facts: StationFacts, request: Any, answer: Any) -> Acknowledged:
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "UpdateFirmware": Incoming(read_update, write_update_answer),
    "FirmwareStatusNotification": Incoming(read_status, write_status_answer),
    "PublishFirmware": Incoming(read_publish, write_publish_answer),
    "PublishFirmwareStatusNotification": Incoming(read_publish_status, write_publish_status_answer),
    "UnpublishFirmware": Incoming(read_unpublish, write_unpublish_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    UpdateFirmware: one_call("UpdateFirmware", write_update, read_update_answer),
    FirmwareStatusNotification: one_call("FirmwareStatusNotification", write_status, _acknowledged),
    PublishFirmware: one_call("PublishFirmware", write_publish, read_answer),
    PublishFirmwareStatusNotification: _publish_status,
    UnpublishFirmware: one_call("UnpublishFirmware", write_unpublish, read_unpublish_answer),
}
