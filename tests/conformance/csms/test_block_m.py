"""M Certificates."""

from typing import Any

import pytest
from csms_case import Case

from stationmaster.domain.certificates import (
    CertificateHash,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
)
from stationmaster.security.certificates import new_request
from stationmaster.testing.certificates import Authority
from stationmaster.testing.wire import Payload

HASH = CertificateHash("SHA256", "ab" * 32, "cd" * 32, "1f")
WIRE_HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "ab" * 32,
    "issuerKeyHash": "cd" * 32,
    "serialNumber": "1f",
}


async def install(case: Case, use: str, status: str) -> Any:
    pem = Authority("Root", case.bench.clock.now()).pem
    asked, command = await case.commanded(
        InstallCertificate(use=use, certificate=pem), "InstallCertificate", status=status
    )
    assert asked == {"certificateType": use, "certificate": pem}
    return command


async def retrieve(case: Case, *uses: str, told: tuple[str, ...]) -> Any:
    chains = [{"certificateType": use, "certificateHashData": WIRE_HASH} for use in told]
    answer: Payload = {"certificateHashDataChain": chains} if chains else {}
    asked, command = await case.commanded(
        GetInstalledCertificateIds(uses=uses),
        "GetInstalledCertificateIds",
        status="Accepted" if told else "NotFound",
        **answer,
    )
    assert asked == ({"certificateType": list(uses)} if uses else {})
    stored = await case.bench.storage.reads.installed_certificates("default", case.view.key)
    assert sorted(each.use for seen in stored for each in seen.certificates) == sorted(told)
    return command


async def delete(case: Case, status: str) -> Any:
    asked, command = await case.commanded(DeleteCertificate(hash=HASH), "DeleteCertificate", status=status)
    assert asked == {"certificateHashData": WIRE_HASH}
    return command


@pytest.mark.parametrize("use", ["CSMSRootCertificate", "ManufacturerRootCertificate"])
async def test_TC_M_01_CSMS_and_TC_M_02_CSMS_install_a_root(newer_case: Case, use: str) -> None:
    assert (await install(newer_case, use, "Accepted")).state == "accepted"


async def test_TC_M_05_CSMS_a_root_that_is_not_installed(newer_case: Case) -> None:
    command = await install(newer_case, "CSMSRootCertificate", "Failed")
    assert (command.state, command.status) == ("rejected", "Failed")


async def test_TC_M_13_CSMS_retrieve_manufacturer_roots(newer_case: Case) -> None:
    use = "ManufacturerRootCertificate"
    assert (await retrieve(newer_case, use, told=(use,))).state == "accepted"


async def test_TC_M_18_CSMS_retrieve_all(newer_case: Case) -> None:
    told = ("CSMSRootCertificate", "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate")
    assert (await retrieve(newer_case, told=told)).state == "accepted"


async def test_TC_M_19_CSMS_nothing_found(newer_case: Case) -> None:
    await retrieve(newer_case, told=("CSMSRootCertificate",))
    command = await retrieve(newer_case, "CSMSRootCertificate", told=())
    assert command.status == "NotFound"


async def test_TC_M_20_CSMS_delete(case: Case) -> None:
    assert (await delete(case, "Accepted")).state == "accepted"


async def test_TC_M_21_CSMS_delete_failed(case: Case) -> None:
    assert (await delete(case, "Failed")).state == "rejected"


async def test_A02_FR_11_a_request_is_accepted_and_the_newest_of_a_use_is_kept(newer_case: Case) -> None:
    for name in ("SN1", "SN2"):
        _, csr = new_request(name, "Maker")
        assert await newer_case.station.say("SignCertificate", {"csr": csr}) == {"status": "Accepted"}
    found = await newer_case.bench.storage.reads.certificate_requests("default")
    assert [(each.use, each.csr) for each in found.items] == [("ChargingStationCertificate", csr)]


async def test_A02_FR_12_a_request_that_cannot_be_read_is_rejected(newer_case: Case) -> None:
    answer = await newer_case.station.say("SignCertificate", {"csr": "tea"})
    assert answer["status"] == "Rejected"


async def test_a_station_without_certificates_leaves_a_failed_command(case: Case) -> None:
    done = await case.view.outcome(await case.view.ask(DeleteCertificate(hash=HASH)))
    assert (done.state, "NotSupported" in (done.detail or "")) == ("failed", True)


@pytest.mark.parametrize("answer", [{}, {"status": "Tea"}, {"status": None}])
async def test_an_answer_off_the_schema_does_not_count_as_done(case_201: Case, answer: Payload) -> None:
    case_201.station.client.on("DeleteCertificate", answer)
    done = await case_201.view.outcome(await case_201.view.ask(DeleteCertificate(hash=HASH)))
    assert done.state in ("rejected", "failed")
