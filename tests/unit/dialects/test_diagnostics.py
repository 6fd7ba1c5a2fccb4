"""Security events, logs and customers' data in every version's words and back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import NoAnswer, Unattributable, Unsupported, WireCall
from stationmaster.domain.certificates import CertificateHash
from stationmaster.domain.diagnostics.customer_information import CustomerInformation, NotifyCustomerInformation
from stationmaster.domain.diagnostics.log_upload import GetLog, GetLogAnswer, LogStatusNotification
from stationmaster.domain.diagnostics.security_events import SecurityEventNotification
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import ACKNOWLEDGED, CommandAnswer
from stationmaster.ocpp import codec
from stationmaster.ocpp.version import JSON_VERSIONS, SOAP_VERSIONS, Version

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
NEWER = [version for version in JSON_VERSIONS if version.family == 2]
FULL_LOG = GetLog(
    log_type="SecurityLog",
    request_id=7,
    location="ftp://u:p@h/up/7/",
    oldest_at=AT,
    latest_at=AT,
    retries=3,
    retry_interval_s=5,
)
HASH = CertificateHash("SHA256", "ab", "cd", "1f")


def facts(version: Version, *can: str) -> StationFacts:
    return StationFacts(version=str(version), capabilities=frozenset(can))


SECURE = facts(Version.V16, "SecurityExtension")


def over(version: Version, known: StationFacts, request: Any, answer: Any = ACKNOWLEDGED) -> tuple[Any, Any]:
    """What arrives at the other side when a request is sent, and what comes back of its answer."""
    dialect = dialect_for(version)
    exchange = dialect.outgoing[type(request)](known, request)
    call = next(exchange)
    payload = codec.write_request(version, call.action, call.message)
    row = dialect.incoming[call.action]
    read = row.read(known, codec.read_request(version, call.action, payload).message)
    written = codec.write_response(version, call.action, row.write(known, read, answer))
    try:
        exchange.send(codec.read_response(version, call.action, written).message)
    except StopIteration as done:
        return read, done.value
    raise AssertionError("more than one call")


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_a_security_event_arrives_with_its_name_of_2_x(version: Version) -> None:
    known = SECURE if version is Version.V16 else facts(version)
    info = None if version is Version.V20 else "x" * 300
    event = SecurityEventNotification(type="InvalidChargingStationCertificate", timestamp=AT, tech_info=info)
    read, answer = over(version, known, event)
    assert (read.type, read.timestamp, read.extended) == (event.type, AT, version is Version.V16)
    assert read.tech_info == (info and info[:255])
    assert answer is ACKNOWLEDGED


def test_what_a_version_cannot_tell_is_unsupported() -> None:
    event = SecurityEventNotification(type="MaintenanceLoginFailed", timestamp=AT)
    with pytest.raises(Unsupported, match=r"2\.0 has no"):
        over(Version.V20, facts(Version.V20), event)
    with pytest.raises(Unsupported, match="security extension"):
        over(Version.V16, facts(Version.V16), event)


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_a_request_for_a_log_arrives_whole(version: Version) -> None:
    known = SECURE if version is Version.V16 else facts(version)
    read, answer = over(version, known, FULL_LOG, GetLogAnswer(status="AcceptedCanceled", filename="a.log"))
    assert read == FULL_LOG
    assert (answer.status, answer.filename) == ("AcceptedCanceled", "a.log")
    assert answer.extended is (True if version is Version.V16 else None)


@pytest.mark.parametrize(("filename", "status"), [("a.zip", "Accepted"), (None, "Rejected")])
def test_plain_diagnostics_have_no_id_and_are_there_if_they_have_a_name(filename: str | None, status: str) -> None:
    request = GetLog(request_id=7, location="ftp://h/", oldest_at=AT, retries=1)
    read, answer = over(Version.V16, facts(Version.V16), request, GetLogAnswer(status=status, filename=filename))
    assert (read.request_id, read.location, read.oldest_at, read.retries) == (None, "ftp://h/", AT, 1)
    assert (answer.status, answer.filename, answer.extended) == (status, filename, None)


def drive(request: GetLog, known: StationFacts, answer: Any) -> list[str]:
    exchange = dialect_for(Version.V16).outgoing[GetLog](known, request)
    call: WireCall = next(exchange)
    actions = [call.action]
    try:
        call = exchange.send(answer)
        actions.append(call.action)
    finally:
        exchange.close()
    return actions


@pytest.mark.parametrize("code", ["NotImplemented", "NotSupported"])
def test_a_station_that_refuses_the_extension_is_asked_plainly(code: str) -> None:
    refused = NoAnswer(code, "no")
    assert drive(GetLog(), SECURE, refused) == ["GetLog", "GetDiagnostics"]
    with pytest.raises(Unsupported, match="security extension"):
        drive(FULL_LOG, facts(Version.V16), refused)


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_over_soap_the_extension_is_not_asked_for(version: Version) -> None:
    with pytest.raises(Unsupported, match="security extension"):
        drive(FULL_LOG, facts(version), None)


def test_any_other_failure_of_the_extension_is_the_request_s_own() -> None:
    failure = TimeoutError("no answer")
    with pytest.raises(TimeoutError):
        drive(GetLog(), SECURE, NoAnswer(None, "no answer", failure))


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_a_data_collector_is_known_to_2_1_alone(version: Version) -> None:
    request = GetLog(log_type="DataCollectorLog", request_id=7, location="http://h/")
    if version is Version.V21:
        assert over(version, facts(version), request, GetLogAnswer(status="Rejected"))[0] == request
    else:
        with pytest.raises((Unsupported, codec.CannotCarry)):
            over(version, facts(version), request)


@pytest.mark.parametrize("version", JSON_VERSIONS)
@pytest.mark.parametrize("status", ["Uploading", "Uploaded", "UploadFailure", "BadMessage", "PermissionDenied"])
def test_a_log_status_arrives_with_its_reason_as_far_as_the_version_has_one(version: Version, status: str) -> None:
    told = LogStatusNotification(status=status, request_id=7, reason="Why", info="so")
    read, _ = over(version, facts(version), told)
    assert (read.status, read.request_id, read.extended) == (status, 7, version is Version.V16)
    assert (read.reason, read.info) == (("Why", "so") if version is Version.V21 else (None, None))


@pytest.mark.parametrize(
    ("version", "arrives"), [(v, "UploadFailure" if v in (Version.V16, Version.V20) else None) for v in JSON_VERSIONS]
)
def test_a_cancellation_arrives_in_the_word_that_the_version_has(version: Version, arrives: str | None) -> None:
    read, _ = over(version, facts(version), LogStatusNotification(status="AcceptedCanceled", request_id=7))
    assert read.status == (arrives or "AcceptedCanceled")


@pytest.mark.parametrize(("status", "arrives"), [("Idle", "Idle"), ("PermissionDenied", "UploadFailure")])
def test_a_status_without_an_id_is_told_in_the_plain_form(status: str, arrives: str) -> None:
    read, _ = over(Version.V16, facts(Version.V16), LogStatusNotification(status=status))
    assert (read.status, read.request_id, read.extended) == (arrives, None, False)


def test_the_plain_form_does_not_tell_of_a_cancellation() -> None:
    exchange = dialect_for(Version.V16).outgoing[LogStatusNotification](
        facts(Version.V16), LogStatusNotification(status="AcceptedCanceled")
    )
    with pytest.raises(StopIteration):
        next(exchange)


@pytest.mark.parametrize("version", NEWER)
@pytest.mark.parametrize(
    "named", [{"id_token": IdToken("AB", "ISO14443")}, {"certificate": HASH}, {"identifier": "Jane"}]
)
def test_a_question_about_a_customer_arrives_whole(version: Version, named: Any) -> None:
    request = CustomerInformation(request_id=7, report=True, clear=False, **named)
    read, answer = over(version, facts(version), request, CommandAnswer(status="Invalid"))
    assert (read, answer.status) == (request, "Invalid")


@pytest.mark.parametrize("version", NEWER)
def test_a_part_of_a_customer_s_data_arrives_whole(version: Version) -> None:
    part = NotifyCustomerInformation(request_id=7, seq_no=1, data="x" * 512, generated_at=AT, to_be_continued=True)
    assert over(version, facts(version), part)[0] == part


@pytest.mark.parametrize("request_", [CustomerInformation(report=True, clear=False, identifier="x")])
def test_1_6_has_no_words_for_customers(request_: Any) -> None:
    with pytest.raises(Unsupported, match="no messages for customers"):
        over(Version.V16, SECURE, request_)


@pytest.mark.parametrize("version", JSON_VERSIONS)
@pytest.mark.parametrize("action", ["GetLog", "LogStatusNotification", "SecurityEventNotification"])
def test_what_lacks_its_essence_is_unattributable(version: Version, action: str) -> None:
    message = codec.read_request(version, action, b"{}").message
    with pytest.raises(Unattributable):
        dialect_for(version).incoming[action].read(facts(version), message)
