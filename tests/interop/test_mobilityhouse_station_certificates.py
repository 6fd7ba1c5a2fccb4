"""Certificates and vendors' messages between stations of MobilityHouse's `ocpp` and our CSMS."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mobilityhouse_station import STATIONS
from node_rest import NodeRest, booted

from stationmaster.ocpp.version import Version
from stationmaster.testing.certificates import Authority

pytestmark = pytest.mark.asyncio(loop_scope="session")
EVERY = pytest.mark.parametrize("version", STATIONS, ids=str)

AUTHORITY = Authority("Operators' root", datetime.now(UTC))
HASH = {
    "hash_algorithm": "SHA256",
    "issuer_name_hash": "ab" * 32,
    "issuer_key_hash": "cd" * 32,
    "serial_number": "1a2b",
}


def request_pem() -> str:
    """A PKCS #10 request as a station makes one."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "House-1")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


@EVERY
async def test_a_root_is_installed(rest: NodeRest, version: Version) -> None:
    draft = {"use": "CSMSRootCertificate", "certificate": AUTHORITY.pem}
    async with booted(rest, version) as (station, key):
        station.says("GetInstalledCertificateIds", {"status": "NotFound"})  # asked for once something was installed
        station.says("InstallCertificate", {"status": "Accepted"})
        installed = await rest.send("POST", f"/stations/{key}/certificates", draft, wait=10)
        station.says("InstallCertificate", {"status": "Rejected"})
        refused = await rest.send("POST", f"/stations/{key}/certificates", draft, wait=10)
        asked, _ = station.heard.all("InstallCertificate")
    use = "CentralSystemRootCertificate" if version is Version.V16 else "CSMSRootCertificate"
    assert asked == {"certificate_type": use, "certificate": AUTHORITY.pem}
    assert (installed["state"], refused["state"]) == ("accepted", "rejected")


def installed_of(version: Version) -> Any:
    """What a station answers that has one root of the CSMS."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        if version is not Version.V16:
            chain = {"certificate_hash_data": HASH, "certificate_type": "CSMSRootCertificate"}
            return {"status": "Accepted", "certificate_hash_data_chain": [chain]}
        if asked["certificate_type"] == "CentralSystemRootCertificate":
            return {"status": "Accepted", "certificate_hash_data": [HASH]}
        return {"status": "NotFound"}

    return answer


@EVERY
async def test_certificates_are_listed_and_one_is_deleted(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        path = f"/stations/{key}/certificates"
        station.says("GetInstalledCertificateIds", installed_of(version))
        refreshed = await rest.send("POST", f"{path}/refresh", wait=10)
        assert (refreshed["state"], refreshed["status"]) == ("accepted", "Accepted")
        (listed,) = await rest.get(path)
        assert (listed["use"], listed["hash"]["serial_number"].lower()) == ("CSMSRootCertificate", "1a2b")

        station.says("DeleteCertificate", {"status": "Failed"})
        failed = await rest.send("DELETE", f"{path}/{listed['key']}", wait=10)
        assert (failed["state"], failed["status"]) == ("rejected", "Failed")
        station.says("DeleteCertificate", {"status": "Accepted"})
        deleted = await rest.send("DELETE", f"{path}/{listed['key']}", wait=10)
        assert (deleted["state"], deleted["status"]) == ("accepted", "Accepted")
        named = station.heard.all("DeleteCertificate")[0]["certificate_hash_data"]
        assert {name: value.lower() for name, value in named.items()} == {**HASH, "hash_algorithm": "sha256"}

        station.says("GetInstalledCertificateIds", {"status": "NotFound"})
        await rest.send("POST", f"{path}/refresh", wait=10)
        assert await rest.get(path) == []


@EVERY
async def test_a_station_s_request_is_kept_and_answered_with_a_chain(rest: NodeRest, version: Version) -> None:
    csr = request_pem()
    async with booted(rest, version) as (station, key):
        assert (await station.tell("SignCertificate", csr=csr)).status == "Accepted"
        path = f"/stations/{key}/certificate-requests"
        (asked,) = (await rest.get(path))["items"]
        assert (asked["use"], asked["state"], asked["csr"]) == ("ChargingStationCertificate", "open", csr)

        chain = AUTHORITY.sign(csr)
        station.says("CertificateSigned", {"status": "Accepted"})
        sent = await rest.send("POST", f"{path}/{asked['use']}", {"chain": chain}, wait=10)
        assert (sent["state"], sent["status"]) == ("accepted", "Accepted")
        assert station.heard.all("CertificateSigned")[0]["certificate_chain"] == chain
        assert [each["state"] for each in (await rest.get(path))["items"]] == ["installed"]


async def test_2_1_gets_its_certificate_under_the_number_of_its_request(rest: NodeRest) -> None:
    csr = request_pem()
    async with booted(rest, Version.V21) as (station, key):
        await station.tell("SignCertificate", csr=csr, request_id=41, certificate_type="V2GCertificate")
        station.says("CertificateSigned", {"status": "Accepted"})
        path = f"/stations/{key}/certificate-requests/V2GCertificate"
        await rest.send("POST", path, {"chain": AUTHORITY.sign(csr)}, wait=10)
        (asked,) = station.heard.all("CertificateSigned")
    assert (asked["request_id"], asked["certificate_type"]) == (41, "V2GCertificate")


@EVERY
async def test_what_is_no_request_is_refused(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        answer = await station.tell("SignCertificate", csr="-----BEGIN CERTIFICATE REQUEST-----")
        assert answer.status == "Rejected"
        assert (await rest.get(f"/stations/{key}/certificate-requests"))["items"] == []


@EVERY
async def test_a_chain_that_the_station_declines_is_told(rest: NodeRest, version: Version) -> None:
    csr = request_pem()
    async with booted(rest, version) as (station, key):
        await station.tell("SignCertificate", csr=csr)
        station.says("CertificateSigned", {"status": "Rejected"})
        path = f"/stations/{key}/certificate-requests"
        body = {"chain": AUTHORITY.sign(csr)}
        sent = await rest.send("POST", f"{path}/ChargingStationCertificate", body, wait=10)
        assert sent["state"] == "rejected"
        assert [each["state"] for each in (await rest.get(path))["items"]] == ["declined"]


@EVERY
async def test_a_vendor_s_message_is_carried_to_the_station(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("DataTransfer", {"status": "Accepted", "data": "ok"})
        sent = await rest.command(key, "DataTransfer", vendor_id="com.house", message_id="Hello", data="text")
        station.says("DataTransfer", {"status": "UnknownMessageId"})
        refused = await rest.command(key, "DataTransfer", vendor_id="com.house", message_id="Bye")
        asked, _ = station.heard.all("DataTransfer")
        listed = (await rest.get(f"/stations/{key}/data-transfers", direction="out"))["items"]
    assert asked == {"vendor_id": "com.house", "message_id": "Hello", "data": "text"}
    assert (sent["state"], refused["state"], refused["status"]) == ("accepted", "rejected", "UnknownMessageId")
    assert [(each["message_id"], each["status"], each["answer"]) for each in listed] == [
        ("Bye", "UnknownMessageId", None),
        ("Hello", "Accepted", "ok"),
    ]


@EVERY
async def test_data_that_is_no_text_is_json_text_in_1_6_only(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("DataTransfer", {"status": "Accepted"})
        await rest.command(key, "DataTransfer", vendor_id="com.house", data={"n": [1]})
        (asked,) = station.heard.all("DataTransfer")
    assert asked["data"] == ('{"n":[1]}' if version is Version.V16 else {"n": [1]})


@EVERY
async def test_a_vendor_that_nobody_knows_is_answered_as_such(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        answer = await station.tell("DataTransfer", vendor_id="com.house", message_id="Hello", data="text")
        assert answer.status == "UnknownVendorId"
        (listed,) = (await rest.get(f"/stations/{key}/data-transfers", direction="in"))["items"]
    assert (listed["vendor_id"], listed["status"], listed["data"]) == ("com.house", "UnknownVendorId", "text")
