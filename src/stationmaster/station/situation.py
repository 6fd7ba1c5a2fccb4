"""What goes on at one EVSE, as a table: the rules of starting, going on and ending (OCPP 2.0.1 part 2, E01, E06).

Theory of operation. A *situation* says what holds at an EVSE now. From it follow the *points* of a transaction that
are reached (plugged in: EVConnected; plugged in and authorized: PowerPathClosed; ...). A *happening* is one row of
`HAPPENINGS`: it changes the situation and names the triggerReason. When a point that TxStartPoint lists comes to
hold, a transaction starts; when one that TxStopPoint lists ceases to hold, it ends; anything else updates it.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from stationmaster.domain.messages import ChargingState, EventType
from stationmaster.station.settings import TxPoint

Ending = Literal["by points", "always", "unless parked"]
Name = Literal[
    "plugged",
    "unplugged",
    "unplugged for good",
    "authorized",
    "remotely started",
    "stopped by driver",
    "stopped by master pass",
    "stopped remotely",
    "stopped by car",
    "deauthorized",
    "deauthorized, cable kept",
    "connection timed out",
    "plug timed out",
    "drawing",
    "not drawing",
    "allowed",
    "disallowed",
    "invalid but going on",
    "reset",
    "unlocked",
    "power lost",
    "resumed",
    "faulted",
]


class Situation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``connector``: the plugged one. ``drawing`` is None until the car's wish is known. ``allowed``: the station lets
    energy flow if authorized (False: SuspendedEVSE). ``finished``: a transaction ended and the plug is still in.
    """

    connector: int | None = None
    authorized: bool = False
    drawing: bool | None = None
    allowed: bool = True
    finished: bool = False

    @property
    def path_closed(self) -> bool:
        """Whether energy may flow now."""
        return self.connector is not None and self.authorized and self.allowed


class Happening(msgspec.Struct, frozen=True):
    """A row: what it changes, which triggerReason and stoppedReason it has, and how it ends a transaction."""

    trigger: str
    changes: Mapping[str, Any]
    stopped_reason: str | None = None
    ending: Ending = "by points"


_UNAUTHORIZED: dict[str, Any] = {"authorized": False, "drawing": None}
_GONE: dict[str, Any] = {"connector": None, "drawing": None, "finished": False}

HAPPENINGS: Mapping[Name, Happening] = {
    "plugged": Happening("CablePluggedIn", {"drawing": None}),
    "unplugged": Happening("EVCommunicationLost", _GONE, "EVDisconnected"),
    "unplugged for good": Happening("EVCommunicationLost", _GONE | _UNAUTHORIZED, "EVDisconnected"),  # E09.FR.01
    "authorized": Happening("Authorized", {"authorized": True, "finished": False}),
    "remotely started": Happening("RemoteStart", {"authorized": True, "finished": False}),
    "stopped by driver": Happening("StopAuthorized", _UNAUTHORIZED, "Local"),
    "stopped by master pass": Happening("StopAuthorized", _UNAUTHORIZED, "MasterPass", "always"),  # C16
    "stopped remotely": Happening("RemoteStop", _UNAUTHORIZED, "Remote"),
    "stopped by car": Happening("StopAuthorized", _UNAUTHORIZED, "StoppedByEV"),  # E15.FR.04, .05
    "deauthorized": Happening("Deauthorized", _UNAUTHORIZED, "DeAuthorized"),  # C15.FR.03, .04
    "deauthorized, cable kept": Happening("Deauthorized", _UNAUTHORIZED, "DeAuthorized"),  # C15.FR.05
    "connection timed out": Happening("EVConnectTimeout", _UNAUTHORIZED, "Timeout", "unless parked"),  # E03.FR.05, .15
    "plug timed out": Happening("EVConnectTimeout", {"finished": True}),  # 1.6 errata 3.20
    "drawing": Happening("ChargingStateChanged", {"drawing": True}),
    "not drawing": Happening("ChargingStateChanged", {"drawing": False}, "StoppedByEV"),
    "allowed": Happening("ChargingStateChanged", {"allowed": True, "drawing": None}),
    "disallowed": Happening("ChargingStateChanged", {"allowed": False, "drawing": None}, "Other"),
    "invalid but going on": Happening(
        "ChargingStateChanged", {"allowed": False, "drawing": None}, "DeAuthorized"
    ),  # C15.FR.06
    "reset": Happening("ResetCommand", _UNAUTHORIZED, "ImmediateReset", "always"),  # B12.FR.04
    "unlocked": Happening("UnlockCommand", _UNAUTHORIZED, "Other", "always"),
    "power lost": Happening("AbnormalCondition", _UNAUTHORIZED, "PowerLoss", "always"),
    "resumed": Happening("TxResumed", {"drawing": None}),
    "faulted": Happening("AbnormalCondition", _UNAUTHORIZED, "Other", "always"),  # E06.FR.16
}

_SILENT_IF_SAME: frozenset[Name] = frozenset({"drawing", "not drawing", "allowed", "disallowed"})


def points(situation: Situation) -> frozenset[TxPoint]:
    """The points of a transaction that hold in a situation."""
    held: dict[TxPoint, bool] = {
        "EVConnected": situation.connector is not None,
        "Authorized": situation.authorized,
        "PowerPathClosed": situation.connector is not None and situation.authorized,
        "EnergyTransfer": situation.drawing is True,
        # A fixed EVSE without a bay sensor: the bay is taken while a car is plugged in.
        "ParkingBayOccupancy": situation.connector is not None,
    }
    return frozenset(point for point, holds in held.items() if holds)


def charging_state(situation: Situation) -> ChargingState:
    """2.0.1 part 2, ChargingStateEnumType; a station that pauses wins over a car that does (1.6 §4.9)."""
    if situation.connector is None:
        return "Idle"
    if not situation.authorized:
        return "EVConnected"
    if not situation.allowed:
        return "SuspendedEVSE"
    if situation.drawing is None:
        return "EVConnected"
    return "Charging" if situation.drawing else "SuspendedEV"


def after(before: Situation, name: Name, connector: int | None = None) -> Situation:
    """The situation after a happening; ``connector`` belongs to "plugged" alone."""
    changes = dict(HAPPENINGS[name].changes)
    if name == "plugged":
        changes["connector"] = connector
    return msgspec.structs.replace(before, **changes)


def event_type(
    name: Name,
    before: Situation,
    now: Situation,
    *,
    running: bool,
    start_points: tuple[TxPoint, ...],
    stop_points: tuple[TxPoint, ...],
) -> EventType | None:
    """What becomes of the transaction, None: nothing to tell."""
    had, has = points(before), points(now)
    if not running:
        gained = has - had
        # No energy without a transaction: one that ended does not keep a second authorization from starting another.
        reached = has if "PowerPathClosed" in gained else gained
        return "Started" if reached & set(start_points) else None
    ending = HAPPENINGS[name].ending
    if ending == "always" or (ending == "unless parked" and "ParkingBayOccupancy" not in stop_points):
        return "Ended"
    if (had - has) & set(stop_points):
        return "Ended"
    if name in _SILENT_IF_SAME and charging_state(before) == charging_state(now):
        return None
    return "Updated"
