"""What states are called and how they look, for all pages. One that is not listed shows as it is spelled."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Tone = Literal["good", "busy", "warn", "bad", "quiet"]


class Look(msgspec.Struct, frozen=True):
    label: str
    tone: Tone
    icon: str


COLOURS: dict[Tone, str] = {
    "good": "green-9",
    "busy": "blue-9",
    "warn": "deep-orange-10",
    "bad": "red-9",
    "quiet": "blue-grey-8",
}
"""Quasar's names; white letters can be read on each."""

STATIONS: dict[str, Look] = {
    "charging": Look("charging", "busy", "bolt"),
    "available": Look("available", "good", "check_circle"),
    "occupied": Look("occupied", "busy", "electric_car"),
    "reserved": Look("reserved", "quiet", "event_available"),
    "unavailable": Look("unavailable", "quiet", "block"),
    "faulted": Look("faulted", "bad", "error"),
    "offline": Look("offline", "bad", "cloud_off"),
    "pending": Look("pending", "warn", "hourglass_top"),
    "rejected": Look("rejected", "quiet", "do_not_disturb_on"),
    "never_seen": Look("never seen", "quiet", "help"),
    "unknown": Look("no status yet", "quiet", "hourglass_empty"),
}
"""A station as a whole, by the API's word for it."""

CONNECTORS: dict[str, Look] = {
    "Available": Look("Available", "good", "check_circle"),
    "Occupied": Look("Occupied", "busy", "electric_car"),
    "Preparing": Look("Preparing", "busy", "electric_car"),
    "Charging": Look("Charging", "busy", "bolt"),
    "SuspendedEV": Look("SuspendedEV", "warn", "pause_circle"),
    "SuspendedEVSE": Look("SuspendedEVSE", "warn", "pause_circle"),
    "Finishing": Look("Finishing", "busy", "logout"),
    "Reserved": Look("Reserved", "quiet", "event_available"),
    "Unavailable": Look("Unavailable", "quiet", "block"),
    "Faulted": Look("Faulted", "bad", "error"),
}

OCCUPANCIES: dict[str, Look] = {
    "available": Look("free", "good", "check_circle"),
    "plugged_without_authorization": Look("plugged in, nobody authorized", "warn", "electric_car"),
    "authorized": Look("authorized, waits for the cable", "busy", "how_to_reg"),
    "charging": Look("charging", "busy", "bolt"),
    "suspended": Look("paused", "warn", "pause_circle"),
    "finished": Look("finished, still plugged in", "warn", "logout"),
    "reserved": Look("reserved", "quiet", "event_available"),
    "unavailable": Look("out of service", "quiet", "block"),
    "faulted": Look("faulted", "bad", "error"),
}
"""How a connector is used, by the API's word."""

COMMANDS: dict[str, Look] = {
    "queued": Look("waiting for the station", "quiet", "schedule"),
    "sent": Look("sent", "busy", "send"),
    "accepted": Look("accepted", "good", "check"),
    "rejected": Look("refused", "bad", "thumb_down"),
    "failed": Look("failed", "bad", "error"),
    "timed_out": Look("no answer", "bad", "timer_off"),
    "unsupported": Look("not supported", "quiet", "block"),
    "unknown": Look("unknown", "warn", "help"),
    "effect_seen": Look("done", "good", "done_all"),
    "no_effect": Look("no effect seen", "warn", "visibility_off"),
}

TRANSACTIONS: dict[str, Look] = {
    "Charging": Look("charging", "busy", "bolt"),
    "EVConnected": Look("connected", "busy", "electric_car"),
    "SuspendedEV": Look("paused by the car", "warn", "pause_circle"),
    "SuspendedEVSE": Look("paused by the station", "warn", "pause_circle"),
    "Idle": Look("idle", "warn", "hourglass_empty"),
    "open": Look("running", "busy", "play_circle"),
    "ended": Look("ended", "quiet", "check_circle"),
    "closed": Look("closed without an end", "warn", "rule"),
}
"""By the charging state while it runs, as far as the station tells one."""

BILLS: dict[str, Look] = {
    "issued": Look("issued", "good", "receipt"),
    "held": Look("held", "warn", "pan_tool"),
    "superseded": Look("superseded", "quiet", "history"),
    "void": Look("void", "quiet", "block"),
}

TOKENS: dict[str, Look] = {
    "Accepted": Look("Accepted", "good", "check_circle"),
    "Blocked": Look("Blocked", "bad", "block"),
    "Invalid": Look("Invalid", "bad", "help"),
    "Expired": Look("Expired", "warn", "event_busy"),
    "NoCredit": Look("NoCredit", "warn", "money_off"),
    "ConcurrentTx": Look("ConcurrentTx", "warn", "content_copy"),
}
"""What is said of a token: its own status, or a verdict on it."""

RESERVATIONS: dict[str, Look] = {
    "queued": Look("waiting for the station", "quiet", "schedule"),
    "asked": Look("asked", "busy", "send"),
    "active": Look("kept", "good", "event_available"),
    "refused": Look("refused", "bad", "thumb_down"),
    "failed": Look("failed", "bad", "error"),
    "unknown": Look("unknown", "warn", "help"),
    "used": Look("used", "good", "done_all"),
    "cancelled": Look("cancelled", "quiet", "event_busy"),
    "expired": Look("expired", "quiet", "timer_off"),
    "removed": Look("removed by the station", "warn", "remove_circle"),
    "no_transaction": Look("nobody charged", "warn", "hourglass_disabled"),
}

VERSIONS: Mapping[str, str] = {"1.6S": "1.6 SOAP"}
"""Versions of OCPP that are not called as the API spells them."""

ROLES: dict[str, Look] = {
    "viewer": Look("viewer", "quiet", "visibility"),
    "operator": Look("operator", "busy", "build"),
    "administrator": Look("administrator", "busy", "admin_panel_settings"),
}


def look_of(table: dict[str, Look], word: str | None) -> Look:
    """How a state looks, in a table's words."""
    if word is None:
        return Look("unknown", "quiet", "help")
    return table.get(word, Look(word, "quiet", "label"))


def word_of(table: Mapping[str, str], word: str) -> str:
    """What a word of the API is called; one that is not listed shows as it is spelled."""
    return table.get(word, word)
