"""N Monitoring: what stations tell of themselves becomes events and alarms, and their monitors become known.

Every event is kept. Alarms are made of those that say that something is wrong, and of statuses with an error: so a
1.6 station, which has no events, has alarms all the same. What a status or event means for connectors is decided in
``availability``, and not changed here.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from stationmaster.csms.blocks.alarms import AlarmFold, event_of
from stationmaster.csms.blocks.availability import notify_event, status_notification
from stationmaster.csms.ports import Keys
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import NotifyEvent, StatusNotification
from stationmaster.domain.monitoring.alarms import FAULTED, signs_of_status
from stationmaster.domain.secret_names import MASK, is_secret
from stationmaster.domain.station import StationState


@dataclass(frozen=True, slots=True)
class StatusNotificationBlock:
    """G01, and what is wrong at the place that it is about."""

    keys: Keys

    def __call__(self, state: StationState, request: StatusNotification, at: datetime) -> Decision:
        decision = status_notification(state, request, at)
        if request.error_code is None and request.status != FAULTED and not state.watched.alarms:
            return decision  # nearly always
        fold = AlarmFold(decision.state or state, at, self.keys)
        for sign in signs_of_status(request, state.watched.alarms, at):
            key = fold.take(sign)
            if key is not None:
                fold.keep(event_of(request, sign), sign.severity, key)
        return fold.added_to(decision)


@dataclass(frozen=True, slots=True)
class NotifyEventBlock:
    """N07, N08."""

    keys: Keys

    def __call__(self, state: StationState, request: NotifyEvent, at: datetime) -> Decision:
        request = _without_secrets(request)
        decision = notify_event(state, request, at)
        fold = AlarmFold(decision.state or state, at, self.keys)
        for event in request.events:
            fold.take_event(event)
        return fold.added_to(decision)


def _without_secrets(request: NotifyEvent) -> NotifyEvent:
    """N07.FR.10: what nobody may read has no value in an event; that of a station which sends it all the same is not
    kept."""
    if not any(is_secret(event.variable) and event.actual_value for event in request.events):
        return request
    events = [
        msgspec.structs.replace(event, actual_value=MASK) if is_secret(event.variable) and event.actual_value else event
        for event in request.events
    ]
    return msgspec.structs.replace(request, events=tuple(events))
