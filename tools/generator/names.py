"""The specification's names for what the schemas of 1.6 and 2.0 leave without one, and field names."""

import re

VERSION_TITLES = {"v12": "1.2", "v15": "1.5", "v16": "1.6", "v20": "2.0", "v201": "2.0.1", "v21": "2.1"}

_SPELLING = {"SoC": "Soc", "soC": "soc", "SoH": "Soh", "soH": "soh", "V2X": "V2x", "EMAIDs": "Emaids"}


def field_name(wire: str) -> str:
    """The snake_case name of a wire member: ``responderURL`` becomes ``responder_url``.

    ``15118…`` gets the ``iso`` in front that later versions write on the wire.
    """
    name = f"iso{wire}" if wire[0].isdigit() else wire
    for spelled, word in _SPELLING.items():
        name = name.replace(spelled, word)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def definition_name(version: str, message: str, name: str) -> str:
    """The class name of a definition in a message's schema."""
    name = _SPLIT_DEFINITIONS.get((version, message, name), name)
    return f"Iso{name}" if name[0].isdigit() else name


def inline_name(version: str, message: str, wire: str) -> str:
    """The class name of an object or enumeration that stands inside a message's schema without a name.

    Raises ``KeyError`` if the tables below have none.
    """
    table = _INLINE[version]
    return table.get(f"{message}.{wire}") or table[wire]


# The definition has one name but two contents: in these two messages the periods are optional.
_SPLIT_DEFINITIONS = {
    ("v20", message, "ChargingScheduleType"): "OptionalPeriodsChargingScheduleType"
    for message in ("GetCompositeScheduleResponse", "NotifyEVChargingScheduleRequest")
}

_INLINE_16 = {
    "idTagInfo": "IdTagInfo",
    "idTagInfo.status": "AuthorizationStatus",
    "chargingSchedule": "ChargingSchedule",
    "chargingSchedulePeriod": "ChargingSchedulePeriod",
    "chargingRateUnit": "ChargingRateUnitType",
    "chargingProfile": "ChargingProfile",
    "csChargingProfiles": "ChargingProfile",
    "chargingProfilePurpose": "ChargingProfilePurposeType",
    "chargingProfileKind": "ChargingProfileKindType",
    "recurrencyKind": "RecurrencyKindType",
    "configurationKey": "KeyValue",
    "localAuthorizationList": "AuthorizationData",
    "meterValue": "MeterValue",
    "transactionData": "MeterValue",
    "sampledValue": "SampledValue",
    "context": "ReadingContext",
    "format": "ValueFormat",
    "measurand": "Measurand",
    "phase": "Phase",
    "location": "Location",
    "unit": "UnitOfMeasure",
    "updateType": "UpdateType",
    "errorCode": "ChargePointErrorCode",
    "reason": "Reason",
    "requestedMessage": "MessageTrigger",
    "BootNotificationResponse.status": "RegistrationStatus",
    "CancelReservationResponse.status": "CancelReservationStatus",
    "ChangeAvailabilityRequest.type": "AvailabilityType",
    "ChangeAvailabilityResponse.status": "AvailabilityStatus",
    "ChangeConfigurationResponse.status": "ConfigurationStatus",
    "ClearCacheResponse.status": "ClearCacheStatus",
    "ClearChargingProfileResponse.status": "ClearChargingProfileStatus",
    "DataTransferResponse.status": "DataTransferStatus",
    "DiagnosticsStatusNotificationRequest.status": "DiagnosticsStatus",
    "FirmwareStatusNotificationRequest.status": "FirmwareStatus",
    "GetCompositeScheduleResponse.status": "GetCompositeScheduleStatus",
    "RemoteStartTransactionResponse.status": "RemoteStartStopStatus",
    "RemoteStopTransactionResponse.status": "RemoteStartStopStatus",
    "ReserveNowResponse.status": "ReservationStatus",
    "ResetRequest.type": "ResetType",
    "ResetResponse.status": "ResetStatus",
    "SendLocalListResponse.status": "UpdateStatus",
    "SetChargingProfileResponse.status": "ChargingProfileStatus",
    "StatusNotificationRequest.status": "ChargePointStatus",
    "TriggerMessageResponse.status": "TriggerMessageStatus",
    "UnlockConnectorResponse.status": "UnlockStatus",
}

_INLINE_20 = {
    "typeOfCertificate": "CertificateSigningUseEnumType",
    "GetInstalledCertificateIdsRequest.typeOfCertificate": "CertificateUseEnumType",
    "InstallCertificateRequest.certificateType": "CertificateUseEnumType",
    "BootNotificationResponse.status": "RegistrationStatusEnumType",
    "CancelReservationResponse.status": "CancelReservationStatusEnumType",
    "CertificateSignedResponse.status": "CertificateSignedStatusEnumType",
    "ChangeAvailabilityRequest.operationalStatus": "OperationalStatusEnumType",
    "ChangeAvailabilityResponse.status": "ChangeAvailabilityStatusEnumType",
    "ClearCacheResponse.status": "ClearCacheStatusEnumType",
    "ClearChargingProfileResponse.status": "ClearChargingProfileStatusEnumType",
    "ClearDisplayMessageResponse.status": "ClearMessageStatusEnumType",
    "ClearedChargingLimitRequest.chargingLimitSource": "ChargingLimitSourceEnumType",
    "CustomerInformationResponse.status": "CustomerInformationStatusEnumType",
    "DataTransferResponse.status": "DataTransferStatusEnumType",
    "DeleteCertificateResponse.status": "DeleteCertificateStatusEnumType",
    "FirmwareStatusNotificationRequest.status": "FirmwareStatusEnumType",
    "GetBaseReportRequest.reportBase": "ReportBaseEnumType",
    "GetBaseReportResponse.status": "GenericDeviceModelStatusEnumType",
    "GetCertificateStatusResponse.status": "GetCertificateStatusEnumType",
    "GetChargingProfilesResponse.status": "GetChargingProfileStatusEnumType",
    "GetCompositeScheduleRequest.chargingRateUnit": "ChargingRateUnitEnumType",
    "GetDisplayMessagesRequest.priority": "MessagePriorityEnumType",
    "GetDisplayMessagesRequest.state": "MessageStateEnumType",
    "GetDisplayMessagesResponse.status": "GetDisplayMessagesStatusEnumType",
    "GetLogResponse.status": "LogStatusEnumType",
    "GetMonitoringReportResponse.status": "GenericDeviceModelStatusEnumType",
    "GetReportResponse.status": "GenericDeviceModelStatusEnumType",
    "InstallCertificateResponse.status": "InstallCertificateStatusEnumType",
    "LogStatusNotificationRequest.status": "UploadLogStatusEnumType",
    "NotifyCentralChargingNeedsResponse.status": "GenericStatusEnumType",
    "NotifyEVChargingNeedsResponse.status": "NotifyEVChargingNeedsStatusEnumType",
    "NotifyEVChargingScheduleResponse.status": "GenericStatusEnumType",
    "PublishFirmwareResponse.status": "GenericStatusEnumType",
    "PublishFirmwareStatusNotificationRequest.status": "PublishFirmwareStatusEnumType",
    "Renegotiate15118ScheduleResponse.status": "GenericStatusEnumType",
    "RequestStartTransactionResponse.status": "RequestStartStopStatusEnumType",
    "RequestStopTransactionResponse.status": "RequestStartStopStatusEnumType",
    "ReservationStatusUpdateRequest.reservationUpdateStatus": "ReservationUpdateStatusEnumType",
    "ReserveNowResponse.status": "ReserveNowStatusEnumType",
    "ResetRequest.type": "ResetEnumType",
    "ResetResponse.status": "ResetStatusEnumType",
    "SecurityEventNotificationRequest.type": "SecurityEventEnumType",
    "SendLocalListResponse.status": "SendLocalListStatusEnumType",
    "SetChargingProfileResponse.status": "ChargingProfileStatusEnumType",
    "SetDisplayMessageResponse.status": "DisplayMessageStatusEnumType",
    "SetMonitoringBaseRequest.monitoringBase": "MonitoringBaseEnumType",
    "SetMonitoringBaseResponse.status": "GenericDeviceModelStatusEnumType",
    "SetMonitoringLevelResponse.status": "GenericStatusEnumType",
    "SetNetworkProfileResponse.status": "SetNetworkProfileStatusEnumType",
    "SignCertificateResponse.status": "GenericStatusEnumType",
    "StatusNotificationRequest.connectorStatus": "ConnectorStatusEnumType",
    "TriggerMessageResponse.status": "TriggerMessageStatusEnumType",
    "UnlockConnectorResponse.status": "UnlockStatusEnumType",
    "UnpublishFirmwareResponse.status": "UnpublishFirmwareStatusEnumType",
    "Update15118EVCertificateResponse.status": "Iso15118EVCertificateStatusEnumType",
    "UpdateFirmwareResponse.status": "UpdateFirmwareStatusEnumType",
}

_INLINE: dict[str, dict[str, str]] = {"v16": _INLINE_16, "v20": _INLINE_20, "v201": {}, "v21": {}}
