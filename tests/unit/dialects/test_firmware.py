"""Firmware over the bytes of every version: what is said is heard, as far as the version has words for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import NoAnswer, Unsupported
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.firmware.updates import (
    NEXT,
    Firmware,
    FirmwareStatusNotification,
    PublishFirmware,
    PublishFirmwareStatusNotification,
    UnpublishFirmware,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from stationmaster.domain.messages import ACKNOWLEDGED, CommandAnswer
from stationmaster.ocpp import codec
from stationmaster.ocpp.version import JSON_VERSIONS, SOAP_VERSIONS, Version

AT = datetime(2030, 1, 1, tzinfo=UTC)
SECURE = frozenset({"SecurityExtension"})
SECOND = [version for version in JSON_VERSIONS if version.family == 2]
STATUSES = sorted(word for word in NEXT if word != "accepted")
PLAIN = {
    "Downloaded": "Downloaded",
    "DownloadFailed": "DownloadFailed",
    "Downloading": "Downloading",
    "Idle": "Idle",
    "InstallationFailed": "InstallationFailed",
    "Installing": "Installing",
    "Installed": "Installed",
    "InvalidSignature": "InstallationFailed",
    "InstallVerificationFailed": "InstallationFailed",
}


def said(
    version: Version, request: Any, answers: Sequence[Any], *, capabilities: frozenset[str] = frozenset()
) -> tuple[list[tuple[str, Any]], Any]:
    """What the other side hears, by action, when it gives these answers; and what the caller is told."""
    facts = StationFacts(version=version.value, capabilities=capabilities)
    dialect = dialect_for(version)
    exchange = dialect.outgoing[type(request)](facts, request)
    heard: list[tuple[str, Any]] = []
    given_answers = iter(answers)
    response = None
    try:
        while True:
            call = exchange.send(response)
            reading = codec.read_request(version, call.action, codec.write_request(version, call.action, call.message))
            assert reading.violations == ()
            row = dialect.incoming[call.action]
            heard.append((call.action, row.read(facts, reading.message)))
            answer = next(given_answers)
            if isinstance(answer, NoAnswer):
                response = answer
                continue
            raw = codec.write_response(version, call.action, row.write(facts, heard[-1][1], answer))
            response = codec.read_response(version, call.action, raw).message
    except StopIteration as stop:
        return heard, stop.value


def update(*, signed: bool = True, **more: Any) -> UpdateFirmware:
    signature = {"signing_certificate": "PEM", "signature": "AAAA"} if signed else {}
    firmware = Firmware(location="http://u:p@files.test/fw/1/f.bin", retrieve_at=AT, **signature)
    return UpdateFirmware(**{"firmware": firmware, "request_id": 7, "retries": 2, "retry_interval_s": 60, **more})


@pytest.mark.parametrize("version", SECOND)
@pytest.mark.parametrize("signed", [True, False])
def test_an_update_is_heard_whole_in_2x(version: Version, signed: bool) -> None:
    request = update(signed=signed)
    request = msgspec.structs.replace(request, firmware=msgspec.structs.replace(request.firmware, install_at=AT))
    heard, answer = said(version, request, [CommandAnswer(status="AcceptedCanceled")])
    assert heard == [("UpdateFirmware", request)]
    assert answer == UpdateFirmwareAnswer(status="AcceptedCanceled")


def test_20_has_no_word_for_a_bad_certificate_but_rejects_it() -> None:
    _, answer = said(Version.V20, update(), [CommandAnswer(status="InvalidCertificate")])
    assert answer.status == "Rejected"
    _, answer = said(Version.V201, update(), [CommandAnswer(status="InvalidCertificate")])
    assert answer.status == "InvalidCertificate"


def test_a_certificate_that_20_cannot_hold_is_refused_before_it_is_sent() -> None:
    firmware = msgspec.structs.replace(update().firmware, signing_certificate="P" * 801)
    with pytest.raises(codec.CannotCarry):
        said(Version.V20, update(firmware=firmware), [CommandAnswer(status="Accepted")])


def test_16_sends_the_signed_form_to_a_station_that_may_have_it() -> None:
    for capabilities in (SECURE, frozenset[str]()):
        heard, answer = said(Version.V16, update(), [CommandAnswer(status="Accepted")], capabilities=capabilities)
        assert heard == [("SignedUpdateFirmware", update())]
        assert answer == UpdateFirmwareAnswer(status="Accepted", signed=True)


def test_16_falls_back_to_the_plain_form_only_where_that_was_allowed() -> None:
    unknown = NoAnswer("NotImplemented", "NotImplemented")
    with pytest.raises(Unsupported, match="would not check"):
        said(Version.V16, update(), [unknown])
    allowed = update(allow_unsigned=True)
    heard, answer = said(Version.V16, allowed, [unknown, ACKNOWLEDGED], capabilities=SECURE)
    assert [action for action, _ in heard] == ["SignedUpdateFirmware", "UpdateFirmware"]
    assert answer == UpdateFirmwareAnswer(status="Accepted", signed=False)
    heard, _ = said(Version.V16, allowed, [ACKNOWLEDGED])
    assert [action for action, _ in heard] == ["UpdateFirmware"]
    assert (heard[0][1].request_id, heard[0][1].firmware.is_signed) == (None, False)


@pytest.mark.parametrize("version", SOAP_VERSIONS)
def test_over_soap_nothing_is_signed_and_the_plain_form_has_to_be_allowed(version: Version) -> None:
    for capabilities in (SECURE, frozenset[str]()):
        with pytest.raises(Unsupported, match="would not check"):
            said(version, update(), [], capabilities=capabilities)
    heard, answer = said(version, update(allow_unsigned=True), [ACKNOWLEDGED])
    assert [action for action, _ in heard] == ["UpdateFirmware"]
    assert answer == UpdateFirmwareAnswer(status="Accepted", signed=False)


def test_16_does_not_take_an_error_for_a_missing_extension() -> None:
    failure = RuntimeError("InternalError")
    with pytest.raises(RuntimeError, match="InternalError"):
        said(Version.V16, update(allow_unsigned=True), [NoAnswer("InternalError", "", failure)], capabilities=SECURE)


def test_16_cannot_install_later_or_without_a_signature_where_signatures_are_wanted() -> None:
    later = msgspec.structs.replace(update(signed=False).firmware, install_at=AT)
    with pytest.raises(Unsupported, match="installDateTime"):
        said(Version.V16, update(firmware=later), [ACKNOWLEDGED])
    with pytest.raises(Unsupported, match="signed firmware only"):
        said(Version.V16, update(signed=False), [ACKNOWLEDGED], capabilities=SECURE)


@pytest.mark.parametrize("version", SECOND)
@given(status=st.sampled_from(STATUSES), request_id=st.integers(1, 2**31 - 1))
def test_every_status_is_heard_in_2x(version: Version, status: Any, request_id: int) -> None:
    told = FirmwareStatusNotification(status=status, request_id=request_id)
    assert said(version, told, [ACKNOWLEDGED]) == ([("FirmwareStatusNotification", told)], ACKNOWLEDGED)


@pytest.mark.parametrize("version", [version for version in SECOND if version is not Version.V20])
def test_a_reason_beside_a_status_is_told_in_21_only(version: Version) -> None:
    told = FirmwareStatusNotification(status="DownloadFailed", request_id=1, reason="NoSpace", info="full")
    ((_, heard),), _ = said(version, told, [ACKNOWLEDGED])
    assert (heard.reason, heard.info) == (("NoSpace", "full") if version is Version.V21 else (None, None))


@pytest.mark.parametrize("status", STATUSES)
def test_16_tells_a_status_in_the_form_that_it_was_asked_in(status: Any) -> None:
    signed = FirmwareStatusNotification(status=status, request_id=7, extended=True)
    heard, _ = said(Version.V16, signed, [ACKNOWLEDGED])
    assert heard == [("SignedFirmwareStatusNotification", signed)]
    heard, _ = said(Version.V16, FirmwareStatusNotification(status=status), [ACKNOWLEDGED])
    plain: Any = PLAIN.get(status)
    expected = [] if plain is None else [("FirmwareStatusNotification", FirmwareStatusNotification(status=plain))]
    assert heard == expected


@pytest.mark.parametrize("version", SECOND)
def test_a_publication_is_heard_in_2x(version: Version) -> None:
    request = PublishFirmware(location="http://files.test/f.bin", checksum="d41d8cd98f00b204e9800998ecf8427e")
    request = msgspec.structs.replace(request, retries=1, **({} if version is Version.V20 else {"request_id": 5}))
    heard, answer = said(version, request, [CommandAnswer(status="Accepted")])
    assert (heard, answer.status) == ([("PublishFirmware", request)], "Accepted")
    gone = UnpublishFirmware(checksum=request.checksum)
    heard, answer = said(version, gone, [CommandAnswer(status="DownloadOngoing")])
    assert (heard, answer.status) == ([("UnpublishFirmware", gone)], "DownloadOngoing")


@pytest.mark.parametrize("version", SECOND)
def test_where_an_image_is_published_is_heard_as_far_as_20_can_say_it(version: Version) -> None:
    locations = ("http://lc.test/f.bin", "ftp://lc.test/f.bin")
    told = PublishFirmwareStatusNotification(status="Published", locations=locations)
    ((_, heard),), _ = said(version, told, [ACKNOWLEDGED])
    assert heard.locations == (locations[:1] if version is Version.V20 else locations)
    idle, _ = said(version, PublishFirmwareStatusNotification(status="Idle"), [ACKNOWLEDGED])
    assert len(idle) == (0 if version is Version.V20 else 1)


def test_16_has_no_publishing() -> None:
    for request in (UnpublishFirmware(checksum="x"), PublishFirmware(checksum="x")):
        with pytest.raises(Unsupported, match="published"):
            said(Version.V16, request, [])
