"""Certificates of 1.6's security extension (security white paper, M03-M05, A02)."""

from charge_point_case import ChargePointCase

from stationmaster.testing.certificates import Authority

ROOT = "CentralSystemRootCertificate"


async def test_1_6_M03_M04_M05_a_root_is_installed_told_and_deleted(case: ChargePointCase) -> None:
    root = Authority("Root", case.clock.now())
    assert await case.ask("InstallCertificate", certificateType=ROOT, certificate=root.pem) == {"status": "Accepted"}
    told = await case.ask("GetInstalledCertificateIds", certificateType=ROOT)
    (named,) = told["certificateHashData"]
    assert await case.ask("DeleteCertificate", certificateHashData=named) == {"status": "Accepted"}
    assert await case.ask("GetInstalledCertificateIds", certificateType=ROOT) == {"status": "NotFound"}


async def test_1_6_A02_it_asks_for_a_certificate_when_told_to(case: ChargePointCase) -> None:
    root = Authority("Root", case.clock.now())
    case.csms.script["SignCertificate"] = lambda _: {"status": "Accepted"}
    asked = await case.ask("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
    assert asked == {"status": "Accepted"}
    (request,) = (await case.wait()).payloads("SignCertificate")
    chain = root.sign(request["csr"])
    assert await case.ask("CertificateSigned", certificateChain=chain) == {"status": "Accepted"}
