"""Watching variables for the monitors that are set (N07, N08).

Settings, availability and problems tell by themselves when they change. Whatever is only measured is looked at every
few seconds, but only while a monitor compares it: a fleet has many stations, and few of them are watched so closely.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from stationmaster.clock.timeouts import within
from stationmaster.domain.device_model.addresses import VariableRef
from stationmaster.domain.messages import EventData
from stationmaster.domain.monitoring.event_streams import StreamParams
from stationmaster.domain.monitoring.monitors import PERIODIC_TYPES, Crossing, Monitor, Observed, crossed
from stationmaster.station.blocks.metering import next_aligned
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.device_model.event_queue import EventQueue
from stationmaster.station.device_model.monitors import KeptMonitor, MonitorStore, address
from stationmaster.station.device_model.variables import Entry, Variables
from stationmaster.station.ports import Clock
from stationmaster.station.settings import Configuration

SAMPLE_S = 5.0
"""How often is looked at what is only measured."""
_STREAMED = frozenset({"Periodic", "Delta"})
"""Triggers of values that a stream may carry; what alerts is told by an event."""
_TELL_BY_THEMSELVES = frozenset({"AvailabilityState", "Problem", "ActiveNetworkProfile"})


class Streams(Protocol):
    """The ways past NotifyEvent (N11)."""

    def want(self, monitoring_id: int, params: StreamParams | None) -> None:
        """From now on the monitor is to have a new stream of its own, None: it has none."""
        ...

    def add(self, monitoring_id: int, value: str, at: datetime) -> bool:
        """Whether a stream takes the value, so that no event is needed."""
        ...


@dataclass(slots=True)
class _Watch:
    """One monitor at work. ``base`` is the value when it was set, or last told, or since the restart; ``due`` is when
    a periodic one tells next, in the clock's monotonic seconds."""

    monitor: Monitor
    entry: Entry
    base: str
    due: float | None = None

    @property
    def is_measured(self) -> bool:
        return not (
            self.monitor.type in PERIODIC_TYPES
            or self.entry.writable
            or self.entry.variable.name in _TELL_BY_THEMSELVES
        )

    def value(self) -> str:
        """N07.FR.10: of what nobody may read, nothing is told."""
        return self.entry.read() if self.entry.readable else ""


class Watching:
    """What the monitors have to tell goes into their streams where these are open, else into the queue."""

    def __init__(
        self,
        store: MonitorStore,
        variables: Variables,
        queue: EventQueue,
        streams: Streams,
        transactions: Transactions,
        clock: Clock,
        configuration: Configuration,
    ) -> None:
        self._store = store
        self._variables = variables
        self._queue = queue
        self._streams = streams
        self._transactions = transactions
        self._clock = clock
        self._configuration = configuration
        self._watches: dict[int, _Watch] = {}
        self._changed = asyncio.Event()

    def begin(self, kept: KeptMonitor) -> None:
        """A monitor was set: its variable is looked at, at once."""
        watch = self._begin(kept.monitor)
        if watch is not None and kept.triggered:
            self._compare_anew(watch)
        elif watch is not None and kept.monitor.type not in PERIODIC_TYPES:
            self._compare(watch)

    def end(self, monitor_id: int) -> None:
        """A monitor is gone; one that was triggered ends without a word (N07.FR.12)."""
        self._watches.pop(monitor_id, None)
        self._streams.want(monitor_id, None)

    async def run(self) -> None:
        """Watch, until cancelled. What was triggered before a restart may be back within its bounds (N07.FR.14)."""
        for kept in tuple(self._store.all.values()):
            watch = self._begin(kept.monitor)
            if watch is not None and kept.monitor.type not in PERIODIC_TYPES:
                self._compare(watch)
        while True:
            self._changed.clear()
            due = self._next_due()
            if due is None:
                await self._changed.wait()
            else:
                await self._changed_or_due(due)
            self._tell_periodic()
            if any(watch.is_measured for watch in self._watches.values()):
                self.look()

    async def _changed_or_due(self, due: float) -> None:
        wait_s = due - self._clock.monotonic()
        if wait_s <= 0:
            return
        try:
            await within(self._clock, wait_s, self._changed.wait())
        except TimeoutError:
            return

    def _next_due(self) -> float | None:
        watches = self._watches.values()
        moments = [watch.due for watch in watches if watch.due is not None]
        if any(watch.is_measured for watch in watches):
            moments.append(self._clock.monotonic() + SAMPLE_S)
        return min(moments, default=None)

    def look(self) -> None:
        """Something may have changed that no setting holds."""
        for watch in tuple(self._watches.values()):
            if watch.monitor.type not in PERIODIC_TYPES and not watch.entry.writable:
                self._compare(watch)

    def on_variable(self, ref: VariableRef, _before: str, _now: str) -> None:
        """A setting has changed; of one that nobody may read, that is all there is to know."""
        for watch in tuple(self._watches.values()):
            if (watch.entry.component, watch.entry.variable) != (ref.component, ref.variable):
                continue
            if watch.entry.readable:
                self._compare(watch)
            elif watch.monitor.type == "Delta" and self._counts(watch.monitor):
                self._tell(watch, "Delta")

    def _begin(self, monitor: Monitor) -> _Watch | None:
        entry = self._variables.find(address(monitor))
        if isinstance(entry, str):
            return None  # this release of the program has no such variable
        watch = _Watch(monitor, entry, "")
        watch.base = watch.value()
        watch.due = self._due_after(monitor)
        self._watches[monitor.id] = watch
        self._streams.want(monitor.id, monitor.stream)
        self._changed.set()
        return watch

    def _due_after(self, monitor: Monitor) -> float | None:
        """N08.FR.06, .07."""
        if monitor.type not in PERIODIC_TYPES:
            return None
        interval_s = int(monitor.value)
        if monitor.type == "Periodic":
            return self._clock.monotonic() + interval_s
        now = self._clock.now()
        moment = next_aligned(now, interval_s)
        return self._clock.monotonic() + max((moment - now) / timedelta(seconds=1), 0.001)

    def _tell_periodic(self) -> None:
        now = self._clock.monotonic()
        for watch in tuple(self._watches.values()):
            if watch.due is not None and watch.due <= now:
                interval_s = float(watch.monitor.value)
                aligned = watch.monitor.type != "Periodic" or watch.due + interval_s <= now
                watch.due = self._due_after(watch.monitor) if aligned else watch.due + interval_s
                if self._counts(watch.monitor):
                    self._tell(watch, "Periodic")

    def _compare(self, watch: _Watch) -> None:
        monitor = watch.monitor
        if not watch.entry.readable or not self._counts(monitor):
            return
        observed = Observed(actual=watch.value(), base=watch.base)
        triggered = self._store.all[monitor.id].triggered
        self._act(watch, crossed(monitor, watch.entry.characteristics, observed, triggered=triggered))

    def _act(self, watch: _Watch, crossing: Crossing | None) -> None:
        if crossing is None:
            return
        if watch.monitor.type == "Delta":
            self._tell(watch, "Delta")
            watch.base = watch.value()
            return
        self._store.trigger(watch.monitor.id, crossing == "raised")
        self._tell(watch, "Alerting", cleared=crossing == "cleared")

    def _counts(self, monitor: Monitor) -> bool:
        """Whether a monitor is at work now: one for transactions is while one goes on there."""
        if not self._configuration.now.monitoring_enabled:
            return False
        return not monitor.transaction or self._transaction_at(monitor) is not None

    def _transaction_at(self, monitor: Monitor) -> str | None:
        evse = monitor.component.evse
        running = self._transactions.running()
        return next((tx.id for evse_id, tx in running if evse is None or evse.id == evse_id), None)

    def _tell(self, watch: _Watch, trigger: str, *, cleared: bool = False) -> None:
        monitor = watch.monitor
        if monitor.severity > self._store.level:  # N05.FR.03, N07.FR.15
            return
        if trigger in _STREAMED and self._streams.add(monitor.id, watch.value(), self._clock.now()):
            return
        in_transaction = monitor.transaction or monitor.component.evse is not None
        self._queue.add(
            EventData(
                event_id=self._queue.next_id(),
                timestamp=self._clock.now(),
                trigger=trigger,
                component=monitor.component.name,
                component_instance=monitor.component.instance,
                evse=monitor.component.evse,
                variable=monitor.variable.name,
                variable_instance=monitor.variable.instance,
                actual_value=watch.value(),
                cleared=cleared,
                monitoring_id=monitor.id,
                notification_type=monitor.origin,
                severity=monitor.severity,
                transaction_id=self._transaction_at(monitor) if in_transaction else None,
            )
        )

    def _compare_anew(self, watch: _Watch) -> None:
        """N07.FR.11: with another threshold it is told at once whether that one is crossed, too."""
        if not self._counts(watch.monitor):
            return
        observed, characteristics = Observed(actual=watch.value()), watch.entry.characteristics
        over = crossed(watch.monitor, characteristics, observed, triggered=True)
        self._act(watch, over or crossed(watch.monitor, characteristics, observed, triggered=False))
