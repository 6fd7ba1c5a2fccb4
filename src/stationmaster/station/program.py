"""The station's program from one start to the next: its blocks at work.

A restart throws all of this away and builds it anew from memory, so that a reset, a loss of power and a new process
are one and the same to every block.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Request
from stationmaster.station import display
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.data_transfer import VendorMessages
from stationmaster.station.blocks.event_streams import EventStreams
from stationmaster.station.blocks.metering import Metering
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.security_log import SecurityLog
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.capabilities import capabilities
from stationmaster.station.connection.back_off import BackOff
from stationmaster.station.connection.boot_reason import leave_boot_reason
from stationmaster.station.connection.gate import Handler, guarded
from stationmaster.station.connection.link import Link
from stationmaster.station.connection.network import Route
from stationmaster.station.device_model.variables import Variables
from stationmaster.station.diagnostics.diary import Diary
from stationmaster.station.parts import Parts
from stationmaster.station.ports import FileTransfer, Hardware, HardwareDescription, Memory, NoFiles, OpenLine
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.settings import Configuration
from stationmaster.station.station_clock import StationClock
from stationmaster.station.wiring import wire

OpenLineFor = Callable[[Mapping[type[Request], Handler], Callable[[], StationFacts]], Awaitable[OpenLine]]
"""Dial, and answer the CSMS with these handlers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The ways out of the station. Without a ``route`` there is one CSMS. ``identity``: what the station is called
    there, as long as no network profile gives it another name."""

    open_line: OpenLineFor
    files: FileTransfer = field(default_factory=NoFiles)
    route: Route | None = None
    identity: str = ""


class Program:
    """Fulfils `link.Follower`. ``run`` is called once.

    The blocks that the station is looked at and used by have names here; any other is in ``parts`` by its class.
    """

    def __init__(
        self,
        version: str,
        hardware: Hardware,
        memory: Memory,
        clock: StationClock,
        configuration: Configuration,
        outside: Outside,
        random: Random,
    ) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._rebooting = False
        description = hardware.describe()
        self._connectors = connector_numbers(description)
        route = outside.route or Route(configuration, memory)
        self.link = Link(
            lambda: outside.open_line(self._handlers, self.facts), route, BackOff(random), clock, configuration
        )
        self.parts = Parts(
            version=version,
            hardware=hardware,
            description=description,
            memory=memory,
            clock=clock,
            configuration=configuration,
            files=outside.files,
            random=random,
            route=route,
            link=self.link,
            identity=lambda: route.identity or outside.identity,
            variables=Variables(configuration, description, version),
            spawn=self.spawn,
            reboot=self.reboot,
        )
        wire(self.parts)
        self.queue = self.parts[TransactionQueue]
        self.transactions = self.parts[Transactions]
        self.security = self.parts[SecurityLog]
        self.provisioning = self.parts[Provisioning]
        self.availability = self.parts[Availability]
        self.metering = self.parts[Metering]
        self.streams = self.parts[EventStreams]
        self.vendor_messages = self.parts[VendorMessages]
        self._diary = self.parts[Diary]
        self._handlers = guarded(self.parts.handlers, lambda: self.provisioning.status)

    # Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something until the program ends; what it raises ends the program."""
        try:
            task = self._group.create_task(coroutine)
        except RuntimeError:  # it ends just now, and so does whoever wants this
            coroutine.close()
            raise asyncio.CancelledError from None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def run(self) -> bool:
        """Work until told to end; True: to be started again."""
        try:
            async with asyncio.TaskGroup() as self._group:
                await self._work()
        finally:
            self.parts.hardware.attach(None)
            self.parts.configuration.unwatch()
        return self._rebooting

    async def _work(self) -> None:
        self.parts.hardware.show(None, display.STARTING)
        for start in self.parts.starts:
            start()
        self.spawn(self.link.run(self))
        await self._ended.wait()
        self.parts.hardware.attach(None)  # what people do from now on is found out at the next start
        await self._drain()
        self.link.close()
        for task in tuple(self._tasks):
            task.cancel()

    def reboot(self, reason: str) -> None:
        """End this run and have another one, which gives this BootReason."""
        leave_boot_reason(self.parts.memory, reason)
        self._rebooting = True
        self._ended.set()

    def end(self) -> None:
        """End for good."""
        self._ended.set()

    async def _drain(self) -> None:
        """Send what can still be sent (B12.FR.04); the rest waits in memory (B12.FR.05)."""
        until = self.parts.clock.monotonic() + self.parts.configuration.now.message_timeout_s
        while self.link.ready and len(self.queue) and self.parts.clock.monotonic() < until:
            await self.parts.clock.sleep(0.25)

    # link.Follower ────────────────────────────────────────────────────────────────────────────────────────────────

    async def register(self) -> None:
        await self.provisioning.register()

    def on_ready(self, first: bool, away_s: float) -> None:
        if first or away_s > self.parts.configuration.now.offline_threshold_s:  # B04.FR.01
            self.availability.report_all()
        else:
            self.availability.report_changes()  # B04.FR.02
        if self.provisioning.begins():
            self.spawn(self.provisioning.run(self.link))
        self._diary.note("accepted" if first else "connected")
        for resume in self.parts.resumes:
            resume()

    def on_lost(self) -> None:
        for lose in self.parts.losses:
            lose()

    # Facts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def facts(self) -> StationFacts:
        return StationFacts(
            version=self.parts.version,
            role="station",
            connectors=self._connectors,
            wire_transactions=self.queue.wire_transactions,
            capabilities=capabilities(self.parts.configuration.now, self.parts.version),
            free_vend_id_tag=self.parts.configuration.now.free_vend_id_tag,
        )


def connector_numbers(description: HardwareDescription) -> dict[int, Evse]:
    """1.x counts a station's connectors through, over all EVSEs."""
    connectors = [Evse(evse.id, connector.id) for evse in description.evses for connector in evse.connectors]
    return dict(enumerate(connectors, 1))
