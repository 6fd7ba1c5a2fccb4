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

Ending = Literal["by points", "always", "unless parked", "with energy"]
"""``with energy``: where the end of the energy transfer is a stop point, whether or not energy flows."""
Hold = Literal["smart", "invalid", "limit", "resumed", "slot"]
"""Why the station lets no energy flow: smart charging, a refused token (C15.FR.06), a limit that is reached (E16), a
transaction that was interrupted (E17), a battery that is not to be charged now (S04)."""
Name = Literal[
    "parked",
    "departed",
    "plugged",
    "battery inserted",
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
    "tariff not accepted",
    "connection timed out",
    "plug timed out",
    "drawing",
    "not drawing",
    "allowed",
    "disallowed",
    "limit set",
    "energy limit reached",
    "time limit reached",
    "cost limit reached",
    "SoC limit reached",
    "invalid but going on",
    "reset",
    "unlocked",
    "power lost",
    "rebooted",
    "resumed",
    "resumed, unplugged",
    "resumed, unplugged for good",
    "faulted",
]


class Situation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``connector``: the plugged one. ``drawing`` is None until the car's wish is known. ``held``: the reasons why the
    station lets no energy flow although it is authorized (SuspendedEVSE). ``finished``: a transaction ended and the
    plug is still in. ``parked``: what the detector of the parking bay says, None where there is none. ``signed``: the
    meter signs what flows.
    """

    connector: int | None = None
    authorized: bool = False
    drawing: bool | None = None
    held: tuple[Hold, ...] = ()
    finished: bool = False
    parked: bool | None = None
    signed: bool = False

    @property
    def allowed(self) -> bool:
        """Whether the station lets energy flow once somebody is authorized."""
        return not self.held

    @property
    def path_closed(self) -> bool:
        """Whether energy may flow now."""
        return self.connector is not None and self.authorized and self.allowed


class Happening(msgspec.Struct, frozen=True):
    """A row: what it changes, which triggerReason and stoppedReason it has, how it ends a transaction, and the reason
    for which no energy flows from then on."""

    trigger: str
    changes: Mapping[str, Any]
    stopped_reason: str | None = None
    ending: Ending = "by points"
    hold: Hold | None = None


_UNAUTHORIZED: dict[str, Any] = {"authorized": False, "drawing": None}
_GONE: dict[str, Any] = {"connector": None, "drawing": None, "finished": False}
_STILL: dict[str, Any] = {"drawing": None}


def _reached(trigger: str, stopped_reason: str) -> Happening:
    return Happening(trigger, _STILL, stopped_reason, "with energy", "limit")


HAPPENINGS: Mapping[Name, Happening] = {
    "parked": Happening("EVDetected", {"parked": True}),  # E01.FR.01
    "departed": Happening("EVDeparted", {"parked": False}, "Local"),  # E06.FR.01
    "plugged": Happening("CablePluggedIn", {"drawing": None}),
    "battery inserted": Happening(
        "CablePluggedIn", {"authorized": True, "drawing": True, "held": (), "finished": False}
    ),  # S04.FR.02, .03
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
    "tariff not accepted": Happening("TariffNotAccepted", _UNAUTHORIZED, "DeAuthorized"),  # I07.FR.30, I08.FR.20
    "connection timed out": Happening("EVConnectTimeout", _UNAUTHORIZED, "Timeout", "unless parked"),  # E03.FR.05, .15
    "plug timed out": Happening("EVConnectTimeout", {"finished": True}),  # 1.6 errata 3.20
    "drawing": Happening("ChargingStateChanged", {"drawing": True}),
    "not drawing": Happening("ChargingStateChanged", {"drawing": False}, "StoppedByEV"),
    "allowed": Happening("ChargingStateChanged", _STILL),
    "disallowed": Happening("ChargingStateChanged", _STILL, "Other"),
    "limit set": Happening("LimitSet", {}),  # E16.FR.01, .03
    "energy limit reached": _reached("EnergyLimitReached", "EnergyLimitReached"),  # E16.FR.05, .06; S04.FR.06
    "time limit reached": _reached("TimeLimitReached", "TimeLimitReached"),
    "cost limit reached": _reached("CostLimitReached", "LocalOutOfCredit"),
    "SoC limit reached": _reached("SoCLimitReached", "SOCLimitReached"),
    "invalid but going on": Happening("ChargingStateChanged", _STILL, "DeAuthorized", hold="invalid"),  # C15.FR.06
    "reset": Happening("ResetCommand", _UNAUTHORIZED, "ImmediateReset", "always"),  # B12.FR.04
    "unlocked": Happening("UnlockCommand", _UNAUTHORIZED, "Other", "always"),
    "power lost": Happening("AbnormalCondition", _UNAUTHORIZED, "PowerLoss", "always"),
    "rebooted": Happening("AbnormalCondition", _UNAUTHORIZED, "Reboot", "always"),  # E17.FR.22
    "resumed": Happening("TxResumed", {}),
    "resumed, unplugged": Happening("TxResumed", _GONE, "EVDisconnected"),  # E17.FR.16
    "resumed, unplugged for good": Happening("TxResumed", _GONE | _UNAUTHORIZED, "EVDisconnected"),
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
        "DataSigned": situation.signed,
        # Without a detector the bay counts as taken while a car is plugged in.
        "ParkingBayOccupancy": situation.connector is not None if situation.parked is None else situation.parked,
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


def after(before: Situation, name: Name, connector: int | None = None, hold: Hold | None = None) -> Situation:
    """The situation after a happening; ``connector`` belongs to what is plugged or inserted alone, ``hold`` to what is
    allowed or disallowed."""
    changes = dict(HAPPENINGS[name].changes)
    if name in ("plugged", "battery inserted"):
        changes["connector"] = connector
    reason = hold or HAPPENINGS[name].hold
    if reason is not None:
        others = tuple(held for held in before.held if held != reason)
        changes["held"] = others if name == "allowed" else (*others, reason)
    elif changes.get("connector", before.connector) is None:
        changes["held"] = tuple(held for held in before.held if held != "resumed")  # the car is not the same any more
    return msgspec.structs.replace(before, **changes)


def start_trigger(name: Name, before: Situation, now: Situation, start_points: tuple[TxPoint, ...]) -> str:
    """The triggerReason of a start: the signed value is it where nothing else would have started it (E01.FR.04)."""
    reached = _newly(points(before), points(now)) & set(start_points)
    return "SignedDataReceived" if reached == {"DataSigned"} else HAPPENINGS[name].trigger


def _newly(had: frozenset[TxPoint], has: frozenset[TxPoint]) -> frozenset[TxPoint]:
    """No energy without a transaction: one that ended does not keep a second authorization from starting another."""
    gained = has - had
    return has if "PowerPathClosed" in gained else gained


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
        return "Started" if _newly(had, has) & set(start_points) else None
    ending = HAPPENINGS[name].ending
    if ending == "always" or (ending == "unless parked" and "ParkingBayOccupancy" not in stop_points):
        return "Ended"
    if ending == "with energy" and "EnergyTransfer" in stop_points:
        return "Ended"
    if (had - has) & set(stop_points):
        return "Ended"
    if name in _SILENT_IF_SAME and charging_state(before) == charging_state(now):
        return None
    return "Updated"
