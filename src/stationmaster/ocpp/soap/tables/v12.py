"""The SOAP messages of OCPP 1.2."""

from stationmaster.ocpp.soap.elements import Field, Service, Shape, Text, Words
from stationmaster.ocpp.soap.tables.common import (
    AUTHORIZATION_STATUS,
    AVAILABILITY_STATUS,
    AVAILABILITY_TYPE,
    CLEAR_CACHE_STATUS,
    CONNECTOR,
    INT,
    LOCATION,
    MOMENT,
    REMOTE_STATUS,
    RESET_STATUS,
    RESET_TYPE,
    RETRIES,
    TEXT,
    TIMESTAMP,
    TRANSACTION,
    by_action,
    from_csms,
    from_station,
    status,
)
from stationmaster.ocpp.version import Version

CHARGE_POINT_STATUS = Words("ChargePointStatus", ("Available", "Occupied", "Faulted", "Unavailable"))
ERROR_CODE = Words(
    "ChargePointErrorCode",
    (
        *("ConnectorLockFailure", "HighTemperature", "Mode3Error", "NoError", "PowerMeterFailure"),
        *("PowerSwitchFailure", "ReaderFailure", "ResetFailure"),
    ),
)
CONFIGURATION_STATUS = Words("ConfigurationStatus", ("Accepted", "Rejected", "NotSupported"))
DIAGNOSTICS_STATUS = Words("DiagnosticsStatus", ("Uploaded", "UploadFailed"))
FIRMWARE_STATUS = Words("FirmwareStatus", ("Downloaded", "DownloadFailed", "InstallationFailed", "Installed"))
REGISTRATION_STATUS = Words("RegistrationStatus", ("Accepted", "Rejected"))
UNLOCK_STATUS = Words("UnlockStatus", ("Accepted", "Rejected"))

ID_TAG_INFO = Shape(
    "IdTagInfo",
    (
        Field("status", AUTHORIZATION_STATUS),
        Field("expiryDate", MOMENT, "?"),
        Field("parentIdTag", TEXT, "?"),
    ),
)
METER_VALUE = Shape("MeterValue", (TIMESTAMP, Field("value", INT)))
ID_TOKEN = Text("IdToken", 20)
"""The WSDL has no limit, and the text 15: stations in the field show what later versions take."""
ID_TAG = Field("idTag", ID_TOKEN)

FROM_STATION = (
    from_station("Authorize", (ID_TAG,), (Field("idTagInfo", ID_TAG_INFO),)),
    from_station(
        "BootNotification",
        (
            Field("chargePointVendor", TEXT),
            Field("chargePointModel", TEXT),
            Field("chargePointSerialNumber", TEXT, "?"),
            Field("chargeBoxSerialNumber", TEXT, "?"),
            Field("firmwareVersion", TEXT, "?"),
            Field("iccid", TEXT, "?"),
            Field("imsi", TEXT, "?"),
            Field("meterType", TEXT, "?"),
            Field("meterSerialNumber", TEXT, "?"),
        ),
        (
            Field("status", REGISTRATION_STATUS),
            Field("currentTime", MOMENT, "?"),
            Field("heartbeatInterval", INT, "?"),
        ),
    ),
    from_station("DiagnosticsStatusNotification", (Field("status", DIAGNOSTICS_STATUS),)),
    from_station("FirmwareStatusNotification", (Field("status", FIRMWARE_STATUS),)),
    from_station("Heartbeat", (), (Field("currentTime", MOMENT),)),
    from_station("MeterValues", (CONNECTOR, Field("values", METER_VALUE, "*"))),
    from_station(
        "StartTransaction",
        (CONNECTOR, ID_TAG, TIMESTAMP, Field("meterStart", INT)),
        (TRANSACTION, Field("idTagInfo", ID_TAG_INFO)),
    ),
    from_station(
        "StatusNotification", (CONNECTOR, Field("status", CHARGE_POINT_STATUS), Field("errorCode", ERROR_CODE))
    ),
    from_station(
        "StopTransaction",
        (TRANSACTION, Field("idTag", ID_TOKEN, "?"), TIMESTAMP, Field("meterStop", INT)),
        (Field("idTagInfo", ID_TAG_INFO, "?"),),
    ),
)

FROM_CSMS = (
    from_csms("ChangeAvailability", (CONNECTOR, Field("type", AVAILABILITY_TYPE)), status(AVAILABILITY_STATUS)),
    from_csms("ChangeConfiguration", (Field("key", TEXT), Field("value", TEXT)), status(CONFIGURATION_STATUS)),
    from_csms("ClearCache", (), status(CLEAR_CACHE_STATUS)),
    from_csms(
        "GetDiagnostics",
        (LOCATION, Field("startTime", MOMENT, "?"), Field("stopTime", MOMENT, "?"), *RETRIES),
        (Field("fileName", TEXT, "?"),),
    ),
    from_csms("RemoteStartTransaction", (ID_TAG,), status(REMOTE_STATUS)),
    from_csms("RemoteStopTransaction", (TRANSACTION,), status(REMOTE_STATUS)),
    from_csms("Reset", (Field("type", RESET_TYPE),), status(RESET_STATUS)),
    from_csms("UnlockConnector", (CONNECTOR,), status(UNLOCK_STATUS)),
    from_csms("UpdateFirmware", (Field("retrieveDate", MOMENT), LOCATION, *RETRIES)),
)

SERVICE = Service(
    version=Version.V12,
    cs_ns="urn://Ocpp/Cs/2010/08/",
    cp_ns="urn://Ocpp/Cp/2010/08/",
    subcode_ns="urn://Ocpp/2010/08/",
    operations=by_action((*FROM_STATION, *FROM_CSMS)),
)
