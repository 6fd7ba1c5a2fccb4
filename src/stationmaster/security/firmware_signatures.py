"""Signatures of firmware images and the certificates they are checked with (OCPP 2.0.1 part 2, L01.FR.04, .12, .22).

A signature is over the SHA-256 of the whole file. The specification names RSA-PSS and ECSchnorr; stations in the field
also know PKCS #1 v1.5 and ECDSA, so these are tried too, and it is told which one held. ECSchnorr is not available.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from stationmaster.domain.firmware.images import ImageVerdict

CertificateState = Literal["valid", "invalid", "revoked"]

MIN_RSA_BITS = 2048
MAX_CHAIN = 5
"""Certificates between a signing certificate and its root, and itself."""

_SHA256 = Prehashed(hashes.SHA256())
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.AUTO)


class Unverifiable(Exception):
    """There is a signature, but nothing here can check it; the text says why."""


class CertificateCheck(msgspec.Struct, frozen=True):
    """``reason`` is empty where the certificate is valid."""

    state: CertificateState
    reason: str = ""


def scheme_of(sha256: bytes, signature: str, certificate: str) -> str | None:
    """The scheme by which the signature (base64) holds over the digest, None: by none.

    Raises Unverifiable where certificate, key or signature cannot be used.
    """
    try:
        signed = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unverifiable("the signature is not base64") from error
    key = _chain_of(certificate)[0].public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return _rsa_scheme(key, signed, sha256)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _ecdsa(key, signed, sha256)
    raise Unverifiable(f"keys of the kind {type(key).__name__} are not supported")


def check_certificate(
    certificate: str, roots: Sequence[str], at: datetime, revocation_lists: Sequence[str] = ()
) -> CertificateCheck:
    """Whether a signing certificate (PEM, with intermediates after it if there are any) leads to one of the roots, and
    all on the way is in force at the time and may do what it does."""
    try:
        chain = _chain_of(certificate)
        anchors = [anchor for root in roots for anchor in x509.load_pem_x509_certificates(root.encode())]
        lists = [x509.load_pem_x509_crl(text.encode()) for text in revocation_lists]
    except (Unverifiable, ValueError) as error:
        return CertificateCheck("invalid", str(error))
    wrong = _may_not_sign(chain[0])
    if wrong is not None:
        return CertificateCheck("invalid", wrong)
    path = _path(chain, anchors)
    if path is None:
        return CertificateCheck("invalid", "no installed manufacturer root has issued the signing certificate")
    for part in path:
        if not part.not_valid_before_utc <= at <= part.not_valid_after_utc:
            return CertificateCheck("invalid", f"{part.subject.rfc4514_string()} is not in force at this time")
    if _is_revoked(path, lists):
        return CertificateCheck("revoked", "the certificate is on its issuer's revocation list")
    return CertificateCheck("valid")


def examine(sha256: bytes, signature: str | None, certificate: str | None, at: datetime) -> ImageVerdict:
    """What a CSMS can say of an image's signature before any station has seen it."""
    if not signature or not certificate:
        missing = () if not (signature or certificate) else ("a signature and a signing certificate go together",)
        return ImageVerdict(problems=missing)
    try:
        leaf = _chain_of(certificate)[0]
        scheme = scheme_of(sha256, signature, certificate)
    except Unverifiable as error:
        return ImageVerdict(signature="not verifiable", problems=(str(error),))
    problems = []
    if scheme is None:
        problems.append("the signature does not belong to this content and certificate")
    elif scheme != "RSA-PSS":
        problems.append(f"the signature is {scheme}: stations that follow the specification may want RSA-PSS")
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        problems.append("the signing certificate is not in force")
    wrong = _may_not_sign(leaf)
    if wrong is not None:
        problems.append(wrong)
    return ImageVerdict(
        signature="wrong" if scheme is None else "verified",
        scheme=scheme,
        subject=leaf.subject.rfc4514_string(),
        issuer=leaf.issuer.rfc4514_string(),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        problems=tuple(problems),
    )


def _chain_of(certificate: str) -> list[x509.Certificate]:
    try:
        chain = x509.load_pem_x509_certificates(certificate.encode())
    except ValueError as error:
        raise Unverifiable("the signing certificate is not a PEM certificate") from error
    if len(chain) > MAX_CHAIN:
        raise Unverifiable(f"a chain of more than {MAX_CHAIN} certificates")
    return chain


def _rsa_scheme(key: rsa.RSAPublicKey, signature: bytes, sha256: bytes) -> str | None:
    for name, scheme in (("RSA-PSS", _PSS), ("RSA-PKCS1v15", padding.PKCS1v15())):
        try:
            key.verify(signature, sha256, scheme, _SHA256)
        except InvalidSignature:
            continue
        return name
    return None


def _ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes, sha256: bytes) -> str | None:
    try:
        key.verify(signature, sha256, ec.ECDSA(_SHA256))
    except InvalidSignature:
        return None
    return "ECDSA"


def _may_not_sign(leaf: x509.Certificate) -> str | None:
    """Why a certificate is no signing certificate."""
    try:
        key = leaf.public_key()
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    except ValueError as error:
        return f"the signing certificate cannot be read: {error}"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        return f"the signing key has {key.key_size} bits, less than {MIN_RSA_BITS}"
    if usage is not None and not usage.digital_signature:
        return "the signing certificate is not for signatures (keyUsage)"
    return None


def _path(chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]) -> list[x509.Certificate] | None:
    """From the leaf to an anchor, each issued by the next."""
    path = [chain[0]]
    for _ in range(MAX_CHAIN):
        anchor = next((anchor for anchor in anchors if _issued(path[-1], anchor)), None)
        if anchor is not None:
            return [*path, anchor]
        issuer = next((other for other in chain[1:] if other not in path and _issued(path[-1], other)), None)
        if issuer is None:
            return None
        path.append(issuer)
    return None


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return constraints.ca


def _is_revoked(path: Sequence[x509.Certificate], lists: Sequence[x509.CertificateRevocationList]) -> bool:
    for certificate, issuer in pairwise(path):
        for revoked in lists:
            if revoked.issuer != issuer.subject:
                continue
            key = issuer.public_key()
            if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
                continue
            if not revoked.is_signature_valid(key):
                continue
            if revoked.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
                return True
    return False
