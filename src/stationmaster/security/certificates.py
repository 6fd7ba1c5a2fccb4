"""Reading certificates and requests for them, naming them by hashes, and making the requests of a station.

Whether a certificate is to be trusted is not decided here.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from stationmaster.domain.certificates import CertificateHash

MAX_CHAIN = 10
ALGORITHMS: dict[str, type[hashes.HashAlgorithm]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}


class BadCertificate(ValueError):
    """Not a certificate (or request) that can be read, or not one that fits; the text says why."""


def read_chain(pem: str) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM text, in its order. Raises BadCertificate."""
    try:
        chain = tuple(x509.load_pem_x509_certificates(pem.encode("ascii")))
    except (ValueError, UnicodeEncodeError) as error:
        raise BadCertificate("it is no PEM certificate") from error
    if len(chain) > MAX_CHAIN:
        raise BadCertificate(f"a chain of more than {MAX_CHAIN} certificates")
    for certificate in chain:
        _public_bytes(certificate.public_key)
    return chain


def read_one(pem: str) -> x509.Certificate:
    """The one certificate of a PEM text. Raises BadCertificate."""
    chain = read_chain(pem)
    if len(chain) != 1:
        raise BadCertificate("more than one certificate")
    return chain[0]


def is_valid_at(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def may_issue(certificate: x509.Certificate) -> bool:
    """Whether it may stand above others. One that does not say is taken at its word, as old roots do not."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's name and key fit the certificate."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def hash_of(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str = "SHA256") -> CertificateHash:
    """How OCPP names a certificate: as OCSP does. Raises KeyError for an algorithm that OCPP does not have."""
    named = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, ALGORITHMS[algorithm]()).build()
    return CertificateHash(
        algorithm, named.issuer_name_hash.hex(), named.issuer_key_hash.hex(), f"{named.serial_number:x}"
    )


def issuer_among(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """Itself where it signed itself, or else the one of the others that did."""
    return next((other for other in (certificate, *others) if is_issued_by(certificate, other)), None)


def new_request(name: str, organization: str) -> tuple[str, str]:
    """A new key (PKCS 8) and the request for a certificate of it, both PEM (A02.FR.01-.03)."""
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [(NameOID.COMMON_NAME, name), (NameOID.ORGANIZATION_NAME, organization)]
    subject = x509.Name([x509.NameAttribute(oid, text[:64]) for oid, text in attributes if text])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), request.public_bytes(serialization.Encoding.PEM).decode()


def check_request(csr: str) -> str:
    """The subject of a request that is signed with its own key. Raises BadCertificate."""
    return _request(csr).subject.rfc4514_string()


def fits_request(chain: str, csr: str) -> None:
    """Raises BadCertificate unless the chain is whole and begins with a certificate of the request's key."""
    leaf = _linked(chain)
    if _public_bytes(leaf.public_key) != _public_bytes(_request(csr).public_key):
        raise BadCertificate("the first certificate has another key than the request")


def fits_key(chain: str, private_key: str, at: datetime) -> None:
    """Raises BadCertificate unless the chain is whole, holds now and begins with a certificate of our key."""
    leaf = _linked(chain)
    if not is_valid_at(leaf, at):
        raise BadCertificate("the certificate is not valid now")
    own = serialization.load_pem_private_key(private_key.encode(), None)
    if _public_bytes(leaf.public_key) != _public_bytes(own.public_key):
        raise BadCertificate("the certificate has another key than the request")


def _linked(pem: str) -> x509.Certificate:
    chain = read_chain(pem)
    for certificate, issuer in pairwise(chain):
        if not is_issued_by(certificate, issuer):
            raise BadCertificate("the chain is not in order: a certificate is not signed by the next one")
    return chain[0]


def _request(csr: str) -> x509.CertificateSigningRequest:
    try:
        request = x509.load_pem_x509_csr(csr.encode("ascii"))
    except (ValueError, UnicodeEncodeError) as error:
        raise BadCertificate("it is no PEM certificate signing request") from error
    _public_bytes(request.public_key)
    if not request.is_signature_valid:
        raise BadCertificate("the request is not signed with its own key")
    return request


def _public_bytes(public_key: Callable[[], Any]) -> bytes:
    try:
        key: bytes = public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except (UnsupportedAlgorithm, ValueError) as error:
        raise BadCertificate("a key of a kind that is not known here") from error
    return key
