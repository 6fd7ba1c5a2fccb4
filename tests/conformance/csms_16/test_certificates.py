"""Certificates of 1.6's security extension (security white paper, M03-M05, A02)."""

from case_16 import Case16

from stationmaster.domain.certificates import CertificateSigned, GetInstalledCertificateIds, InstallCertificate
from stationmaster.security.certificates import new_request

WIRE_HASH = {"hashAlgorithm": "SHA256", "issuerNameHash": "ab", "issuerKeyHash": "cd", "serialNumber": "1f"}


async def test_1_6_M05_a_root_is_installed(case: Case16) -> None:
    request = InstallCertificate(use="CSMSRootCertificate", certificate="PEM")
    asked, command = await case.commanded(request, "InstallCertificate")
    assert asked == {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"}
    assert command.state == "accepted"


async def test_1_6_M05_a_v2g_root_is_unsupported_and_says_so(case: Case16) -> None:
    request = InstallCertificate(use="V2GRootCertificate", certificate="PEM")
    done = await case.view.outcome(await case.view.ask(request))
    assert (done.state, "V2GRootCertificate" in (done.detail or "")) == ("unsupported", True)


async def test_1_6_M03_both_kinds_are_asked_for(case: Case16) -> None:
    case.client.on(
        "GetInstalledCertificateIds",
        lambda asked: (
            {"status": "Accepted", "certificateHashData": [WIRE_HASH]}
            if asked["certificateType"] == "ManufacturerRootCertificate"
            else {"status": "NotFound"}
        ),
    )
    done = await case.view.outcome(await case.view.ask(GetInstalledCertificateIds()))
    assert done.state == "accepted"
    stored = await case.bench.storage.reads.installed_certificates("default", case.view.key)
    assert [each.use for seen in stored for each in seen.certificates] == ["ManufacturerRootCertificate"]


async def test_1_6_A02_a_request_is_kept_and_the_certificate_sent(case: Case16) -> None:
    _, csr = new_request("SN1", "Maker")
    assert await case.client.call("SignCertificate", {"csr": csr}) == {"status": "Accepted"}
    asked, command = await case.commanded(CertificateSigned(chain="PEM"), "CertificateSigned")
    assert (asked, command.state) == ({"certificateChain": "PEM"}, "accepted")
    (kept,) = (await case.bench.storage.reads.certificate_requests("default")).items
    assert (kept.csr, kept.state) == (csr, "installed")
