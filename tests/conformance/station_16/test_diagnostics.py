"""Diagnostics and logs of a charge point of 1.6, plain and with the security extension."""

from typing import Any

from charge_point_case import ChargePointCase
from said import Said

from stationmaster.domain.transfer import TransferFailed

WHERE = "ftp://t7:secret@files.test/up/7"


async def get_log(case: ChargePointCase, request_id: int = 7, log_type: str = "DiagnosticsLog") -> Any:
    return await case.ask("GetLog", logType=log_type, requestId=request_id, log={"remoteLocation": WHERE})


def plain(said: Said) -> list[str]:
    return [payload["status"] for payload in said.payloads("DiagnosticsStatusNotification")]


def extended(said: Said) -> list[tuple[str, int | None]]:
    return [(p["status"], p.get("requestId")) for p in said.payloads("LogStatusNotification")]


async def test_1_6_s5_9_diagnostics_are_brought_into_the_directory(case: ChargePointCase) -> None:
    answer = await case.ask("GetDiagnostics", location=WHERE)
    said = await case.wait()

    ((url, name, _),) = case.files.brought
    assert (url, name) == (WHERE + "/", answer["fileName"])
    assert plain(said) == case.words("Uploading", "Uploaded")
    assert extended(said) == []


async def test_1_6_s5_9_an_upload_that_fails_is_tried_again_and_told(case: ChargePointCase) -> None:
    case.files.fails = [TransferFailed("PermissionDenied")] * 3
    await case.ask("GetDiagnostics", location=WHERE, retries=2, retryInterval=5)
    assert plain(await case.wait(60)) == case.words("Uploading", "UploadFailed")
    assert len(case.files.attempts) == 3  # errata 3.50


async def test_1_6_security_N01_FR_03_the_security_log_is_brought(case: ChargePointCase) -> None:
    assert (await get_log(case, log_type="SecurityLog"))["status"] == "Accepted"
    said = await case.wait()
    assert extended(said) == [("Uploading", 7), ("Uploaded", 7)]
    assert plain(said) == []
    assert "StartupOfTheDevice" in case.files.text


async def test_1_6_security_N01_FR_11_a_second_request_cancels_the_first(case: ChargePointCase) -> None:
    case.files.takes_s = 30
    await get_log(case, 7)
    await case.wait(3)
    assert (await get_log(case, 8))["status"] == "AcceptedCanceled"
    assert extended(await case.wait(60)) == [("UploadFailure", 7), ("Uploading", 8), ("Uploaded", 8)]


async def test_1_6_security_L01_a_trigger_is_answered_in_the_form_it_was_asked_in(case: ChargePointCase) -> None:
    asked = await case.ask("ExtendedTriggerMessage", requestedMessage="LogStatusNotification")
    assert asked["status"] == "Accepted"
    said = await case.wait()
    assert (extended(said), plain(said)) == ([("Idle", None)], [])


async def test_1_6_security_A04_FR_01_security_events_are_told(case: ChargePointCase) -> None:
    assert [call.payload["type"] for call in case.csms.security_events] == ["StartupOfTheDevice"]
