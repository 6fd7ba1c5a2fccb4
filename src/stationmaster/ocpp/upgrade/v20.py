"""OCPP 2.0 and the shape of 2.1, message by message. What is not listed is the same in both.

A member of 2.1 that is neither listed nor known to 2.0 is not dropped in silence: the codec refuses it.
"""

from collections.abc import Mapping

from stationmaster.ocpp.upgrade.rows import (
    Constant,
    Listed,
    Move,
    NoLongerRequired,
    NumberForAbsent,
    OnlyNew,
    OnlyOld,
    PemChain,
    Place,
    Rename,
    Row,
    Values,
    Wrapped,
)
from stationmaster.ocpp.upgrade.table import Table
from stationmaster.ocpp.version import Version

NATIVE_ONLY = frozenset({"NotifyCentralChargingNeeds", "Renegotiate15118Schedule", "Update15118EVCertificate"})
"""Actions of 2.0 that 2.1 no longer has: they are read and written in their own types."""

EVERYWHERE_DROPPED = frozenset({"customData", "statusInfo", "attributeStatusInfo"})
"""Members that 2.0 does not have in any object and that only explain or extend: left out when lowered."""


def _signed(*at: str) -> tuple[Row, ...]:
    """Signed meter values: 2.0 keeps the signature apart, 2.1 has no field for it."""
    place = (*at, "sampledValue", "*", "signedMeterValue")
    return (
        Rename(place, "encodedMeterValue", "signedMeterData"),
        Rename(place, "signatureMethod", "signingMethod"),
        Move(place, ("meterValueSignature",), ("customData", "meterValueSignature")),
    )


def _schedule(*at: str) -> tuple[Row, ...]:
    """A charging schedule has an id in 2.1 only."""
    return (Constant(at, "id", 0), OnlyNew(at, ("id",)))


def _profile(*at: str) -> tuple[Row, ...]:
    """A charging profile holds one schedule in 2.0, up to three in 2.1."""
    return (
        OnlyOld(at, ("primary",)),
        Listed(at, "chargingSchedule"),
        *_schedule(*at, "chargingSchedule", "*"),
    )


_ROOT: Place = ()
_V2G_ROOT = {"V2GRootCertficate": "V2GRootCertificate"}
_EMPTY_RESULT = Values(_ROOT, "status", lowered={"EmptyResultSet": "Rejected"})
_LAST_PART = NoLongerRequired(_ROOT, "tbc", False)
_SIGNING_USE = Rename(_ROOT, "typeOfCertificate", "certificateType")
_ATTRIBUTE: Place = ("reportData", "*", "variableAttribute", "*")
_EVENT: Place = ("eventData", "*")

_FIRMWARE_STATUS = {
    "CertificateVerified": "DownloadScheduled",
    "InvalidCertificate": "InvalidSignature",
    "RevokedCertificate": "InvalidSignature",
    "PublishFailed": "InstallationFailed",
}
_ENERGY_TRANSFER = {"AC_single_phase_core": "AC_single_phase", "AC_three_phase_core": "AC_three_phase"}
_DC_TRANSFER = ("DC_combo_core", "DC_core", "DC_extended", "DC_unique")
_TRIGGER_REASON = {
    "AbnormalCondition": "ChargingStateChanged",
    "ResetCommand": "RemoteStop",
    "SignedDataReceived": "MeterValuePeriodic",
}
_INSTALL_FAILURES = (
    *("CertChainError", "CertificateExpired", "CertificateRevoked"),
    *("ContractCancelled", "NoCertificateAvailable", "SignatureError"),
)

REQUESTS: Mapping[str, tuple[Row, ...]] = {
    "Authorize": (
        Rename(_ROOT, "15118CertificateHashData", "iso15118CertificateHashData"),
        OnlyOld(_ROOT, ("evseId",)),
    ),
    "CertificateSigned": (PemChain("cert", "certificateChain"), _SIGNING_USE),
    "ChangeAvailability": (NumberForAbsent("evseId", ("evse", "id"), 0),),
    "ClearChargingProfile": (
        Move(_ROOT, ("chargingProfile", "id"), ("chargingProfileId",)),
        Move(
            _ROOT,
            ("chargingProfile", "chargingProfilePurpose"),
            ("chargingProfileCriteria", "chargingProfilePurpose"),
        ),
        Move(_ROOT, ("chargingProfile", "stackLevel"), ("chargingProfileCriteria", "stackLevel")),
        Move(_ROOT, ("evseId",), ("chargingProfileCriteria", "evseId")),
    ),
    "FirmwareStatusNotification": (
        Values(_ROOT, "status", lifted=_FIRMWARE_STATUS),
        NoLongerRequired(_ROOT, "requestId", 0),
    ),
    "Get15118EVCertificate": (
        Rename(_ROOT, "15118SchemaVersion", "iso15118SchemaVersion"),
        Constant(_ROOT, "action", "Install"),
    ),
    "GetInstalledCertificateIds": (
        Values(_ROOT, "typeOfCertificate", renamed=_V2G_ROOT),
        Rename(_ROOT, "typeOfCertificate", "certificateType"),
        Listed(_ROOT, "certificateType"),
    ),
    "InstallCertificate": (Values(_ROOT, "certificateType", renamed=_V2G_ROOT),),
    "LogStatusNotification": (
        Values(_ROOT, "status", lowered={"AcceptedCanceled": "UploadFailure"}),
        NoLongerRequired(_ROOT, "requestId", 0),
    ),
    "MeterValues": _signed("meterValue", "*"),
    "NotifyChargingLimit": _schedule("chargingSchedule", "*"),
    "NotifyCustomerInformation": (_LAST_PART,),
    "NotifyDisplayMessages": (_LAST_PART,),
    "NotifyEVChargingNeeds": (
        Values(
            ("chargingNeeds",),
            "requestedEnergyTransfer",
            renamed=_ENERGY_TRANSFER,
            lifted=dict.fromkeys(_DC_TRANSFER, "DC"),
            lowered={"DC": "DC_extended"},
        ),
    ),
    "NotifyEVChargingSchedule": _schedule("chargingSchedule"),
    "NotifyEvent": (
        _LAST_PART,
        NoLongerRequired(_EVENT, "cleared", False),
        Move(_EVENT, ("variableMonitoringEvent", "id"), ("variableMonitoringId",)),
        OnlyNew(_EVENT, ("variableMonitoringId", "eventNotificationType", "transactionId", "severity")),
        OnlyOld(_EVENT, ("variableMonitoringEvent",)),
    ),
    "NotifyMonitoringReport": (
        _LAST_PART,
        OnlyNew(("monitor", "*", "variableMonitoring", "*"), ("eventNotificationType",)),
    ),
    "NotifyReport": (
        _LAST_PART,
        NoLongerRequired(_ATTRIBUTE, "value", ""),
        NoLongerRequired(_ATTRIBUTE, "constant", False),
        NoLongerRequired(_ATTRIBUTE, "persistence", False),
        Rename(_ATTRIBUTE, "persistence", "persistent"),
    ),
    "PublishFirmware": (OnlyNew(_ROOT, ("requestId", "retryInterval")),),
    "PublishFirmwareStatusNotification": (Listed(_ROOT, "location"), OnlyNew(_ROOT, ("requestId",))),
    "ReportChargingProfiles": _profile("chargingProfile", "*"),
    "RequestStartTransaction": _profile("chargingProfile"),
    "ReserveNow": (
        OnlyOld(("reservation", "evse"), ("connectorId",)),
        Move(_ROOT, ("reservation", "id"), ("id",)),
        Move(_ROOT, ("reservation", "expiryDateTime"), ("expiryDateTime",)),
        Move(_ROOT, ("reservation", "connectorCode"), ("connectorType",)),
        Move(_ROOT, ("reservation", "evse", "id"), ("evseId",)),
    ),
    "SecurityEventNotification": (OnlyNew(_ROOT, ("techInfo",)),),
    "SetChargingProfile": _profile("chargingProfile"),
    "SetMonitoringBase": (Values(_ROOT, "monitoringBase", renamed={"None": "HardWiredOnly"}),),
    "SetNetworkProfile": (OnlyNew(("connectionData",), ("securityProfile",)),),
    "SignCertificate": (_SIGNING_USE,),
    "TransactionEvent": (
        Rename(_ROOT, "transactionData", "transactionInfo"),
        Rename(("transactionInfo",), "id", "transactionId"),
        Values(
            ("transactionInfo",),
            "chargingState",
            renamed={"EVDetected": "EVConnected"},
            lowered={"Idle": None},
        ),
        Values(("transactionInfo",), "stoppedReason", lifted={"UnlockCommand": "Other"}),
        Values(_ROOT, "triggerReason", lowered=_TRIGGER_REASON),
        *_signed("meterValue", "*"),
    ),
}

RESPONSES: Mapping[str, tuple[Row, ...]] = {
    "Authorize": (Move(_ROOT, ("evseId",), ("idTokenInfo", "evseId")),),
    "ClearDisplayMessage": (Values(_ROOT, "status", lowered={"Rejected": "Unknown"}),),
    "Get15118EVCertificate": (OnlyOld(_ROOT, ("contractSignatureCertificateChain", "saProvisioningCertificateChain")),),
    "GetBaseReport": (_EMPTY_RESULT,),
    "GetCertificateStatus": (Values(_ROOT, "status", renamed={"Rejected": "Failed"}),),
    "GetCompositeSchedule": (
        NoLongerRequired(_ROOT, "evseId", 0),
        Move(_ROOT, ("evseId",), ("schedule", "evseId"), if_present=True),
        Move(("schedule",), ("startDateTime",), ("scheduleStart",)),
        OnlyOld(("schedule", "chargingSchedule"), ("startSchedule", "minChargingRate")),
        Move(("schedule",), ("chargingSchedule", "duration"), ("duration",)),
        Move(("schedule",), ("chargingSchedule", "chargingRateUnit"), ("chargingRateUnit",)),
        Move(("schedule",), ("chargingSchedule", "chargingSchedulePeriod"), ("chargingSchedulePeriod",)),
    ),
    "GetInstalledCertificateIds": (
        Rename(_ROOT, "certificateHashData", "certificateHashDataChain"),
        Wrapped(_ROOT, "certificateHashDataChain", "certificateHashData"),
    ),
    "GetMonitoringReport": (_EMPTY_RESULT,),
    "GetReport": (_EMPTY_RESULT,),
    "InstallCertificate": (
        Values(
            _ROOT,
            "status",
            lifted=dict.fromkeys(_INSTALL_FAILURES, "Rejected"),
            lowered={"Rejected": "CertChainError", "Failed": "NoCertificateAvailable"},
        ),
    ),
    "NotifyEVChargingNeeds": (Values(_ROOT, "status", lowered={"NoChargingProfile": "Accepted"}),),
    "SetDisplayMessage": (Values(_ROOT, "status", lowered={"LanguageNotSupported": "Rejected"}),),
    "SetMonitoringBase": (_EMPTY_RESULT,),
    "SetVariableMonitoring": (Values(("setMonitoringResult", "*"), "status", lifted={"OutOfRange": "Rejected"}),),
    "SetVariables": (
        Values(
            ("setVariableResult", "*"),
            "attributeStatus",
            lifted=dict.fromkeys(("InvalidValue", "OutOfRange"), "Rejected"),
        ),
    ),
    "UnlockConnector": (
        Values(
            _ROOT,
            "status",
            lowered=dict.fromkeys(("OngoingAuthorizedTransaction", "UnknownConnector"), "UnlockFailed"),
        ),
    ),
    "UpdateFirmware": (
        Values(
            _ROOT,
            "status",
            lowered=dict.fromkeys(("InvalidCertificate", "RevokedCertificate"), "Rejected"),
        ),
    ),
}

TABLE = Table(
    head=Version.V21,
    requests=REQUESTS,
    responses=RESPONSES,
    dropped=EVERYWHERE_DROPPED,
    native_only=NATIVE_ONLY,
)
