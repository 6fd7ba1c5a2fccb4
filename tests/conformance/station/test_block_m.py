"""M Certificates, as certification tests a station."""

from typing import Any

import pytest
from station_case import StationCase

from stationmaster.security.certificates import hash_of, read_one
from stationmaster.testing.certificates import Authority

CSMS, MAKER = "CSMSRootCertificate", "ManufacturerRootCertificate"


@pytest.fixture
async def root(case: StationCase) -> Authority:
    return Authority("Root", case.clock.now())


def wire_hash(pem: str, algorithm: str = "SHA256") -> dict[str, str]:
    certificate = read_one(pem)
    named = hash_of(certificate, certificate, algorithm)
    return {
        "hashAlgorithm": named.algorithm,
        "issuerNameHash": named.issuer_name_hash,
        "issuerKeyHash": named.issuer_key_hash,
        "serialNumber": named.serial_number,
    }


async def install(case: StationCase, pem: str, use: str) -> Any:
    return (await case.ask("InstallCertificate", certificateType=use, certificate=pem))["status"]


async def found(case: StationCase, *uses: str) -> list[str]:
    answer = await case.ask("GetInstalledCertificateIds", **({"certificateType": list(uses)} if uses else {}))
    chains = answer.get("certificateHashDataChain", [])
    assert answer["status"] == ("Accepted" if chains else "NotFound")
    return [chain["certificateType"] for chain in chains]


@pytest.mark.parametrize("use", [CSMS, MAKER])
async def test_TC_M_01_CS_TC_M_02_CS_TC_M_12_CS_TC_M_13_CS_a_root_is_installed_and_told(
    case: StationCase, root: Authority, use: str
) -> None:
    assert await install(case, root.pem, use) == "Accepted"
    answer = await case.ask("GetInstalledCertificateIds", certificateType=[use])
    assert answer["certificateHashDataChain"] == [{"certificateType": use, "certificateHashData": wire_hash(root.pem)}]


async def test_TC_M_07_CS_an_invalid_certificate_is_rejected(case: StationCase, root: Authority) -> None:
    assert await install(case, root.issue("no CA"), CSMS) == "Rejected"
    assert await found(case) == []


async def test_TC_M_17_CS_TC_M_18_CS_several_uses_and_all(case: StationCase, root: Authority) -> None:
    for use in (CSMS, MAKER, "MORootCertificate"):
        assert await install(case, root.pem, use) == "Accepted"
    assert await found(case, CSMS, MAKER) == [CSMS, MAKER]
    assert await found(case) == [CSMS, MAKER, "MORootCertificate"]


async def test_TC_M_19_CS_nothing_of_a_use(case: StationCase, root: Authority) -> None:
    await install(case, root.pem, CSMS)
    assert await found(case, "V2GRootCertificate") == []


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_TC_M_20_CS_TC_M_22_CS_a_certificate_is_deleted_once(
    case: StationCase, root: Authority, algorithm: str
) -> None:
    await install(case, root.pem, CSMS)
    named = wire_hash(root.pem, algorithm)
    assert (await case.ask("DeleteCertificate", certificateHashData=named))["status"] == "Accepted"
    assert (await case.ask("DeleteCertificate", certificateHashData=named))["status"] == "NotFound"


async def test_TC_M_23_CS_its_own_certificate_stays(case: StationCase, root: Authority) -> None:
    case.csms.script["SignCertificate"] = lambda _: {"status": "Accepted"}
    assert (await case.ask("TriggerMessage", requestedMessage="SignChargingStationCertificate"))["status"] == "Accepted"
    (asked,) = (await case.wait()).payloads("SignCertificate")  # A02.FR.01
    signed = root.sign(asked["csr"])
    more = {"requestId": asked["requestId"]} if "requestId" in asked else {}
    assert (await case.ask("CertificateSigned", certificateChain=signed, **more))["status"] == "Accepted"
    await install(case, root.pem, CSMS)
    named = hash_of(read_one(signed), read_one(root.pem))
    own = wire_hash(root.pem) | {"serialNumber": named.serial_number}
    assert (await case.ask("DeleteCertificate", certificateHashData=own))["status"] == "Failed"  # M04.FR.06


async def test_A02_FR_06_a_certificate_of_another_key_is_rejected(case: StationCase, root: Authority) -> None:
    case.csms.script["SignCertificate"] = lambda _: {"status": "Rejected"}
    await case.ask("TriggerMessage", requestedMessage="SignChargingStationCertificate")
    await case.wait()
    answer = await case.ask("CertificateSigned", certificateChain=root.issue("SN"))
    assert answer["status"] == "Rejected"
