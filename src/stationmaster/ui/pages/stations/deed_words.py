"""How what a station can be asked for is called."""

UNTIL = 0
"""Stands for a moment, where a length of time is chosen."""
LENGTHS = {
    15: "15 minutes",
    30: "30 minutes",
    60: "1 hour",
    120: "2 hours",
    240: "4 hours",
    480: "8 hours",
    1440: "1 day",
    UNTIL: "Until …",
}
LIFETIMES = {60: "1 minute", 900: "15 minutes", 3600: "1 hour", 28800: "8 hours", 86400: "1 day"}
AWAY = "The station is not connected: this waits until it is, for as long as you say."
SERVICE = {False: "Out of service, once no transaction is under way", True: "In service: it may charge again"}
RESETS = {
    "OnIdle": "When nobody charges (1.6: soft)",
    "Immediate": "At once (1.6: hard); transactions end",
    "ImmediateAndResume": "At once, and go on with transactions (2.1)",
}
RESET_NAMES = {"OnIdle": "when idle", "Immediate": "at once", "ImmediateAndResume": "at once, transactions go on"}
TRIGGERS = {
    "StatusNotification": "StatusNotification: how the connectors stand",
    "MeterValues": "MeterValues: what the meters show",
    "TransactionEvent": "TransactionEvent: how transactions stand",
    "BootNotification": "BootNotification: what the station is",
    "Heartbeat": "Heartbeat: a sign of life",
    "FirmwareStatusNotification": "FirmwareStatusNotification: how an update stands",
    "LogStatusNotification": "LogStatusNotification: how an upload of a log stands",
    "SignChargingStationCertificate": "SignChargingStationCertificate: a request for a new certificate",
    "SignV2GCertificate": "SignV2GCertificate: the same, for ISO 15118",
    "SignCombinedCertificate": "SignCombinedCertificate: the same, for both",
    "PublishFirmwareStatusNotification": "PublishFirmwareStatusNotification: how a publication stands",
}
HINTS = {
    "charging": "Somebody charges here: a start will be refused until that is over.",
    "suspended": "Somebody's transaction is paused here: a start will be refused until that is over.",
    "authorized": "A start was agreed to: it waits for the cable.",
    "finished": "Charging is over, the car is still plugged in.",
    "plugged_without_authorization": "A car is plugged in, and nobody has authorized it: it can be started from here.",
    "reserved": "Kept for a token: only that one can start.",
    "unavailable": "Out of service: put it in service before anybody can charge.",
    "faulted": "The station reports a fault: it will refuse to charge until that is mended.",
}
"""What can be done at a Connector, by the API's word for how it is used."""


def place(evse_id: int | None) -> str:
    return f"EVSE {evse_id}" if evse_id else "the station"


def at(evse_id: int | None, connector_id: int | None = None) -> str:
    if not evse_id:
        return "at any EVSE"
    return f"at EVSE {evse_id}" if connector_id is None else f"at EVSE {evse_id}, connector {connector_id}"
