"""J Meter values: at intervals from a transaction's start, and at clock-aligned moments (J01, J02)."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import MeterValues
from stationmaster.domain.metering.values import MeterValue
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.metering.readings import reading
from stationmaster.station.ports import Clock, Hardware, Line, NotTold
from stationmaster.station.settings import Configuration

PERIODIC, ALIGNED, TRIGGERED = "Sample.Periodic", "Sample.Clock", "Trigger"


def next_aligned(now: datetime, interval_s: int) -> datetime:
    """The next moment after ``now`` that lies a whole number of intervals after midnight (UTC)."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (now - midnight) // timedelta(seconds=interval_s)
    return min(midnight + (passed + 1) * timedelta(seconds=interval_s), midnight + timedelta(days=1))


class Metering:
    """Runs one loop for each interval that is set, and restarts a loop when its interval changes."""

    def __init__(
        self, hardware: Hardware, transactions: Transactions, line: Line, clock: Clock, configuration: Configuration
    ) -> None:
        self._hardware = hardware
        self._transactions = transactions
        self._line = line
        self._clock = clock
        self._configuration = configuration
        self._samplers: dict[str, tuple[asyncio.Task[None], ...]] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Measure, until cancelled."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._follow_transactions(loops))
                loops.create_task(self._aligned(self._send_aligned, "aligned_interval_s"))
                loops.create_task(self._aligned(self._collect_aligned, "aligned_tx_ended_interval_s"))
        finally:
            self._samplers.clear()

    def on_evse(self, evse_id: int) -> None:
        """A transaction may have begun or ended."""
        self._changed.set()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """Nothing is measured of it."""

    def on_settings(self) -> None:
        """An interval may have changed: begin anew."""
        for tasks in self._samplers.values():
            for task in tasks:
                task.cancel()
        self._samplers.clear()
        self._changed.set()

    async def trigger(self, evse_id: int) -> None:
        """F06.FR.06: what the aligned measurands are now."""
        settings, sampled = self._configuration.now, self._configuration.conventions.triggers_sampled
        measurands = settings.tx_updated_measurands if sampled else settings.aligned_measurands
        transaction = self._transactions.state(evse_id).transaction if sampled else None
        value = self._reading(evse_id, measurands, TRIGGERED)
        if value is not None:
            await self.tell(
                MeterValues(
                    evse=Evse(evse_id),
                    meter_values=(value,),
                    transaction_id=transaction.id if transaction is not None else None,
                ),
                triggered=True,
            )

    def update(self, evse_id: int, context: str, trigger: str) -> None:
        """An Updated event with the values that are told on the way (J02.FR.11, F06.FR.07)."""
        settings = self._configuration.now
        sign = settings.sampled_sign_readings and settings.sampled_sign_updated_readings
        value = self._reading(evse_id, settings.tx_updated_measurands, context, sign=sign)
        self._transactions.update(evse_id, trigger, value)

    # Sampled ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _follow_transactions(self, loops: asyncio.TaskGroup) -> None:
        while True:
            running = {transaction.id: evse_id for evse_id, transaction in self._transactions.running()}
            for ended in self._samplers.keys() - running.keys():
                for task in self._samplers.pop(ended):
                    task.cancel()
            for begun in running.keys() - self._samplers.keys():
                self._samplers[begun] = tuple(map(loops.create_task, self._loops_for(running[begun])))
            await self._changed.wait()
            self._changed.clear()

    def _loops_for(self, evse_id: int) -> list[Coroutine[Any, Any, None]]:
        settings = self._configuration.now
        loops = []
        if settings.tx_updated_interval_s:
            loops.append(self._sampled(settings.tx_updated_interval_s, self._send_sampled, evse_id))
        if settings.tx_ended_interval_s:
            loops.append(self._sampled(settings.tx_ended_interval_s, self._collect_sampled, evse_id))
        return loops

    async def _sampled(self, interval_s: float, take: Callable[[int], None], evse_id: int) -> None:
        due = self._clock.monotonic() + interval_s
        while True:
            await self._clock.sleep(max(0.0, due - self._clock.monotonic()))
            due += interval_s
            take(evse_id)

    def _send_sampled(self, evse_id: int) -> None:
        self.update(evse_id, PERIODIC, "MeterValuePeriodic")

    def _collect_sampled(self, evse_id: int) -> None:
        settings = self._configuration.now
        sign = settings.sampled_sign_readings  # J02.FR.21
        value = self._reading(evse_id, settings.tx_ended_measurands, PERIODIC, sign=sign)
        if value is not None:
            self._transactions.collect(evse_id, value)

    # Clock-aligned ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _aligned(self, take: Callable[[datetime], Coroutine[Any, Any, None]], setting: str) -> None:
        while True:
            interval_s: int = getattr(self._configuration.now, setting)
            if not interval_s:
                await self._clock.sleep(60.0)
                continue
            due = next_aligned(self._clock.now(), interval_s)
            while (wait_s := (due - self._clock.now()).total_seconds()) > 0:
                await self._clock.sleep(min(wait_s, 60.0))  # a changed interval or clock is noticed within a minute
            if interval_s == getattr(self._configuration.now, setting):
                await take(due)

    async def _send_aligned(self, at: datetime) -> None:
        settings = self._configuration.now
        busy = {evse_id for evse_id, _ in self._transactions.running()}
        if settings.aligned_send_during_idle and busy:  # J01.FR.20
            return
        for evse_id in self._transactions.evse_ids:
            sign = evse_id in busy and settings.aligned_sign_readings and settings.aligned_sign_updated_readings
            value = self._reading(evse_id, settings.aligned_measurands, ALIGNED, at, sign=sign)
            if value is None:
                continue
            if evse_id in busy:
                self._transactions.update(evse_id, "MeterValueClock", value)  # J01.FR.22
            else:
                await self.tell(MeterValues(evse=Evse(evse_id), meter_values=(value,)))  # J01.FR.14

    async def _collect_aligned(self, at: datetime) -> None:
        settings = self._configuration.now
        measurands, sign = settings.aligned_tx_ended_measurands, settings.aligned_sign_readings  # J01.FR.21
        for evse_id in [evse_id for evse_id, _ in self._transactions.running()]:
            value = self._reading(evse_id, measurands, ALIGNED, at, sign=sign)
            if value is not None:
                self._transactions.collect(evse_id, value)

    async def tell(self, values: MeterValues, *, triggered: bool = False) -> None:
        """Values outside transactions are not kept for later: the next ones say more."""
        try:
            await self._line.perform(values, triggered=triggered)
        except NotTold:
            return

    def _reading(
        self,
        evse_id: int,
        measurands: tuple[str, ...],
        context: str,
        at: datetime | None = None,
        *,
        sign: bool = False,
    ) -> MeterValue | None:
        sign = sign and self._transactions.can_sign(evse_id)
        return reading(self._hardware, evse_id, measurands, context, at or self._clock.now(), sign=sign)
