"""N01 Logs in 1.6: GetDiagnostics, and GetLog of the security extension; N09, N10 are 2.x's alone.

GetDiagnostics has no requestId, one kind of log, and no status in its answer: there is a file if it has a name.
"""

from collections.abc import Mapping

from stationmaster.dialects.alike import read_log
from stationmaster.dialects.moments import utc
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
from stationmaster.domain.diagnostics.customer_information import CustomerInformation, NotifyCustomerInformation
from stationmaster.domain.diagnostics.log_upload import GetLog, GetLogAnswer, LogStatusNotification
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_NO_PERSONS = "OCPP 1.x has no messages for customers' data"
_NO_SECURITY_LOG = "the security log needs the security extension of OCPP 1.6, which the station has not"
_LOG_TYPES: Mapping[str, v16.LogEnumType] = words(v16.LogEnumType)
_ANSWERS: Mapping[str, v16.LogStatusEnumType] = words(v16.LogStatusEnumType)
_EXTENDED: Mapping[str, v16.UploadLogStatusEnumType] = {
    **words(v16.UploadLogStatusEnumType),
    "AcceptedCanceled": "UploadFailure",
}
_PLAIN: Mapping[str, v16.DiagnosticsStatus] = {
    "Idle": "Idle",
    "Uploading": "Uploading",
    "Uploaded": "Uploaded",
    "UploadFailure": "UploadFailed",
    "BadMessage": "UploadFailed",
    "PermissionDenied": "UploadFailed",
    "NotSupportedOperation": "UploadFailed",
}
"""What is not here the plain form does not tell."""
_PLAIN_2X: Mapping[str, str] = {"UploadFailed": "UploadFailure"}


def read_diagnostics(facts: StationFacts, message: wire.GetDiagnosticsRequest) -> GetLog:
    if message.location is None:
        raise Unattributable("location")
    return GetLog(
        request_id=None,
        location=message.location,
        oldest_at=utc(message.start_time),
        latest_at=utc(message.stop_time),
        retries=message.retries,
        retry_interval_s=message.retry_interval,
    )


def write_diagnostics_answer(facts: StationFacts, request: GetLog, answer: GetLogAnswer) -> v16.GetDiagnosticsResponse:
    return v16.GetDiagnosticsResponse(file_name=answer.filename if answer.status != "Rejected" else None)


def write_log_answer(facts: StationFacts, request: GetLog, answer: GetLogAnswer) -> v16.GetLogResponse:
    return v16.GetLogResponse(status=_ANSWERS.get(answer.status, "Rejected"), filename=answer.filename)


def _get_log(facts: StationFacts, request: GetLog) -> Exchange:
    """GetLog where the station has it, or where nothing else would do; it refuses the action if it has not."""
    log_type = _LOG_TYPES.get(request.log_type)
    if log_type is None:
        raise Unsupported(f"OCPP 1.x has no {request.log_type}")
    plain = log_type == "DiagnosticsLog"
    if not plain and not may_know(facts, "GetLog"):
        raise Unsupported(_NO_SECURITY_LOG)
    if EXTENSION in facts.capabilities or not plain:
        answer = yield WireCall("GetLog", _log(request, log_type), may_fail=True)
        if not isinstance(answer, NoAnswer):
            return GetLogAnswer(status=answer.status or "Rejected", filename=answer.filename, extended=True)
        if answer.code not in UNKNOWN_ACTION and answer.failure is not None:
            raise answer.failure
        if not plain:
            raise Unsupported(_NO_SECURITY_LOG)
    answer = yield WireCall("GetDiagnostics", _diagnostics(request))
    status = "Accepted" if answer.file_name else "Rejected"
    return GetLogAnswer(status=status, filename=answer.file_name)


def _log(request: GetLog, log_type: v16.LogEnumType) -> v16.GetLogRequest:
    return v16.GetLogRequest(
        log=v16.LogParametersType(
            remote_location=request.location,
            oldest_timestamp=request.oldest_at,
            latest_timestamp=request.latest_at,
        ),
        log_type=log_type,
        request_id=request.request_id or 0,
        retries=request.retries,
        retry_interval=request.retry_interval_s,
    )


def _diagnostics(request: GetLog) -> v16.GetDiagnosticsRequest:
    return v16.GetDiagnosticsRequest(
        location=request.location,
        retries=request.retries,
        retry_interval=request.retry_interval_s,
        start_time=request.oldest_at,
        stop_time=request.latest_at,
    )


def read_diagnostics_status(
    facts: StationFacts, message: wire.DiagnosticsStatusNotificationRequest
) -> LogStatusNotification:
    if message.status is None:
        raise Unattributable("status")
    return LogStatusNotification(status=_PLAIN_2X.get(message.status, message.status))


def write_diagnostics_status_answer(
    facts: StationFacts, request: LogStatusNotification, answer: Acknowledged
) -> v16.DiagnosticsStatusNotificationResponse:
    return v16.DiagnosticsStatusNotificationResponse()


def read_log_status(facts: StationFacts, message: wire.LogStatusNotificationRequest) -> LogStatusNotification:
    if message.status is None:
        raise Unattributable("status")
    return LogStatusNotification(status=message.status, request_id=message.request_id, extended=True)


def write_log_status_answer(
    facts: StationFacts, request: LogStatusNotification, answer: Acknowledged
) -> v16.LogStatusNotificationResponse:
    return v16.LogStatusNotificationResponse()


def _log_status(facts: StationFacts, request: LogStatusNotification) -> Exchange:
    """In the form in which the log was asked for."""
    if request.extended or request.request_id is not None:
        status = _EXTENDED.get(request.status, "UploadFailure")
        message = v16.LogStatusNotificationRequest(status=status, request_id=request.request_id)
        yield WireCall("LogStatusNotification", message)
        return ACKNOWLEDGED
    plain = _PLAIN.get(request.status)
    if plain is not None:
        yield WireCall("DiagnosticsStatusNotification", v16.DiagnosticsStatusNotificationRequest(status=plain))
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "GetDiagnostics": Incoming(read_diagnostics, write_diagnostics_answer),
    "GetLog": Incoming(read_log, write_log_answer),
    "DiagnosticsStatusNotification": Incoming(read_diagnostics_status, write_diagnostics_status_answer),
    "LogStatusNotification": Incoming(read_log_status, write_log_status_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    GetLog: _get_log,
    LogStatusNotification: _log_status,
    CustomerInformation: unsupported(_NO_PERSONS),
    NotifyCustomerInformation: unsupported(_NO_PERSONS),
}
