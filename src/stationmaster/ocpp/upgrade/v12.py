"""OCPP 1.2 and the shape of 1.6, message by message. What is not listed is the same in both."""

from collections.abc import Mapping

from stationmaster.ocpp.upgrade import v15
from stationmaster.ocpp.upgrade.rows import OnlyNew, Place, Rename, Row, Values
from stationmaster.ocpp.upgrade.rows_v1 import (
    Clipped,
    LeftOutIfLonger,
    Limited,
    RefusedMember,
    UntoldWithout,
    WattHours,
)
from stationmaster.ocpp.upgrade.table import Table
from stationmaster.ocpp.version import Version

_ROOT: Place = ()

LONGEST_ID_TAG = 15
"""The text says so; the WSDL has no limit."""

_BROKEN = ("GroundFailure", "OverCurrentFailure", "OverVoltage", "UnderVoltage", "InternalError", "OtherError")
_STILL_CHARGES = ("LocalListConflict", "WeakSignal")
_PARENT = (LeftOutIfLonger(("idTagInfo",), "parentIdTag", LONGEST_ID_TAG),)

REQUESTS: Mapping[str, tuple[Row, ...]] = {
    "BootNotification": (Clipped("firmwareVersion", 20),),
    "ChangeConfiguration": v15.REQUESTS["ChangeConfiguration"],
    "DiagnosticsStatusNotification": v15.REQUESTS["DiagnosticsStatusNotification"],
    "FirmwareStatusNotification": v15.REQUESTS["FirmwareStatusNotification"],
    "MeterValues": (
        Rename(_ROOT, "values", "meterValue"),
        UntoldWithout("meterValue"),
        WattHours("meterValue", "value", "sampledValue"),
        OnlyNew(_ROOT, ("transactionId",)),
    ),
    "RemoteStartTransaction": (
        v15.CHARGING_PROFILE,
        RefusedMember("connectorId", "the older version cannot name the connector"),
        Limited("idTag", LONGEST_ID_TAG),
    ),
    "StartTransaction": (OnlyNew(_ROOT, ("reservationId",)),),
    "StatusNotification": (
        Values(
            _ROOT,
            "errorCode",
            renamed=v15.EV_COMMUNICATION,
            lowered={**dict.fromkeys(_BROKEN, "PowerSwitchFailure"), **dict.fromkeys(_STILL_CHARGES, "NoError")},
        ),
        Values(_ROOT, "status", lowered={**v15.OCCUPIED, "Reserved": "Occupied"}),
        OnlyNew(_ROOT, ("info", "timestamp", "vendorId", "vendorErrorCode")),
    ),
    "StopTransaction": (OnlyNew(_ROOT, ("reason", "transactionData")),),
}

RESPONSES: Mapping[str, tuple[Row, ...]] = {
    "Authorize": _PARENT,
    "BootNotification": v15.RESPONSES["BootNotification"],
    "ChangeConfiguration": v15.RESPONSES["ChangeConfiguration"],
    "StartTransaction": _PARENT,
    "StopTransaction": _PARENT,
    "UnlockConnector": v15.RESPONSES["UnlockConnector"],
}

TABLE = Table(head=Version.V16, requests=REQUESTS, responses=RESPONSES)
