"""What becomes of a station's alarms when it says something of them, and what others hear of it."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from stationmaster.csms.blocks.availability import is_status
from stationmaster.csms.ports import Keys
from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ConnectorStatus, EventData, StatusNotification
from stationmaster.domain.metering.readings import digest_of
from stationmaster.domain.monitoring.alarms import (
    ERROR_SEVERITIES,
    FAULTED,
    MAX_OPEN,
    Alarm,
    Change,
    Sign,
    StationEvent,
    Subject,
    again,
    ended,
    raised,
    sign_of_event,
    signs_of_status,
)
from stationmaster.domain.monitoring.monitors import MILDEST, WORST
from stationmaster.domain.records import Event, Oddity, Record
from stationmaster.domain.station import StationState


class AlarmFold:
    """What becomes of a station's alarms while one message is decided. ``keys`` None: none can be raised."""

    def __init__(self, state: StationState, at: datetime, keys: Keys | None) -> None:
        self._state = state
        self._at = at
        self._keys = keys
        self._open: dict[Subject, Alarm] = dict(state.watched.alarms)
        self._changed: dict[int, Alarm] = {}
        self._kept: list[StationEvent] = []
        self._told: list[Event] = []
        self._odd: list[Oddity] = []

    def take_event(self, event: EventData) -> None:
        """Keep it, and take what it says of an alarm."""
        severity = known_severity(self._state, event)
        signs: Iterable[Sign]
        if is_status(event):
            signs = signs_of_status(_status_of(event), self._open, self._at)
        else:
            sign = sign_of_event(event, self._at, severity)
            signs = () if sign is None else (sign,)
        taken = [self.take(sign) for sign in signs]
        self.keep(event, severity, next((key for key in reversed(taken) if key is not None), None))

    def keep(self, event: EventData, severity: int | None, alarm_key: int | None) -> None:
        self._kept.append(
            StationEvent(
                station_key=self._state.key,
                received_at=self._at,
                event=event,
                digest=digest_of(event),
                severity=severity,
                alarm_key=alarm_key,
            )
        )

    def take(self, sign: Sign) -> int | None:
        """The key of the alarm that a sign is about; None: there is none, or nothing is new about it."""
        known = self._open.get(sign.subject)
        if sign.severity is None:
            return None if known is None else self.end(known, ended(known, sign.at, self._at))
        if known is not None:
            alarm = again(known, sign)
            return None if alarm is known else self._put(alarm, "again")
        if len(self._open) >= MAX_OPEN:
            self._too_many()
            return None
        assert self._keys is not None
        alarm = raised(self._keys.take(), self._state.tenant, self._state.key, sign, self._at)
        return self._put(alarm, "raised")

    def end(self, known: Alarm, over: Alarm) -> int:
        del self._open[known.subject]
        self._changed[over.key] = over
        self._told.append(alarm_event("AlarmEnded", over, self._at))
        return over.key

    def added_to(self, decision: Decision) -> Decision:
        """The decision with the alarms' part of it."""
        records: tuple[Record, ...] = (*self._kept, *self._changed.values(), *self._odd)
        if not records:
            return decision
        state = self._state
        if self._changed:
            watched = msgspec.structs.replace(state.watched, alarms=self._open)
            state = msgspec.structs.replace(state, watched=watched)
        return msgspec.structs.replace(
            decision,
            records=(*decision.records, *records),
            events=(*decision.events, *self._told),
            state=state if self._changed else decision.state,
        )

    def _put(self, alarm: Alarm, change: Change) -> int:
        self._open[alarm.subject] = alarm
        self._changed[alarm.key] = alarm
        if change == "raised":
            self._told.append(alarm_event("AlarmRaised", alarm, self._at))
        return alarm.key

    def _too_many(self) -> None:
        detail = f"more than {MAX_OPEN} alarms at a time; this one is kept as an event alone"
        self._odd = [
            Oddity(station_key=self._state.key, at=self._at, kind="too_many_alarms", action=None, detail=detail)
        ]


def alarm_event(kind: str, alarm: Alarm, at: datetime, **more: object) -> Event:
    """What others hear of an alarm."""
    subject = alarm.subject
    evse = subject.component.evse or Evse(0)
    data = {
        "alarm": alarm.key,
        "severity": alarm.severity,
        "evse_id": evse.id,
        "connector_id": evse.connector_id or 0,
        "component": subject.component.name,
        "variable": subject.variable.name,
        "monitor": subject.monitor_id,
        "code": subject.code or alarm.tech_code,
        "vendor_error_code": alarm.vendor_error_code,
        "value": alarm.value,
        "info": alarm.info,
        **more,
    }
    return Event(kind=kind, tenant=alarm.tenant, station_key=alarm.station_key, at=at, data=data)


def without_monitors(state: StationState, gone: Collection[int | None], at: datetime) -> Decision:
    """The alarms of monitors that were taken away are over: no event says so (N07.FR.12)."""
    fold = AlarmFold(state, at, None)
    for alarm in state.watched.alarms.values():
        if alarm.subject.monitor_id in gone:
            fold.end(alarm, ended(alarm, at, at, "removed"))
    return fold.added_to(Decision())


def without_alarms(state: StationState, at: datetime) -> Decision:
    """All that are open are over: their station says no more what they were about."""
    fold = AlarmFold(state, at, None)
    for alarm in state.watched.alarms.values():
        fold.end(alarm, ended(alarm, at, at, "removed"))
    return fold.added_to(Decision())


def _status_of(event: EventData) -> StatusNotification:
    """2.1's status as a status. A techCode is an error code only where it is one of 1.6's; else it is the vendor's."""
    faulted = event.actual_value == FAULTED
    known = faulted and event.tech_code in ERROR_SEVERITIES
    return StatusNotification(
        evse=event.evse or Evse(0),
        status=msgspec.convert(event.actual_value, ConnectorStatus),
        timestamp=event.timestamp,
        error_code=event.tech_code if known else None,
        info=event.tech_info,
        vendor_error_code=None if known else event.tech_code,
    )


def event_of(status: StatusNotification, sign: Sign) -> EventData:
    """What a status says of an alarm, as the event that 2.1 would make of it."""
    component = sign.subject.component
    told = (status.vendor_id, status.vendor_error_code, status.info)
    return EventData(
        event_id=0,
        timestamp=status.timestamp,
        trigger="Alerting",
        component=component.name,
        variable="AvailabilityState",
        actual_value=status.status,
        evse=component.evse,
        cleared=sign.severity is None,
        tech_code=sign.subject.code,
        tech_info=" ".join(part for part in told if part) or None,
    )


def known_severity(state: StationState, event: EventData) -> int | None:
    """How bad an event is by what it says, or its monitor (before 2.1 an event does not say)."""
    severity = event.severity
    if severity is None and event.monitoring_id is not None:
        known = state.watched.monitors.get(event.monitoring_id)
        severity = None if known is None else known.monitor.severity
    return None if severity is None else max(WORST, min(severity, MILDEST))
