"""CSMS of MobilityHouse's `ocpp` see to the certificates of our station."""

from datetime import UTC, datetime
from typing import Any

import pytest
from mobilityhouse_csms import SYSTEMS
from our_station import connected

from stationmaster.ocpp.version import Version
from stationmaster.security.certificates import read_one
from stationmaster.testing.certificates import Authority

EVERY = pytest.mark.parametrize("version", SYSTEMS, ids=str)

AUTHORITY = Authority("House root", datetime.now(UTC))


def root_use(version: Version) -> str:
    return "CentralSystemRootCertificate" if version is Version.V16 else "CSMSRootCertificate"


async def hashes(csms: Any, version: Version) -> list[dict[str, Any]]:
    """Of the CSMS roots that it says it has."""
    use: Any = root_use(version)
    answer = await csms.tell("GetInstalledCertificateIds", certificate_type=use if version is Version.V16 else [use])
    found = answer.certificate_hash_data if version is Version.V16 else answer.certificate_hash_data_chain
    assert answer.status == ("Accepted" if found else "NotFound")
    return [each if version is Version.V16 else each["certificate_hash_data"] for each in found or ()]


@EVERY
async def test_a_root_is_installed_listed_and_deleted(version: Version) -> None:
    async with connected(version) as (csms, _):
        assert await hashes(csms, version) == []
        use = root_use(version)
        installed = await csms.tell("InstallCertificate", certificate_type=use, certificate=AUTHORITY.pem)
        assert installed.status == "Accepted"
        (listed,) = await hashes(csms, version)
        assert int(listed["serial_number"], 16) == read_one(AUTHORITY.pem).serial_number
        for status in ("Accepted", "NotFound"):
            deleted = await csms.tell("DeleteCertificate", certificate_hash_data=listed)
            assert deleted.status == status
        assert await hashes(csms, version) == []


@EVERY
async def test_what_is_no_certificate_or_may_not_sign_is_refused(version: Version) -> None:
    async with connected(version) as (csms, _):
        for text, status in (
            ("nonsense", "Rejected"),
            (AUTHORITY.issue("of an issuer that is not installed", ca=True), "Rejected"),
            (AUTHORITY.pem, "Accepted"),
            (AUTHORITY.issue("no authority"), "Rejected"),
        ):
            answer = await csms.tell("InstallCertificate", certificate_type=root_use(version), certificate=text)
            assert answer.status == status
        assert len(await hashes(csms, version)) == 1


@EVERY
async def test_it_asks_for_its_certificate_and_takes_the_one_of_its_key(version: Version) -> None:
    async with connected(version) as (csms, _):
        if version is Version.V16:
            await csms.tell("ExtendedTriggerMessage", requested_message="SignChargePointCertificate")
        else:
            await csms.tell("TriggerMessage", requested_message="SignChargingStationCertificate")
        asked = await csms.heard.first("SignCertificate")
        number = {"request_id": asked["request_id"]} if version is Version.V21 else {}
        foreign = await csms.tell("CertificateSigned", certificate_chain=AUTHORITY.issue("another key"), **number)
        assert foreign.status == "Rejected"
        event = await csms.heard.first("SecurityEventNotification", 2)
        assert event["type"] == f"InvalidCharg{'ePoint' if version is Version.V16 else 'ingStation'}Certificate"
        own = await csms.tell("CertificateSigned", certificate_chain=AUTHORITY.sign(asked["csr"]), **number)
        assert own.status == "Accepted"
