"""Certificates from the API to a station and back, in every version."""

from collections.abc import AsyncIterator

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.messages import TriggerMessage
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.security.certificates import read_one
from stationmaster.testing.certificates import Authority

# 2.0 carries 800 characters, less than a PEM certificate has.
LONG_ENOUGH = [version for version in JSON_VERSIONS if version is not Version.V20]


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


@pytest.mark.parametrize("version", LONG_ENOUGH)
async def test_a_root_is_installed_listed_and_deleted(desk: RestDesk, version: Version) -> None:
    root = Authority("Root", desk.bench.clock.now())
    async with running_station(desk, version) as (_, key):
        path = f"/stations/{key}/certificates"
        refreshed = await desk.send("POST", f"{path}/refresh", wait=10)
        assert (refreshed["status"], await desk.get(path)) == ("NotFound", [])
        draft = {"use": "CSMSRootCertificate", "certificate": root.pem}
        installed = await desk.send("POST", path, draft, wait=10)
        assert (installed["type"], installed["status"]) == ("InstallCertificate", "Accepted")
        (listed,) = await desk.until(path, bool)
        assert listed["use"] == "CSMSRootCertificate"
        assert int(listed["hash"]["serial_number"], 16) == read_one(root.pem).serial_number
        deleted = await desk.send("DELETE", f"{path}/{listed['key']}", wait=10)
        assert (deleted["type"], deleted["status"]) == ("DeleteCertificate", "Accepted")
        assert await desk.until(path, lambda found: not found) == []
        await desk.send("DELETE", f"{path}/{listed['key']}", status=404)


async def test_a_pem_certificate_does_not_fit_into_2_0(desk: RestDesk) -> None:
    root = Authority("Root", desk.bench.clock.now())
    async with running_station(desk, Version.V20) as (_, key):
        draft = {"use": "CSMSRootCertificate", "certificate": root.pem + "#" * 800}
        outcome = await desk.send("POST", f"/stations/{key}/certificates", draft, wait=10)
        assert outcome["state"] == "unsupported"


async def test_what_is_no_certificate_is_refused_before_it_is_sent(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        draft = {"use": "CSMSRootCertificate", "certificate": "-----BEGIN CERTIFICATE-----"}
        problem = await desk.send("POST", f"/stations/{key}/certificates", draft, status=422)
        assert problem["errors"][0]["path"] == "body.certificate"


@pytest.mark.parametrize("version", [Version.V201, Version.V21])
async def test_a_station_s_request_is_answered_by_an_operator(desk: RestDesk, version: Version) -> None:
    authority = Authority("CA", desk.bench.clock.now())
    async with running_station(desk, version) as (_, key):
        path = f"/stations/{key}/certificate-requests"
        view = desk.bench.view("CS-1")
        await view.ask(TriggerMessage(requested="SignChargingStationCertificate"))
        (asked,) = (await desk.until(path, lambda found: found["items"]))["items"]
        assert (asked["use"], asked["state"]) == ("ChargingStationCertificate", "open")

        answer = f"{path}/{asked['use']}"
        wrong = await desk.send("POST", answer, {"chain": authority.issue("another key")}, status=422)
        assert "another key" in wrong["errors"][0]["detail"]
        sent = await desk.send("POST", answer, {"chain": authority.sign(asked["csr"])}, wait=10)
        assert (sent["type"], sent["state"], sent["status"]) == ("CertificateSigned", "accepted", "Accepted")
        assert [each["state"] for each in (await desk.get("/certificate-requests"))["items"]] == ["installed"]
        await desk.send("POST", f"{path}/V2GCertificate", {"chain": authority.pem}, status=404)
