"""F Remote control: what speaks against a command, and how one sees that it took effect."""

from collections.abc import Callable, Mapping
from typing import Any

from stationmaster.csms.blocks.reports import completes
from stationmaster.domain.messages import (
    BootNotification,
    NotifyEvent,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    StatusNotification,
    TransactionEvent,
    TriggerMessage,
)
from stationmaster.domain.monitoring import NotifyMonitoringReport
from stationmaster.domain.station import StationState

ACCEPTING = frozenset({"Accepted", "Scheduled", "Unlocked", "AcceptedCanceled", "RebootRequired", "Unpublished"})
"""The words by which a station agrees to a command."""

_STARTING = frozenset({"Authorized", "RemoteStart", "CablePluggedIn", "ChargingStateChanged"})
"""Why a transaction may have been put on a token; the same token may also be stopping another one just then."""


def objection(state: StationState, request: Request | None) -> str | None:
    """Why a command must not be sent to this station now, or None. ``request`` None: a raw call that no block knows."""
    registration = state.station.registration
    if registration == "Accepted" or _asks_to_boot(request):
        return None
    if registration == "Rejected":
        return "the station's registration is rejected (B03.FR.03)"
    if isinstance(request, RequestStartTransaction | RequestStopTransaction):
        return "the station's registration is not accepted yet (B02.FR.05)"
    return None


def _asks_to_boot(request: Request | None) -> bool:
    """The way out of waiting; TC_B_31 sends it to a rejected station too."""
    return isinstance(request, TriggerMessage) and request.requested == "BootNotification"


def took_effect(kind: str, command: Mapping[str, Any], request: Request) -> bool:
    """Whether what a station sends shows that a command was carried out. ``command`` holds its request's fields."""
    shows = _EFFECTS.get(kind)
    return shows is not None and shows(command, request)


def _started(command: Mapping[str, Any], request: Request) -> bool:
    if not isinstance(request, TransactionEvent) or request.event_type == "Ended":
        return False
    if request.remote_start_id is not None:
        return request.remote_start_id == int(command["remote_start_id"])
    evse = command.get("evse")
    elsewhere = evse is not None and request.evse is not None and request.evse.id != evse["id"]
    wanted = str(command["id_token"]["value"]).casefold()
    same_token = request.id_token is not None and request.id_token.key == wanted
    return same_token and not elsewhere and request.trigger_reason in _STARTING


def _stopped(command: Mapping[str, Any], request: Request) -> bool:
    return (
        isinstance(request, TransactionEvent)
        and request.transaction_id == command["transaction_id"]
        and (request.event_type == "Ended" or request.trigger_reason == "RemoteStop")
    )


def _booted(_command: Mapping[str, Any], request: Request) -> bool:
    return isinstance(request, BootNotification)


def _available(command: Mapping[str, Any], request: Request) -> bool:
    unavailable = not command["operative"]
    evse = command.get("evse") or {"id": 0}
    if isinstance(request, StatusNotification):
        there = evse["id"] in (0, request.evse.id)
        return there and (request.status == "Unavailable") == unavailable
    if isinstance(request, NotifyEvent):
        return any(
            event.variable == "AvailabilityState"
            and (event.actual_value == "Unavailable") == unavailable
            and (evse["id"] == 0 or (event.evse is not None and event.evse.id == evse["id"]))
            for event in request.events
        )
    return False


def _triggered(command: Mapping[str, Any], request: Request) -> bool:
    wanted = command["requested"]
    return type(request).__name__ == wanted or (wanted == "StatusNotification" and isinstance(request, NotifyEvent))


def _monitors_reported(command: Mapping[str, Any], request: Request) -> bool:
    """The last part of the report; 2.0 may leave out which one it is of."""
    return (
        isinstance(request, NotifyMonitoringReport)
        and not request.to_be_continued
        and request.request_id in (None, command.get("request_id", 0))
    )


_EFFECTS: dict[str, Callable[[Mapping[str, Any], Request], bool]] = {
    "RequestStartTransaction": _started,
    "RequestStopTransaction": _stopped,
    "Reset": _booted,
    "ChangeAvailability": _available,
    "TriggerMessage": _triggered,
    "GetBaseReport": completes,
    "GetReport": completes,
    "GetMonitoringReport": _monitors_reported,
}
