"""Stations of MobilityHouse's `ocpp` bring their logs by HTTP, with a library of their own, and tell of customers and
of what threatens them."""

from typing import Any

import httpx
import pytest
from mobilityhouse_station import STATIONS, at, text
from node_rest import ROOT, NodeRest, booted

from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("version", STATIONS, ids=str)
NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)

CONTENT = b"12:00 connector 1 warm\n" * 4000


async def ask(rest: NodeRest, key: int, **draft: Any) -> tuple[str, Any]:
    """A log; where its upload is, and what is there once the station has answered."""
    asked = await rest.send("POST", f"/stations/{key}/log-uploads", draft, wait=10)
    return f"/stations/{key}/log-uploads/{asked['key']}", asked


async def file_at(rest: NodeRest, path: str) -> bytes:
    answer = await rest.http.get(f"{ROOT}{path}/file")
    assert answer.status_code == 200, answer.text
    return answer.content


async def put(address: str, content: bytes) -> int:
    async with httpx.AsyncClient() as http:
        return (await http.put(address, content=content)).status_code


@NEWER
async def test_a_log_is_brought_by_put_and_followed(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("GetLog", {"status": "Accepted", "filename": "today.log"})
        span = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}
        path, upload = await ask(rest, key, log_type="DiagnosticsLog", retries=2, retry_interval_s=30, **span)
        (asked,) = station.heard.all("GetLog")
        assert (upload["state"], upload["filename"]) == ("accepted", "today.log")
        assert (asked["log_type"], asked["retries"], asked["retry_interval"]) == ("DiagnosticsLog", 2, 30)
        assert asked["log"]["oldest_timestamp"][:19] == "2026-03-01T00:00:00"
        assert asked["log"]["latest_timestamp"][:19] == "2026-03-02T00:00:00"
        number, address = asked["request_id"], asked["log"]["remote_location"]

        await station.tell("LogStatusNotification", status="Uploading", request_id=number)
        assert (await rest.get(path))["state"] == "uploading"
        assert await put(f"{address}today.log", CONTENT) == 201
        await station.tell("LogStatusNotification", status="Uploaded", request_id=number)
        done = await rest.get(path)
        assert (done["state"], done["file"]["name"], done["file"]["size_bytes"]) == (
            "uploaded",
            "today.log",
            len(CONTENT),
        )
        assert await file_at(rest, path) == CONTENT


async def test_1_6_diagnostics_are_brought_by_post_and_followed(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        station.says("GetDiagnostics", {"file_name": "diagnostics.zip"})
        path, upload = await ask(rest, key, retries=2, **{"from": "2026-03-01T00:00:00Z"})
        (asked,) = station.heard.all("GetDiagnostics")
        assert (upload["state"], upload["filename"]) == ("accepted", "diagnostics.zip")
        assert (asked["retries"], asked["start_time"][:19]) == (2, "2026-03-01T00:00:00")

        await station.tell("DiagnosticsStatusNotification", status="Uploading")
        assert (await rest.get(path))["state"] == "uploading"
        async with httpx.AsyncClient() as http:
            form = {"file": ("diagnostics.zip", CONTENT, "application/zip")}
            assert (await http.post(asked["location"], files=form)).status_code == 201
        await station.tell("DiagnosticsStatusNotification", status="Uploaded")
        done = await rest.get(path)
        assert (done["state"], done["file"]["name"]) == ("uploaded", "diagnostics.zip")
        assert await file_at(rest, path) == CONTENT


async def test_a_1_6_station_without_diagnostics_names_no_file(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        station.says("GetDiagnostics", {})
        _, upload = await ask(rest, key)
    assert (upload["state"], upload["file"]) == ("rejected", None)


async def test_1_6_with_the_security_extension_brings_its_security_log(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        station.says("GetLog", {"status": "Accepted", "filename": "security.log"})
        path, _ = await ask(rest, key, log_type="SecurityLog")
        (asked,) = station.heard.all("GetLog")
        assert asked["log_type"] == "SecurityLog"
        assert await put(f"{asked['log']['remote_location']}security.log", b"door opened") == 201
        for word in ("Uploading", "Uploaded"):
            await station.tell("LogStatusNotification", status=word, request_id=asked["request_id"])
        assert (await rest.get(path))["state"] == "uploaded"
        assert await file_at(rest, path) == b"door opened"


async def test_1_6_without_the_security_extension_has_no_security_log_and_says_so(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (_, key):
        _, upload = await ask(rest, key, log_type="SecurityLog")
    assert upload["state"] == "unsupported"
    assert "security extension" in upload["detail"]


@pytest.mark.parametrize(
    ("version", "word"),
    [(Version.V16, "UploadFailed"), (Version.V201, "PermissionDenied"), (Version.V21, "UploadFailure")],
    ids=str,
)
async def test_an_upload_that_fails_says_so(rest: NodeRest, version: Version, word: str) -> None:
    async with booted(rest, version) as (station, key):
        if version is Version.V16:
            station.says("GetDiagnostics", {"file_name": "x.log"})
            path, _ = await ask(rest, key)
            await station.tell("DiagnosticsStatusNotification", status=word)
        else:
            station.says("GetLog", {"status": "Accepted", "filename": "x.log"})
            path, _ = await ask(rest, key)
            (asked,) = station.heard.all("GetLog")
            await station.tell("LogStatusNotification", status=word, request_id=asked["request_id"])
        failed = await rest.get(path)
        assert (failed["state"], failed["file"]) == ("failed", None)
        answer = await rest.http.get(f"{ROOT}{path}/file")
    assert answer.status_code == 404


async def test_an_upload_with_a_wrong_password_is_refused(rest: NodeRest) -> None:
    async with booted(rest, Version.V201) as (station, key):
        station.says("GetLog", {"status": "Accepted"})
        path, _ = await ask(rest, key)
        address = httpx.URL(station.heard.all("GetLog")[0]["log"]["remote_location"])
        assert await put(str(address.copy_with(password="guessed")), CONTENT) == 401
        assert (await rest.get(path))["file"] is None


@NEWER
async def test_a_newer_request_cancels_the_upload_before_it(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("GetLog", {"status": "Accepted"})
        first, _ = await ask(rest, key)
        station.says("GetLog", {"status": "AcceptedCanceled"})
        second, upload = await ask(rest, key)
        assert (await rest.get(first))["state"] == "canceled"
        assert upload["state"] == "accepted"
        numbers = [asked["request_id"] for asked in station.heard.all("GetLog")]
        await station.tell("LogStatusNotification", status="AcceptedCanceled", request_id=numbers[0])
        await station.tell("LogStatusNotification", status="Uploading", request_id=numbers[1])
        assert [(await rest.get(path))["state"] for path in (first, second)] == ["canceled", "uploading"]


@NEWER
async def test_what_is_known_of_a_customer_is_put_together_from_its_parts(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("CustomerInformation", {"status": "Accepted"})
        body = {"id_token": {"value": "CARD", "type": "ISO14443"}, "report": True, "clear": True}
        path = f"/stations/{key}/customer-information"
        made = await rest.send("POST", path, body, wait=10)
        (asked,) = station.heard.all("CustomerInformation")
        assert (asked["report"], asked["clear"]) == (True, True)
        assert asked["id_token"] == {"id_token": "CARD", "type": "ISO14443"}
        for seq_no, part in enumerate(("in the cache; ", "no transactions")):
            told = await rest.get(f"{path}/{made['key']}")
            assert told["state"] == "accepted"
            await station.tell(
                "NotifyCustomerInformation",
                data=part,
                seq_no=seq_no,
                generated_at=text(at(1)),
                request_id=asked["request_id"],
                tbc=seq_no == 0,
            )
        told = await rest.get(f"{path}/{made['key']}")
    assert (told["state"], told["text"], told["gaps"]) == ("complete", "in the cache; no transactions", False)


@NEWER
async def test_a_customer_by_certificate_or_name_is_asked_for(rest: NodeRest, version: Version) -> None:
    named = {
        "algorithm": "SHA256",
        "issuer_name_hash": "AB" * 32,
        "issuer_key_hash": "CD" * 32,
        "serial_number": "1A",
    }
    async with booted(rest, version) as (station, key):
        station.says("CustomerInformation", {"status": "Invalid"})
        path = f"/stations/{key}/customer-information"
        made = await rest.send("POST", path, {"certificate": named, "report": True}, wait=10)
        await rest.send("POST", path, {"identifier": "Jane", "clear": True}, wait=10)
        first, second = station.heard.all("CustomerInformation")
    assert first["customer_certificate"]["hash_algorithm"] == "SHA256"
    assert first["customer_certificate"]["issuer_name_hash"].upper() == "AB" * 32
    assert (second["customer_identifier"], second["report"], second["clear"]) == ("Jane", False, True)
    assert (made["state"], made["status"]) == ("rejected", "Invalid")


@EVERY
async def test_a_security_event_is_listed(rest: NodeRest, version: Version) -> None:
    event = {"type": "TamperDetectionActivated", "timestamp": text(at(1)), "tech_info": "lid open"}
    async with booted(rest, version) as (station, key):
        await station.tell("SecurityEventNotification", **event)
        (told,) = (await rest.get(f"/stations/{key}/security-events"))["items"]
        assert (told["type"], told["critical"], told["tech_info"]) == ("TamperDetectionActivated", True, "lid open")
        assert told["timestamp"] == text(at(1))
        assert (await rest.get(f"/stations/{key}/security-events", critical=False))["items"] == []


async def test_1_6_spells_some_security_events_in_its_own_way(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        event = {"type": "InvalidCentralSystemCertificate", "timestamp": text(at(1)), "tech_info": None}
        await station.tell("SecurityEventNotification", **event)
        (told,) = (await rest.get(f"/stations/{key}/security-events"))["items"]
    assert told["type"] == "InvalidCsmsCertificate"
