import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.security.firmware_signatures import Unverifiable, check_certificate, examine, scheme_of
from stationmaster.testing.firmware import Maker, image_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
IMAGE = image_of("2.0", size_bytes=1000)
DIGEST = hashlib.sha256(IMAGE).digest()
OTHER = hashlib.sha256(b"another").digest()


@pytest.fixture(scope="module")
def rsa_maker() -> Maker:
    return Maker("RSA Motors", NOW, "RSA")


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker("Curve Motors", NOW)


def test_the_scheme_that_held_is_told(rsa_maker: Maker, maker: Maker) -> None:
    key, curve = rsa_maker.signing_key(), maker.signing_key()
    assert scheme_of(DIGEST, key.sign(IMAGE), key.certificate) == "RSA-PSS"
    assert scheme_of(DIGEST, key.sign(IMAGE, "PKCS1v15"), key.certificate) == "RSA-PKCS1v15"
    assert scheme_of(DIGEST, curve.sign(IMAGE), curve.certificate) == "ECDSA"


def test_a_signature_over_something_else_holds_by_no_scheme(rsa_maker: Maker, maker: Maker) -> None:
    for signing in (rsa_maker.signing_key(), maker.signing_key()):
        assert scheme_of(OTHER, signing.sign(IMAGE), signing.certificate) is None


@pytest.mark.parametrize(("signature", "certificate"), [("%%%", None), ("AAAA", "not PEM"), ("AAAA", "")])
def test_what_cannot_be_read_is_not_verifiable(maker: Maker, signature: str, certificate: str | None) -> None:
    pem = maker.signing_key().certificate if certificate is None else certificate
    with pytest.raises(Unverifiable):
        scheme_of(DIGEST, signature, pem)


def test_a_certificate_of_an_installed_root_is_valid(maker: Maker, rsa_maker: Maker) -> None:
    signing = maker.signing_key()
    assert check_certificate(signing.certificate, [rsa_maker.root, maker.root], NOW).state == "valid"


def test_a_certificate_of_another_root_or_of_none_is_invalid(maker: Maker, rsa_maker: Maker) -> None:
    signing = maker.signing_key()
    assert check_certificate(signing.certificate, [rsa_maker.root], NOW).state == "invalid"
    assert check_certificate(signing.certificate, [], NOW).state == "invalid"
    assert check_certificate("rubbish", [maker.root], NOW).state == "invalid"


def test_a_root_of_the_same_name_with_another_key_has_not_issued_it(maker: Maker) -> None:
    impostor = Maker("Curve Motors", NOW)
    assert check_certificate(impostor.signing_key().certificate, [maker.root], NOW).state == "invalid"


@pytest.mark.parametrize("at", [NOW - timedelta(hours=2), NOW + timedelta(days=400)])
def test_a_certificate_outside_its_time_is_invalid(maker: Maker, at: datetime) -> None:
    assert check_certificate(maker.signing_key().certificate, [maker.root], at).state == "invalid"


def test_a_signing_certificate_has_issued_nothing(maker: Maker) -> None:
    """A certificate that is no CA's is not an anchor."""
    signing = maker.signing_key()
    assert check_certificate(signing.certificate, [signing.certificate], NOW).state == "invalid"


def test_a_root_is_no_signing_certificate(maker: Maker) -> None:
    assert "keyUsage" in check_certificate(maker.root, [maker.root], NOW).reason


def test_a_certificate_on_the_list_of_its_issuer_is_revoked(maker: Maker, rsa_maker: Maker) -> None:
    revoked, other = maker.signing_key(), maker.signing_key()
    lists = [maker.revocation_list(revoked)]
    assert check_certificate(revoked.certificate, [maker.root], NOW, lists).state == "revoked"
    assert check_certificate(other.certificate, [maker.root], NOW, lists).state == "valid"


def test_a_list_that_somebody_else_signed_revokes_nothing(maker: Maker) -> None:
    signing = maker.signing_key()
    forged = Maker("Curve Motors", NOW).revocation_list(signing)
    assert check_certificate(signing.certificate, [maker.root], NOW, [forged]).state == "valid"


def test_an_operator_is_told_what_is_wrong_with_an_image(maker: Maker, rsa_maker: Maker) -> None:
    signing = rsa_maker.signing_key()
    good = examine(DIGEST, signing.sign(IMAGE), signing.certificate, NOW)
    assert (good.signature, good.scheme, good.problems) == ("verified", "RSA-PSS", ())
    assert good.subject == "CN=firmware"
    assert examine(OTHER, signing.sign(IMAGE), signing.certificate, NOW).signature == "wrong"
    assert examine(DIGEST, None, None, NOW).signature == "unsigned"
    assert examine(DIGEST, "AAAA", None, NOW).problems
    assert examine(DIGEST, "AAAA", "x", NOW).signature == "not verifiable"
    late = examine(DIGEST, signing.sign(IMAGE), signing.certificate, NOW + timedelta(days=500))
    assert "not in force" in late.problems[0]
    curve = maker.signing_key()
    assert "RSA-PSS" in examine(DIGEST, curve.sign(IMAGE), curve.certificate, NOW).problems[0]
