"""The station's program from one start to the next: its blocks, wired together.

A restart throws all of this away and builds it anew from memory, so that a reset, a loss of power and a new process
are one and the same to every block.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from stationmaster.domain.customer_information import CustomerInformation
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.device_model import GetBaseReport, GetReport, GetVariables, SetVariables, VariableRef
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.firmware import FirmwareStatusNotification, UpdateFirmware
from stationmaster.domain.identity import Evse
from stationmaster.domain.log_upload import GetLog
from stationmaster.domain.messages import (
    ChangeAvailability,
    Request,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.domain.monitoring import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.domain.network_profile import SetNetworkProfile
from stationmaster.session.vendors import installed_vendors
from stationmaster.station import display
from stationmaster.station.back_off import BackOff
from stationmaster.station.blocks.authorization import Authorization
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.battery_swap import TOLD as SWAP_TOLD
from stationmaster.station.blocks.battery_swap import BatterySwapping
from stationmaster.station.blocks.certificates import Certificates
from stationmaster.station.blocks.customer_information import CustomerData
from stationmaster.station.blocks.data_transfer import VendorMessages
from stationmaster.station.blocks.der import TOLD as DER_TOLD
from stationmaster.station.blocks.der import DERControls
from stationmaster.station.blocks.device_model import DeviceModel
from stationmaster.station.blocks.diagnostics import Diagnostics, LogSource
from stationmaster.station.blocks.event_streams import EventStreams
from stationmaster.station.blocks.firmware import FirmwareUpdates
from stationmaster.station.blocks.firmware_course import Surroundings
from stationmaster.station.blocks.metering import Metering
from stationmaster.station.blocks.monitoring import Monitoring
from stationmaster.station.blocks.network_profile import NetworkProfileSetting
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.reader import Reader
from stationmaster.station.blocks.remote_control import RemoteControl
from stationmaster.station.blocks.reset import Resetting
from stationmaster.station.blocks.security_log import SecurityLog
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.blocks.trigger import Trigger
from stationmaster.station.blocks.verdicts import Verdicts
from stationmaster.station.diary import Diary
from stationmaster.station.event_queue import EventQueue
from stationmaster.station.gate import Handler, guarded, signed_if_wanted
from stationmaster.station.link import Link
from stationmaster.station.live_values import as_it_is, built_in, has_sockets
from stationmaster.station.local_update import UpdateStore
from stationmaster.station.log_file import about
from stationmaster.station.monitors import PRECONFIGURED, MonitorStore
from stationmaster.station.network import Route
from stationmaster.station.ports import FileTransfer, Hardware, HardwareDescription, Memory, NoFiles, OpenLine
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.settings import Configuration
from stationmaster.station.station_clock import StationClock
from stationmaster.station.told_later import ToldLater
from stationmaster.station.variables import Variables
from stationmaster.station.watching import Watching

OpenLineFor = Callable[[Mapping[type[Request], Handler], Callable[[], StationFacts]], Awaitable[OpenLine]]
"""Dial, and answer the CSMS with these handlers."""

_BOOT_REASON = "boot_reason"
_RESETS = frozenset({"RemoteReset", "ScheduledReset", "ApplicationReset", "LocalReset", "Watchdog"})
_EXTENSIONS = frozenset({"SecurityExtension"})
"""Of 1.6."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The ways out of the station. Without a ``route`` there is one CSMS."""

    open_line: OpenLineFor
    files: FileTransfer = field(default_factory=NoFiles)
    route: Route | None = None


class Program:
    """Fulfils `link.Follower`. ``run`` is called once."""

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
        self._files = outside.files
        self._hardware = hardware
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._rebooting = False
        description = hardware.describe()
        self._version = version
        self.variables = Variables(configuration, description, version)
        self._connectors = connector_numbers(description)
        self._route = outside.route or Route(configuration, memory)
        self.link = Link(
            lambda: outside.open_line(self._handlers, self.facts), self._route, BackOff(random), clock, configuration
        )
        self.queue = TransactionQueue(memory, self.link, clock, configuration)
        self.transactions = Transactions(
            hardware, memory, clock, configuration, self.queue, lambda: _transaction_id(random), self.spawn
        )
        self.security = SecurityLog(memory, self.link, clock, configuration)
        self.diary = Diary(memory, clock, self.transactions.state)
        clock.on_set = lambda difference_s: self.security.note("SettingSystemTime", f"by {difference_s:.0f} s")
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
        self.transactions.observers.append(self.diary)
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
        self.firmware = self._firmware(trigger)
        self.diagnostics = self._diagnostics(trigger, resetting)
        customers = CustomerData(cache, self.transactions, self.link, clock, self.spawn)
        self.certificates = self._certificates(trigger)
        told = (*DER_TOLD, *SWAP_TOLD)
        self.told_later = ToldLater("told_later", told, self._memory, self.link, clock, configuration)
        self.der = self._der()
        self.swapping = self._swapping()
        self.streams = EventStreams(
            self.link, clock, lambda: configuration.now.max_periodic_event_streams, self._spawn_task
        )
        self.vendor_messages = VendorMessages(installed_vendors(), self.link, clock)
        self._reader = Reader(hardware, self.transactions, authorization, self.availability, configuration, self.spawn)
        networks = NetworkProfileSetting(
            self._route, self._version, lambda: self.spawn(self.link.reconnect()), self._note_security
        )
        device = self._device_model(networks)
        self.events = EventQueue(self._memory, self.link, clock, configuration)
        monitoring = self._monitoring()
        self._handlers = guarded(
            {
                ChangeAvailability: self.availability.change,
                RequestStartTransaction: remote.start,
                RequestStopTransaction: remote.stop,
                UnlockConnector: remote.unlock,
                TriggerMessage: trigger.trigger,
                Reset: resetting.reset,
                DataTransfer: self.vendor_messages.answer,
                **self.certificates.handlers,
                **self.der.handlers,
                **self.streams.handlers,
                **({} if self.swapping is None else self.swapping.handlers),
                GetLog: self.diagnostics.get_log,
                CustomerInformation: customers.ask,
                UpdateFirmware: signed_if_wanted(self.firmware.update, self._configuration),
                GetVariables: device.get_variables,
                SetVariables: device.set_variables,
                GetBaseReport: device.base_report,
                GetReport: device.report,
                SetNetworkProfile: networks.set_profile,
                SetVariableMonitoring: monitoring.set_monitors,
                ClearVariableMonitoring: monitoring.clear_monitors,
                SetMonitoringBase: monitoring.set_base,
                SetMonitoringLevel: monitoring.set_level,
                GetMonitoringReport: monitoring.report,
            },
            lambda: self.provisioning.status,
        )

    def _certificates(self, trigger: Trigger) -> Certificates:
        info = self._hardware.describe().info
        name = info.serial_number or info.model
        made = Certificates(name, self._memory, self.link, self._clock, self._configuration, self.spawn)
        made.note = self._note_security
        for requested, send in made.triggered.items():
            trigger.offer(requested, send)
        return made

    def _der(self) -> DERControls:
        hardware, modes = self._hardware, self._hardware.describe().der_modes
        return DERControls(modes, hardware, self._memory, self.link, self._clock, self.told_later.put, self.spawn)

    def _swapping(self) -> BatterySwapping | None:
        if not self._hardware.describe().swaps_batteries:
            return None
        slots, put = self._hardware.slots(), self.told_later.put
        return BatterySwapping(slots, self._memory, self._clock, self._configuration, put, self.spawn)

    def _firmware(self, trigger: Trigger) -> FirmwareUpdates:
        around = Surroundings(
            hardware=self._hardware,
            files=self._files,
            clock=self._clock,
            configuration=self._configuration,
            sessions=self.transactions,
            availability=self.availability,
            reboot=self.reboot,
            note=self._note_security,
            online=lambda: self.link.online,
        )
        teller = ToldLater(
            "firmware.told", (FirmwareStatusNotification,), self._memory, self.link, self._clock, self._configuration
        )
        store = UpdateStore(self._memory)
        made = FirmwareUpdates(around, store, teller, self.link, self._manufacturer_roots, self.spawn)
        self.transactions.observers.append(made)
        trigger.offer("FirmwareStatusNotification", made.report, extended=partial(made.report, extended=True))
        return made

    def _manufacturer_roots(self) -> tuple[str, ...]:
        """What it trusts in firmware: what its maker built in, and what was installed later."""
        built_in = self._hardware.describe().manufacturer_roots
        return (*built_in, *self.certificates.roots("ManufacturerRootCertificate"))

    def _diagnostics(self, trigger: Trigger, resetting: Resetting) -> Diagnostics:
        description = self._hardware.describe()
        station = description.info.serial_number or description.info.model or "station"
        made = Diagnostics(station, self._memory, self.link, self._clock, self._configuration, self._files, self.spawn)
        made.sources["SecurityLog"] = LogSource(lines=self.security.lines)
        made.sources["DiagnosticsLog"] = LogSource(lines=self.diary.lines, head=self._about)
        trigger.offer("LogStatusNotification", made.report, extended=partial(made.report, extended=True))
        resetting.busy.append(lambda: made.busy)
        made.done = resetting.look_again
        return made

    def _about(self) -> list[str]:
        """The head of a diagnostics file."""
        return [
            *about(self._hardware.describe(), self._version, self._clock.now()),
            f"registration {self.provisioning.status}, {len(self.queue)} messages wait",
            *map(self.diary.situation, self.transactions.evse_ids),
        ]

    def _note_security(self, kind: str, info: str | None) -> None:
        self.security.note(kind, info)

    def _device_model(self, networks: NetworkProfileSetting) -> DeviceModel:
        """The variables at work: what tells their values, and who goes by them."""
        variables, description = self.variables, self._hardware.describe()
        variables.live |= built_in(description, self._configuration)
        variables.live |= as_it_is(self._hardware, self.availability, self.transactions, self._clock)
        if not has_sockets(description):
            variables.fixed.add("OCPPCommCtrlr.UnlockOnEVSideDisconnect")
        variables.live |= networks.live()
        variables.checks["OCPPCommCtrlr.NetworkConfigurationPriority"] = networks.check_priority
        if self._version.startswith("2"):
            variables.sources.append(networks.entries)
        variables.on_change.append(self._on_variable)
        return DeviceModel(variables, self.link, self._clock, self._configuration, self.spawn)

    def _monitoring(self) -> Monitoring:
        store = MonitorStore(self._memory, PRECONFIGURED if self._version.startswith("2") else ())
        self.watching = Watching(
            store, self.variables, self.events, self.transactions, self._clock, self._configuration
        )
        self.variables.live["MonitoringCtrlr.ActiveMonitoringBase"] = lambda _: store.base
        self.variables.live["MonitoringCtrlr.ActiveMonitoringLevel"] = lambda _: str(store.level)
        self.variables.on_change.append(self.watching.on_variable)
        self.availability.next_event_id = self.events.next_id
        self.availability.observers.append(self.watching.look)
        return Monitoring(store, self.watching, self.variables, self.link, self._clock, self.spawn)

    def _on_variable(self, ref: VariableRef, before: str, now: str) -> None:
        if ref.component.name in ("SampledDataCtrlr", "AlignedDataCtrlr"):
            self.metering.on_settings()
        elif ref.variable.name == "HeartbeatInterval":
            self.provisioning.on_settings()

    # Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something until the program ends; what it raises ends the program."""
        self._spawn_task(coroutine)

    def _spawn_task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._group.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def run(self) -> bool:
        """Work until told to end; True: to be started again."""
        try:
            async with asyncio.TaskGroup() as self._group:
                await self._work()
        finally:
            self._hardware.attach(None)
            self._configuration.unwatch()
        return self._rebooting

    async def _work(self) -> None:
        self._hardware.show(None, display.STARTING)
        for evse_id in self.transactions.evse_ids:
            self._hardware.set_contactor(evse_id, False)
        self.transactions.recover()
        self._note_start()
        self.diagnostics.recover()
        self._hardware.attach(self._reader)
        for evse_id in self.transactions.evse_ids:
            self.availability.on_evse(evse_id)
        self.spawn(self.link.run(self))
        self.spawn(self.queue.run())
        self.spawn(self.told_later.run())
        self.spawn(self.der.run())
        if self.swapping is not None:
            self.swapping.resume()
        self.spawn(self.availability.run())
        self.spawn(self.metering.run())
        self.spawn(self.events.run())
        self.spawn(self.watching.run())
        self.spawn(self.security.run())
        self.spawn(self.firmware.tell())
        self.firmware.begin()
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

    def _note_start(self) -> None:
        """A reset is an event of its own beside the start that follows it."""
        reason = self.provisioning.reason
        self.diary.note("start", reason)
        if reason in _RESETS:
            self.security.note("ResetOrReboot", reason)
        self.security.note("StartupOfTheDevice", reason)

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
        if self.provisioning.begins():
            self.spawn(self.provisioning.run(self.link))
        self.queue.resume()
        self.told_later.resume()
        self.watching.look()
        self.events.resume()
        self.firmware.resume()
        self.diary.note("accepted" if first else "connected")
        self.security.resume()
        self.diagnostics.resume()

    def on_lost(self) -> None:
        self.diary.note("connection lost")
        self.queue.went_offline()
        self.events.went_offline()

    # Facts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def facts(self) -> StationFacts:
        return StationFacts(
            version=self._version,
            role="station",
            connectors=self._connectors,
            wire_transactions=self.queue.wire_transactions,
            capabilities=_EXTENSIONS if self._configuration.now.security_extension else frozenset(),
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
