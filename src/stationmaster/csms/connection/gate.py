"""What a station may send before its registration is accepted (B01-B03)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from stationmaster.csms.blocks.customer_information import is_inquiry_awaited
from stationmaster.csms.blocks.der import is_der_report_awaited
from stationmaster.csms.blocks.display_message import is_listing_awaited
from stationmaster.csms.blocks.firmware import is_status_awaited
from stationmaster.csms.blocks.monitors import is_awaited
from stationmaster.csms.blocks.reports import is_part_awaited
from stationmaster.domain.diagnostics.security_events import SecurityEventNotification
from stationmaster.domain.messages import (
    BootNotification,
    MeterValues,
    NotifyEvent,
    Request,
    StatusNotification,
    TransactionEvent,
    TriggerMessage,
)
from stationmaster.domain.station import Place, Station, StationState, Strictness
from stationmaster.domain.triggers import triggers_of

LASTS = timedelta(minutes=2)
"""How long after a trigger was sent its messages are waited for; the answer to the trigger comes first (F06.FR.04)."""

MAX_SUBJECTS = 200
"""Of one trigger: connectors, EVSEs or transactions that a station may have."""

Subject = Place | str


def has_registered(station: Station) -> bool:
    """Whether it is accepted and has booted here: from then on it may send anything."""
    return station.booted_at is not None and station.registration == "Accepted"


class _Window(msgspec.Struct):
    """What one trigger lets through until it is over, and the subjects of what came so far."""

    trigger: TriggerMessage
    until: datetime
    seen: set[Subject]


class Triggered:
    """What we asked a pending station to send (B02.FR.02).

    A trigger that names no EVSE asks for all of them, and for the station itself (F06.FR.11, 1.6 §5.17), so each
    connector, EVSE or transaction may be told of once; what has no such subject comes once.
    """

    __slots__ = ("_windows",)

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}

    def expect(self, trigger: TriggerMessage, sent_at: datetime) -> None:
        """The newest trigger of a message is the one that counts."""
        self._windows[trigger.requested] = _Window(trigger, sent_at + LASTS, set())

    def withdraw(self, trigger: TriggerMessage) -> None:
        """The station will not send it."""
        self._windows.pop(trigger.requested, None)

    def takes(self, request: Request, at: datetime) -> bool:
        """Whether a trigger asked for this; it is taken for its answer then, and not once more."""
        name = next((name for name in triggers_of(request) if name in self._windows), None)
        if name is None:
            return False
        window = self._windows[name]
        if at > window.until:
            del self._windows[name]
            return False
        subjects = _SUBJECTS.get(type(request), _no_subject)(request)
        new = subjects is not None and not subjects & window.seen and _asked_for(window.trigger, subjects)
        if not new or subjects is None or len(window.seen) + len(subjects) > MAX_SUBJECTS:
            return False
        window.seen |= subjects
        return True


def refused(
    state: StationState, request: Request, triggered: Triggered, strictness: Strictness, at: datetime
) -> str | None:
    """Why a request is answered with SecurityError, or None.

    A station that never booted here is let through unless we are strict: it may have booted at the system before us,
    and its transactions must not be lost.
    """
    if isinstance(request, BootNotification) or strictness == "observe":
        return None
    registration, name = state.station.registration, type(request).__name__
    if registration == "Pending" and (triggered.takes(request, at) or _is_awaited(state, request)):
        return None
    if registration == "Pending" and isinstance(request, SecurityEventNotification) and strictness == "lenient":
        return None  # the evidence is worth more than the rule
    if registration != "Accepted":
        return f"{name} before the BootNotification is accepted (B02.FR.09, B03.FR.07)"
    if state.station.booted_at is None and strictness == "strict":
        return f"{name} before any BootNotification (B01.FR.10)"
    return None


_AWAITED: tuple[Callable[[StationState, Request], bool], ...] = (
    is_awaited,
    is_part_awaited,
    is_inquiry_awaited,
    is_listing_awaited,
    is_der_report_awaited,
    is_status_awaited,
)
"""Of each block, whether a command asked for this (B02.FR.02)."""


def _is_awaited(state: StationState, request: Request) -> bool:
    return any(awaits(state, request) for awaits in _AWAITED)


def _asked_for(trigger: TriggerMessage, subjects: frozenset[Subject]) -> bool:
    """Whether they lie where the trigger asked; a place that has no meaning for a message is ignored (F06.FR.03)."""
    evse = trigger.evse
    if evse is None or evse.id == 0:
        return True
    return all(
        isinstance(subject, str)
        or (subject[0] == evse.id and (subject[1] in (0, evse.connector_id) or not evse.connector_id))
        for subject in subjects
    )


def _no_subject(_request: Request) -> frozenset[Subject]:
    return frozenset({""})


def _place(request: StatusNotification | MeterValues) -> frozenset[Subject]:
    return frozenset({(request.evse.id, request.evse.connector_id or 0)})


def _connectors(request: NotifyEvent) -> frozenset[Subject] | None:
    """2.1's form of StatusNotification; no other event was asked for."""
    if not request.events or any(event.variable != "AvailabilityState" for event in request.events):
        return None
    return frozenset(
        (event.evse.id, event.evse.connector_id or 0) if event.evse is not None else (0, 0) for event in request.events
    )


def _transaction(request: TransactionEvent) -> frozenset[Subject] | None:
    """F06.FR.07; what a station kept from before was not asked for."""
    return frozenset({request.transaction_id or ""}) if request.trigger_reason == "Trigger" else None


_SUBJECTS: dict[type[Request], Callable[..., frozenset[Subject] | None]] = {
    StatusNotification: _place,
    NotifyEvent: _connectors,
    MeterValues: _place,
    TransactionEvent: _transaction,
}
"""What of the station a request tells of (None: nothing that a trigger asks for)."""
