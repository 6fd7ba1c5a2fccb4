"""The settings of a node in the terms of what they are for."""

from datetime import timedelta
from decimal import Decimal

from stationmaster.cli.authorization import outside_policy
from stationmaster.cli.payments import vat_policy, web_payment_policy
from stationmaster.cli.settings import ServeSettings
from stationmaster.csms.settings import CsmsSettings, FileSettings, TenantPolicy
from stationmaster.domain.people.person import SessionTerms
from stationmaster.domain.retention import RetentionPolicy, RetentionTerms, with_terms
from stationmaster.transport.http_wire import HttpLimits
from stationmaster.transport.limits import Limits


def csms_settings(settings: ServeSettings) -> CsmsSettings:
    """How the CSMS is to behave, for all and for each tenant."""
    return CsmsSettings(
        heartbeat_interval_s=settings.heartbeat_interval_s,
        boot_retry_interval_s=settings.boot_retry_interval_s,
        call_timeout_s=settings.call_timeout_s,
        strictness=settings.strictness,
        message_log=settings.message_log,
        inventory=settings.inventory,
        monitor_reports=settings.monitor_reports,
        files=file_settings(settings),
        max_soap_bytes=settings.max_message_kib * 1024,
        private_callbacks=settings.soap_private_callbacks,
        loopback_callbacks=settings.soap_loopback_callbacks,
        retention=retention_policy(settings),
        default_policy=tenant_policy(settings),
        policies={name: tenant_policy(settings.of_tenant(name)) for name in settings.tenants},
    )


def tenant_policy(settings: ServeSettings) -> TenantPolicy:
    """From the settings as they hold for the tenant."""
    return TenantPolicy(
        registration=settings.registration,
        first_status=settings.first_status,
        require_password=settings.require_station_auth,
        accept_no_authorization=settings.no_authorization == "accept",
        mask_id_tokens=settings.log_id_tokens == "mask",
        certificate_requests=settings.certificate_requests,
        least_battery_soh_pct=settings.least_battery_soh_pct,
        outside=outside_policy(settings),
        prepaid_hold_most=Decimal(settings.prepaid_hold_most) if settings.prepaid_hold_most else None,
        local_lists=settings.local_lists,
        lists_limited_tokens=settings.lists_limited_tokens,
        receipt_url=settings.receipt_url or None,
        erase_signed_values=settings.erase_signed_values,
        retention=retention_terms(settings),
        direct_payments=settings.direct_payments,
        web_payments=web_payment_policy(settings),
        vat=vat_policy(settings),
        soap_callbacks=settings.soap_callbacks,
        transactions_ask_after_h=settings.transactions_ask_after_h,
        transactions_close_after_d=settings.transactions_close_after_d,
    )


def file_settings(settings: ServeSettings) -> FileSettings:
    return FileSettings(
        max_upload_bytes=settings.max_upload_mib * 1024 * 1024, quota_bytes=settings.files_quota_mib * 1024 * 1024
    )


def limits(settings: ServeSettings) -> Limits:
    return Limits(
        max_message_bytes=settings.max_message_kib * 1024,
        max_connections=settings.max_connections,
        ping_interval_s=settings.websocket_ping_interval_s,
    )


def http_limits(settings: ServeSettings) -> HttpLimits:
    """Of the listener for files and SOAP. Its routes bound what is done at once; stations may keep their connections
    between two messages."""
    return HttpLimits(max_connections=settings.max_connections)


def session_terms(settings: ServeSettings) -> SessionTerms:
    return SessionTerms(
        idle=timedelta(minutes=settings.session_idle_minutes), longest=timedelta(days=settings.session_days)
    )


def retention_policy(settings: ServeSettings) -> RetentionPolicy:
    """How long things are kept of tenants that say nothing else."""
    return with_terms(RetentionPolicy(), retention_terms(settings))


def retention_terms(settings: ServeSettings) -> RetentionTerms:
    """From the settings as they hold for the tenant."""
    return RetentionTerms(
        readings_days=settings.readings_days,
        signed_readings_days=settings.signed_readings_days,
        frames_days=settings.frames_days,
        oddities_days=settings.oddities_days,
        outbox_days=settings.outbox_days,
        downsample_after_days=settings.downsample_after_days,
        downsample_minutes=settings.downsample_minutes,
        idle_downsample_after_days=settings.idle_downsample_after_days,
        idle_downsample_minutes=settings.idle_downsample_minutes,
    )
