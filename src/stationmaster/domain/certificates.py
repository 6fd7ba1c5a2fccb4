"""M, A02, A03 Certificates: what is installed on a station, and the requests by which it asks for its own.

A certificate is named by hashes of its issuer's name and key and by its serial number, as in OCSP (RFC 6960), so that
neither side need send it again to speak of it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.messages import CommandAnswer, Request

HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]
InstallUse = Literal[
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "V2GRootCertificate",
    "MORootCertificate",
    "OEMRootCertificate",
]
InstalledUse = Literal[
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "V2GRootCertificate",
    "MORootCertificate",
    "OEMRootCertificate",
    "V2GCertificateChain",
]
SigningUse = Literal["ChargingStationCertificate", "V2GCertificate", "V2G20Certificate"]
OWN: SigningUse = "ChargingStationCertificate"
"""The use of a request that names none."""


class CertificateHash(msgspec.Struct, frozen=True, omit_defaults=True):
    """``algorithm``: SHA256, SHA384 or SHA512. The hashes are hex digits, the serial number too, without leading
    zeros."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    @property
    def key(self) -> str:
        """The same for every spelling of the digits."""
        serial = self.serial_number.lstrip("0") or "0"
        return ":".join((self.algorithm, self.issuer_name_hash, self.issuer_key_hash, serial)).lower()


class InstalledCertificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``children``: the sub-CAs of a V2GCertificateChain, next to the leaf first (M03.FR.05)."""

    use: str
    hash: CertificateHash
    children: tuple[CertificateHash, ...] = ()


class InstallCertificate(Request, frozen=True, kw_only=True, omit_defaults=True):
    """M05. ``certificate`` is PEM; ``use`` an InstallUse. Status: Accepted, Rejected, Failed."""

    use: str
    certificate: str


class DeleteCertificate(Request, frozen=True, kw_only=True, omit_defaults=True):
    """M04. Status: Accepted, Failed, NotFound."""

    hash: CertificateHash


class GetInstalledCertificateIds(Request, frozen=True, kw_only=True, omit_defaults=True):
    """M03. ``uses`` empty: all."""

    uses: tuple[str, ...] = ()


class InstalledCertificates(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """Status: Accepted, NotFound. Rejected: a station did not say what it has, so nothing can be concluded."""

    certificates: tuple[InstalledCertificate, ...] = ()


def tells(status: str | None, certificates: Collection[object]) -> bool:
    """Whether an answer to GetInstalledCertificateIds says what there is, be it nothing."""
    return bool(certificates) or status in ("Accepted", "NotFound")


def installed_status(found: Collection[object], *, told: bool) -> str:
    """The status of all the answers together. ``told``: each of them :func:`tells`."""
    return ("Accepted" if found else "NotFound") if told else "Rejected"


class SignCertificate(Request, frozen=True, kw_only=True, omit_defaults=True):
    """A02, A03. ``csr`` is PEM; ``root`` names the CA that is wanted, ``request_id`` comes back with the certificate
    (2.1)."""

    csr: str
    use: str = OWN
    root: CertificateHash | None = None
    request_id: int | None = None


class CertificateSigned(Request, frozen=True, kw_only=True, omit_defaults=True):
    """A02, A03. ``chain`` is PEM, the station's certificate first."""

    chain: str
    use: str | None = None
    request_id: int | None = None


RequestState = Literal["open", "refused", "sent", "installed", "declined"]
"""``refused``: answered Rejected at once. ``sent``: a chain is on its way; the station then has ``installed`` it, or
``declined`` it."""


class CertificateRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The newest request of a station for a use: a newer one takes its place (A02.FR.15), as its key is another."""

    station_key: int
    use: str
    csr: str
    received_at: datetime
    state: RequestState = "open"
    root: CertificateHash | None = None
    request_id: int | None = None


class CertificateRequestMoved(msgspec.Struct, frozen=True, kw_only=True):
    """What changes of a request once a chain is sent for it."""

    station_key: int
    use: str
    state: RequestState


class CertificatesSeen(msgspec.Struct, frozen=True, kw_only=True):
    """All that a station has installed of one use, as it told."""

    station_key: int
    use: str
    seen_at: datetime
    certificates: tuple[InstalledCertificate, ...] = ()
