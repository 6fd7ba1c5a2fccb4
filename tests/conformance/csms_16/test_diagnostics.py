"""Diagnostics of 1.6: the plain messages, the security extension, and how one learns which a charge point has."""

import pytest
from case_16 import Case16

from stationmaster.domain.command import Command
from stationmaster.domain.diagnostics.log_upload import GetLog, LogUpload
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload


async def upload(case: Case16, command: Command) -> LogUpload:
    view = await case.bench.storage.reads.log_upload("default", case.view.key, command.key)
    assert view is not None
    return view.upload


async def asked(
    case: Case16, action: str, answer: Payload, log_type: str = "DiagnosticsLog"
) -> tuple[Payload, Command]:
    case.client.on(action, answer)
    command = await case.view.ask(GetLog(log_type=log_type))
    payload = await case.client.expect(action)
    return payload, await case.view.outcome(command)


async def secured(case: Case16) -> None:
    event = {"type": "StartupOfTheDevice", "timestamp": moment(case.now())}
    assert await case.client.call("SecurityEventNotification", event) == {}


async def test_1_6_s6_17_diagnostics_are_brought_and_followed_without_any_id(case: Case16) -> None:
    payload, command = await asked(case, "GetDiagnostics", {"fileName": "a.zip"})
    assert payload["location"].endswith("/")
    await case.bench.files.upload(payload["location"], "a.zip", b"zip")
    await case.client.call("DiagnosticsStatusNotification", {"status": "Uploaded"})
    found = await upload(case, command)
    assert (found.state, found.filename) == ("uploaded", "a.zip")


async def test_1_6_s6_17_an_upload_that_begins_is_told(case: Case16) -> None:
    _, command = await asked(case, "GetDiagnostics", {"fileName": "a.zip"})
    await case.client.call("DiagnosticsStatusNotification", {"status": "Uploading"})
    assert (await upload(case, command)).state == "uploading"


async def test_1_6_s6_17_no_file_name_means_that_there_are_none(case: Case16) -> None:
    _, command = await asked(case, "GetDiagnostics", {})
    assert (command.state, (await upload(case, command)).state) == ("rejected", "rejected")


async def test_1_6_s6_17_a_failed_upload_is_told(case: Case16) -> None:
    _, command = await asked(case, "GetDiagnostics", {"fileName": "a.zip"})
    await case.client.call("DiagnosticsStatusNotification", {"status": "UploadFailed"})
    assert (await upload(case, command)).state == "failed"


@pytest.mark.parametrize("log_type", ["DiagnosticsLog", "SecurityLog"])
async def test_1_6_security_N01_a_station_that_showed_the_extension_is_asked_by_it(case: Case16, log_type: str) -> None:
    await secured(case)
    payload, command = await asked(case, "GetLog", {"status": "Accepted", "filename": "s.log"}, log_type)
    assert (payload["logType"], command.state) == (log_type, "accepted")
    told = {"status": "Uploaded", "requestId": payload["requestId"]}
    await case.client.call("LogStatusNotification", told)
    assert (await upload(case, command)).state == "uploaded"


async def test_1_6_security_a_station_that_refuses_the_extension_after_all_is_asked_plainly(case: Case16) -> None:
    await secured(case)
    _, command = await asked(case, "GetDiagnostics", {"fileName": "a.zip"})  # GetLog was answered NotSupported
    assert command.state == "accepted"


async def test_1_6_security_the_security_log_of_a_station_without_the_extension_is_unsupported(case: Case16) -> None:
    command = await case.view.outcome(await case.view.ask(GetLog(log_type="SecurityLog")))
    assert (command.state, "security extension" in (command.detail or "")) == ("unsupported", True)


async def test_1_6_there_is_no_data_collector(case: Case16) -> None:
    command = await case.view.outcome(await case.view.ask(GetLog(log_type="DataCollectorLog")))
    assert (command.state, command.detail) == ("unsupported", "OCPP 1.x has no DataCollectorLog")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("CentralSystemFailedToAuthentication", "CsmsFailedToAuthenticate"),
        ("FailedToAuthentication AtCentralSystem", "FailedToAuthenticateAtCsms"),
        ("InvalidChargePointCertificate", "InvalidChargingStationCertificate"),
        ("VendorsOwn", "VendorsOwn"),
    ],
)
async def test_1_6_security_A04_events_are_kept_under_the_names_of_2_x(case: Case16, sent: str, kept: str) -> None:
    event = {"type": sent, "timestamp": moment(case.now())}
    assert await case.client.call("SecurityEventNotification", event) == {}
    (told,) = await case.view.told("SecurityEvent")
    assert told.data["type"] == kept
