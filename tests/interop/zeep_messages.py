"""What the foreign ends say: a request and an answer for every operation, with everything in it that the version has.

Payloads are the JSON form of the version's own messages.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stationmaster.ocpp.version import Version

AT = "2026-03-01T12:00:00Z"
LATER = "2026-03-01T12:30:00Z"
CARD = "SHARED CARD"
INTERVAL_S = 10
A_TRANSACTION = 4711
"""Where a transaction must be one that there is, the test puts its own here."""

Messages = Mapping[str, Mapping[str, Any]]


class Said(NamedTuple):
    """Of one service, by action."""

    requests: Messages
    answers: Messages


_EMPTY: Mapping[str, Any] = {}
_DONE = {"status": "Accepted"}
_CARD_INFO = {"status": "Accepted", "expiryDate": "2036-01-01T00:00:00Z", "parentIdTag": "GROUP"}
_CARD_ANSWER = {"idTagInfo": _CARD_INFO}
_BOOT = {
    "chargePointVendor": "Foreign",
    "chargePointModel": "Toolkit & Co <1>",
    "chargePointSerialNumber": "P-1",
    "chargeBoxSerialNumber": "B-1",
    "firmwareVersion": "1.0",
    "iccid": "8931",
    "imsi": "204",
    "meterType": "Mätér",
    "meterSerialNumber": "M-1",
}
_START = {"connectorId": 1, "idTag": CARD, "timestamp": AT, "meterStart": 1000}
_STOP = {"transactionId": A_TRANSACTION, "idTag": CARD, "timestamp": LATER, "meterStop": 3500}

_CS_12 = Said(
    {
        "Authorize": {"idTag": CARD},
        "BootNotification": _BOOT,
        "DiagnosticsStatusNotification": {"status": "Uploaded"},
        "FirmwareStatusNotification": {"status": "Installed"},
        "Heartbeat": _EMPTY,
        "MeterValues": {
            "connectorId": 1,
            "values": [{"timestamp": AT, "value": 1000}, {"timestamp": LATER, "value": 3500}],
        },
        "StartTransaction": _START,
        "StatusNotification": {"connectorId": 1, "status": "Faulted", "errorCode": "Mode3Error"},
        "StopTransaction": _STOP,
    },
    {
        "Authorize": _CARD_ANSWER,
        "BootNotification": {"status": "Accepted", "currentTime": AT, "heartbeatInterval": INTERVAL_S},
        "DiagnosticsStatusNotification": _EMPTY,
        "FirmwareStatusNotification": _EMPTY,
        "Heartbeat": {"currentTime": AT},
        "MeterValues": _EMPTY,
        "StartTransaction": {"transactionId": A_TRANSACTION, **_CARD_ANSWER},
        "StatusNotification": _EMPTY,
        "StopTransaction": _CARD_ANSWER,
    },
)

_VALUES_15 = [
    {
        "timestamp": LATER,
        "value": [
            {
                "value": "3500",
                "context": "Sample.Periodic",
                "format": "Raw",
                "measurand": "Energy.Active.Import.Register",
                "location": "Outlet",
                "unit": "Wh",
            },
            {"value": "16.5", "measurand": "Current.Import", "unit": "Amp"},
        ],
    }
]
_TRANSFER = Said(
    {"DataTransfer": {"vendorId": "com.example", "messageId": "Hello", "data": "<a>&amp;</a> ]]>"}},
    {"DataTransfer": {"status": "Accepted", "data": "Grüße & <more>"}},
)
_CS_15 = Said(
    {
        **_CS_12.requests,
        **_TRANSFER.requests,
        "MeterValues": {"connectorId": 1, "transactionId": A_TRANSACTION, "values": _VALUES_15},
        "StartTransaction": {**_START, "reservationId": 7},
        "StatusNotification": {
            "connectorId": 1,
            "status": "Faulted",
            "errorCode": "GroundFailure",
            "info": "wet",
            "timestamp": AT,
            "vendorId": "com.example",
            "vendorErrorCode": "E1",
        },
        "StopTransaction": {**_STOP, "transactionData": [{"values": _VALUES_15}]},
    },
    {**_CS_12.answers, **_TRANSFER.answers},
)

_VALUES_16 = [
    {
        "timestamp": LATER,
        "sampledValue": [
            {
                "value": "3500",
                "context": "Sample.Periodic",
                "format": "Raw",
                "measurand": "Energy.Active.Import.Register",
                "location": "Outlet",
                "unit": "Wh",
            },
            {"value": "16.5", "measurand": "Current.Import", "phase": "L1", "location": "EV", "unit": "A"},
        ],
    }
]
_CS_16 = Said(
    {
        **_CS_15.requests,
        "DiagnosticsStatusNotification": {"status": "Uploading"},
        "FirmwareStatusNotification": {"status": "Downloading"},
        "MeterValues": {"connectorId": 1, "transactionId": A_TRANSACTION, "meterValue": _VALUES_16},
        "StatusNotification": {**_CS_15.requests["StatusNotification"], "errorCode": "EVCommunicationError"},
        "StopTransaction": {**_STOP, "reason": "EVDisconnected", "transactionData": _VALUES_16},
    },
    {
        **_CS_15.answers,
        "BootNotification": {"status": "Accepted", "currentTime": AT, "interval": INTERVAL_S},
    },
)

FILE = "ftp://127.0.0.1:1/a%20file?x=1&y=2"
"""Where nobody is."""
_CP_12 = Said(
    {
        "ChangeAvailability": {"connectorId": 2, "type": "Operative"},
        "ChangeConfiguration": {"key": "HeartBeatInterval", "value": "20"},
        "ClearCache": _EMPTY,
        "GetDiagnostics": {"location": FILE, "startTime": AT, "stopTime": LATER, "retries": 0, "retryInterval": 1},
        "RemoteStartTransaction": {"idTag": CARD},
        "RemoteStopTransaction": {"transactionId": A_TRANSACTION},
        "Reset": {"type": "Soft"},
        "UnlockConnector": {"connectorId": 2},
        "UpdateFirmware": {"retrieveDate": AT, "location": FILE, "retries": 0, "retryInterval": 1},
    },
    {
        "ChangeAvailability": {"status": "Scheduled"},
        "ChangeConfiguration": _DONE,
        "ClearCache": _DONE,
        "GetDiagnostics": {"fileName": "a file & more.zip"},
        "RemoteStartTransaction": _DONE,
        "RemoteStopTransaction": _DONE,
        "Reset": _DONE,
        "UnlockConnector": _DONE,
        "UpdateFirmware": _EMPTY,
    },
)
_LIST = [{"idTag": CARD, "idTagInfo": _CARD_INFO}, {"idTag": "GONE"}]
_CP_15 = Said(
    {
        **_CP_12.requests,
        **_TRANSFER.requests,
        "CancelReservation": {"reservationId": 8},
        "GetConfiguration": {"key": ["HeartBeatInterval", "NoSuchKey"]},
        "GetLocalListVersion": _EMPTY,
        "RemoteStartTransaction": {"idTag": CARD, "connectorId": 1},
        "ReserveNow": {
            "connectorId": 2,
            "expiryDate": "2036-01-01T00:00:00Z",
            "idTag": CARD,
            "parentIdTag": "GROUP",
            "reservationId": 7,
        },
        "SendLocalList": {
            "updateType": "Differential",
            "listVersion": 3,
            "localAuthorisationList": _LIST,
            "hash": "0a1b",
        },
    },
    {
        **_CP_12.answers,
        **_TRANSFER.answers,
        "CancelReservation": {"status": "Rejected"},
        "GetConfiguration": {
            "configurationKey": [
                {"key": "HeartBeatInterval", "readonly": False, "value": "20"},
                {"key": "ChargePointId", "readonly": True},
            ],
            "unknownKey": ["NoSuchKey"],
        },
        "GetLocalListVersion": {"listVersion": 3},
        "ReserveNow": _DONE,
        "SendLocalList": {"status": "Accepted", "hash": "0a1b"},
    },
)
_SCHEDULE = {
    "duration": 3600,
    "startSchedule": AT,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [
        {"startPeriod": 0, "limit": 16.1, "numberPhases": 3},
        {"startPeriod": 600, "limit": 8.0},
    ],
    "minChargingRate": 6.5,
}
_PROFILE = {
    "chargingProfileId": 1,
    "transactionId": A_TRANSACTION,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Recurring",
    "recurrencyKind": "Daily",
    "validFrom": AT,
    "validTo": LATER,
    "chargingSchedule": _SCHEDULE,
}
PROFILES = ("ClearChargingProfile", "GetCompositeSchedule", "SetChargingProfile")
"""The operations on charging profiles."""
_CP_16 = Said(
    {
        **_CP_15.requests,
        "ChangeConfiguration": {"key": "HeartbeatInterval", "value": "20"},
        "GetConfiguration": {"key": ["HeartbeatInterval", "NoSuchKey"]},
        "RemoteStartTransaction": {"connectorId": 1, "idTag": CARD, "chargingProfile": _PROFILE},
        "SendLocalList": {"listVersion": 3, "localAuthorizationList": _LIST, "updateType": "Differential"},
        "TriggerMessage": {"requestedMessage": "StatusNotification", "connectorId": 1},
        "ClearChargingProfile": {
            "id": 1,
            "connectorId": 1,
            "chargingProfilePurpose": "TxProfile",
            "stackLevel": 0,
        },
        "GetCompositeSchedule": {"connectorId": 1, "duration": 600, "chargingRateUnit": "A"},
        "SetChargingProfile": {"connectorId": 1, "csChargingProfiles": _PROFILE},
    },
    {
        **_CP_15.answers,
        "ChangeConfiguration": {"status": "RebootRequired"},
        "SendLocalList": _DONE,
        "UnlockConnector": {"status": "Unlocked"},
        "TriggerMessage": _DONE,
        "ClearChargingProfile": {"status": "Unknown"},
        "GetCompositeSchedule": {
            "status": "Accepted",
            "connectorId": 1,
            "scheduleStart": AT,
            "chargingSchedule": _SCHEDULE,
        },
        "SetChargingProfile": _DONE,
    },
)

CENTRAL_SYSTEM: Mapping[Version, Said] = {Version.V12: _CS_12, Version.V15: _CS_15, Version.V16S: _CS_16}
"""What a station starts."""
CHARGE_POINT: Mapping[Version, Said] = {Version.V12: _CP_12, Version.V15: _CP_15, Version.V16S: _CP_16}
"""What a CSMS starts."""
