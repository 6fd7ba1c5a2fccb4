"""The registry: every message of every version, who sends it, and the types that carry it."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import fields

from stationmaster.ocpp import v12, v15, v16, v20, v21, v201
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version

__all__ = ["MessageType", "Sender", "messages", "sender_of"]


class MessageType(Struct, frozen=True, kw_only=True):
    """One action of one version, with its strict types and their lenient twins.

    ``response`` is None for a SEND, which is not answered.
    """

    action: str
    sender: Sender
    request: type[Struct]
    response: type[Struct] | None
    lenient_request: type[Struct]
    lenient_response: type[Struct] | None

    @property
    def send(self) -> bool:
        """Whether the message goes as SEND, without an answer (OCPP 2.1 part 4, 4.1.4)."""
        return self.response is None

    @property
    def answer_may_be_empty(self) -> bool:
        """Whether ``{}`` is an answer that the version allows."""
        return self.response is not None and not any(field.required for field in fields(self.response))


@cache
def messages(version: Version) -> Mapping[str, MessageType]:
    """The messages of a version by action."""
    strict, lenient = _TABLES[version]
    return MappingProxyType(
        {
            action: MessageType(
                action=action,
                sender=sender_of(version, action),
                request=request,
                response=response,
                lenient_request=lenient[action][0],
                lenient_response=lenient[action][1],
            )
            for action, (request, response) in strict.items()
        }
    )


def sender_of(version: Version, action: str) -> Sender:
    """Who may send the action; what a station does not send is a command of the CSMS."""
    if action == "DataTransfer":
        return Sender.BOTH
    return Sender.STATION if action in _FROM_STATION[version.family] else Sender.CSMS


_Types = Mapping[str, tuple[type[Struct], type[Struct] | None]]


def _spoken_in_soap(table: _Types) -> _Types:
    """Those of 1.6 that its SOAP has too: it never got the messages of the security extension (whitepaper, 1)."""
    return {action: types for action, types in table.items() if action in SERVICES[Version.V16S].operations}


_TABLES = {
    Version.V12: (v12.MESSAGES, v12.lenient.MESSAGES),
    Version.V15: (v15.MESSAGES, v15.lenient.MESSAGES),
    Version.V16S: (_spoken_in_soap(v16.MESSAGES), v16.lenient.MESSAGES),
    Version.V16: (v16.MESSAGES, v16.lenient.MESSAGES),
    Version.V20: (v20.MESSAGES, v20.lenient.MESSAGES),
    Version.V201: (v201.MESSAGES, v201.lenient.MESSAGES),
    Version.V21: (v21.MESSAGES, v21.lenient.MESSAGES),
}

_FROM_STATION = {
    1: frozenset(
        {
            "Authorize",
            "BootNotification",
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "SecurityEventNotification",
            "SignCertificate",
            "SignedFirmwareStatusNotification",
            "StartTransaction",
            "StatusNotification",
            "StopTransaction",
        }
    ),
    2: frozenset(
        {
            "Authorize",
            "BatterySwap",
            "BootNotification",
            "ClearedChargingLimit",
            "ClosePeriodicEventStream",
            "FirmwareStatusNotification",
            "Get15118EVCertificate",
            "GetCertificateChainStatus",
            "GetCertificateStatus",
            "Heartbeat",
            "LogStatusNotification",
            "MeterValues",
            "NotifyChargingLimit",
            "NotifyCustomerInformation",
            "NotifyDERAlarm",
            "NotifyDERStartStop",
            "NotifyDisplayMessages",
            "NotifyEVChargingNeeds",
            "NotifyEVChargingSchedule",
            "NotifyEvent",
            "NotifyMonitoringReport",
            "NotifyPeriodicEventStream",
            "NotifyPriorityCharging",
            "NotifyReport",
            "NotifySettlement",
            "OpenPeriodicEventStream",
            "PublishFirmwareStatusNotification",
            "PullDynamicScheduleUpdate",
            "ReportChargingProfiles",
            "ReportDERControl",
            "ReservationStatusUpdate",
            "SecurityEventNotification",
            "SignCertificate",
            "StatusNotification",
            "TransactionEvent",
            "Update15118EVCertificate",
            "VatNumberValidation",
        }
    ),
}
