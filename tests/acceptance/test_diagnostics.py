"""Logs, security events and customers' data from the API to a station and back, in every version."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import ROOT, RestDesk, open_desk, running_station
from station_ways import OLDER, every_version, having, lacking

from stationmaster.domain.identity import IdToken
from stationmaster.domain.transfer import TransferFailed
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.transport.file_client import FileClient
from stationmaster.transport.file_server import serve_files

NEWER = [version for version in VERSIONS if version.family == 2]
LOGS = {"DiagnosticsLog": VERSIONS, "SecurityLog": having("SecurityEventNotification")}
CARD = "04A1B2C3"


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def admitted(desk: RestDesk) -> int:
    """The key of a station that never connects."""
    key: int = (await desk.send("POST", "/stations", {"identity": "CS-AWAY"}))["station"]["key"]
    return key


async def finished(desk: RestDesk, key: int, upload: Any) -> Any:
    path = f"/stations/{key}/log-uploads/{upload['key']}"
    over = ("uploaded", "failed", "rejected", "canceled", "unsupported")
    return await desk.until(path, lambda found: found["state"] in over)


@pytest.mark.parametrize(("log_type", "version"), [(each, version) for each in LOGS for version in LOGS[each]])
async def test_a_log_is_asked_for_followed_and_offered_for_download(
    desk: RestDesk, version: Version, log_type: str
) -> None:
    async with running_station(desk, version) as (_, key):
        asked = await desk.send("POST", f"/stations/{key}/log-uploads", {"log_type": log_type}, wait=10)
        assert asked["state"] in ("accepted", "uploading", "uploaded")
        done = await finished(desk, key, asked)
        assert (done["state"], done["log_type"]) == ("uploaded", log_type)
        assert done["file"]["name"] == done["filename"]

        answer = await desk.http.get(f"{ROOT}/stations/{key}/log-uploads/{done['key']}/file")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.content) == done["file"]["size_bytes"]
        word = "EVSE 1" if log_type == "DiagnosticsLog" else "StartupOfTheDevice"
        assert word in gzip.decompress(answer.content).decode()
        assert [each["key"] for each in (await desk.get(f"/stations/{key}/log-uploads"))["items"]] == [done["key"]]


async def test_no_password_of_a_transfer_is_stored_or_shown(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        asked = await desk.send("POST", f"/stations/{key}/log-uploads", {}, wait=10)
        await finished(desk, key, asked)
        password = desk.bench.csms.files.url(asked["key"], "upload").partition("@")[0].rpartition(":")[2]
        frames = await desk.until("/messages", lambda page: page["items"], station=key, action="GetLog")
        assert "http://***@csms.test:9001/up/" in str(frames)
        assert password not in "\n".join(desk.bench.storage._connection.iterdump())
        for path in ("commands", "log-uploads"):
            assert password not in (await desk.http.get(f"{ROOT}/stations/{key}/{path}")).text


@every_version
async def test_a_failed_upload_says_so_and_has_no_file(desk: RestDesk, version: Version) -> None:
    desk.bench.files.fails = [TransferFailed("PermissionDenied")]
    async with running_station(desk, version) as (_, key):
        body = {"log_type": "DiagnosticsLog", "retries": 0}
        done = await finished(desk, key, await desk.send("POST", f"/stations/{key}/log-uploads", body))
        assert (done["state"], done["file"]) == ("failed", None)
        answer = await desk.http.get(f"{ROOT}/stations/{key}/log-uploads/{done['key']}/file")
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such file yet.")


async def test_a_station_that_is_away_leaves_its_upload_failed_and_saying_why(desk: RestDesk) -> None:
    key = await admitted(desk)
    path = f"/stations/{key}/log-uploads"
    asked = await desk.send("POST", path, {"lifetime_s": 1})
    assert asked["state"] == "queued"
    done = await finished(desk, key, asked)
    assert (done["state"], done["detail"]) == ("failed", "the station did not connect in time")


UNSUPPORTED = [
    *((version, "DataCollectorLog", "OCPP 1.x has no DataCollectorLog") for version in OLDER),
    *((version, "SecurityLog", "the security log needs the security") for version in lacking("GetLog")),
]


@pytest.mark.parametrize(("version", "log_type", "reason"), UNSUPPORTED)
async def test_a_version_that_cannot_carry_it_leaves_its_upload_unsupported_and_saying_why(
    desk: RestDesk, version: Version, log_type: str, reason: str
) -> None:
    async with running_station(desk, version) as (_, key):
        body = {"log_type": log_type}
        done = await finished(desk, key, await desk.send("POST", f"/stations/{key}/log-uploads", body))
        assert (done["state"], done["detail"].startswith(reason)) == ("unsupported", True), done["detail"]


WRONG_LOGS: list[tuple[Any, str]] = [
    ({"log_type": "x"}, "body.log_type"),
    ({"location": "file:///etc"}, "body.location"),
    ({"location": "http://h/?q="}, "body.location"),
    ({"location": "http://h/", "protocol": "http"}, "body.protocol"),
    ({"from": "2030-01-02T00:00:00Z", "to": "2030-01-01T00:00:00Z"}, "body.to"),
    ({"from": "2030-01-02T00:00:00"}, "body.from"),
    ({"retries": -1}, "body.retries"),
]


async def test_a_request_for_a_log_that_is_wrong_says_where(desk: RestDesk) -> None:
    key = await admitted(desk)
    for body, place in WRONG_LOGS:
        problem = await desk.send("POST", f"/stations/{key}/log-uploads", body, status=422)
        assert problem["errors"][0]["path"] == place, body


async def test_a_protocol_that_nobody_serves_is_refused_before_anything_is_sent(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        asked = await desk.send("POST", f"/stations/{key}/log-uploads", {"protocol": "ftp"}, wait=10)
        assert (asked["state"], asked["detail"]) == ("failed", "no file server for ftp is running here")


@pytest.mark.parametrize("version", having("SecurityEventNotification"))
async def test_security_events_of_a_station_are_listed(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        path = f"/stations/{key}/security-events"
        found = await desk.until(path, lambda page: page["items"])
        (event,) = found["items"]
        assert (event["type"], event["critical"], event["station"]) == ("StartupOfTheDevice", True, key)
        assert (await desk.get("/security-events", critical=True, station=key))["items"] == [event]
        assert (await desk.get("/security-events", type="Other"))["items"] == []
        assert station.snapshot().online


@pytest.mark.parametrize("version", NEWER)
async def test_what_a_station_knows_of_a_customer_is_told_and_erased(desk: RestDesk, version: Version) -> None:
    await desk.bench.add_token(CARD, "ISO14443")
    async with running_station(desk, version) as (station, key):
        station.hardware.present(IdToken(CARD, "ISO14443"), 1)  # type: ignore[attr-defined]
        await asyncio.sleep(1)
        path = f"/stations/{key}/customer-information"
        body = {"id_token": {"value": CARD, "type": "ISO14443"}, "report": True, "clear": True}
        asked = await desk.send("POST", path, body, wait=10)
        told = await desk.until(f"{path}/{asked['key']}", lambda found: found["state"] == "complete")
        assert "authorization cache: Accepted" in told["text"] and not told["gaps"]
        again = await desk.send("POST", path, {**body, "clear": False}, wait=10)
        told = await desk.until(f"{path}/{again['key']}", lambda found: found["state"] == "complete")
        assert "authorization cache" not in told["text"]
        listed = (await desk.get(path))["items"]
        assert [each["key"] for each in listed] == [again["key"], asked["key"]]
        assert all("text" not in each for each in listed)


@pytest.mark.parametrize("version", OLDER)
async def test_an_older_station_has_no_messages_for_customers(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        body = {"identifier": "Jane", "report": True}
        asked = await desk.send("POST", f"/stations/{key}/customer-information", body, wait=10)
        assert (asked["state"], asked["detail"]) == ("unsupported", "OCPP 1.x has no messages for customers' data")


WRONG_QUESTIONS: list[tuple[Any, str]] = [
    ({"report": True}, "body"),
    ({"report": True, "identifier": "x", "id_token": {"value": "y"}}, "body"),
    ({"identifier": "x"}, "body.report"),
    ({"report": True, "identifier": "x" * 65}, "body.identifier"),
]


async def test_a_question_about_a_customer_that_is_wrong_says_where(desk: RestDesk) -> None:
    key = await admitted(desk)
    for body, place in WRONG_QUESTIONS:
        problem = await desk.send("POST", f"/stations/{key}/customer-information", body, status=422)
        assert problem["errors"][0]["path"] == place, body


@pytest.mark.real_time
@pytest.mark.parametrize("version", [Version.V16, Version.V201])
async def test_a_log_comes_over_a_real_file_server_too(desk: RestDesk, version: Version) -> None:
    files = desk.bench.csms.files
    server = await serve_files(files, "127.0.0.1", 0)
    files.addresses["http"] = f"http://127.0.0.1:{server.port}"
    desk.bench.files.upload = FileClient().upload  # type: ignore[method-assign]
    try:
        async with running_station(desk, version) as (_, key):
            asked = await desk.send("POST", f"/stations/{key}/log-uploads", {})
            assert (await finished(desk, key, asked))["state"] == "uploaded"
            with pytest.raises(TransferFailed, match="401"):
                wrong = f"http://t{asked['key']}:wrong@127.0.0.1:{server.port}/up/{asked['key']}/"
                await FileClient().upload(wrong, "x", b"x")
    finally:
        await server.close()
