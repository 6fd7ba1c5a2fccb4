"""CSMS of MobilityHouse's `ocpp` have our station bring its logs to a foreign web server, ask it about customers and
hear of what threatens it; vendors' messages go both ways."""

import gzip
from typing import Any

import pytest
from file_receiver import receiver
from mobilityhouse_csms import SYSTEMS
from our_station import CARD, connected, plug, running

from stationmaster.ocpp.version import Version

EVERY = pytest.mark.parametrize("version", SYSTEMS, ids=str)
NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)


def heard_states(csms: Any, request_id: int) -> list[str]:
    return [told["status"] for told in csms.heard.all("LogStatusNotification", request_id=request_id)]


@EVERY
@pytest.mark.parametrize(("log_type", "line"), [("DiagnosticsLog", "EVSE 1"), ("SecurityLog", "StartupOfTheDevice")])
async def test_a_log_is_brought_and_told_of(version: Version, log_type: str, line: str) -> None:
    with receiver() as files:
        async with connected(version) as (csms, _):
            log = {"remote_location": files.address("/logs/")}
            answer = await csms.tell("GetLog", log=log, log_type=log_type, request_id=7)
            assert answer.status == "Accepted"
            await csms.heard.first("LogStatusNotification", request_id=7, status="Uploaded")
            assert heard_states(csms, 7) == ["Uploading", "Uploaded"]
    assert list(files.files) == [f"/logs/{answer.filename}"]
    assert line in gzip.decompress(files.files[f"/logs/{answer.filename}"]).decode()


async def test_1_6_diagnostics_are_brought_and_told_of() -> None:
    with receiver() as files:
        async with connected(Version.V16) as (csms, _):
            answer = await csms.tell("GetDiagnostics", location=files.address("/diagnostics"))
            await csms.heard.first("DiagnosticsStatusNotification", status="Uploaded")
            told = [each["status"] for each in csms.heard.all("DiagnosticsStatusNotification")]
    assert told == ["Uploading", "Uploaded"]
    assert list(files.files) == [f"/diagnostics/{answer.file_name}"]


@EVERY
async def test_an_upload_that_is_refused_is_told_as_such(version: Version) -> None:
    with receiver() as files:
        async with connected(version) as (csms, _):
            log = {"remote_location": files.address("/logs/", password="guessed")}
            await csms.tell("GetLog", log=log, log_type="DiagnosticsLog", request_id=8, retries=0)
            await csms.heard.first("LogStatusNotification", 2, request_id=8)
            assert heard_states(csms, 8) == ["Uploading", "PermissionDenied"]
    assert files.files == {}


@EVERY
async def test_a_log_that_it_does_not_keep_is_refused(version: Version) -> None:
    span = {"oldest_timestamp": "2001-01-01T00:00:00Z", "latest_timestamp": "2001-01-02T00:00:00Z"}
    async with connected(version) as (csms, _):
        log = {"remote_location": "http://127.0.0.1:9/", **span}
        answer = await csms.tell("GetLog", log=log, log_type="SecurityLog", request_id=9)
    assert answer.status == "Rejected"


@EVERY
async def test_its_start_is_a_security_event(version: Version) -> None:
    async with connected(version) as (csms, _):
        told = await csms.heard.first("SecurityEventNotification")
    assert told["type"] == "StartupOfTheDevice"
    assert told["timestamp"].endswith("Z")


@NEWER
async def test_what_it_knows_of_a_customer_is_told_and_erased(version: Version) -> None:
    token = {"id_token": "CARD", "type": "ISO14443"}
    async with connected(version) as (csms, hardware):
        plug(hardware)
        hardware.present(CARD, 1)
        await csms.heard.first("TransactionEvent", trigger_reason="Authorized")
        told = [await what_it_knows(csms, number, token, clear=number == 1) for number in (1, 2)]
        nobody = await csms.tell("CustomerInformation", request_id=3, report=True, clear=False)
    assert "authorization cache: Accepted" in told[0]
    assert "authorization cache" not in told[1]
    assert "EVSE 1: authorized" in told[1], "what runs is not erased"
    assert nobody.status == "Invalid"


async def what_it_knows(csms: Any, number: int, token: dict[str, str], *, clear: bool) -> str:
    csms.heard.calls.clear()
    answer = await csms.tell("CustomerInformation", request_id=number, report=True, clear=clear, id_token=token)
    assert answer.status == "Accepted"
    parts = await csms.heard.whole("NotifyCustomerInformation")
    assert [(part["request_id"], part["seq_no"]) for part in parts] == [(number, at) for at in range(len(parts))]
    return "".join(part["data"] for part in parts)


@EVERY
async def test_a_vendor_that_it_does_not_know_is_answered_as_such(version: Version) -> None:
    async with connected(version) as (csms, _):
        answer = await csms.tell("DataTransfer", vendor_id="com.house", message_id="Hello", data="text")
    assert answer.status == "UnknownVendorId"


@EVERY
async def test_its_own_vendor_s_message_is_carried(version: Version) -> None:
    async with running(version) as (csms, station):
        csms.says("DataTransfer", {"status": "Accepted", "data": "welcome"})
        answer = await station.transfer_data("com.stationmaster", "Hello", "text")
        (told,) = csms.heard.all("DataTransfer")
    assert told == {"vendor_id": "com.stationmaster", "message_id": "Hello", "data": "text"}
    assert (answer.status, answer.data) == ("Accepted", "welcome")
