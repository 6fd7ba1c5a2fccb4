"""How a CSMS behaves, for the whole of it and for each tenant."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from stationmaster.domain.messages import RegistrationStatus
from stationmaster.domain.station import Strictness


class TenantPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """``registration``: whether callers that nobody admitted are taken in as new stations or told 404.
    ``first_status``: what a new station's BootNotification is answered with.
    ``require_password``: refuse stations that have none set (security profile 0).
    ``certificate_requests``: whether a station's request for a certificate is kept for an operator to answer.
    ``least_battery_soh_pct``: batteries of less health that are brought to a swap station are marked."""

    registration: Literal["open", "closed"] = "closed"
    first_status: RegistrationStatus = "Accepted"
    require_password: bool = False
    accept_no_authorization: bool = True
    mask_id_tokens: bool = False
    certificate_requests: Literal["keep", "refuse"] = "keep"
    least_battery_soh_pct: int = 0


class FileSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``quota_bytes``: all files that stations brought, together. ``upload_s``: how long after it was asked for a
    station may bring a file."""

    max_upload_bytes: int = 100 * 1024 * 1024
    quota_bytes: int = 10 * 1024 * 1024 * 1024
    upload_s: int = 6 * 3600


class CsmsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds. ``skew_warning_s``: from what difference of clocks on a station is flagged.
    ``inventory``: whether a station that is new or changed is asked for its full inventory."""

    heartbeat_interval_s: int = 300
    boot_retry_interval_s: int = 60
    call_timeout_s: float = 30.0
    command_lifetime_s: float = 60.0
    strictness: Strictness = "lenient"
    skew_warning_s: float = 60.0
    presence_interval_s: float = 30.0
    message_log: bool = True
    files: FileSettings = FileSettings()
    inventory: Literal["off", "changed"] = "off"
    default_policy: TenantPolicy = TenantPolicy()
    policies: Mapping[str, TenantPolicy] = {}

    def policy(self, tenant: str) -> TenantPolicy:
        return self.policies.get(tenant, self.default_policy)
