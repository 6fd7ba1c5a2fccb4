"""Certificates for tests: an authority of their own, made anew each time."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_YEAR = timedelta(days=365)


class Authority:
    """A CA whose certificate (``pem``) holds for ten years from a day before ``now``. ``above``: who signed it; nobody
    else but itself where there is none."""

    def __init__(self, name: str, now: datetime, above: "Authority | None" = None) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._now = now
        signer = above or self
        self.pem = signer._sign(self.name, self._key.public_key(), ca=True, begins=now - timedelta(days=1))

    def sign(self, csr: str, *, begins: datetime | None = None) -> str:
        """The certificate that a PEM request asks for, as PEM, for ten years from ``begins``."""
        request = x509.load_pem_x509_csr(csr.encode())
        begins = begins or self._now - timedelta(days=1)
        return self._sign(request.subject, request.public_key(), ca=False, begins=begins)

    def issue(self, name: str, *, ca: bool = False, begins: datetime | None = None) -> str:
        """A certificate of a key that nobody keeps."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._sign(subject, key.public_key(), ca=ca, begins=begins or self._now - timedelta(days=1))

    def _sign(self, subject: x509.Name, public_key: object, *, ca: bool, begins: datetime) -> str:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)  # type: ignore[arg-type]
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + 10 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM).decode()
