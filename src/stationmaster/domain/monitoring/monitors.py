"""N02-N08: monitors of variables. What is set, cleared and reported of them, and when one has something to tell.

Severities go from 0 (Danger) to 9 (Debug): the lower, the worse.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from stationmaster.domain.device_model.addresses import Characteristics, Component, ComponentVariable, Variable, parse
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.monitoring.event_streams import StreamParams

Origin = Literal["HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"]
Crossing = Literal["raised", "cleared"]

WORST, MILDEST = 0, 9
DEFAULT_SEVERITY = 5
"""Alert, which monitors have unless they are given another."""

TARGET_TYPES = frozenset({"TargetDelta", "TargetDeltaRelative"})
THRESHOLD_TYPES = frozenset({"UpperThreshold", "LowerThreshold"})
PERIODIC_TYPES = frozenset({"Periodic", "PeriodicClockAligned"})
DELTA_TYPES = frozenset({"Delta"}) | TARGET_TYPES
STREAMED_TYPES = PERIODIC_TYPES | {"Delta"}
"""Those whose values a stream may carry (N11): a bound that is crossed is for NotifyEvent alone."""

CRITERIA: Mapping[str, frozenset[str]] = {
    "ThresholdMonitoring": THRESHOLD_TYPES,
    "DeltaMonitoring": DELTA_TYPES,
    "PeriodicMonitoring": PERIODIC_TYPES,
}
"""The types of monitors that a criterion of GetMonitoringReport means (N02.FR.12-14)."""


class MonitorSetting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A monitor to be. ``id`` None: the station names it; else the one with that id is replaced.

    ``type`` and ``severity`` may be words and numbers that nobody knows: the station says so. ``transaction``: it
    counts only while a transaction goes on. ``stream``: its values are to come by a periodic event stream (N11).
    """

    component: Component
    variable: Variable
    type: str
    value: Decimal
    severity: int = DEFAULT_SEVERITY
    transaction: bool = False
    id: int | None = None
    stream: StreamParams | None = None


class MonitorResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one setting. ``id`` is set where there is a monitor now."""

    component: Component
    variable: Variable
    type: str
    severity: int
    status: str
    id: int | None = None
    reason: str | None = None
    info: str | None = None


class SetVariableMonitoring(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N04. Each setting stands alone; they are tried in this order."""

    monitors: tuple[MonitorSetting, ...]


class MonitoringAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``status`` is one word for all of the results, which stand in the order of the settings."""

    results: tuple[MonitorResult, ...] = ()


class ClearResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: int
    status: str
    reason: str | None = None
    info: str | None = None


class ClearVariableMonitoring(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N06."""

    ids: tuple[int, ...]


class ClearMonitoringAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``status`` is one word for all of the results, which stand in the order of the ids."""

    results: tuple[ClearResult, ...] = ()


class SetMonitoringBase(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N03. ``base``: All, FactoryDefault, HardWiredOnly, or a word nobody knows."""

    base: str


class SetMonitoringLevel(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N05. Monitors of a severity up to this one are reported; the number may be one that means nothing."""

    severity: int


class GetMonitoringReport(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N02. ``criteria`` are those of CRITERIA, or words nobody knows; neither these nor variables: all monitors."""

    request_id: int = 0
    criteria: tuple[str, ...] = ()
    component_variables: tuple[ComponentVariable, ...] = ()

    @property
    def is_filtered(self) -> bool:
        return bool(self.criteria or self.component_variables)


class Monitor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A monitor that is there. ``origin`` None: the version does not say (before 2.1). ``stream`` is what was asked
    for when it was set; a report does not tell it."""

    id: int
    component: Component
    variable: Variable
    type: str
    value: Decimal
    severity: int
    transaction: bool = False
    origin: Origin | None = None
    stream: StreamParams | None = None


class NotifyMonitoringReport(Request, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a report of monitors. ``request_id`` None: 2.0 may leave it out."""

    request_id: int | None
    seq_no: int
    generated_at: datetime | None = None
    to_be_continued: bool = False
    monitors: tuple[Monitor, ...] = ()


def monitor_types(characteristics: Characteristics) -> frozenset[str]:
    """The types that a variable can have, by its data type (2.0.1 part 1, §4.4).

    Those that compare with a target need one: whoever knows whether there is one takes them off.
    """
    return _TYPES.get(characteristics.data_type, frozenset({"Delta"}) | PERIODIC_TYPES)


_NUMERIC = THRESHOLD_TYPES | DELTA_TYPES | PERIODIC_TYPES
_TYPES: Mapping[str, frozenset[str]] = {
    "decimal": _NUMERIC,
    "integer": _NUMERIC,
    "dateTime": frozenset({"Delta"}),
}


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What a monitor compares. ``base`` is the value when it was set or last told; ``target`` where there is one."""

    actual: str
    base: str | None = None
    target: str | None = None


def crossed(
    monitor: Monitor, characteristics: Characteristics, observed: Observed, *, triggered: bool
) -> Crossing | None:
    """What a monitor has to tell of a value: its bound is crossed, or the value is back within (N07.FR.02, .16-.19,
    .22, .23). None: nothing new. A Delta is never cleared. A value that cannot be read tells nothing.
    """
    if monitor.type == "Delta":
        return "raised" if _differs(monitor.value, characteristics, observed) else None
    exceeds = _EXCEEDS.get(monitor.type)
    if exceeds is None:
        return None
    try:
        outside = exceeds(monitor.value, observed)
    except ValueError:
        return None
    if outside == triggered:
        return None
    return "raised" if outside else "cleared"


def _differs(least: Decimal, characteristics: Characteristics, observed: Observed) -> bool:
    """Numbers and times by more than ``least`` (a time: seconds), anything else at all."""
    if observed.base is None or observed.base == observed.actual:
        return False
    free = Characteristics(data_type=characteristics.data_type)
    try:
        before: Any = parse(free, observed.base)
        now: Any = parse(free, observed.actual)
    except ValueError:
        return True
    if isinstance(before, Decimal):
        return bool(abs(now - before) > least)
    if isinstance(before, datetime):
        return bool(abs((now - before).total_seconds()) > least)
    return True


_ANY_NUMBER = Characteristics(data_type="decimal")


def _number(text: str | None) -> Decimal:
    """Without limits: what is measured may lie outside them. Raises ValueError."""
    number = parse(_ANY_NUMBER, text or "")
    assert isinstance(number, Decimal)
    return number


def _above(bound: Decimal, observed: Observed) -> bool:
    return _number(observed.actual) > bound


def _below(bound: Decimal, observed: Observed) -> bool:
    return _number(observed.actual) < bound


def _off_target(most: Decimal, observed: Observed) -> bool:
    return abs(_number(observed.actual) - _number(observed.target)) > most


def _off_target_by_share(most: Decimal, observed: Observed) -> bool:
    target = _number(observed.target)
    return abs(_number(observed.actual) - target) > abs(most * target)


_EXCEEDS: Mapping[str, Callable[[Decimal, Observed], bool]] = {
    "UpperThreshold": _above,
    "LowerThreshold": _below,
    "TargetDelta": _off_target,
    "TargetDeltaRelative": _off_target_by_share,
}
