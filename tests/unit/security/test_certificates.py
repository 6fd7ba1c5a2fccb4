import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from stationmaster.security.certificates import (
    BadCertificate,
    check_request,
    fits_key,
    fits_request,
    hash_of,
    is_issued_by,
    is_valid_at,
    issuer_among,
    may_issue,
    new_request,
    read_chain,
    read_one,
)
from stationmaster.testing.certificates import Authority

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROOT = Authority("Root", NOW)
SUB = Authority("Sub", NOW, ROOT)


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_a_certificate_is_named_by_its_issuer_s_name_and_bare_key(algorithm: str) -> None:
    sub, root = read_one(SUB.pem), read_one(ROOT.pem)
    digest = getattr(hashlib, algorithm.lower())
    key = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    point = root.public_key().public_numbers()  # type: ignore[union-attr]
    bare = b"\x04" + point.x.to_bytes(32) + point.y.to_bytes(32)  # type: ignore[union-attr]
    assert hashlib.sha1(bare, usedforsecurity=False).digest() == key.digest
    named = hash_of(sub, root, algorithm)
    assert named.issuer_key_hash == digest(bare).hexdigest()
    assert named.issuer_name_hash == digest(sub.issuer.public_bytes()).hexdigest()
    assert int(named.serial_number, 16) == sub.serial_number
    assert not named.serial_number.startswith("0")


def test_an_issuer_is_found_by_its_signature_not_its_name() -> None:
    impostor = Authority("Root", NOW)
    sub, root, false = read_one(SUB.pem), read_one(ROOT.pem), read_one(impostor.pem)
    assert issuer_among(sub, (false, root)) == root
    assert issuer_among(sub, (false,)) is None
    assert issuer_among(root, ()) == root
    assert is_issued_by(sub, root) and not is_issued_by(sub, false)


def test_only_a_ca_may_issue() -> None:
    assert may_issue(read_one(ROOT.pem))
    assert not may_issue(read_one(ROOT.issue("leaf")))


def test_a_certificate_holds_from_its_first_to_its_last_moment() -> None:
    later = read_one(ROOT.issue("later", begins=NOW + timedelta(days=1)))
    assert is_valid_at(read_one(ROOT.pem), NOW)
    assert not is_valid_at(later, NOW)


def test_a_request_comes_back_as_a_certificate_that_fits_its_key() -> None:
    key, csr = new_request("SN1", "Maker")
    assert check_request(csr) == "O=Maker,CN=SN1"
    chain = SUB.sign(csr) + SUB.pem
    fits_request(chain, csr)
    fits_key(chain, key, NOW)


@pytest.mark.parametrize(
    ("chain", "why"),
    [
        (ROOT.issue("other"), "another key"),
        (ROOT.issue("other") + SUB.pem, "not in order"),
        ("tea", "no PEM certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no PEM certificate"),
        ("prä", "no PEM certificate"),
        (ROOT.pem * 11, "more than 10"),
    ],
)
def test_a_chain_that_does_not_fit_is_refused_and_says_why(chain: str, why: str) -> None:
    key, csr = new_request("SN1", "Maker")
    with pytest.raises(BadCertificate, match=why):
        fits_request(chain, csr)
    with pytest.raises(BadCertificate, match=why):
        fits_key(chain, key, NOW)


def test_a_certificate_that_does_not_hold_yet_does_not_fit() -> None:
    key, csr = new_request("SN1", "Maker")
    with pytest.raises(BadCertificate, match="not valid now"):
        fits_key(ROOT.sign(csr, begins=NOW + timedelta(days=1)), key, NOW)


def test_a_request_signed_by_another_key_is_refused() -> None:
    _, csr = new_request("SN1", "Maker")
    der = bytearray(x509.load_pem_x509_csr(csr.encode()).public_bytes(Encoding.DER))
    der[-1] ^= 1
    body = base64.encodebytes(bytes(der)).decode()
    pem = f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n"
    with pytest.raises(BadCertificate):
        check_request(pem)


def test_two_certificates_are_not_one() -> None:
    assert len(read_chain(SUB.pem + ROOT.pem)) == 2
    with pytest.raises(BadCertificate):
        read_one(SUB.pem + ROOT.pem)
