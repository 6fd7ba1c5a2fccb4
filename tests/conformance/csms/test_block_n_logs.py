"""N01 Logs, and A04 security events: what a CSMS asks, follows and keeps."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from csms_case import Case

from stationmaster.domain.command import Command
from stationmaster.domain.diagnostics.log_upload import GetLog, LogUploadView
from stationmaster.domain.diagnostics.security_events import SecurityEventFilter, StoredSecurityEvent
from stationmaster.domain.messages import TriggerMessage
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload


async def upload(case: Case, command: Command) -> LogUploadView:
    view = await case.bench.storage.reads.log_upload("default", case.view.key, command.key)
    assert view is not None
    return view


async def state(case: Case, command: Command) -> str:
    return (await upload(case, command)).upload.state


async def say(case: Case, status: str, asked: Payload) -> None:
    told = {"status": status, "requestId": asked["requestId"]}
    assert await case.station.say("LogStatusNotification", told) == {}


async def bring(case: Case, asked: Payload, content: bytes = b"log") -> None:
    await case.bench.files.upload(asked["log"]["remoteLocation"], "a.log", content)


async def _brought(case: Case, log_type: str) -> Payload:
    asked, command = await case.commanded(GetLog(log_type=log_type), "GetLog", filename="a.log")
    assert asked["logType"] == log_type
    assert await state(case, command) == "accepted"
    await say(case, "Uploading", asked)
    assert await state(case, command) == "uploading"
    await bring(case, asked)
    await say(case, "Uploaded", asked)
    found = await upload(case, command)
    assert (found.upload.state, found.upload.filename) == ("uploaded", "a.log")
    assert found.file is not None and (found.file.name, found.file.size_bytes) == ("a.log", 3)
    return asked


async def test_TC_N_25_CSMS_a_diagnostics_log_is_brought(case: Case) -> None:
    asked = await _brought(case, "DiagnosticsLog")
    where = urlsplit(asked["log"]["remoteLocation"])
    assert where.username and where.password and len(where.password) == 26  # N01.FR.17
    assert where.path.endswith("/") and not where.query and not where.fragment  # N01.FR.27, .28


async def test_TC_N_34_CSMS_a_station_may_refuse(case: Case) -> None:
    asked, command = await case.commanded(GetLog(), "GetLog", "Rejected")
    assert (command.state, await state(case, command)) == ("rejected", "rejected")
    with pytest.raises(Exception, match="gone"):
        await bring(case, asked)


async def test_TC_N_35_CSMS_a_security_log_is_brought(case: Case) -> None:
    await _brought(case, "SecurityLog")


async def test_TC_N_36_CSMS_a_second_request_takes_the_place_of_the_first(case: Case) -> None:
    asked, first = await case.commanded(GetLog(), "GetLog", filename="a.log")
    await say(case, "Uploading", asked)
    again, second = await case.commanded(GetLog(), "GetLog", "AcceptedCanceled", filename="b.log")
    assert again["requestId"] != asked["requestId"]
    assert (await state(case, first), await state(case, second)) == ("canceled", "accepted")
    await say(case, "AcceptedCanceled", asked)
    await say(case, "Uploaded", again)
    assert (await state(case, first), await state(case, second)) == ("canceled", "uploaded")
    assert await case.view.oddities() == []


@pytest.mark.parametrize("status", ["UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation"])
async def test_N01_FR_10_a_failure_is_kept_with_its_word_and_may_be_followed_by_another_attempt(
    case: Case, status: str
) -> None:
    asked, command = await case.commanded(GetLog(retries=1), "GetLog", filename="a.log")
    await say(case, "Uploading", asked)
    await say(case, status, asked)
    assert (await upload(case, command)).upload.status == status
    assert await state(case, command) == "failed"
    await say(case, "Uploading", asked)
    await bring(case, asked)
    await say(case, "Uploaded", asked)
    assert await state(case, command) == "uploaded"


async def test_N01_FR_13_a_status_without_or_with_an_unknown_requestId_does_no_harm(newer_case: Case) -> None:
    case = newer_case
    _, command = await case.commanded(GetLog(), "GetLog", filename="a.log")
    assert await case.station.say("LogStatusNotification", {"status": "Uploading", "requestId": 999}) == {}
    assert await state(case, command) == "accepted"
    assert await case.station.say("LogStatusNotification", {"status": "Uploading"}) == {}
    assert await state(case, command) == "uploading"
    (orphan,) = await case.view.told("LogStatus")
    assert orphan.data["request_id"] == 999


async def test_a_status_that_cannot_be_is_an_oddity(case: Case) -> None:
    asked, command = await case.commanded(GetLog(), "GetLog", filename="a.log")
    await say(case, "Uploaded", asked)
    await say(case, "UploadFailure", asked)
    assert await state(case, command) == "uploaded"
    assert [oddity.kind for oddity in await case.view.oddities()] == ["log_status_order"]


async def test_TC_F_15_CSMS_the_status_of_an_upload_is_triggered(newer_case: Case) -> None:
    case = newer_case
    asked, command = await case.commanded(TriggerMessage(requested="LogStatusNotification"), "TriggerMessage")
    assert asked == {"requestedMessage": "LogStatusNotification"}
    assert await case.station.say("LogStatusNotification", {"status": "Idle"}) == {}
    await case.took_effect(command)


async def events(case: Case, **query: Any) -> list[StoredSecurityEvent]:
    found = SecurityEventFilter(tenant="default", station_key=case.view.key, **query)
    return list((await case.bench.storage.reads.security_events(found)).items)


async def test_A04_FR_03_a_security_event_is_answered_and_kept_once(case: Case) -> None:
    told = {"type": "TamperDetectionActivated", "timestamp": moment(case.station.now())}
    for _ in range(2):
        assert await case.station.say("SecurityEventNotification", told) == {}
    (kept,) = await events(case)
    assert (kept.event.type, kept.event.critical) == ("TamperDetectionActivated", True)
    assert (await case.view.told("SecurityEvent"))[0].data["critical"] is True


async def test_A04_FR_03_an_event_of_any_type_is_kept(newer_case: Case) -> None:
    now = moment(newer_case.station.now())
    for kind in ("VendorsOwn", "InvalidMessages"):
        told = {"type": kind, "timestamp": now, "techInfo": "x" * 255}
        assert await newer_case.station.say("SecurityEventNotification", told) == {}
    assert [(each.event.type, each.event.critical) for each in await events(newer_case)] == [
        ("InvalidMessages", False),
        ("VendorsOwn", None),
    ]
    assert [each.event.type for each in await events(newer_case, critical=False)] == ["InvalidMessages"]
