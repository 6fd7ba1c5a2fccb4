"""What the dialects cover of the protocol: a state for every action of every version.

An action is done here when a row reads and answers it, and a row sends it. What the roles do with it stands in
``docs/coverage.md``. A version in SOAP has a row for each action of 1.6 in JSON too: what it lacks of them is
unsupported, and why. A test walks all of :func:`coverage`.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Dialect
from stationmaster.domain.device_model.addresses import GetVariables, SetVariables
from stationmaster.domain.diagnostics.log_upload import GetLog, LogStatusNotification
from stationmaster.domain.firmware.updates import FirmwareStatusNotification, UpdateFirmware
from stationmaster.domain.messages import (
    MeterValues,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    TransactionEvent,
    TriggerMessage,
)
from stationmaster.ocpp.messages import Sender, messages, sender_of
from stationmaster.ocpp.version import SOAP_VERSIONS, VERSIONS, Version

State = Literal["done", "planned", "unsupported"]


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """One action of one version. ``reason`` is set where it is unsupported; ``exists`` is not where the version has no
    such message."""

    version: Version
    action: str
    sender: Sender
    block: str
    state: State
    reason: str | None = None
    exists: bool = True


def coverage() -> tuple[Covered, ...]:
    """Every action that a version has or ought to have, oldest version first, then by action."""
    return tuple(_covered(version, action) for version in VERSIONS for action in sorted(expected(version)))


def expected(version: Version) -> frozenset[str]:
    """The actions that a version must have a state for: its own; in SOAP those of 1.6 in JSON, too."""
    newest = messages(Version.V16) if version.is_soap else {}
    return frozenset({*messages(version), *newest})


def _covered(version: Version, action: str) -> Covered:
    reason = UNSUPPORTED.get((version, action))
    done = is_done(dialect_for(version), action)
    return Covered(
        version=version,
        action=action,
        sender=sender_of(version, action),
        block=BLOCK_OF[action],
        state="unsupported" if reason is not None else "done" if done else "planned",
        reason=reason,
        exists=action in messages(version),
    )


def is_done(dialect: Dialect, action: str) -> bool:
    """Whether the dialect reads and answers the action, and sends it."""
    return action in dialect.incoming and request_of(dialect, action) in dialect.outgoing


def request_of(dialect: Dialect, action: str) -> type[Request] | None:
    """The domain request whose row sends the action; most have the name of the action."""
    found = _SENT_BY.get((dialect.family, action))
    return found or next((request for request in dialect.outgoing if request.__name__ == action), None)


_SENT_BY: Mapping[tuple[int, str], type[Request]] = {
    (1, "ChangeConfiguration"): SetVariables,
    (1, "DiagnosticsStatusNotification"): LogStatusNotification,
    (1, "ExtendedTriggerMessage"): TriggerMessage,
    (1, "GetConfiguration"): GetVariables,
    (1, "GetDiagnostics"): GetLog,
    (1, "MeterValues"): MeterValues,
    (1, "RemoteStartTransaction"): RequestStartTransaction,
    (1, "RemoteStopTransaction"): RequestStopTransaction,
    (1, "SignedFirmwareStatusNotification"): FirmwareStatusNotification,
    (1, "SignedUpdateFirmware"): UpdateFirmware,
    (1, "StartTransaction"): TransactionEvent,
    (1, "StopTransaction"): TransactionEvent,
}

_REMOVED = "only in OCPP 2.0, whose text was withdrawn; 2.0.1 has no message of this meaning"
_LACKING: tuple[tuple[tuple[Version, ...], str, str], ...] = (
    (
        SOAP_VERSIONS,
        "belongs to the security extension, which is for 1.6 in JSON only",
        "CertificateSigned DeleteCertificate ExtendedTriggerMessage GetInstalledCertificateIds GetLog "
        "InstallCertificate LogStatusNotification SecurityEventNotification SignCertificate "
        "SignedFirmwareStatusNotification SignedUpdateFirmware",
    ),
    (
        (Version.V12, Version.V15),
        "came with 1.6, before which how fast to charge was the station's own affair",
        "ClearChargingProfile GetCompositeSchedule SetChargingProfile",
    ),
    ((Version.V12, Version.V15), "came with 1.6, before which a station spoke when it saw fit", "TriggerMessage"),
    ((Version.V12,), "came with 1.5, before which a station could not be asked for its settings", "GetConfiguration"),
    ((Version.V12,), "came with 1.5, before which stations were sent no lists", "GetLocalListVersion SendLocalList"),
    ((Version.V12,), "came with 1.5, before which nothing could be reserved", "CancelReservation ReserveNow"),
    ((Version.V12,), "came with 1.5, before which there was no room for vendors' own data", "DataTransfer"),
)
"""What the versions in SOAP lack of 1.6 in JSON: (versions, reason, actions)."""

UNSUPPORTED: Mapping[tuple[Version, str], str] = {
    (Version.V20, "NotifyCentralChargingNeeds"): _REMOVED,
    (Version.V20, "Renegotiate15118Schedule"): _REMOVED,
    **{
        (version, action): why
        for versions, why, actions in _LACKING
        for version in versions
        for action in actions.split()
    },
}
"""Actions that are refused, or that a version never had, and why."""

BLOCKS: Mapping[str, str] = {
    "security": "SecurityEventNotification",
    "provisioning": "BootNotification Reset SetNetworkProfile",
    "authorization": "Authorize ClearCache",
    "local_list": "GetLocalListVersion SendLocalList",
    "transactions": "GetTransactionStatus StartTransaction StopTransaction TransactionEvent",
    "remote_control": (
        "ExtendedTriggerMessage RemoteStartTransaction RemoteStopTransaction RequestStartTransaction "
        "RequestStopTransaction TriggerMessage UnlockConnector"
    ),
    "availability": "ChangeAvailability Heartbeat NotifyEvent StatusNotification",
    "reservation": "CancelReservation ReservationStatusUpdate ReserveNow",
    "cost": (
        "ChangeTransactionTariff ClearTariffs CostUpdated GetTariffs NotifySettlement NotifyWebPaymentStarted "
        "SetDefaultTariff VatNumberValidation"
    ),
    "metering": "MeterValues",
    "smart_charging": (
        "ClearChargingProfile ClearedChargingLimit GetChargingProfiles GetCompositeSchedule "
        "NotifyCentralChargingNeeds NotifyChargingLimit NotifyEVChargingNeeds NotifyEVChargingSchedule "
        "NotifyPriorityCharging PullDynamicScheduleUpdate Renegotiate15118Schedule ReportChargingProfiles "
        "SetChargingProfile UpdateDynamicSchedule UsePriorityCharging"
    ),
    "firmware": (
        "FirmwareStatusNotification PublishFirmware PublishFirmwareStatusNotification "
        "SignedFirmwareStatusNotification SignedUpdateFirmware UnpublishFirmware UpdateFirmware"
    ),
    "certificates": (
        "CertificateSigned DeleteCertificate Get15118EVCertificate GetCertificateChainStatus "
        "GetCertificateStatus GetInstalledCertificateIds InstallCertificate SignCertificate "
        "Update15118EVCertificate"
    ),
    "device_model": (
        "ChangeConfiguration GetBaseReport GetConfiguration GetReport GetVariables NotifyReport SetVariables"
    ),
    "monitoring": (
        "AdjustPeriodicEventStream ClearVariableMonitoring ClosePeriodicEventStream GetMonitoringReport "
        "GetPeriodicEventStream NotifyMonitoringReport NotifyPeriodicEventStream OpenPeriodicEventStream "
        "SetMonitoringBase SetMonitoringLevel SetVariableMonitoring"
    ),
    "diagnostics": (
        "CustomerInformation DiagnosticsStatusNotification GetDiagnostics GetLog LogStatusNotification "
        "NotifyCustomerInformation"
    ),
    "display_message": "ClearDisplayMessage GetDisplayMessages NotifyDisplayMessages SetDisplayMessage",
    "data_transfer": "DataTransfer",
    "v2x": "AFRRSignal NotifyAllowedEnergyTransfer",
    "der": "ClearDERControl GetDERControl NotifyDERAlarm NotifyDERStartStop ReportDERControl SetDERControl",
    "battery_swap": "BatterySwap RequestBatterySwap",
}
"""The functional blocks and the actions that belong to each, over all versions."""

_TRUST = "certificates that are acted on: TLS, renewal, ISO 15118 Plug & Charge"
_DRIVER = "tokens, reservations, tariffs and messages for the driver"
WAITS_FOR: Mapping[str, str] = {
    "security": "the security log",
    "provisioning": "network profiles",
    "authorization": _DRIVER,
    "local_list": _DRIVER,
    "transactions": _DRIVER,
    "reservation": _DRIVER,
    "cost": _DRIVER,
    "display_message": _DRIVER,
    "smart_charging": "smart charging",
    "firmware": "firmware over the air",
    "certificates": _TRUST,
    "device_model": "the device model",
    "monitoring": "monitoring and alarms",
    "diagnostics": "diagnostics",
    "data_transfer": "data transfer",
    "v2x": "V2G",
    "der": "DER control",
    "battery_swap": "battery swap",
}
"""What the planned actions of a block wait for."""

BLOCK_OF: Mapping[str, str] = {action: block for block, actions in BLOCKS.items() for action in actions.split()}
