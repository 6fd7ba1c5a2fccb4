"""R Distributed energy resources: what the grid's operator wants of an inverter, as controls of 22 types (2.1).

A control's setting keeps the wire's own shape, as a control is set, kept and reported whole; what decides about it
(priority, start, duration) is read from it. In priorities 0 is the highest.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeVar

import msgspec

from stationmaster.domain.messages import CommandAnswer, Request

SETTING_OF: Mapping[str, str] = {
    "FixedPFAbsorb": "fixedPFAbsorb",
    "FixedPFInject": "fixedPFInject",
    "FixedVar": "fixedVar",
    "LimitMaxDischarge": "limitMaxDischarge",
    "FreqDroop": "freqDroop",
    "EnterService": "enterService",
    "Gradients": "gradient",
    **dict.fromkeys(
        (
            *("FreqWatt", "HFMustTrip", "HFMayTrip", "HVMustTrip", "HVMomCess", "HVMayTrip", "LFMustTrip"),
            *("LVMustTrip", "LVMomCess", "LVMayTrip", "PowerMonitoringMustTrip", "VoltVar", "VoltWatt"),
            *("WattPF", "WattVar"),
        ),
        "curve",
    ),
}
"""The one member of SetDERControl that the setting of a type stands in (R04.FR.16)."""
ALWAYS_DEFAULT = frozenset({"EnterService", "Gradients"})
"""Types that cannot be scheduled (R04.FR.14)."""

MAX_ID = 36
Read = TypeVar("Read")


class DERControl(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``started``: a scheduled control that has begun. ``superseded``: never to be executed (any more)."""

    id: str
    type: str
    is_default: bool
    setting: dict[str, Any]
    superseded: bool = False
    started: bool = False

    @property
    def priority(self) -> int:
        return _or_none(_whole, self.setting.get("priority")) or 0

    @property
    def starts_at(self) -> datetime | None:
        return _or_none(_moment, self.setting.get("startTime"))

    @property
    def ends_at(self) -> datetime | None:
        """None for a default, and for one that is not scheduled as it should be."""
        starts_at, duration = self.starts_at, _or_none(_seconds, self.setting.get("duration"))
        if starts_at is None or duration is None:
            return None
        try:
            return starts_at + duration
        except OverflowError:
            return datetime.max.replace(tzinfo=starts_at.tzinfo)


class SetDERControl(Request, frozen=True, kw_only=True, omit_defaults=True):
    """R04. ``settings``: by their members on the wire; exactly one is right (R04.FR.16). Status: Accepted, Rejected,
    NotSupported."""

    id: str
    type: str
    is_default: bool
    settings: dict[str, Any]


class DERAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``superseded``: the controls that are superseded from now on; the new one itself where it is not wanted."""

    superseded: tuple[str, ...] = ()


class GetDERControl(Request, frozen=True, kw_only=True, omit_defaults=True):
    """R04. What is None matches all. Status: Accepted, NotSupported, NotFound."""

    request_id: int = 0
    is_default: bool | None = None
    type: str | None = None
    id: str | None = None


class ClearDERControl(Request, frozen=True, kw_only=True, omit_defaults=True):
    """R04. Status: Accepted, NotSupported, NotFound."""

    is_default: bool
    type: str | None = None
    id: str | None = None


class ReportDERControl(Request, frozen=True, kw_only=True, omit_defaults=True):
    """R04: a part of the answer to GetDERControl. It has no number, so parts count by their arrival."""

    request_id: int
    controls: tuple[DERControl, ...] = ()
    to_be_continued: bool = False


class NotifyDERStartStop(Request, frozen=True, kw_only=True, omit_defaults=True):
    """R04.FR.20-.22: a scheduled control begins, and what it supersedes by that; or it ends."""

    id: str
    started: bool
    timestamp: datetime
    superseded: tuple[str, ...] = ()


class NotifyDERAlarm(Request, frozen=True, kw_only=True, omit_defaults=True):
    """R05: the inverter deviates because of a control, or does not any more."""

    type: str
    timestamp: datetime
    fault: str | None = None
    ended: bool = False
    extra: str | None = None


class Malformed(ValueError):
    """A control that its type does not allow. ``reason`` is a reasonCode."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def control_of(request: SetDERControl) -> DERControl:
    """The control that a request asks for. Raises Malformed (R04.FR.12-.17)."""
    wanted = SETTING_OF.get(request.type)
    if wanted is None or list(request.settings) != [wanted]:  # R04.FR.17
        raise Malformed("InvalidValue", f"{request.type} takes {wanted or 'nothing'}, and nothing else")
    control = DERControl(
        id=request.id, type=request.type, is_default=request.is_default, setting=request.settings[wanted]
    )
    for member, read in _READ.items():
        try:
            read(control.setting.get(member))
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Malformed("InvalidValue", f"{member}: {error}") from None
    scheduled = control.setting.keys() & {"startTime", "duration"}
    if request.is_default and scheduled:  # R04.FR.13
        raise Malformed("InvalidValue", "a default control has no startTime and no duration")
    if not request.is_default and request.type in ALWAYS_DEFAULT:  # R04.FR.15
        raise Malformed("InvalidValue", f"{request.type} can only be a default")
    if not request.is_default and control.ends_at is None:
        raise Malformed("MissingParam", "a scheduled control needs startTime and duration")
    return control


KnownState = Literal["sent", "rejected", "waiting", "active", "superseded", "ended", "missing"]
"""``sent``: not answered yet. ``waiting``: the station has it. ``missing``: it is wanted, but the station's report did
not have it."""


class KnownControl(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A control as the CSMS knows it. ``desired``: we set it and did not clear it. ``reported_at``: when the station
    last told of it by itself or in a report."""

    station_key: int
    control: DERControl
    state: KnownState
    desired: bool
    changed_at: datetime
    reported_at: datetime | None = None


class ControlForgotten(msgspec.Struct, frozen=True, kw_only=True):
    """A control that is neither wanted nor there."""

    station_key: int
    id: str


class OpenDERReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that has been asked for, and what of it has come. ``whole``: without criteria, so that what is not in
    it is not there."""

    whole: bool
    seen: frozenset[str] = frozenset()


class DERState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a station's controls, by id, and its reports under way, by requestId."""

    controls: Mapping[str, KnownControl] = {}
    reports: Mapping[int, OpenDERReport] = {}


class DERAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """``ended_at`` None: it holds on."""

    station_key: int
    type: str
    fault: str | None
    started_at: datetime
    received_at: datetime
    ended_at: datetime | None = None
    extra: str | None = None


class DERAlarmEnded(msgspec.Struct, frozen=True, kw_only=True):
    """Ends all open alarms of a fault: where one control took over from another, only the last is told to have ended
    (R05.FR.03, .04)."""

    station_key: int
    fault: str | None
    ended_at: datetime


class StoredAlarm(msgspec.Struct, frozen=True):
    key: int
    alarm: DERAlarm


def _whole(value: Any) -> int | None:
    number = None if value is None else int(value)
    if number is not None and number < 0:
        raise ValueError("it is 0 or more")
    return number


def _moment(text: Any) -> datetime | None:
    if text is None or isinstance(text, datetime):
        return text
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError("it needs its zone")
    return moment


def _seconds(value: Any) -> timedelta | None:
    if value is None:
        return None
    seconds = Decimal(str(value))
    if not seconds.is_finite() or seconds < 0:
        raise ValueError("it is a number of seconds")
    try:
        return timedelta(seconds=float(seconds))
    except OverflowError:
        return timedelta.max


_READ: Mapping[str, Callable[[Any], object]] = {"priority": _whole, "startTime": _moment, "duration": _seconds}


def _or_none(read: Callable[[Any], Read | None], value: Any) -> Read | None:
    """What a station reports may be anything."""
    try:
        return read(value)
    except (ValueError, TypeError, ArithmeticError):
        return None
