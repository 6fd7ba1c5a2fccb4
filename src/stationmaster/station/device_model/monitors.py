"""The monitors of a station: which there are, what speaks against a new one, and how they outlive a restart."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from stationmaster.domain.device_model.addresses import Component, Variable, VariableRef
from stationmaster.domain.monitoring.event_streams import StreamParams
from stationmaster.domain.monitoring.monitors import (
    MILDEST,
    PERIODIC_TYPES,
    STREAMED_TYPES,
    TARGET_TYPES,
    THRESHOLD_TYPES,
    WORST,
    Monitor,
    MonitorSetting,
    monitor_types,
)
from stationmaster.station.device_model.variables import Entry, Verdict
from stationmaster.station.ports import Memory

MAX_MONITORS = 500
_KEY = "monitors"
_FIRST_CUSTOM_ID = 101

PRECONFIGURED = (
    Monitor(
        id=1,
        component=Component(name="OCPPCommCtrlr"),
        variable=Variable(name="ActiveNetworkProfile"),
        type="Delta",
        value=Decimal(1),
        severity=6,
        origin="PreconfiguredMonitor",
    ),
)
"""What the maker found worth telling unasked: the station speaks to another system than before."""


class KeptMonitor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``triggered``: its bound is crossed, and the CSMS was told or would have been (N07.FR.14)."""

    monitor: Monitor
    triggered: bool = False


class _Kept(msgspec.Struct, kw_only=True):
    monitors: dict[int, KeptMonitor]
    next_id: int = _FIRST_CUSTOM_ID
    base: str = "FactoryDefault"
    level: int = MILDEST


class MonitorStore:
    """Every change is on disk when it returns (N07.FR.13)."""

    def __init__(self, memory: Memory, preconfigured: Iterable[Monitor] = PRECONFIGURED) -> None:
        self._memory = memory
        self._preconfigured = {monitor.id: KeptMonitor(monitor=monitor) for monitor in preconfigured}
        kept = memory.get(_KEY)
        self._kept = (
            _Kept(monitors=dict(self._preconfigured)) if kept is None else msgspec.json.decode(kept, type=_Kept)
        )

    @property
    def all(self) -> Mapping[int, KeptMonitor]:
        return self._kept.monitors

    @property
    def base(self) -> str:
        return self._kept.base

    @property
    def level(self) -> int:
        return self._kept.level

    def add(self, setting: MonitorSetting) -> KeptMonitor:
        """A monitor as it was set; with an id it takes the place of that one (N04.FR.12, .15)."""
        before = None if setting.id is None else self.all.get(setting.id)
        monitor_id = self._new_id() if setting.id is None else setting.id
        monitor = Monitor(
            id=monitor_id,
            component=setting.component,
            variable=setting.variable,
            type=setting.type,
            value=setting.value,
            severity=setting.severity,
            transaction=setting.transaction,
            origin="CustomMonitor",
            stream=setting.stream,
        )
        same_kind = before is not None and before.monitor.type == setting.type
        kept = KeptMonitor(monitor=monitor, triggered=before is not None and same_kind and before.triggered)
        self._kept.monitors[monitor_id] = kept
        self._save()
        return kept

    def remove(self, monitor_id: int) -> None:
        del self._kept.monitors[monitor_id]
        self._save()

    def trigger(self, monitor_id: int, triggered: bool) -> None:
        self._kept.monitors[monitor_id] = msgspec.structs.replace(self.all[monitor_id], triggered=triggered)
        self._save()

    def stream_adjusted(self, monitor_id: int, params: StreamParams) -> None:
        """N14: the stream of a monitor is opened with these from now on."""
        kept = self.all.get(monitor_id)
        if kept is not None:
            monitor = msgspec.structs.replace(kept.monitor, stream=params)
            self._kept.monitors[monitor_id] = msgspec.structs.replace(kept, monitor=monitor)
            self._save()

    def set_base(self, base: str) -> None:
        """N03.FR.03-.05. All keeps what was set; FactoryDefault brings back the maker's alone; HardWiredOnly takes
        these away, too (there are no hardwired ones here)."""
        kept = self._kept
        kept.base = base
        if base == "All":
            kept.monitors = {**self._preconfigured, **kept.monitors}
        else:
            kept.monitors = dict(self._preconfigured) if base == "FactoryDefault" else {}
        self._save()

    def set_level(self, severity: int) -> None:
        self._kept.level = severity
        self._save()

    def _new_id(self) -> int:
        monitor_id = self._kept.next_id
        self._kept.next_id += 1
        return monitor_id

    def _save(self) -> None:
        self._memory.put(_KEY, msgspec.json.encode(self._kept))


def address(of: Monitor | MonitorSetting) -> VariableRef:
    return VariableRef(component=of.component, variable=of.variable)


def refusal(setting: MonitorSetting, entry: Entry | str, known: Mapping[int, KeptMonitor]) -> Verdict | None:
    """Why a monitor cannot be set, or None (N04.FR.03-.16). ``entry``: its variable, or why there is none."""
    if isinstance(entry, str):
        return Verdict(entry, "NotFound")
    replaced = None if setting.id is None else known.get(setting.id)
    if setting.id is not None and replaced is None:  # N04.FR.13
        return Verdict("Rejected", "NotFound", "no monitor has this id")
    if replaced is not None and address(replaced.monitor) != address(setting):  # N04.FR.16
        return Verdict("Rejected", "InvalidValue", "the monitor of this id watches another variable")
    types = monitor_types(entry.characteristics) - TARGET_TYPES  # no variable of ours has a target
    if setting.type not in types or not entry.characteristics.supports_monitoring:
        return Verdict("UnsupportedMonitorType", "UnsupportedParam")
    if not WORST <= setting.severity <= MILDEST:
        return Verdict("Rejected", "ValueOutOfRange", "severities go from 0 to 9")
    return _bad_stream(setting) or _bad_value(setting, entry) or _one_too_many(setting, known)


def _bad_stream(setting: MonitorSetting) -> Verdict | None:
    """N11.FR.09; and a crossed bound is told by an event, which a stream has no words for."""
    if setting.stream is None:
        return None
    if setting.stream.is_empty:
        return Verdict("Rejected", "InvalidValue", "a stream needs an interval, a number of values, or both")
    if setting.type not in STREAMED_TYPES:
        return Verdict("Rejected", "InvalidValue", f"{setting.type} monitors have no stream")
    return None


def _bad_value(setting: MonitorSetting, entry: Entry) -> Verdict | None:
    low, high = entry.characteristics.min_limit, entry.characteristics.max_limit
    if setting.type in THRESHOLD_TYPES:
        outside = (low is not None and setting.value < low) or (high is not None and setting.value > high)
        return Verdict("Rejected", "ValueOutOfRange") if outside else None  # N04.FR.06
    if setting.type in PERIODIC_TYPES:
        fits = 1 <= setting.value <= _MAX_INTERVAL_S and setting.value == int(setting.value)
        return None if fits else Verdict("Rejected", "ValueOutOfRange", "whole seconds, from 1 to a year's")
    return Verdict("Rejected", "ValuePositiveOnly") if setting.value < 0 else None  # N04.FR.14


_MAX_INTERVAL_S = 31_536_000


def _one_too_many(setting: MonitorSetting, known: Mapping[int, KeptMonitor]) -> Verdict | None:
    wanted = (address(setting), setting.type, setting.severity)
    for kept in known.values():
        monitor = kept.monitor
        if monitor.id != setting.id and (address(monitor), monitor.type, monitor.severity) == wanted:
            return Verdict("Duplicate")  # N04.FR.10
    if setting.id is None and len(known) >= MAX_MONITORS:
        return Verdict("Rejected", "TooManyElements")
    return None
