"""What can be asked of a station."""

from typing import Any

import msgspec

from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.battery_swap import RequestBatterySwap
from stationmaster.domain.certificates import (
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
)
from stationmaster.domain.cost.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    GetTariffs,
    SetDefaultTariff,
)
from stationmaster.domain.cost.telling import CostUpdated, TellFinalCost
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.der.controls import ClearDERControl, GetDERControl, SetDERControl
from stationmaster.domain.device_model.addresses import GetBaseReport, GetReport, GetVariables, SetVariables
from stationmaster.domain.device_model.network_profile import SetNetworkProfile
from stationmaster.domain.diagnostics.customer_information import CustomerInformation
from stationmaster.domain.diagnostics.log_upload import GetLog
from stationmaster.domain.display_message import ClearDisplayMessage, GetDisplayMessages, SetDisplayMessage
from stationmaster.domain.firmware.updates import PublishFirmware, UnpublishFirmware, UpdateFirmware
from stationmaster.domain.local_list.entries import GetLocalListVersion, SendLocalList
from stationmaster.domain.messages import (
    ChangeAvailability,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.domain.monitoring.event_streams import AdjustPeriodicEventStream, GetPeriodicEventStream
from stationmaster.domain.monitoring.monitors import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.domain.payment.payments import NotifyWebPaymentStarted
from stationmaster.domain.priority_charging import UsePriorityCharging
from stationmaster.domain.reservation.reservations import CancelReservation, ReserveNow
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus


class RawCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message in the station's own version, as an integrator wrote it. ``version``: which that was; None: whichever
    the station speaks."""

    action: str
    payload: dict[str, Any]
    version: str | None = None


KINDS: dict[str, type[Request] | type[RawCall]] = {
    kind.__name__: kind
    for kind in (
        ChangeAvailability,
        DataTransfer,
        ClearDERControl,
        GetDERControl,
        SetDERControl,
        RequestBatterySwap,
        AdjustPeriodicEventStream,
        GetPeriodicEventStream,
        CertificateSigned,
        DeleteCertificate,
        GetInstalledCertificateIds,
        InstallCertificate,
        ClearVariableMonitoring,
        GetBaseReport,
        GetReport,
        GetVariables,
        SetVariables,
        GetMonitoringReport,
        SetMonitoringBase,
        SetMonitoringLevel,
        SetVariableMonitoring,
        SetNetworkProfile,
        RequestStartTransaction,
        RequestStopTransaction,
        Reset,
        TriggerMessage,
        UnlockConnector,
        UpdateFirmware,
        PublishFirmware,
        UnpublishFirmware,
        CustomerInformation,
        ClearDisplayMessage,
        GetDisplayMessages,
        SetDisplayMessage,
        GetLog,
        GetTransactionStatus,
        ClearCache,
        GetLocalListVersion,
        SendLocalList,
        ReserveNow,
        CancelReservation,
        UsePriorityCharging,
        NotifyWebPaymentStarted,
        CostUpdated,
        TellFinalCost,
        SetDefaultTariff,
        GetTariffs,
        ClearTariffs,
        ChangeTransactionTariff,
        RawCall,
    )
}
"""By name, as a command is stored."""
