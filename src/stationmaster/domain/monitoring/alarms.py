"""Alarms: what is wrong at a station now, and was. They are made from the events and statuses that stations send.

absent ──> open ──> ended
            │ └─ again (the same subject is told of once more: counted, worse severity taken over)
            └─ acknowledged by a person, which changes nothing about what is wrong

What an alarm is about is its subject: a variable and the monitor that watches it, or a place and an error code.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.device_model.addresses import Component, Variable
from stationmaster.domain.device_model.reports import OpenReport
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import EventData, StatusNotification
from stationmaster.domain.monitoring.monitors import DEFAULT_SEVERITY, MILDEST, WORST, Monitor

Change = Literal["raised", "ended", "again"]
FAULTED = "Faulted"
MAX_OPEN = 500
"""Alarms of one station at a time: a station that makes up subjects must not fill the memory."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an alarm is about. ``code`` is set where a status told of it: 1.6's errorCode, or Faulted."""

    component: Component
    variable: Variable
    monitor_id: int | None = None
    code: str | None = None


class Alarm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``raised_at`` and ``ended_at`` are the station's times, ``received_at`` and ``closed_at`` ours.

    ``ending``: cleared (the station says that it is over) or removed (its monitor was taken away, or the station came
    back with another generation of OCPP and tells of nothing in these words). ``count``: how often the station told of
    it.
    """

    key: int
    tenant: str
    station_key: int
    subject: Subject
    severity: int
    raised_at: datetime
    received_at: datetime
    last_at: datetime
    count: int = 1
    event_id: int | None = None
    cause: int | None = None
    value: str | None = None
    tech_code: str | None = None
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None
    transaction_id: str | None = None
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    ending: Literal["cleared", "removed"] | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class AlarmAcknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """That a person has seen an alarm. The first one holds."""

    alarm_key: int
    at: datetime
    by: str
    note: str | None = None


class StationEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it was received: the evidence. A status that has to do with an alarm is kept as one, too.

    ``severity`` is what the event or its monitor says. Unique by the station's time, its number and its digest.
    """

    station_key: int
    received_at: datetime
    event: EventData
    digest: int
    severity: int | None = None
    alarm_key: int | None = None


class KnownMonitor(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor of a station as it last told of it. ``origin`` None there: not known."""

    monitor: Monitor
    told_at: datetime


class KnownMonitors(msgspec.Struct, frozen=True, kw_only=True):
    """All monitors that are known of a station; they replace those known before."""

    station_key: int
    monitors: tuple[KnownMonitor, ...]


class OpenMonitoringReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report of monitors that is being told; ``told`` are the ids in it so far."""

    report: OpenReport
    told: frozenset[int] = frozenset()


class Watched(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a station's monitors and alarms: its part of the aggregate."""

    monitors: Mapping[int, KnownMonitor] = {}
    alarms: Mapping[Subject, Alarm] = {}
    """Those that are open."""
    reports: Mapping[int, OpenMonitoringReport] = {}
    """Those asked for and not complete yet, by request id."""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says of a subject: that something is wrong there, or (``severity`` None) no longer is."""

    subject: Subject
    severity: int | None
    at: datetime
    event_id: int | None = None
    cause: int | None = None
    value: str | None = None
    tech_code: str | None = None
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None
    transaction_id: str | None = None


# ── What events say ─────────────────────────────────────────────────────────────────────────────────────────────

TROUBLE: Mapping[str, int] = {"Problem": 4, "Tripped": 3, "Overload": 4}
"""Variables that are true while something is wrong, and how bad that is where nobody says."""


def sign_of_event(event: EventData, at: datetime, severity: int | None) -> Sign | None:
    """What an event says of an alarm; None: nothing. ``severity``: what the event or its monitor says."""
    raised = _raises(event)
    if raised is None:
        return None
    trouble = event.variable in TROUBLE
    subject = Subject(
        component=Component(name=event.component, instance=event.component_instance, evse=event.evse),
        variable=Variable(name=event.variable, instance=event.variable_instance),
        monitor_id=None if trouble else event.monitoring_id,
    )
    usual = TROUBLE.get(event.variable, DEFAULT_SEVERITY)
    return Sign(
        subject=subject,
        severity=_bounded(usual if severity is None else severity) if raised else None,
        at=event.timestamp or at,
        event_id=event.event_id,
        cause=event.cause,
        value=event.actual_value,
        tech_code=event.tech_code,
        info=event.tech_info,
        transaction_id=event.transaction_id,
    )


def _raises(event: EventData) -> bool | None:
    """Whether it raises an alarm or ends one; None: neither. A Delta or a Periodic event is news, not trouble."""
    if event.cleared:
        return False
    if event.variable in TROUBLE:
        return {"true": True, "false": False}.get(event.actual_value.strip().lower())
    return True if event.trigger == "Alerting" else None


# ── What statuses say ───────────────────────────────────────────────────────────────────────────────────────────

ERROR_SEVERITIES: Mapping[str, int] = {
    "ConnectorLockFailure": 4,
    "EVCommunicationError": 6,
    "GroundFailure": 3,
    "HighTemperature": 3,
    "InternalError": 2,
    "LocalListConflict": 6,
    "Mode3Error": 4,
    "OtherError": 4,
    "OverCurrentFailure": 3,
    "OverVoltage": 3,
    "PowerMeterFailure": 1,
    "PowerSwitchFailure": 1,
    "ReaderFailure": 2,
    "ResetFailure": 2,
    "UnderVoltage": 4,
    "WeakSignal": 6,
    FAULTED: 3,
}
"""1.x's error codes on 2.x's scale. 1: hardware has failed; 2: the station cannot go on as usual; 3: somebody must act
now; 4: somebody must act; 6: perhaps somebody must."""

_UNUSABLE = 3
"""At least as bad is whatever makes a connector Faulted: nobody can charge there."""


def signs_of_status(status: StatusNotification, known: Mapping[Subject, Alarm], at: datetime) -> tuple[Sign, ...]:
    """What a status says of alarms at its place: what its error code raises, and what it ends.

    Without an error code nothing is wrong there any more, unless the place is Faulted. Another code ends none: 1.6
    tells of one error at a time, and of each that is there (1.6 §4.9).
    """
    now = status.timestamp or at
    faulted = status.status == FAULTED
    code = status.error_code or (FAULTED if faulted else None)
    component = _place(status.evse)
    over = [
        subject
        for subject in known
        if subject.code is not None
        and subject.component == component
        and subject.code != code
        and (status.error_code is None or subject.code == FAULTED)
    ]
    signs = [Sign(subject=subject, severity=None, at=now) for subject in over]
    if code is not None:
        severity = ERROR_SEVERITIES.get(code, ERROR_SEVERITIES["OtherError"])
        signs.append(
            Sign(
                subject=Subject(component=component, variable=_PROBLEM, code=code),
                severity=min(severity, _UNUSABLE) if faulted else severity,
                at=now,
                value=status.status,
                info=status.info,
                vendor_id=status.vendor_id,
                vendor_error_code=status.vendor_error_code,
            )
        )
    return tuple(signs)


_PROBLEM = Variable(name="Problem")


def _place(evse: Evse) -> Component:
    if evse.id == 0:
        return Component(name="ChargingStation")
    if evse.connector_id is None:
        return Component(name="EVSE", evse=evse)
    return Component(name="Connector", evse=evse)


def _bounded(severity: int) -> int:
    return max(WORST, min(severity, MILDEST))


# ── What becomes of an alarm ────────────────────────────────────────────────────────────────────────────────────


def raised(key: int, tenant: str, station_key: int, sign: Sign, at: datetime) -> Alarm:
    """The alarm that a sign of trouble raises."""
    assert sign.severity is not None
    return Alarm(
        key=key,
        tenant=tenant,
        station_key=station_key,
        subject=sign.subject,
        severity=sign.severity,
        raised_at=sign.at,
        received_at=at,
        last_at=sign.at,
        event_id=sign.event_id,
        cause=sign.cause,
        value=sign.value,
        tech_code=sign.tech_code,
        info=sign.info,
        vendor_id=sign.vendor_id,
        vendor_error_code=sign.vendor_error_code,
        transaction_id=sign.transaction_id,
    )


def again(alarm: Alarm, sign: Sign) -> Alarm:
    """The alarm when its station tells of it once more; the same message sent twice changes nothing."""
    if sign.at == alarm.last_at and (sign.event_id is None or sign.event_id == alarm.event_id):
        return alarm
    return msgspec.structs.replace(
        alarm,
        count=alarm.count + 1,
        last_at=max(alarm.last_at, sign.at),
        severity=alarm.severity if sign.severity is None else min(alarm.severity, sign.severity),
        event_id=sign.event_id,
        value=sign.value,
        info=sign.info or alarm.info,
        tech_code=sign.tech_code or alarm.tech_code,
        vendor_error_code=sign.vendor_error_code or alarm.vendor_error_code,
    )


def ended(alarm: Alarm, ended_at: datetime, at: datetime, ending: Literal["cleared", "removed"] = "cleared") -> Alarm:
    return msgspec.structs.replace(alarm, ended_at=ended_at, closed_at=at, ending=ending)
