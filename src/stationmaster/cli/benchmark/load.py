"""The load: many stations on connections of their own, each with one CALL outstanding, in one light process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from itertools import cycle
from time import perf_counter
from typing import Any

import msgspec
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from stationmaster.cli.benchmark.scripts import Script
from stationmaster.cli.errors import CommandFailed
from stationmaster.clock.timeouts import within
from stationmaster.clock.wall import WallClock

MAX_DIALLING = 1000
"""Handshakes under way at once: no more than the servers' backlog, beyond which the kernel lets a dialler wait for a
second."""
DIAL_TIMEOUT_S = 60.0
ANSWER_TIMEOUT_S = 60.0
READ_BUFFER_BYTES = 2048

_TEXT = WSMsgType.TEXT
CALL, CALL_RESULT = 2, 3


class Tally:
    """What the stations of a fleet count together."""

    def __init__(self) -> None:
        self.running = False
        self.answered = 0
        self.wrong = 0
        self.outstanding = 0
        self.drained = asyncio.Event()

    def leave(self) -> None:
        """One station stops calling."""
        self.outstanding -= 1
        if self.outstanding == 0:
            self.drained.set()


class Station(WSListener):
    """One station, and the listener of its connection."""

    def __init__(self, identity: str, script: Script, tally: Tally, answer_type: int) -> None:
        self.identity = identity
        self._script = script
        self._tally = tally
        self._answer_type = answer_type
        self._number = 0
        self._expected = b""
        self._waiting: asyncio.Future[bytes] | None = None
        self._transport: WSTransport | None = None
        self._calling = False

    async def connect(self, url: str) -> None:
        try:
            await ws_connect(
                lambda: self,
                f"{url}/{self.identity}",
                extra_headers={"Sec-WebSocket-Protocol": self._script.subprotocol},
                websocket_handshake_timeout=DIAL_TIMEOUT_S,
                read_buffer_init_size=READ_BUFFER_BYTES,
            )
        except (WSError, OSError) as error:
            raise CommandFailed(f"{self.identity} could not connect: {error}") from error

    async def boot(self) -> None:
        """Boot; raises CommandFailed unless the server accepts it."""
        answer = await self._call(self._script.boot)
        if self._answer_type == CALL_RESULT and answer.get("status") != "Accepted":
            raise CommandFailed(f"the BootNotification of {self.identity} was answered with {answer}")

    async def begin(self) -> None:
        """Start a transaction."""
        self._script.begun(await self._call(self._script.begin))

    async def timed(self) -> float:
        """Send one measured message; the seconds until its answer."""
        began = perf_counter()
        await self._call(self._script.measured)
        return perf_counter() - began

    def start_calling(self) -> None:
        """Send measured messages, the next as soon as one is answered, while the tally says so."""
        self._calling = True
        self._send_next()

    def drop(self) -> None:
        """Cut the connection, as a failing line does."""
        if self._transport is not None:
            self._transport.disconnect(False)
            self._transport = None

    async def _call(self, write: Callable[[int], bytes]) -> Any:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.send(_TEXT, write(self._number))
        self._number += 1
        try:
            kind, _, *rest = msgspec.json.decode(await self._waiting)
        finally:
            self._waiting = None
        if kind != self._answer_type:
            raise CommandFailed(f"a call of {self.identity} was answered with {rest}")
        return rest[-1]

    def _send_next(self) -> None:
        number = self._number
        self._number = number + 1
        self._expected = b'[%d,"%d"' % (self._answer_type, number)
        assert self._transport is not None
        self._transport.send(_TEXT, self._script.measured(number))

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is not _TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if not self._calling:
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(payload)
            return
        tally = self._tally
        if payload.startswith(self._expected):
            tally.answered += 1
        else:
            tally.wrong += 1
        if tally.running:
            self._send_next()
        else:
            self._calling = False
            tally.leave()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if transport is not self._transport:
            return  # we dropped it
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(CommandFailed(f"the server closed the connection of {self.identity}"))
        if self._calling:
            self._calling = False
            self._tally.wrong += 1
            self._tally.leave()


class Burst(msgspec.Struct, frozen=True):
    """What one stretch of load came to. ``wrong`` counts answers that were errors or belonged to nothing."""

    answered: int
    wrong: int
    seconds: float


class Fleet:
    """Stations of one server. ``answer_type``: 3, or 2 for a server that sends back what it is sent."""

    def __init__(self, url: str, name: str, scripts: Iterable[Script], answer_type: int = CALL_RESULT) -> None:
        self._url = url
        self._answer_type = answer_type
        self._tally = Tally()
        self._clock = WallClock()
        self._stations = [
            Station(f"{name}-{number}", script, self._tally, answer_type) for number, script in enumerate(scripts)
        ]
        self.answered = 0
        """Measured messages that were answered, over all bursts."""

    def __len__(self) -> int:
        return len(self._stations)

    async def connect_and_boot(self) -> float:
        """Bring every station from nothing to its accepted boot, as fast as it goes; the seconds that took."""
        began = perf_counter()
        await at_most(MAX_DIALLING, (self._connect_and_boot(station) for station in self._stations))
        return perf_counter() - began

    async def begin(self) -> None:
        """A transaction on every station, where the server knows what that is."""
        if self._answer_type == CALL:
            return
        await at_most(MAX_DIALLING, (self._in_time(station.begin()) for station in self._stations))

    async def burst(self, seconds: float) -> Burst:
        """Keep one CALL outstanding on every station for this long, then wait for the last answers."""
        tally = self._tally
        tally.answered = tally.wrong = 0
        tally.outstanding, tally.running = len(self._stations), True
        tally.drained.clear()
        began = perf_counter()
        for station in self._stations:
            station.start_calling()
        await self._clock.sleep(seconds)
        tally.running = False
        await self._in_time(tally.drained.wait())
        self.answered += tally.answered
        return Burst(tally.answered, tally.wrong, perf_counter() - began)

    async def paced(self, seconds: float, per_second: float) -> list[float]:
        """Send measured messages at this rate, station after station, however long the answers take; the seconds that
        each took."""
        began = perf_counter()
        under_way: list[asyncio.Task[float]] = []
        stations = cycle(self._stations)
        for number in range(int(seconds * per_second)):
            await self._clock.sleep(max(0.0, began + number / per_second - perf_counter()))
            under_way.append(asyncio.create_task(next(stations).timed()))
        await self._in_time(asyncio.wait(under_way))
        return [task.result() for task in under_way]

    def drop(self) -> None:
        """Cut all connections at once."""
        for station in self._stations:
            station.drop()

    async def _connect_and_boot(self, station: Station) -> None:
        await station.connect(self._url)
        await self._in_time(station.boot())

    async def _in_time(self, work: Awaitable[Any]) -> None:
        try:
            await within(self._clock, ANSWER_TIMEOUT_S, work)
        except TimeoutError:
            raise CommandFailed(f"a server gave no answer within {ANSWER_TIMEOUT_S:.0f} s") from None


async def at_most(limit: int, work: Iterable[Awaitable[None]]) -> None:
    """Do all of it, never more than ``limit`` at once; the first failure ends the rest."""
    waiting = iter(work)

    async def worker() -> None:
        for item in waiting:
            await item

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())
