"""A station's program on a bench: hardware under the test's hand, a CSMS that follows a script, virtual time."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Answer,
    Authorize,
    AuthorizeAnswer,
    BootAnswer,
    BootNotification,
    Heartbeat,
    HeartbeatAnswer,
    IdTokenInfo,
    Request,
    StationInfo,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.domain.metering.values import Sample
from stationmaster.session.failures import CallTimedOut, ConnectionLost
from stationmaster.station.ports import (
    ConnectorDescription,
    EvseDescription,
    FileTransfer,
    HardwareDescription,
    NoFiles,
)
from stationmaster.station.program import Outside, Program
from stationmaster.station.settings import SECOND_GENERATION, Configuration, Settings, with_fields
from stationmaster.station.station_clock import StationClock
from stationmaster.storage.station_memory import RamMemory

CARD = IdToken("04AABBCC", "ISO14443")
OTHER = IdToken("04DDEEFF", "ISO14443")


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


class Line:
    """One open connection to the scripted CSMS."""

    def __init__(self, csms: "Csms") -> None:
        self._csms = csms
        self._closed = asyncio.Event()

    async def perform(self, request: Request) -> Answer:
        asking = asyncio.ensure_future(self._csms.answer(request))
        closing = asyncio.ensure_future(self._closed.wait())
        await asyncio.wait((asking, closing), return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        if asking.done():
            return asking.result()
        asking.cancel()
        raise ConnectionLost(sent=True)

    def close(self, code: int = 1000, reason: str = "") -> None:
        self._closed.set()

    async def wait_closed(self) -> None:
        await self._closed.wait()


class Csms:
    """``script`` maps a request type to a function that answers it; an exception that it returns is raised."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.reachable = True
        self.dialled: list[float] = []
        self.told: list[tuple[float, Request]] = []
        self.script: dict[type[Request], Callable[[Any], Answer | Exception]] = {
            BootNotification: lambda _: BootAnswer(status="Accepted", current_time=clock.now(), interval_s=3600),
            Heartbeat: lambda _: HeartbeatAnswer(current_time=clock.now()),
            Authorize: lambda _: AuthorizeAnswer(id_token_info=IdTokenInfo(status="Accepted")),
            TransactionEvent: lambda event: TransactionAnswer(
                id_token_info=IdTokenInfo(status="Accepted") if event.id_token else None
            ),
        }
        self.line: Line | None = None
        self._handlers: Mapping[type[Request], Any] = {}

    async def open(self, handlers: Mapping[type[Request], Any], facts: Callable[[], Any]) -> Line:
        self.dialled.append(self.clock.monotonic())
        if not self.reachable:
            raise OSError("refused")
        self._handlers = handlers
        self.line = Line(self)
        return self.line

    def drop(self, *, and_refuse: bool = True) -> None:
        assert self.line is not None
        self.reachable = not and_refuse
        self.line.close()

    async def answer(self, request: Request) -> Answer:
        self.told.append((self.clock.monotonic(), request))
        outcome = self.script.get(type(request), lambda _: ACKNOWLEDGED)(request)
        if isinstance(outcome, CallTimedOut):
            await self.clock.sleep(30)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def ask(self, request: Request) -> Any:
        """What the station answers to a command."""
        return await self._handlers[type(request)](request)

    def all(self, kind: type[Request]) -> list[Any]:
        return [request for _, request in self.told if type(request) is kind]

    @property
    def events(self) -> list[TransactionEvent]:
        return self.all(TransactionEvent)

    @property
    def statuses(self) -> list[tuple[int, int | None, str]]:
        return [(s.evse.id, s.evse.connector_id, s.status) for s in self.all(StatusNotification)]

    def times(self, kind: type[Request]) -> list[float]:
        return [at for at, request in self.told if type(request) is kind]

    def forget(self) -> None:
        self.told.clear()


class Hardware:
    """Does as it is told; the test plays cars and people by the listener."""

    def __init__(self, clock: VirtualClock, evses: int, connectors: int) -> None:
        self.clock = clock
        self.listener: Any = None
        self.cables: dict[int, int | None] = dict.fromkeys(range(1, evses + 1))
        self.closed: dict[int, bool] = dict.fromkeys(range(1, evses + 1), False)
        self.locked: set[int] = set()
        self.jammed = False
        self.energy_wh = 1000.0
        self.texts: dict[int | None, str] = {}
        self.reboots = 0
        self._connectors = connectors

    def describe(self) -> HardwareDescription:
        plugs = tuple(ConnectorDescription(id=i, type="cType2") for i in range(1, self._connectors + 1))
        return HardwareDescription(
            info=StationInfo(vendor="Stationmaster", model="Bench", serial_number="1"),
            evses=tuple(
                EvseDescription(
                    id=i, connectors=plugs, current="AC", phases=3, max_current_a=32.0, max_power_w=22_000.0
                )
                for i in self.cables
            ),
        )

    def attach(self, listener: Any) -> None:
        self.listener = listener

    async def run(self) -> None:
        await asyncio.Event().wait()

    def plugged(self, evse_id: int) -> int | None:
        return self.cables[evse_id]

    def set_contactor(self, evse_id: int, closed: bool) -> None:
        self.closed[evse_id] = closed

    def set_limit(self, evse_id: int, current_a: float | None) -> None: ...

    def lock(self, evse_id: int, connector_id: int) -> bool:
        if not self.jammed:
            self.locked.add(evse_id)
        return not self.jammed

    def unlock(self, evse_id: int, connector_id: int) -> bool:
        self.locked.discard(evse_id)
        return not self.jammed

    def read_meter(self, evse_id: int) -> list[Sample]:
        return [
            Sample(f"{self.energy_wh:.1f}", "Energy.Active.Import.Register", unit="Wh"),
            Sample("7000" if self.closed[evse_id] else "0", "Power.Active.Import", unit="W"),
            *(Sample("230", "Voltage", phase=f"L{n}-N", unit="V") for n in (1, 2, 3)),
        ]

    def show(self, evse_id: int | None, text: str) -> None:
        self.texts[evse_id] = text

    async def reboot(self) -> None:
        self.reboots += 1
        await self.clock.sleep(10)


class Bench:
    def __init__(
        self,
        *,
        evses: int = 1,
        connectors: int = 1,
        conventions: Any = SECOND_GENERATION,
        **settings: Any,
    ) -> None:
        self.clock = VirtualClock()
        self.csms = Csms(self.clock)
        self.hardware = Hardware(self.clock, evses, connectors)
        self.memory = RamMemory()
        self.initial = with_fields(
            Settings(retry_back_off_random_range_s=0, aligned_measurands=(), tx_updated_interval_s=0), settings
        )
        self.conventions = conventions
        self.files: FileTransfer = NoFiles()
        self.boots = 0

    async def __aenter__(self) -> "Bench":
        await self.power_up()
        self.csms.forget()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.power_down()

    async def power_up(self) -> None:
        self.configuration = Configuration(self.memory, self.initial, self.conventions)
        self._running = asyncio.create_task(self._run())
        await self.settle()

    async def power_down(self) -> None:
        """Without a word; the contactors fall open."""
        self._running.cancel()
        await asyncio.wait((self._running,))
        if not self._running.cancelled():
            self._running.result()
        self.hardware.closed = dict.fromkeys(self.hardware.closed, False)

    async def _run(self) -> None:
        again = True
        while again:
            self.boots += 1
            self.program = Program(
                "2.0.1",
                self.hardware,
                self.memory,
                StationClock(self.clock),
                self.configuration,
                Outside(open_line=self.csms.open, files=self.files),
                Random(self.boots),
            )
            again = await self.program.run()
            if again:
                await self.hardware.reboot()

    async def settle(self, seconds: float = 0.01) -> None:
        """Let everything happen that is due within these seconds."""
        await self.clock.sleep(seconds)

    # Cars and people ──────────────────────────────────────────────────────────────────────────────────────────────

    async def plug(self, evse_id: int = 1, connector_id: int = 1) -> None:
        self.hardware.cables[evse_id] = connector_id
        self.hardware.listener.on_cable(evse_id, connector_id, True)
        await self.settle()

    async def unplug(self, evse_id: int = 1) -> None:
        connector_id, self.hardware.cables[evse_id] = self.hardware.cables[evse_id], None
        self.hardware.listener.on_cable(evse_id, connector_id, False)
        await self.settle()

    async def swipe(self, id_token: IdToken = CARD, evse_id: int | None = 1) -> None:
        self.hardware.listener.on_token(id_token, evse_id)
        await self.settle()

    async def draw(self, drawing: bool = True, evse_id: int = 1) -> None:
        self.hardware.listener.on_ev_drawing(evse_id, drawing)
        await self.settle()

    async def charge(self, id_token: IdToken = CARD, evse_id: int = 1) -> str:
        """Plug in, be let in, take energy; the transaction's id."""
        await self.plug(evse_id)
        await self.swipe(id_token, evse_id)
        await self.draw(evse_id=evse_id)
        transaction = self.program.transactions.state(evse_id).transaction
        assert transaction is not None
        return transaction.id

    def told(self) -> list[tuple[str, str]]:
        """The events so far as (eventType, triggerReason)."""
        return [(event.event_type, event.trigger_reason) for event in self.csms.events]


@pytest.fixture(scope="session")
def bench() -> type[Bench]:
    return Bench


@pytest.fixture(scope="session")
def card() -> IdToken:
    return CARD


@pytest.fixture(scope="session")
def other_card() -> IdToken:
    return OTHER
