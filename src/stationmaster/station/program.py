"""The station's program from one start to the next: its blocks, wired together.

A restart throws all of this away and builds it anew from memory, so that a reset, a loss of power and a new process
are one and the same to every block.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from random import Random
from typing import Any
from uuid import UUID

from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    ChangeAvailability,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.station import display
from stationmaster.station.back_off import BackOff
from stationmaster.station.blocks.authorization import Authorization
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.metering import Metering
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.reader import Reader
from stationmaster.station.blocks.remote_control import RemoteControl
from stationmaster.station.blocks.reset import Resetting
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.blocks.trigger import Trigger
from stationmaster.station.blocks.verdicts import Verdicts
from stationmaster.station.gate import Handler, guarded
from stationmaster.station.link import Link
from stationmaster.station.ports import Hardware, HardwareDescription, Memory, OpenLine
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.settings import Configuration
from stationmaster.station.station_clock import StationClock

OpenLineFor = Callable[[Mapping[type[Request], Handler], Callable[[], StationFacts]], Awaitable[OpenLine]]
"""Dial, and answer the CSMS with these handlers."""

_BOOT_REASON = "boot_reason"


class Program:
    """Fulfils `link.Follower`. ``run`` is called once."""

    def __init__(
        self,
        version: str,
        hardware: Hardware,
        memory: Memory,
        clock: StationClock,
        configuration: Configuration,
        open_line: OpenLineFor,
        random: Random,
    ) -> None:
        self._hardware = hardware
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._rebooting = False
        description = hardware.describe()
        self._version = version
        self._connectors = connector_numbers(description)
        self.link = Link(lambda: open_line(self._handlers, self.facts), BackOff(random), clock, configuration)
        self.queue = TransactionQueue(memory, self.link, clock, configuration)
        self.transactions = Transactions(
            hardware, memory, clock, configuration, self.queue, lambda: _transaction_id(random), self.spawn
        )
        self.provisioning = Provisioning(description.info, self._boot_reason(), self.link, clock, configuration)
        self._wire()

    def _wire(self) -> None:
        """The blocks that stand upon the first few."""
        hardware, clock, configuration = self._hardware, self._clock, self._configuration
        cache = AuthorizationCache(self._memory, clock, configuration)
        authorization = Authorization(self.link, cache, configuration)
        self.availability = Availability(hardware, self.transactions, self._memory, self.link, clock, configuration)
        self.metering = Metering(hardware, self.transactions, self.link, clock, configuration)
        resetting = Resetting(self.transactions, configuration, self.reboot, self.spawn)
        self.transactions.may_start = self.availability.usable
        self.transactions.observers += [self.availability, self.metering, resetting]
        verdicts = Verdicts(self.transactions, cache, hardware, clock, configuration, self.spawn)
        self.queue.on_answer = verdicts.on_answer
        remote = RemoteControl(
            hardware,
            self.transactions,
            self.availability,
            authorization,
            configuration,
            self.queue.own_id,
            self.spawn,
        )
        trigger = Trigger(self.provisioning, self.availability, self.transactions, self.metering, self.spawn)
        self._reader = Reader(hardware, self.transactions, authorization, self.availability, configuration, self.spawn)
        self._handlers = guarded(
            {
                ChangeAvailability: self.availability.change,
                RequestStartTransaction: remote.start,
                RequestStopTransaction: remote.stop,
                UnlockConnector: remote.unlock,
                TriggerMessage: trigger.trigger,
                Reset: resetting.reset,
            },
            lambda: self.provisioning.status,
        )

    # Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something until the program ends; what it raises ends the program."""
        task = self._group.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> bool:
        """Work until told to end; True: to be started again."""
        try:
            async with asyncio.TaskGroup() as self._group:
                await self._work()
        finally:
            self._hardware.attach(None)
        return self._rebooting

    async def _work(self) -> None:
        self._hardware.show(None, display.STARTING)
        for evse_id in self.transactions.evse_ids:
            self._hardware.set_contactor(evse_id, False)
        self.transactions.recover()
        self._hardware.attach(self._reader)
        for evse_id in self.transactions.evse_ids:
            self.availability.on_evse(evse_id)
        self.spawn(self.link.run(self))
        self.spawn(self.queue.run())
        self.spawn(self.availability.run())
        self.spawn(self.metering.run())
        await self._ended.wait()
        self._hardware.attach(None)  # what people do from now on is found out at the next start
        await self._drain()
        self.link.close()
        for task in tuple(self._tasks):
            task.cancel()

    def reboot(self, reason: str) -> None:
        """End this run and have another one, which gives this BootReason."""
        self._memory.put(_BOOT_REASON, reason.encode())
        self._rebooting = True
        self._ended.set()

    def end(self) -> None:
        """End for good."""
        self._ended.set()

    async def _drain(self) -> None:
        """Send what can still be sent (B12.FR.04); the rest waits in memory (B12.FR.05)."""
        until = self._clock.monotonic() + self._configuration.now.message_timeout_s
        while self.link.ready and len(self.queue) and self._clock.monotonic() < until:
            await self._clock.sleep(0.25)

    # link.Follower ────────────────────────────────────────────────────────────────────────────────────────────────

    async def register(self) -> None:
        await self.provisioning.register()

    def on_ready(self, first: bool, away_s: float) -> None:
        if first or away_s > self._configuration.now.offline_threshold_s:  # B04.FR.01
            self.availability.report_all()
        else:
            self.availability.report_changes()  # B04.FR.02
        if first:
            self.spawn(self.provisioning.run(self.link))
        self.queue.resume()

    def on_lost(self) -> None:
        self.queue.went_offline()

    # Facts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def facts(self) -> StationFacts:
        return StationFacts(
            version=self._version,
            role="station",
            connectors=self._connectors,
            wire_transactions=self.queue.wire_transactions,
        )

    def _boot_reason(self) -> str:
        """B01.FR.09: why the program starts; what nobody announced was a loss of power."""
        kept = self._memory.get(_BOOT_REASON)
        self._memory.delete(_BOOT_REASON)
        return "PowerUp" if kept is None else kept.decode()


def connector_numbers(description: HardwareDescription) -> dict[int, Evse]:
    """1.x counts a station's connectors through, over all EVSEs."""
    connectors = [Evse(evse.id, connector.id) for evse in description.evses for connector in evse.connectors]
    return dict(enumerate(connectors, 1))


def _transaction_id(random: Random) -> str:
    """E01.FR.08."""
    return str(UUID(int=random.getrandbits(128), version=4))
