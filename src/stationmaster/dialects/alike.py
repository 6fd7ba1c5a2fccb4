"""Messages that 1.6 and 2.x have in common but for their types, read here for both.

Most are of 1.6's security extension, which took them over from 2.x.
"""

from collections.abc import Mapping

from stationmaster.dialects.moments import utc, utc_or
from stationmaster.dialects.table import Unattributable
from stationmaster.dialects.words import words
from stationmaster.domain.certificates import CertificateHash, DeleteCertificate
from stationmaster.domain.diagnostics.log_upload import GetLog
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.firmware.updates import Firmware, UpdateFirmware
from stationmaster.domain.messages import BootAnswer, BootNotification, RegistrationStatus
from stationmaster.ocpp.v16 import lenient as v16
from stationmaster.ocpp.v21 import lenient as v21

_REGISTRATION: Mapping[str, RegistrationStatus] = words(RegistrationStatus)


def read_boot_answer(
    facts: StationFacts, request: BootNotification, answer: v16.BootNotificationResponse | v21.BootNotificationResponse
) -> BootAnswer:
    """An answer without a status that can be read is a Rejected: the station tries again."""
    return BootAnswer(
        status=_REGISTRATION.get(answer.status or "", "Rejected"),
        current_time=utc_or(answer.current_time),
        interval_s=answer.interval or 0,
    )


def read_update(
    facts: StationFacts, message: v16.SignedUpdateFirmwareRequest | v21.UpdateFirmwareRequest
) -> UpdateFirmware:
    firmware = message.firmware
    if firmware is None or firmware.location is None:
        raise Unattributable("firmware.location")
    if message.request_id is None:
        raise Unattributable("requestId")
    return UpdateFirmware(
        firmware=Firmware(
            location=firmware.location,
            retrieve_at=utc_or(firmware.retrieve_date_time),
            install_at=utc(firmware.install_date_time),
            signing_certificate=firmware.signing_certificate,
            signature=firmware.signature,
        ),
        request_id=message.request_id,
        retries=message.retries,
        retry_interval_s=message.retry_interval,
    )


def read_log(facts: StationFacts, message: v16.GetLogRequest | v21.GetLogRequest) -> GetLog:
    log = message.log
    if log is None or log.remote_location is None:
        raise Unattributable("log.remoteLocation")
    if message.request_id is None:
        raise Unattributable("requestId")
    return GetLog(
        log_type=message.log_type or "DiagnosticsLog",
        request_id=message.request_id,
        location=log.remote_location,
        oldest_at=utc(log.oldest_timestamp),
        latest_at=utc(log.latest_timestamp),
        retries=message.retries,
        retry_interval_s=message.retry_interval,
    )


def read_delete(
    facts: StationFacts, message: v16.DeleteCertificateRequest | v21.DeleteCertificateRequest
) -> DeleteCertificate:
    found = read_hash(message.certificate_hash_data)
    if found is None:
        raise Unattributable("certificateHashData")
    return DeleteCertificate(hash=found)


def read_hash(data: v16.CertificateHashDataType | v21.CertificateHashDataType | None) -> CertificateHash | None:
    """None where a part is missing: half a hash names no certificate."""
    if data is None or data.serial_number is None or data.issuer_key_hash is None or data.issuer_name_hash is None:
        return None
    return CertificateHash(
        data.hash_algorithm or "SHA256", data.issuer_name_hash, data.issuer_key_hash, data.serial_number
    )
