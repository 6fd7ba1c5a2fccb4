"""L Firmware in 1.6: the plain messages, and the signed ones of the security extension.

The plain form has no requestId, no signature, no installDateTime and half of the statuses.
"""

from collections.abc import Mapping

from stationmaster.dialects.alike import read_update
from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import (
    Exchange,
    Incoming,
    NoAnswer,
    Outgoing,
    Unattributable,
    Unsupported,
    WireCall,
)
from stationmaster.dialects.v1.security_extension import EXTENSION, UNKNOWN_ACTION, may_know
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.firmware.updates import (
    Firmware,
    FirmwareStatus,
    FirmwareStatusNotification,
    PublishFirmware,
    PublishFirmwareStatusNotification,
    UnpublishFirmware,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_STATUSES: Mapping[str | None, FirmwareStatus] = words(FirmwareStatus)
_UPDATE: Mapping[str, v16.UpdateFirmwareStatusEnumType] = words(v16.UpdateFirmwareStatusEnumType)
_PLAIN: Mapping[str, v16.FirmwareStatus] = {
    **words(v16.FirmwareStatus),
    "InvalidSignature": "InstallationFailed",
    "InstallVerificationFailed": "InstallationFailed",
}
"""What is not here the plain form does not tell."""
_NOT_CHECKED = "the station has no security extension of OCPP 1.6, so it would not check the signature"


def read_plain(facts: StationFacts, message: wire.UpdateFirmwareRequest) -> UpdateFirmware:
    if message.location is None:
        raise Unattributable("location")
    return UpdateFirmware(
        firmware=Firmware(location=message.location, retrieve_at=utc_or(message.retrieve_date)),
        request_id=None,
        retries=message.retries,
        retry_interval_s=message.retry_interval,
    )


def write_plain_answer(
    facts: StationFacts, request: UpdateFirmware, answer: CommandAnswer
) -> v16.UpdateFirmwareResponse:
    return v16.UpdateFirmwareResponse()


def write_signed_answer(
    facts: StationFacts, request: UpdateFirmware, answer: CommandAnswer
) -> v16.SignedUpdateFirmwareResponse:
    return v16.SignedUpdateFirmwareResponse(status=_UPDATE.get(answer.status, "Rejected"))


def _update(facts: StationFacts, request: UpdateFirmware) -> Exchange:
    """The signed form where there is a signature and the station may understand it, else the plain one.

    Whether it does is not always known: a station that has the signed form answers it, another refuses the action.
    """
    extended = EXTENSION in facts.capabilities
    if request.firmware.is_signed and not request.allow_unsigned and not may_know(facts, "SignedUpdateFirmware"):
        raise Unsupported(_NOT_CHECKED)
    if request.firmware.is_signed and (extended or not request.allow_unsigned):
        answer = yield WireCall("SignedUpdateFirmware", _signed(request), may_fail=True)
        if not isinstance(answer, NoAnswer):
            return UpdateFirmwareAnswer(status=answer.status or "Rejected", signed=True)
        if answer.code not in UNKNOWN_ACTION and answer.failure is not None:
            raise answer.failure
        if not request.allow_unsigned:
            raise Unsupported(_NOT_CHECKED)
    elif extended and not request.allow_unsigned:
        raise Unsupported("the station takes signed firmware only (security extension of OCPP 1.6)")
    yield WireCall("UpdateFirmware", _plain(request))
    return UpdateFirmwareAnswer(status="Accepted", signed=False)


def _signed(request: UpdateFirmware) -> v16.SignedUpdateFirmwareRequest:
    firmware = request.firmware
    return v16.SignedUpdateFirmwareRequest(
        retries=request.retries,
        retry_interval=request.retry_interval_s,
        request_id=request.request_id or 0,
        firmware=v16.FirmwareType(
            location=firmware.location,
            retrieve_date_time=firmware.retrieve_at,
            install_date_time=firmware.install_at,
            signing_certificate=firmware.signing_certificate or "",
            signature=firmware.signature or "",
        ),
    )


def _plain(request: UpdateFirmware) -> v16.UpdateFirmwareRequest:
    if request.firmware.install_at is not None:
        raise Unsupported("the plain firmware update of OCPP 1.x installs at once; it has no installDateTime")
    return v16.UpdateFirmwareRequest(
        location=request.firmware.location,
        retries=request.retries,
        retrieve_date=request.firmware.retrieve_at,
        retry_interval=request.retry_interval_s,
    )


def read_status(facts: StationFacts, message: wire.FirmwareStatusNotificationRequest) -> FirmwareStatusNotification:
    status = _STATUSES.get(message.status)
    if status is None:
        raise Unattributable("status")
    return FirmwareStatusNotification(status=status)


def write_status_answer(
    facts: StationFacts, request: FirmwareStatusNotification, answer: Acknowledged
) -> v16.FirmwareStatusNotificationResponse:
    return v16.FirmwareStatusNotificationResponse()


def read_signed_status(
    facts: StationFacts, message: wire.SignedFirmwareStatusNotificationRequest
) -> FirmwareStatusNotification:
    status = _STATUSES.get(message.status)
    if status is None:
        raise Unattributable("status")
    return FirmwareStatusNotification(status=status, request_id=message.request_id, extended=True)


def write_signed_status_answer(
    facts: StationFacts, request: FirmwareStatusNotification, answer: Acknowledged
) -> v16.SignedFirmwareStatusNotificationResponse:
    return v16.SignedFirmwareStatusNotificationResponse()


def _status(facts: StationFacts, request: FirmwareStatusNotification) -> Exchange:
    """In the form of the request that it belongs to. What the plain form has no word for is not told."""
    if request.extended or request.request_id is not None:
        yield WireCall(
            "SignedFirmwareStatusNotification",
            v16.SignedFirmwareStatusNotificationRequest(status=request.status, request_id=request.request_id),
        )
        return ACKNOWLEDGED
    status = _PLAIN.get(request.status)
    if status is not None:
        yield WireCall("FirmwareStatusNotification", v16.FirmwareStatusNotificationRequest(status=status))
    return ACKNOWLEDGED


_NO_PUBLISHING = unsupported("OCPP 1.x has no firmware published by a local controller")

INCOMING: Mapping[str, Incoming] = {
    "UpdateFirmware": Incoming(read_plain, write_plain_answer),
    "SignedUpdateFirmware": Incoming(read_update, write_signed_answer),
    "FirmwareStatusNotification": Incoming(read_status, write_status_answer),
    "SignedFirmwareStatusNotification": Incoming(read_signed_status, write_signed_status_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    UpdateFirmware: _update,
    FirmwareStatusNotification: _status,
    PublishFirmware: _NO_PUBLISHING,
    PublishFirmwareStatusNotification: _NO_PUBLISHING,
    UnpublishFirmware: _NO_PUBLISHING,
}
"""Requests that are one of the signed messages and one of the plain ones."""
