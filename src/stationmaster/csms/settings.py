"""How a CSMS behaves, for the whole of it and for each tenant."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.messages import RegistrationStatus
from stationmaster.domain.retention import RetentionPolicy, RetentionTerms
from stationmaster.domain.station import Strictness


class OutsidePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How another system is asked about tokens. ``ask``: about those that are not known here, or about all of them.
    ``when_silent``: whether our own rules decide then, or everyone or nobody is accepted. ``overrules``: whether its
    word goes before what is known here."""

    ask: Literal["unknown", "all"] = "unknown"
    timeout_s: float = 2.0
    when_silent: Literal["own", "accept", "refuse"] = "own"
    overrules: bool = False


class WebPaymentPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How drivers pay on web pages. ``template``: the address in a station's QR code, as ``domain.payment.web_payment``
    reads it; ``validity_s`` and ``length`` of the code in it; ``timeout_s``: how long one payment may take."""

    template: str
    validity_s: int = 30
    length: int = 8
    timeout_s: int = 300


class VatPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How another system is asked about VAT numbers. ``when_silent``: whether a number that can be one is good enough
    then, or none is."""

    timeout_s: float = 3.0
    when_silent: Literal["accept", "refuse"] = "refuse"


class TenantPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """``registration``: whether callers that nobody admitted are taken in as new stations or told 404.
    ``first_status``: what a new station's BootNotification is answered with.
    ``require_password``: refuse stations that have none set (security profile 0).
    ``certificate_requests``: whether a station's request for a certificate is kept for an operator to answer.
    ``least_battery_soh_pct``: batteries of less health that are brought to a swap station are marked.
    ``transactions_ask_after_h``: hours of silence after which a station is asked about a transaction, 0: never.
    ``transactions_close_after_d``: days of silence after which one is held to be over, 0: never.
    ``local_lists``: whether stations are kept supplied with the list of tokens. ``lists_limited_tokens``: whether those
    are on it that may be used only so often at one time, which nobody can count offline.
    ``erase_signed_values``: what becomes of what meters signed in the transactions of a driver who is erased: it holds
    only as it is, and may name the driver.
    ``receipt_url``: where drivers find the receipt of what a payment terminal settled; ``{settlement}`` stands for its
    key. ``direct_payments``: what is said of payments that are not known here, as a station's terminal took them.
    ``web_payments``: None where nobody can pay on a web page; ``vat``: None where VAT numbers are judged by their form
    alone.
    ``soap_callbacks``: whether stations that speak SOAP are called where they say, or only where an operator does."""

    registration: Literal["open", "closed"] = "closed"
    first_status: RegistrationStatus = "Accepted"
    require_password: bool = False
    accept_no_authorization: bool = True
    mask_id_tokens: bool = False
    certificate_requests: Literal["keep", "refuse"] = "keep"
    least_battery_soh_pct: int = 0
    outside: OutsidePolicy | None = None
    prepaid_hold_most: Decimal | None = None
    transactions_ask_after_h: int = 6
    transactions_close_after_d: int = 7
    local_lists: Literal["off", "on"] = "off"
    lists_limited_tokens: bool = True
    receipt_url: str | None = None
    erase_signed_values: Literal["keep", "remove"] = "keep"
    retention: RetentionTerms = RetentionTerms()
    direct_payments: Literal["accept", "refuse"] = "accept"
    web_payments: WebPaymentPolicy | None = None
    vat: VatPolicy | None = None
    soap_callbacks: Literal["told", "operator"] = "told"


class FileSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``quota_bytes``: all files that stations brought, together. ``upload_s``: how long after it was asked for a
    station may bring a file."""

    max_upload_bytes: int = 100 * 1024 * 1024
    quota_bytes: int = 10 * 1024 * 1024 * 1024
    upload_s: int = 6 * 3600


class CsmsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds. ``skew_warning_s``: from what difference of clocks on a station is flagged.
    ``inventory``: whether a station that is new or changed is asked for its full inventory.
    ``monitor_reports``: whether one that has booted is asked for its monitors, where any are known.
    ``local_list_delay_s``: how long tokens must have been left alone before stations are told of their change.
    ``max_soap_bytes``: of one envelope. ``private_callbacks``: whether stations are called in networks that are not the
    internet's; ``loopback_callbacks``: on this machine itself, which is for demonstrations and tests."""

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
    monitor_reports: Literal["off", "after-boot"] = "off"
    local_list_delay_s: float = 30.0
    max_soap_bytes: int = 256 * 1024
    private_callbacks: bool = True
    loopback_callbacks: bool = False
    retention: RetentionPolicy = RetentionPolicy()
    default_policy: TenantPolicy = TenantPolicy()
    policies: Mapping[str, TenantPolicy] = {}

    def policy(self, tenant: str) -> TenantPolicy:
        return self.policies.get(tenant, self.default_policy)
