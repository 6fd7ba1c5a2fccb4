"""Firmware for tests: a maker's root and signing certificates, images for simulated stations, signatures.

Keys are elliptic (P-256) unless asked otherwise, as those are made in no time.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import NameOID

from stationmaster.simulator.firmware_image import image_of

__all__ = ["Maker", "SigningKey", "image_of"]

_SHA256 = Prehashed(hashes.SHA256())
KeyKind = Literal["EC", "RSA"]
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key with its certificate (PEM)."""

    key: _Key
    certificate: str

    def sign(self, content: bytes, scheme: Literal["PSS", "PKCS1v15"] = "PSS") -> str:
        """The signature over an image, as it goes into a request; an elliptic key always makes ECDSA."""
        digest = hashlib.sha256(content).digest()
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return base64.b64encode(self.key.sign(digest, ec.ECDSA(_SHA256))).decode()
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
        chosen = pss if scheme == "PSS" else padding.PKCS1v15()
        return base64.b64encode(self.key.sign(digest, chosen, _SHA256)).decode()


class Maker:
    """A manufacturer: its root, what it signs with, and whom it has revoked."""

    def __init__(self, name: str, now: datetime, kind: KeyKind = "EC") -> None:
        self._now = now
        self._kind = kind
        self._key = _new_key(kind)
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} root")])
        self._root = self._certificate(self._name, self._key, now - timedelta(days=1), timedelta(days=3650), ca=True)
        self.root = _pem(self._root)

    def signing_key(
        self, name: str = "firmware", *, starts_at: datetime | None = None, lasts: timedelta = timedelta(days=365)
    ) -> SigningKey:
        """A new one, certified by the root."""
        key = _new_key(self._kind)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        starts_at = starts_at or self._now - timedelta(hours=1)
        return SigningKey(key, _pem(self._certificate(subject, key, starts_at, lasts, ca=False)))

    def revocation_list(self, *revoked: SigningKey) -> str:
        """The root's list of those that count no more (PEM)."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(self._now).next_update(self._now + timedelta(days=30))
        for signing in revoked:
            serial = x509.load_pem_x509_certificate(signing.certificate.encode()).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(self._now).build()
            builder = builder.add_revoked_certificate(entry)
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM).decode()

    def _certificate(
        self, subject: x509.Name, key: _Key, starts_at: datetime, lasts: timedelta, *, ca: bool
    ) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=not ca,
            key_cert_sign=ca,
            crl_sign=ca,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(starts_at)
            .not_valid_after(starts_at + lasts)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )


def _new_key(kind: KeyKind) -> _Key:
    if kind == "EC":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
