"""F Remote control: what speaks against a command, and how one sees that it took effect."""

from collections.abc import Callable, Mapping
from typing import Any

from stationmaster.csms.blocks.reports import completes
from stationmaster.domain.device_model.addresses import ReportAnswer
from stationmaster.domain.display_message import NotifyDisplayMessages
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import (
    Answer,
    Authorize,
    AuthorizeAnswer,
    BootNotification,
    ChangeAvailability,
    CommandAnswer,
    NotifyEvent,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
    TriggerMessage,
)
from stationmaster.domain.monitoring.monitors import NotifyMonitoringReport
from stationmaster.domain.station import StationState
from stationmaster.domain.statuses import PARTIAL
from stationmaster.domain.triggers import SHOWN, triggers_of

ACCEPTING = frozenset(
    {"Accepted", "Scheduled", "Unlocked", "AcceptedCanceled", "RebootRequired", "Unpublished", PARTIAL}
)
"""The words by which a station agrees to a command."""

_NOTHING: Mapping[str, str] = {
    "GetBaseReport": "EmptyResultSet",
    "GetDERControl": "NotFound",
    "GetDisplayMessages": "Unknown",
    "GetInstalledCertificateIds": "NotFound",
    "GetMonitoringReport": "EmptyResultSet",
    "GetReport": "EmptyResultSet",
    "GetTariffs": "NoTariff",
}
"""The word by which a station tells that there is nothing of what it was asked for: an answer, and no refusal."""

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


def agrees(kind: str, status: str) -> bool:
    """Whether a station's word means that it does what it was asked, or a part of it."""
    return status in ACCEPTING or status == _NOTHING.get(kind)


def is_fulfilled(state: StationState, request: Request, answer: Answer | None) -> bool:
    """Whether all that a command asks for is there with the station's answer: there is no effect to wait for."""
    if isinstance(answer, ReportAnswer) and answer.report is not None:
        return True  # as 1.x tells a report
    if isinstance(request, ChangeAvailability):
        return _is_as_wanted(state, request)
    kind = type(request).__name__
    return kind in _EFFECTS and isinstance(answer, CommandAnswer) and answer.status == _NOTHING.get(kind)


def _is_as_wanted(state: StationState, request: ChangeAvailability) -> bool:
    """A station tells no status that has not changed."""
    wanted = request.evse or Evse(0)
    there = [
        connector.status
        for (evse_id, connector_id), connector in state.connectors.items()
        if connector_id > 0 and wanted.id in (0, evse_id) and (wanted.connector_id or connector_id) == connector_id
    ]
    return bool(there) and all((status == "Unavailable") != request.operative for status in there)


def shows(kind: str, command: Mapping[str, Any]) -> bool:
    """Whether a command has an effect that one can see, after its answer. ``command`` holds its request's fields."""
    return kind in _EFFECTS and (kind != "TriggerMessage" or command["requested"] in SHOWN)


def in_vain(kind: str, command: Mapping[str, Any], request: Request, answer: Answer) -> str | None:
    """Why nothing will come of a command, by what a station asks and is told; None: it may yet."""
    refused = _refused(answer)
    if kind != "RequestStartTransaction" or refused is None or not isinstance(request, Authorize):
        return None
    return f"the station asked about the token and was told {refused}" if _is_its_token(command, request) else None


def marred_by(kind: str, answer: Answer) -> str | None:
    """What is to be said of an effect that was seen, by what the station was told then; None: nothing."""
    refused = _refused(answer)
    if kind != "RequestStartTransaction" or refused is None:
        return None
    return f"the transaction has begun, but its token is refused: {refused}"


def _refused(answer: Answer) -> str | None:
    info = answer.id_token_info if isinstance(answer, AuthorizeAnswer | TransactionAnswer) else None
    return None if info is None or info.status == "Accepted" else info.status


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
    return _is_its_token(command, request) and not elsewhere and request.trigger_reason in _STARTING


def _is_its_token(command: Mapping[str, Any], request: Authorize | TransactionEvent) -> bool:
    wanted = IdToken(str(command["id_token"]["value"]), command["id_token"].get("type"))
    return request.id_token is not None and request.id_token.key in wanted.keys


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
    return command["requested"] in triggers_of(request)


def _monitors_reported(command: Mapping[str, Any], request: Request) -> bool:
    """The last part of the report; 2.0 may leave out which one it is of."""
    return (
        isinstance(request, NotifyMonitoringReport)
        and not request.to_be_continued
        and request.request_id in (None, command.get("request_id", 0))
    )


def _messages_listed(command: Mapping[str, Any], request: Request) -> bool:
    """The last part of the list; 2.0 may leave out which one it is of."""
    return (
        isinstance(request, NotifyDisplayMessages)
        and not request.to_be_continued
        and request.request_id in (None, command.get("request_id", 0))
    )


def _tariff_changed(command: Mapping[str, Any], request: Request) -> bool:
    """I11.FR.07."""
    return (
        isinstance(request, TransactionEvent)
        and request.transaction_id == command["transaction_id"]
        and request.trigger_reason == "TariffChanged"
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
    "GetDisplayMessages": _messages_listed,
    "ChangeTransactionTariff": _tariff_changed,
}
