"""The SOAP messages of OCPP 1.6. What is the same in 1.5 or 1.2 is taken from there."""

from stationmaster.ocpp.soap.elements import Decimals, Field, Service, Shape, Text, Words
from stationmaster.ocpp.soap.tables import v15
from stationmaster.ocpp.soap.tables.common import (
    CONNECTOR,
    CONNECTOR_IF_ANY,
    FLAG,
    INT,
    LOCATION,
    MOMENT,
    REMOTE_STATUS,
    RETRIES,
    TEXT,
    TIMESTAMP,
    TRANSACTION,
    TRANSACTION_IF_ANY,
    by_action,
    from_both,
    from_csms,
    from_station,
    status,
)
from stationmaster.ocpp.version import Version

CHARGE_POINT_STATUS = Words(
    "ChargePointStatus",
    (
        *("Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"),
        *("Reserved", "Faulted", "Unavailable"),
    ),
)
ERROR_CODE = Words(
    "ChargePointErrorCode",
    (
        *("ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError"),
        *("LocalListConflict", "NoError", "OtherError", "OverCurrentFailure", "OverVoltage", "PowerMeterFailure"),
        *("PowerSwitchFailure", "ReaderFailure", "ResetFailure", "UnderVoltage", "WeakSignal"),
    ),
)
CHARGING_PROFILE_KIND = Words("ChargingProfileKindType", ("Absolute", "Recurring", "Relative"))
CHARGING_PROFILE_PURPOSE = Words(
    "ChargingProfilePurposeType", ("ChargePointMaxProfile", "TxDefaultProfile", "TxProfile")
)
CHARGING_PROFILE_STATUS = Words("ChargingProfileStatus", ("Accepted", "Rejected", "NotSupported"))
CHARGING_RATE_UNIT = Words("ChargingRateUnitType", ("W", "A"))
CLEAR_CHARGING_PROFILE_STATUS = Words("ClearChargingProfileStatus", ("Accepted", "Unknown"))
CONFIGURATION_STATUS = Words("ConfigurationStatus", ("Accepted", "NotSupported", "RebootRequired", "Rejected"))
DIAGNOSTICS_STATUS = Words("DiagnosticsStatus", ("Idle", "Uploaded", "UploadFailed", "Uploading"))
FIRMWARE_STATUS = Words(
    "FirmwareStatus",
    ("Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installed", "Installing"),
)
GET_COMPOSITE_SCHEDULE_STATUS = Words("GetCompositeScheduleStatus", ("Accepted", "Rejected"))
MEASURAND = Words(
    "Measurand",
    (*v15.MEASURAND.values, "Current.Offered", "Frequency", "Power.Factor", "Power.Offered", "RPM", "SoC"),
)
MESSAGE_TRIGGER = Words(
    "MessageTrigger",
    (
        *("BootNotification", "DiagnosticsStatusNotification", "FirmwareStatusNotification"),
        *("Heartbeat", "MeterValues", "StatusNotification"),
    ),
)
PHASE = Words("Phase", ("L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"))
PLACE = Words("Location", (*v15.PLACE.values, "Cable", "EV"))
READING_CONTEXT = Words("ReadingContext", (*v15.READING_CONTEXT.values, "Other", "Trigger"))
REASON = Words(
    "Reason",
    (
        *("EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot", "Remote"),
        *("SoftReset", "UnlockCommand", "DeAuthorized"),
    ),
)
RECURRENCY_KIND = Words("RecurrencyKindType", ("Daily", "Weekly"))
REGISTRATION_STATUS = Words("RegistrationStatus", ("Accepted", "Pending", "Rejected"))
TRIGGER_MESSAGE_STATUS = Words("TriggerMessageStatus", ("Accepted", "Rejected", "NotImplemented"))
UNIT = Words(
    "UnitOfMeasure",
    (
        *("Celsius", "Fahrenheit", "Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar"),
        *("A", "V", "K", "Percent"),
    ),
)
UNLOCK_STATUS = Words("UnlockStatus", ("Unlocked", "UnlockFailed", "NotSupported"))
UPDATE_STATUS = Words("UpdateStatus", ("Accepted", "Failed", "NotSupported", "VersionMismatch"))

DECIMAL_ONE = Decimals("DecimalOne", 1)
STRING_20, STRING_25, STRING_50, STRING_255, STRING_500 = (
    Text(f"CiString{length}Type", length) for length in (20, 25, 50, 255, 500)
)

SAMPLED_VALUE = Shape(
    "SampledValue",
    (
        Field("value", TEXT),
        Field("context", READING_CONTEXT, "?"),
        Field("format", v15.VALUE_FORMAT, "?"),
        Field("measurand", MEASURAND, "?"),
        Field("phase", PHASE, "?"),
        Field("location", PLACE, "?"),
        Field("unit", UNIT, "?"),
    ),
)
METER_VALUE = Shape("MeterValue", (TIMESTAMP, Field("sampledValue", SAMPLED_VALUE, "+")))
AUTHORIZATION_DATA = Shape("AuthorizationData", v15.AUTHORISATION_DATA.fields)
KEY_VALUE = Shape("KeyValue", (Field("key", STRING_50), Field("readonly", FLAG), Field("value", STRING_500, "?")))
CHARGING_SCHEDULE_PERIOD = Shape(
    "ChargingSchedulePeriod",
    (Field("startPeriod", INT), Field("limit", DECIMAL_ONE), Field("numberPhases", INT, "?")),
)
CHARGING_SCHEDULE = Shape(
    "ChargingSchedule",
    (
        Field("duration", INT, "?"),
        Field("startSchedule", MOMENT, "?"),
        Field("chargingRateUnit", CHARGING_RATE_UNIT),
        Field("chargingSchedulePeriod", CHARGING_SCHEDULE_PERIOD, "+"),
        Field("minChargingRate", DECIMAL_ONE, "?"),
    ),
)
CHARGING_PROFILE = Shape(
    "ChargingProfile",
    (
        Field("chargingProfileId", INT),
        TRANSACTION_IF_ANY,
        Field("stackLevel", INT),
        Field("chargingProfilePurpose", CHARGING_PROFILE_PURPOSE),
        Field("chargingProfileKind", CHARGING_PROFILE_KIND),
        Field("recurrencyKind", RECURRENCY_KIND, "?"),
        Field("validFrom", MOMENT, "?"),
        Field("validTo", MOMENT, "?"),
        Field("chargingSchedule", CHARGING_SCHEDULE),
    ),
)

CHANGED_FROM_STATION = (
    from_station(
        "BootNotification",
        (
            Field("chargePointVendor", STRING_20),
            Field("chargePointModel", STRING_20),
            Field("chargePointSerialNumber", STRING_25, "?"),
            Field("chargeBoxSerialNumber", STRING_25, "?"),
            Field("firmwareVersion", STRING_50, "?"),
            Field("iccid", STRING_20, "?"),
            Field("imsi", STRING_20, "?"),
            Field("meterType", STRING_25, "?"),
            Field("meterSerialNumber", STRING_25, "?"),
        ),
        (Field("status", REGISTRATION_STATUS), Field("currentTime", MOMENT), Field("interval", INT)),
    ),
    from_station("DiagnosticsStatusNotification", (Field("status", DIAGNOSTICS_STATUS),)),
    from_station("FirmwareStatusNotification", (Field("status", FIRMWARE_STATUS),)),
    from_station("MeterValues", (CONNECTOR, TRANSACTION_IF_ANY, Field("meterValue", METER_VALUE, "*"))),
    from_station(
        "StatusNotification",
        (
            CONNECTOR,
            Field("status", CHARGE_POINT_STATUS),
            Field("errorCode", ERROR_CODE),
            Field("info", STRING_50, "?"),
            Field("timestamp", MOMENT, "?"),
            Field("vendorId", STRING_255, "?"),
            Field("vendorErrorCode", STRING_50, "?"),
        ),
    ),
    from_station(
        "StopTransaction",
        (
            TRANSACTION,
            v15.ID_TAG_IF_ANY,
            TIMESTAMP,
            Field("meterStop", INT),
            Field("reason", REASON, "?"),
            Field("transactionData", METER_VALUE, "*"),
        ),
        (Field("idTagInfo", v15.ID_TAG_INFO, "?"),),
    ),
)

DATA_TRANSFER = from_both(
    "DataTransfer",
    (Field("vendorId", STRING_255), Field("messageId", STRING_50, "?"), Field("data", TEXT, "?")),
    (Field("status", v15.DATA_TRANSFER_STATUS), Field("data", TEXT, "?")),
)

CHANGED_FROM_CSMS = (
    from_csms(
        "ChangeConfiguration", (Field("key", STRING_50), Field("value", STRING_500)), status(CONFIGURATION_STATUS)
    ),
    from_csms(
        "ClearChargingProfile",
        (
            Field("id", INT, "?"),
            CONNECTOR_IF_ANY,
            Field("chargingProfilePurpose", CHARGING_PROFILE_PURPOSE, "?"),
            Field("stackLevel", INT, "?"),
        ),
        status(CLEAR_CHARGING_PROFILE_STATUS),
    ),
    from_csms(
        "GetCompositeSchedule",
        (CONNECTOR, Field("duration", INT), Field("chargingRateUnit", CHARGING_RATE_UNIT, "?")),
        (
            Field("status", GET_COMPOSITE_SCHEDULE_STATUS),
            CONNECTOR_IF_ANY,
            Field("scheduleStart", MOMENT, "?"),
            Field("chargingSchedule", CHARGING_SCHEDULE, "?"),
        ),
    ),
    from_csms(
        "GetConfiguration",
        (Field("key", STRING_50, "*"),),
        (Field("configurationKey", KEY_VALUE, "*"), Field("unknownKey", STRING_50, "*")),
    ),
    from_csms(
        "GetDiagnostics",
        (LOCATION, Field("startTime", MOMENT, "?"), Field("stopTime", MOMENT, "?"), *RETRIES),
        (Field("fileName", STRING_255, "?"),),
    ),
    from_csms(
        "RemoteStartTransaction",
        (CONNECTOR_IF_ANY, v15.ID_TAG, Field("chargingProfile", CHARGING_PROFILE, "?")),
        status(REMOTE_STATUS),
    ),
    from_csms(
        "SendLocalList",
        (
            Field("listVersion", INT),
            Field("localAuthorizationList", AUTHORIZATION_DATA, "*"),
            Field("updateType", v15.UPDATE_TYPE),
        ),
        status(UPDATE_STATUS),
    ),
    from_csms(
        "SetChargingProfile",
        (CONNECTOR, Field("csChargingProfiles", CHARGING_PROFILE)),
        status(CHARGING_PROFILE_STATUS),
    ),
    from_csms(
        "TriggerMessage",
        (Field("requestedMessage", MESSAGE_TRIGGER), CONNECTOR_IF_ANY),
        status(TRIGGER_MESSAGE_STATUS),
    ),
    from_csms("UnlockConnector", (CONNECTOR,), status(UNLOCK_STATUS)),
)

SERVICE = Service(
    version=Version.V16S,
    cs_ns="urn://Ocpp/Cs/2015/10/",
    cp_ns="urn://Ocpp/Cp/2015/10/",
    subcode_ns="urn://Ocpp/Cs/2015/10",
    operations=by_action(
        {
            **v15.SERVICE.operations,
            **{each.action: each for each in (*CHANGED_FROM_STATION, DATA_TRANSFER, *CHANGED_FROM_CSMS)},
        }.values()
    ),
)
