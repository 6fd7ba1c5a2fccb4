from typing import Any

import msgspec
import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.domain.certificates import (
    CertificateHash,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificate,
    InstalledCertificates,
    SignCertificate,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer, CommandAnswer, Request
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import JSON_VERSIONS, Version

HASH = CertificateHash("SHA256", "ab" * 32, "cd" * 32, "1f")
CSMS_ROOT = InstalledCertificate(use="CSMSRootCertificate", hash=HASH)
MAKER_ROOT = InstalledCertificate(use="ManufacturerRootCertificate", hash=HASH)
ACCEPTED = CommandAnswer(status="Accepted")


def converse(version: Version, request: Request, *answers: Answer) -> tuple[list[Any], Any]:
    """What the other side reads, and what we read of its answers, over the version's bytes."""
    dialect, facts = dialect_for(version), StationFacts(version=version)
    exchange = dialect.outgoing[type(request)](facts, request)
    heard: list[Any] = []
    response: Any = None
    try:
        while True:
            call = exchange.send(response)
            row = dialect.incoming[call.action]
            reading = codec.read_request(version, call.action, codec.write_request(version, call.action, call.message))
            assert reading.violations == ()
            heard.append(row.read(facts, reading.message))
            answer = answers[len(heard) - 1]
            raw = codec.write_response(version, call.action, row.write(facts, heard[-1], answer))
            told = codec.read_response(version, call.action, raw)
            assert told.violations == ()
            response = told.message
    except StopIteration as done:
        return heard, done.value


@pytest.mark.parametrize("version", JSON_VERSIONS)
@pytest.mark.parametrize(
    "request_",
    [
        InstallCertificate(use="CSMSRootCertificate", certificate="PEM"),
        InstallCertificate(use="ManufacturerRootCertificate", certificate="PEM"),
        DeleteCertificate(hash=HASH),
        SignCertificate(csr="PEM"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_every_version_carries_it(version: Version, request_: Request) -> None:
    assert converse(version, request_, ACCEPTED) == ([request_], ACCEPTED)


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_a_signed_certificate_arrives(version: Version) -> None:
    chain = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    heard, answer = converse(version, CertificateSigned(chain=chain), ACCEPTED)
    assert (heard[0].chain.split(), answer) == (chain.split(), ACCEPTED)


@pytest.mark.parametrize("version", [Version.V201, Version.V21])
def test_2x_asks_for_all_uses_at_once(version: Version) -> None:
    asked = GetInstalledCertificateIds(uses=("CSMSRootCertificate", "V2GCertificateChain"))
    chain = InstalledCertificate(use="V2GCertificateChain", hash=HASH, children=(HASH, HASH))
    told = InstalledCertificates(status="Accepted", certificates=(CSMS_ROOT, chain))
    assert converse(version, asked, told) == ([asked], told)


def test_1_6_asks_for_one_use_at_a_time_and_puts_the_answers_together() -> None:
    nothing = InstalledCertificates(status="NotFound")
    told = InstalledCertificates(status="Accepted", certificates=(MAKER_ROOT,))
    heard, answer = converse(Version.V16, GetInstalledCertificateIds(), nothing, told)
    assert [asked.uses for asked in heard] == [("CSMSRootCertificate",), ("ManufacturerRootCertificate",)]
    assert answer == told


def test_2_0_asks_for_one_use_at_a_time_too() -> None:
    nothing = InstalledCertificates(status="NotFound")
    told = InstalledCertificates(status="Accepted", certificates=(CSMS_ROOT,))
    heard, answer = converse(Version.V20, GetInstalledCertificateIds(), told, nothing, nothing, nothing)
    assert len(heard) == 4
    assert answer == told


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_m03_fr_02_nothing_anywhere_is_not_found(version: Version) -> None:
    nothing = InstalledCertificates(status="NotFound")
    _, answer = converse(version, GetInstalledCertificateIds(), *(nothing,) * 4)
    assert answer == nothing


def test_2_1_alone_carries_the_request_s_number_and_its_root() -> None:
    asked = SignCertificate(csr="PEM", use="V2GCertificate", root=HASH, request_id=7)
    assert converse(Version.V21, asked, ACCEPTED)[0] == [asked]
    assert converse(Version.V201, asked, ACCEPTED)[0] == [SignCertificate(csr="PEM", use="V2GCertificate")]
    signed = CertificateSigned(chain="PEM", use="V2GCertificate", request_id=7)
    assert converse(Version.V21, signed, ACCEPTED)[0] == [signed]
    assert converse(Version.V201, signed, ACCEPTED)[0] == [CertificateSigned(chain="PEM", use="V2GCertificate")]


@pytest.mark.parametrize(
    ("version", "request_", "why"),
    [
        ("1.6", InstallCertificate(use="V2GRootCertificate", certificate="PEM"), "V2GRootCertificate"),
        ("1.6", GetInstalledCertificateIds(uses=("MORootCertificate",)), "MORootCertificate"),
        ("1.6", SignCertificate(csr="PEM", use="V2GCertificate"), "V2GCertificate"),
        ("1.6", CertificateSigned(chain="PEM", use="V2GCertificate"), "V2GCertificate"),
        ("2.1", InstallCertificate(use="Tea", certificate="PEM"), "Tea"),
        ("2.1", DeleteCertificate(hash=CertificateHash("MD5", "a", "b", "c")), "MD5"),
    ],
)
def test_what_a_version_has_no_word_for_is_unsupported(drive: Any, version: str, request_: Request, why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        drive(dialect_for(Version(version)).outgoing[type(request_)], StationFacts(version=version), request_)


@pytest.mark.parametrize("version", [Version.V16, Version.V21])
@pytest.mark.parametrize("action", ["InstallCertificate", "DeleteCertificate", "SignCertificate", "CertificateSigned"])
def test_an_empty_message_is_about_nothing(version: Version, action: str) -> None:
    empty = msgspec.convert({}, messages(version)[action].lenient_request)
    with pytest.raises(Unattributable):
        dialect_for(version).incoming[action].read(StationFacts(version=version), empty)


@pytest.mark.parametrize("version", [Version.V16, Version.V21])
def test_a_hash_that_lacks_a_part_is_passed_over(drive: Any, version: Version) -> None:
    name = "certificateHashData" if version is Version.V16 else "certificateHashDataChain"
    response = msgspec.convert(
        {"status": "Accepted", name: [{}]}, messages(version)["GetInstalledCertificateIds"].lenient_response
    )
    row = dialect_for(version).outgoing[GetInstalledCertificateIds]
    _, answer = drive(
        row, StationFacts(version=version), GetInstalledCertificateIds(uses=("CSMSRootCertificate",)), response
    )
    assert answer == InstalledCertificates(status="NotFound")
