"""The SOAP messages of OCPP 1.5. What is the same in 1.2 is taken from there."""

from stationmaster.ocpp.soap.elements import Field, Service, Shape, Text, Words
from stationmaster.ocpp.soap.tables import v12
from stationmaster.ocpp.soap.tables.common import (
    AUTHORIZATION_STATUS,
    CONNECTOR,
    CONNECTOR_IF_ANY,
    FLAG,
    INT,
    MOMENT,
    REMOTE_STATUS,
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

CANCEL_RESERVATION_STATUS = Words("CancelReservationStatus", ("Accepted", "Rejected"))
CHARGE_POINT_STATUS = Words("ChargePointStatus", (*v12.CHARGE_POINT_STATUS.values, "Reserved"))
DATA_TRANSFER_STATUS = Words("DataTransferStatus", ("Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"))
ERROR_CODE = Words(
    "ChargePointErrorCode",
    (
        *v12.ERROR_CODE.values,
        *("GroundFailure", "OverCurrentFailure", "UnderVoltage", "WeakSignal", "OtherError"),
    ),
)
MEASURAND = Words(
    "Measurand",
    (
        *("Energy.Active.Export.Register", "Energy.Active.Import.Register"),
        *("Energy.Reactive.Export.Register", "Energy.Reactive.Import.Register"),
        *("Energy.Active.Export.Interval", "Energy.Active.Import.Interval"),
        *("Energy.Reactive.Export.Interval", "Energy.Reactive.Import.Interval"),
        *("Power.Active.Export", "Power.Active.Import", "Power.Reactive.Export", "Power.Reactive.Import"),
        *("Current.Export", "Current.Import", "Voltage", "Temperature"),
    ),
)
PLACE = Words("Location", ("Inlet", "Outlet", "Body"))
READING_CONTEXT = Words(
    "ReadingContext",
    (
        *("Interruption.Begin", "Interruption.End", "Sample.Clock", "Sample.Periodic"),
        *("Transaction.Begin", "Transaction.End"),
    ),
)
RESERVATION_STATUS = Words("ReservationStatus", ("Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"))
UNIT = Words(
    "UnitOfMeasure",
    ("Wh", "kWh", "varh", "kvarh", "W", "kW", "var", "kvar", "Amp", "Volt", "Celsius"),
)
UPDATE_STATUS = Words("UpdateStatus", ("Accepted", "Failed", "HashError", "NotSupported", "VersionMismatch"))
UPDATE_TYPE = Words("UpdateType", ("Differential", "Full"))
VALUE_FORMAT = Words("ValueFormat", ("Raw", "SignedData"))

ID_TOKEN = Text("IdToken", 20)
ID_TAG = Field("idTag", ID_TOKEN)
ID_TAG_IF_ANY = Field("idTag", ID_TOKEN, "?")
ID_TAG_INFO = Shape(
    "IdTagInfo",
    (
        Field("status", AUTHORIZATION_STATUS),
        Field("expiryDate", MOMENT, "?"),
        Field("parentIdTag", ID_TOKEN, "?"),
    ),
)
VALUE = Shape(
    "Value",
    (
        Field("value", TEXT),
        Field("context", READING_CONTEXT, "?", attribute=True),
        Field("format", VALUE_FORMAT, "?", attribute=True),
        Field("measurand", MEASURAND, "?", attribute=True),
        Field("location", PLACE, "?", attribute=True),
        Field("unit", UNIT, "?", attribute=True),
    ),
    text="value",
)
METER_VALUE = Shape("MeterValue", (TIMESTAMP, Field("value", VALUE, "+")))
TRANSACTION_DATA = Shape("TransactionData", (Field("values", METER_VALUE, "*"),))
AUTHORISATION_DATA = Shape("AuthorisationData", (ID_TAG, Field("idTagInfo", ID_TAG_INFO, "?")))
KEY_VALUE = Shape("KeyValue", (Field("key", TEXT), Field("readonly", FLAG), Field("value", TEXT, "?")))

CHANGED_FROM_STATION = (
    from_station("Authorize", (ID_TAG,), (Field("idTagInfo", ID_TAG_INFO),)),
    from_station(
        "BootNotification",
        (
            Field("chargePointVendor", Text("ChargePointVendor", 20)),
            Field("chargePointModel", Text("ChargePointModel", 20)),
            Field("chargePointSerialNumber", Text("ChargePointSerialNumber", 25), "?"),
            Field("chargeBoxSerialNumber", Text("ChargeBoxSerialNumber", 25), "?"),
            Field("firmwareVersion", Text("FirmwareVersion", 50), "?"),
            Field("iccid", Text("IccidString", 20), "?"),
            Field("imsi", Text("ImsiString", 20), "?"),
            Field("meterType", Text("MeterType", 25), "?"),
            Field("meterSerialNumber", Text("MeterSerialNumber", 25), "?"),
        ),
        (
            Field("status", v12.REGISTRATION_STATUS),
            Field("currentTime", MOMENT),
            Field("heartbeatInterval", INT),
        ),
    ),
    from_station("MeterValues", (CONNECTOR, TRANSACTION_IF_ANY, Field("values", METER_VALUE, "*"))),
    from_station(
        "StartTransaction",
        (CONNECTOR, ID_TAG, TIMESTAMP, Field("meterStart", INT), Field("reservationId", INT, "?")),
        (TRANSACTION, Field("idTagInfo", ID_TAG_INFO)),
    ),
    from_station(
        "StatusNotification",
        (
            CONNECTOR,
            Field("status", CHARGE_POINT_STATUS),
            Field("errorCode", ERROR_CODE),
            Field("info", TEXT, "?"),
            Field("timestamp", MOMENT, "?"),
            Field("vendorId", TEXT, "?"),
            Field("vendorErrorCode", TEXT, "?"),
        ),
    ),
    from_station(
        "StopTransaction",
        (
            TRANSACTION,
            ID_TAG_IF_ANY,
            TIMESTAMP,
            Field("meterStop", INT),
            Field("transactionData", TRANSACTION_DATA, "*"),
        ),
        (Field("idTagInfo", ID_TAG_INFO, "?"),),
    ),
)

DATA_TRANSFER = from_both(
    "DataTransfer",
    (Field("vendorId", TEXT), Field("messageId", TEXT, "?"), Field("data", TEXT, "?")),
    (Field("status", DATA_TRANSFER_STATUS), Field("data", TEXT, "?")),
)

CHANGED_FROM_CSMS = (
    from_csms("CancelReservation", (Field("reservationId", INT),), status(CANCEL_RESERVATION_STATUS)),
    from_csms(
        "GetConfiguration",
        (Field("key", TEXT, "*"),),
        (Field("configurationKey", KEY_VALUE, "*"), Field("unknownKey", TEXT, "*")),
    ),
    from_csms("GetLocalListVersion", (), (Field("listVersion", INT),)),
    from_csms("RemoteStartTransaction", (ID_TAG, CONNECTOR_IF_ANY), status(REMOTE_STATUS)),
    from_csms(
        "ReserveNow",
        (
            CONNECTOR,
            Field("expiryDate", MOMENT),
            ID_TAG,
            Field("parentIdTag", ID_TOKEN, "?"),
            Field("reservationId", INT),
        ),
        status(RESERVATION_STATUS),
    ),
    from_csms(
        "SendLocalList",
        (
            Field("updateType", UPDATE_TYPE),
            Field("listVersion", INT),
            Field("localAuthorisationList", AUTHORISATION_DATA, "*"),
            Field("hash", TEXT, "?"),
        ),
        (*status(UPDATE_STATUS), Field("hash", TEXT, "?")),
    ),
)

SERVICE = Service(
    version=Version.V15,
    cs_ns="urn://Ocpp/Cs/2012/06/",
    cp_ns="urn://Ocpp/Cp/2012/06/",
    subcode_ns="urn://Ocpp/2012/02/",
    operations=by_action(
        {
            **v12.SERVICE.operations,
            **{each.action: each for each in (*CHANGED_FROM_STATION, DATA_TRANSFER, *CHANGED_FROM_CSMS)},
        }.values()
    ),
)
