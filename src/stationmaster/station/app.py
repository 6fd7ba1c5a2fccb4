"""A charging station: the program on its hardware, with a line to its CSMS. The composition root of this role."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random, SystemRandom
from typing import Any

import structlog

from stationmaster.domain.data_transfer import DataTransferAnswer
from stationmaster.domain.device_model.addresses import VariableRef
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Request
from stationmaster.domain.metering.values import power_w
from stationmaster.ocpp.version import Version
from stationmaster.session.session import Side
from stationmaster.session.watch import Unwatched, Watch
from stationmaster.station.connection.gate import Handler
from stationmaster.station.connection.lines import ToCsms, line_way
from stationmaster.station.connection.network import Route
from stationmaster.station.diagnostics.tally import Tally
from stationmaster.station.metering.readings import energy_wh
from stationmaster.station.ports import (
    Clock,
    FileTransfer,
    Hardware,
    Memory,
    NoFiles,
    Offline,
    OpenLine,
    RebootFailed,
)
from stationmaster.station.program import Outside, Program
from stationmaster.station.settings import (
    BEFORE_1_6,
    FIRST_GENERATION,
    SECOND_GENERATION,
    Configuration,
    Settings,
    defaults,
    value_of,
)
from stationmaster.station.situation import charging_state
from stationmaster.station.snapshot import EvseSnapshot, StationSnapshot
from stationmaster.station.station_clock import StationClock

log = structlog.get_logger(__name__)

_CONVENTIONS = {
    **{version: FIRST_GENERATION if version.family == 1 else SECOND_GENERATION for version in Version},
    Version.V12: BEFORE_1_6,
    Version.V15: BEFORE_1_6,
}
_BOOTS = "boots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a station stands: what its program finds around it.

    ``dial`` opens its line to the one CSMS that there is, or to whichever it is sent to; a station that speaks SOAP has
    a SoapPlace there. ``keeps_own_time``: its clock runs at another speed than the CSMS's, so it is set once and not
    again at every heartbeat.
    """

    hardware: Hardware
    memory: Memory
    clock: Clock
    dial: ToCsms
    files: FileTransfer = field(default_factory=NoFiles)
    keeps_own_time: bool = False


class Station:
    """One station. Everything that must survive is in its memory: a new object on the same memory and hardware is
    the same station after a loss of power.

    ``seed`` makes transaction ids and waits repeatable, for simulations; without it they are drawn by the system.
    """

    def __init__(
        self,
        identity: str,
        version: Version,
        place: Place,
        *,
        settings: Settings | None = None,
        watch: Watch | None = None,
        seed: int | str | None = None,
    ) -> None:
        self.identity = identity
        self.version = version
        self.hardware = place.hardware
        self._memory = place.memory
        self._clock = StationClock(place.clock, set_once=place.keeps_own_time)
        self._files = place.files
        self._configuration = Configuration(place.memory, settings or defaults(version.family), _CONVENTIONS[version])
        self._lines = line_way(
            place.dial, identity, version, lambda: self._configuration.now.web_socket_ping_interval_s
        )
        self._lines.on_called(self._on_called)
        self._route = Route(self._configuration, place.memory, self._lines.preset, self._lines.can)
        self._watch = watch or Unwatched()
        self._seed = seed
        self._program: Program | None = None
        self._stopping = False
        self._running: asyncio.Task[None] | None = None
        self._tally = Tally()

    # Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Be a station until stopped or cancelled; a reset starts the program anew."""
        self._running = asyncio.current_task()
        async with asyncio.TaskGroup() as group:
            world = group.create_task(self.hardware.run())
            try:
                self._stopping = False
                while await self._run_once():
                    await self._reboot()
                    if self._stopping:
                        break
            finally:
                world.cancel()
                self._running = None

    async def _run_once(self) -> bool:
        self._program = program = Program(
            str(self.version),
            self.hardware,
            self._memory,
            self._clock,
            self._configuration,
            Outside(open_line=self._open_line, route=self._route, files=self._files, identity=self.identity),
            self._random(),
        )
        self._tally.follow(program)
        program.parts.variables.on_change.append(self._on_variable)
        try:
            return await program.run()
        finally:
            self._lines.rest()
            self._program = None
            self._tally.stop()

    async def _reboot(self) -> None:
        """OCPPCommCtrlr.ResetRetries: what did not restart is told to again; if all is in vain, its program goes on."""
        for attempt in range(self._configuration.now.reset_retries + 1):
            try:
                await self.hardware.reboot()
            except RebootFailed as failure:
                log.warning("hardware did not restart", identity=self.identity, attempt=attempt, failure=str(failure))
            else:
                return

    async def stop(self) -> None:
        """Send what can be sent, hang up, and wait for ``run`` to return. Nothing happens where it does not run."""
        running = self._running
        if running is None:
            return
        self._stopping = True
        if self._program is not None:
            self._program.end()
        await asyncio.wait((running,))

    async def cut_power(self) -> None:
        """End at once, without a word, as a loss of power does."""
        running = self._running
        if running is not None:
            running.cancel()
            await asyncio.wait((running,))

    async def _open_line(
        self, handlers: Mapping[type[Request], Handler], facts: Callable[[], StationFacts]
    ) -> OpenLine:
        side = Side(
            facts=facts,
            handlers=handlers,
            clock=self._clock,
            watch=self._watch,
            timeout_s=float(self._timeout_s()),
        )
        return await self._lines.open(side, self._route.dialled)

    def _on_called(self) -> None:
        if self._program is not None:
            self._program.link.called()

    def _on_variable(self, ref: VariableRef, before: str, now: str) -> None:
        if ref.variable.name == "WebSocketPingInterval":
            self._lines.on_ping_interval()

    def _timeout_s(self) -> int:
        """For an answer of the CSMS: what its profile says where it has set one."""
        route = self._route
        return self._configuration.now.message_timeout_s if route.is_preset else route.profile.message_timeout_s

    def _random(self) -> Random:
        """A new source at each start, for an id must never come twice (E01.FR.08)."""
        boots = int(self._memory.get(_BOOTS) or b"0") + 1
        self._memory.put(_BOOTS, str(boots).encode())
        if self._seed is None:
            return SystemRandom()
        return Random(f"{self._seed}:{self.identity}:{boots}")

    # Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def settings(self) -> Settings:
        return self._configuration.now

    def variable(self, name: str) -> str:
        """A variable by its 2.x name, e.g. ``OCPPCommCtrlr.OfflineThreshold``. Raises KeyError."""
        return value_of(self._configuration.now, name)

    def set_variable(self, name: str, text: str) -> None:
        """Change a variable for good. Raises KeyError for an unknown one, ValueError for a bad value."""
        self._configuration.change(name, text)

    # Telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def transfer_data(
        self, vendor_id: str, message_id: str | None = None, data: Any = None
    ) -> DataTransferAnswer:
        """Send the CSMS a vendor's message (P02). Raises NotTold (Offline while there is no line)."""
        if self._program is None:
            raise Offline("the station does not run")
        return await self._program.vendor_messages.send(vendor_id, message_id, data)

    # Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def snapshot(self) -> StationSnapshot:
        program, counts = self._program, self._tally.now()
        return StationSnapshot(
            identity=self.identity,
            version=str(self.version),
            running=program is not None,
            online=program is not None and program.link.online,
            registration=None if program is None else program.provisioning.status,
            evses=() if program is None else tuple(map(self._evse, program.transactions.evse_ids)),
            queued=self._memory.queue_length(),
            boots=int(self._memory.get(_BOOTS) or b"0"),
            connections=counts.connections,
            transactions_started=counts.started,
            transactions_ended=counts.ended,
            messages=counts.messages,
        )

    def _evse(self, evse_id: int) -> EvseSnapshot:
        assert self._program is not None
        state = self._program.transactions.state(evse_id)
        connector = Evse(evse_id, state.situation.connector or 1)
        return EvseSnapshot(
            id=evse_id,
            status=self._program.availability.status(connector).status,
            plugged=state.situation.connector,
            authorized=state.situation.authorized,
            charging_state=None if state.transaction is None else charging_state(state.situation),
            transaction_id=None if state.transaction is None else state.transaction.id,
            power_w=power_w(self.hardware.read_meter(evse_id)) or Decimal(0),
            energy_wh=energy_wh(self.hardware, evse_id),
        )
