"""A04 Security events: what a station tells of attacks, tampering and changes to its security."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

import msgspec

from stationmaster.domain.messages import Request

_CRITICAL = (
    "FirmwareUpdated SettingSystemTime StartupOfTheDevice ResetOrReboot SecurityLogWasCleared MemoryExhaustion "
    "TamperDetectionActivated InvalidFirmwareSignature InvalidFirmwareSigningCertificate InvalidCsmsCertificate "
    "InvalidChargingStationCertificate InvalidTLSVersion InvalidTLSCipherSuite MaintenanceLoginAccepted "
    "MaintenanceLoginFailed DiscardedRenewedClientCertificate"
)
_NOT_CRITICAL = (
    "FailedToAuthenticateAtCsms CsmsFailedToAuthenticate ReconfigurationOfSecurityParameters InvalidMessages "
    "AttemptedReplayAttacks"
)
CRITICAL: Mapping[str, bool] = {
    **dict.fromkeys(_CRITICAL.split(), True),
    **dict.fromkeys(_NOT_CRITICAL.split(), False),
}
"""The events that the specification lists (2.1 appendices, Security Events), and whether they are critical: those are
reported, the others may be."""

MAX_TYPE = 50
MAX_TECH_INFO = 255


class SecurityEventNotification(Request, frozen=True, kw_only=True, omit_defaults=True):
    """A04. ``type`` is spelled as in 2.x, or is a vendor's own. ``extended``: it came by a message of 1.6's security
    extension, so the station has that."""

    type: str
    timestamp: datetime
    tech_info: str | None = None
    extended: bool = False


class SecurityEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it is kept. The same one told again is stored once: by station, ``timestamp`` and ``digest``.
    ``critical`` None: the specification does not know the type."""

    station_key: int
    type: str
    timestamp: datetime
    received_at: datetime
    critical: bool | None
    tech_info: str | None = None

    @property
    def digest(self) -> int:
        """Of what is told: type and words."""
        told = f"{self.type}\0{self.tech_info or ''}".encode()
        return int.from_bytes(blake2b(told, digest_size=8).digest(), "big", signed=True)


class SecurityEventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``from_at`` <= its own time < ``to_at``. Newest first, as they arrived."""

    tenant: str
    station_key: int | None = None
    type: str | None = None
    critical: bool | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


class StoredSecurityEvent(msgspec.Struct, frozen=True):
    key: int
    event: SecurityEvent
