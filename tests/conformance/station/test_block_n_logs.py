"""N01 Logs, as certification tests a station: asked for, brought, canceled, and failing."""

from typing import Any

import pytest
from said import Said
from scripted_csms import Payload
from station_case import StationCase

from stationmaster.domain.transfer import TransferFailed
from stationmaster.ocpp.version import Version

WHERE = "http://t7:secret@files.test:9001/up/7/"


async def get_log(case: StationCase, request_id: int = 7, log_type: str = "DiagnosticsLog", **more: Any) -> Payload:
    log = {"remoteLocation": WHERE, **more.pop("log", {})}
    return await case.ask("GetLog", logType=log_type, requestId=request_id, log=log, **more)


def told(said: Said) -> list[tuple[str, int | None]]:
    return [(p["status"], p.get("requestId")) for p in said.payloads("LogStatusNotification")]


async def test_TC_N_25_CS_a_diagnostics_log_is_brought(case: StationCase) -> None:
    answer = await get_log(case)
    said = await case.wait()

    assert answer["status"] == "Accepted" and answer["filename"]  # N01.FR.01
    assert said.order == ["GetLog!", "LogStatusNotification", "LogStatusNotification"]
    assert told(said) == [("Uploading", 7), ("Uploaded", 7)]  # N01.FR.07-.09
    ((url, name, _),) = case.files.brought  # N01.FR.02
    assert (url, name) == (WHERE, answer["filename"])
    assert "EVSE 1: free" in case.files.text


async def test_TC_N_26_CS_an_upload_that_fails_is_tried_as_often_as_was_asked_and_told_once(case: StationCase) -> None:
    case.files.fails = [TransferFailed("Failed")] * 4
    began = case.clock.monotonic()

    await get_log(case, retries=3, retryInterval=5)
    said = await case.wait(60)

    assert told(said) == [("Uploading", 7), ("UploadFailure", 7)]  # N01.FR.10
    assert len(case.files.attempts) == 4
    assert said.of("LogStatusNotification")[-1].at - began >= 15


async def test_TC_N_26_CS_a_later_attempt_may_succeed(case: StationCase) -> None:
    case.files.fails = [TransferFailed("Failed")]
    await get_log(case, retries=3, retryInterval=5)
    assert told(await case.wait(60)) == [("Uploading", 7), ("Uploaded", 7)]


async def test_TC_N_35_CS_a_security_log_is_brought_with_its_events(case: StationCase) -> None:
    answer = await get_log(case, log_type="SecurityLog")
    said = await case.wait()

    assert answer["status"] == "Accepted" and answer["filename"]
    assert told(said) == [("Uploading", 7), ("Uploaded", 7)]
    assert "StartupOfTheDevice PowerUp" in case.files.text  # N01.FR.03


async def test_TC_N_36_CS_a_second_request_cancels_the_upload_under_way(case: StationCase) -> None:
    case.files.takes_s = 30
    assert (await get_log(case, 7))["status"] == "Accepted"
    await case.wait(3)

    assert (await get_log(case, 8))["status"] == "AcceptedCanceled"  # N01.FR.12
    said = await case.wait(60)

    assert told(said) == [("AcceptedCanceled", 7), ("Uploading", 8), ("Uploaded", 8)]  # N01.FR.20
    assert len(case.files.brought) == 1


@pytest.mark.parametrize(
    "span", [{"oldestTimestamp": "2040-01-01T00:00:00Z"}, {"latestTimestamp": "2001-01-01T00:00:00Z"}]
)
async def test_N01_FR_05_a_log_that_has_nothing_of_the_time_is_refused(case: StationCase, span: Payload) -> None:
    assert (await get_log(case, log_type="SecurityLog", log=span))["status"] == "Rejected"
    assert (await case.wait()).order == ["GetLog!"]


@pytest.mark.parametrize("version", [Version.V21])
async def test_N01_FR_24_a_station_without_a_data_collector_refuses_its_log(case: StationCase) -> None:
    assert (await get_log(case, log_type="DataCollectorLog"))["status"] == "Rejected"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("PermissionDenied", "PermissionDenied"),
        ("BadMessage", "BadMessage"),
        ("NotSupportedOperation", "NotSupportedOperation"),
        ("RedirectNotAllowed", "UploadFailure"),
    ],
)
async def test_N01_FR_10_and_FR_30_a_failure_says_what_failed(case: StationCase, kind: Any, status: str) -> None:
    case.files.fails = [TransferFailed(kind)]
    await get_log(case, retries=0)
    said = await case.wait()
    assert told(said) == [("Uploading", 7), (status, 7)]
    reason = said.payloads("LogStatusNotification")[-1].get("statusInfo", {}).get("reasonCode")
    if kind == "RedirectNotAllowed":
        assert reason == ("RedirectNotAllowed" if str(case.version) == "2.1" else None)


async def test_TC_F_15_CS_without_an_upload_the_triggered_status_is_idle(case: StationCase) -> None:
    assert (await case.ask("TriggerMessage", requestedMessage="LogStatusNotification"))["status"] == "Accepted"
    assert told(await case.wait()) == [("Idle", None)]  # F06.FR.15


async def test_TC_F_16_CS_during_an_upload_the_triggered_status_is_uploading(case: StationCase) -> None:
    case.files.takes_s = 30
    await get_log(case)
    await case.wait(3)
    assert (await case.ask("TriggerMessage", requestedMessage="LogStatusNotification"))["status"] == "Accepted"
    assert told(await case.wait()) == [("Uploading", 7)]  # F06.FR.14


async def test_N01_FR_09_the_end_of_an_upload_is_told_when_the_line_is_back(case: StationCase) -> None:
    case.files.takes_s = 30
    await get_log(case)
    await case.wait(3)
    await case.go_offline()
    await case.wait(60)
    assert len(case.files.brought) == 1
    assert told(await case.back_online()) == [("Uploaded", 7)]


async def test_N01_FR_10_an_upload_that_a_loss_of_power_cut_off_is_told_as_failed(case: StationCase) -> None:
    case.files.takes_s = 30
    await get_log(case)
    await case.wait(3)
    await case.cut_power()
    said = await case.power_up() + await case.wait(60)
    assert told(said) == [("UploadFailure", 7)]
    assert case.files.brought == []


async def test_B12_FR_01_a_reset_on_idle_waits_for_the_upload(case: StationCase) -> None:
    case.files.takes_s = 30
    await get_log(case)
    await case.wait(3)
    assert (await case.ask("Reset", type="OnIdle"))["status"] == "Scheduled"
    said = await case.wait(120)
    assert told(said) == [("Uploaded", 7)]
    assert said.payloads("BootNotification")[0]["reason"] == "ScheduledReset"
