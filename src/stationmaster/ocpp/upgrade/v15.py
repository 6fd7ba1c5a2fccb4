"""OCPP 1.5 and the shape of 1.6, message by message. What is not listed is the same in both.

A member of 1.6 that is neither listed nor known to 1.5 is not dropped in silence: the strict type refuses it.
"""

from collections.abc import Mapping

from stationmaster.ocpp.soap.tables import v15
from stationmaster.ocpp.upgrade.rows import OnlyNew, OnlyOld, Place, Rename, Row, Values
from stationmaster.ocpp.upgrade.rows_v1 import (
    Flattened,
    Limited,
    NotEmpty,
    OnlyWords,
    RefusedMember,
    UntoldValues,
    UntoldWithout,
)
from stationmaster.ocpp.upgrade.table import Table
from stationmaster.ocpp.version import Version

_ROOT: Place = ()

OCCUPIED = dict.fromkeys(("Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"), "Occupied")
"""Lifted, Occupied stays a word of its own: which of these it was, nobody knows."""
EV_COMMUNICATION = {"Mode3Error": "EVCommunicationError"}
CHARGING_PROFILE = RefusedMember("chargingProfile", "the older version has no charging profiles")

_UNITS = {"Amp": "A", "Volt": "V"}
_WORDS = {
    "measurand": frozenset(v15.MEASURAND.values),
    "location": frozenset(v15.PLACE.values),
    "unit": frozenset(v15.UNIT.values) | frozenset(_UNITS.values()),
    # Without its phase a sample would be told as the total of all phases.
    "phase": frozenset[str](),
}
_KEYS = {"HeartBeatInterval": "HeartbeatInterval"}
"""1.5 spells the key so (6.9.1), and its strings are case sensitive (3.8)."""


def _samples(member: str) -> tuple[Row, ...]:
    """A list of meter values: samples that 1.5 has no words for are left out, and meter values that keep none."""
    each = (member, "*", "sampledValue", "*")
    return (
        Rename((member, "*"), "value", "sampledValue"),
        Values(each, "unit", renamed=_UNITS),
        Values(each, "context", lowered={"Other": None, "Trigger": None}),
        NotEmpty(_ROOT, member, "sampledValue"),
        OnlyWords((member, "*"), "sampledValue", _WORDS),
    )


REQUESTS: Mapping[str, tuple[Row, ...]] = {
    "ChangeConfiguration": (Values(_ROOT, "key", renamed=_KEYS), Limited("key", 50), Limited("value", 500)),
    "DataTransfer": (Limited("vendorId", 255), Limited("messageId", 50)),
    "DiagnosticsStatusNotification": (UntoldValues("status", frozenset({"Uploading", "Idle"})),),
    "FirmwareStatusNotification": (UntoldValues("status", frozenset({"Downloading", "Installing", "Idle"})),),
    "GetConfiguration": (Values(_ROOT, "key", renamed=_KEYS), Limited("key", 50)),
    "MeterValues": (Rename(_ROOT, "values", "meterValue"), UntoldWithout("meterValue"), *_samples("meterValue")),
    "RemoteStartTransaction": (CHARGING_PROFILE,),
    "SendLocalList": (Rename(_ROOT, "localAuthorisationList", "localAuthorizationList"), OnlyOld(_ROOT, ("hash",))),
    "StatusNotification": (
        Values(
            _ROOT,
            "errorCode",
            renamed=EV_COMMUNICATION,
            lowered=dict.fromkeys(("InternalError", "LocalListConflict", "OverVoltage"), "OtherError"),
        ),
        Values(_ROOT, "status", lowered=OCCUPIED),
    ),
    "StopTransaction": (
        Flattened(_ROOT, "transactionData", "values"),
        *_samples("transactionData"),
        OnlyNew(_ROOT, ("reason",)),
    ),
}

RESPONSES: Mapping[str, tuple[Row, ...]] = {
    "BootNotification": (
        Rename(_ROOT, "heartbeatInterval", "interval"),
        # There is no Pending: until it is accepted, a station sends nothing but this.
        Values(_ROOT, "status", lowered={"Pending": "Rejected"}),
    ),
    "ChangeConfiguration": (Values(_ROOT, "status", lowered={"RebootRequired": "Accepted"}),),
    "GetConfiguration": (
        Values(("configurationKey", "*"), "key", renamed=_KEYS),
        Values(_ROOT, "unknownKey", renamed=_KEYS),
    ),
    "SendLocalList": (Values(_ROOT, "status", lifted={"HashError": "Failed"}), OnlyOld(_ROOT, ("hash",))),
    "UnlockConnector": (
        Values(
            _ROOT,
            "status",
            renamed={"Accepted": "Unlocked", "Rejected": "UnlockFailed"},
            lowered={"NotSupported": "Rejected"},
        ),
    ),
}

TABLE = Table(head=Version.V16, requests=REQUESTS, responses=RESPONSES)
