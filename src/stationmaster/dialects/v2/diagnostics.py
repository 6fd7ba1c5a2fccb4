"""N01 Logs in 2.x."""

from collections.abc import Mapping

from stationmaster.dialects.alike import read_log
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.parts import read_status_info, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.diagnostics.log_upload import GetLog, GetLogAnswer, LogStatusNotification
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_LOG_TYPES: Mapping[str, v21.LogEnumType] = words(v21.LogEnumType)
_ANSWERS: Mapping[str, v21.LogStatusEnumType] = words(v21.LogStatusEnumType)
_STATUSES: Mapping[str, v21.UploadLogStatusEnumType] = words(v21.UploadLogStatusEnumType)


def write_log_answer(facts: StationFacts, request: GetLog, answer: GetLogAnswer) -> v21.GetLogResponse:
    return v21.GetLogResponse(
        status=_ANSWERS.get(answer.status, "Rejected"), status_info=write_status_info(answer), filename=answer.filename
    )


def write_log(facts: StationFacts, request: GetLog) -> v21.GetLogRequest:
    log_type = _LOG_TYPES.get(request.log_type)
    if log_type is None:
        raise Unsupported(f"OCPP 2.x has no {request.log_type}")
    return v21.GetLogRequest(
        log=v21.LogParametersType(
            remote_location=request.location,
            oldest_timestamp=request.oldest_at,
            latest_timestamp=request.latest_at,
        ),
        log_type=log_type,
        request_id=request.request_id or 0,
        retries=request.retries,
        retry_interval=request.retry_interval_s,
    )


def read_log_answer(facts: StationFacts, request: GetLog, answer: wire.GetLogResponse) -> GetLogAnswer:
    reason, info = read_status_info(answer.status_info)
    return GetLogAnswer(status=answer.status or "Rejected", reason=reason, info=info, filename=answer.filename)


def read_status(facts: StationFacts, message: wire.LogStatusNotificationRequest) -> LogStatusNotification:
    if message.status is None:
        raise Unattributable("status")
    reason, info = read_status_info(message.status_info)
    return LogStatusNotification(status=message.status, request_id=message.request_id, reason=reason, info=info)


def write_status_answer(
    facts: StationFacts, request: LogStatusNotification, answer: Acknowledged
) -> v21.LogStatusNotificationResponse:
    return v21.LogStatusNotificationResponse()


def write_status(facts: StationFacts, request: LogStatusNotification) -> v21.LogStatusNotificationRequest:
    """The reason is 2.1's."""
    explained = CommandAnswer(status=request.status, reason=request.reason, info=request.info)
    return v21.LogStatusNotificationRequest(
        status=_STATUSES.get(request.status, "UploadFailure"),
        request_id=request.request_id,
        status_info=write_status_info(explained) if facts.version == "2.1" else None,
    )


def _read_status_answer(facts: StationFacts, request: LogStatusNotification, answer: object) -> Acknowledged:
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "GetLog": Incoming(read_log, write_log_answer),
    "LogStatusNotification": Incoming(read_status, write_status_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    GetLog: one_call("GetLog", write_log, read_log_answer),
    LogStatusNotification: one_call("LogStatusNotification", write_status, _read_status_answer),
}
