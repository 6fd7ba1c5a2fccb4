"""Load in SOAP: many stations on HTTP connections that they keep, each with one request outstanding. See ``load``."""

import asyncio
from collections.abc import Awaitable, Iterable
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

from stationmaster.cli.benchmark.load import ANSWER_TIMEOUT_S, Burst, Tally, at_most
from stationmaster.cli.benchmark.soap_scripts import SoapScript
from stationmaster.cli.errors import CommandFailed
from stationmaster.clock.timeouts import within
from stationmaster.clock.wall import WallClock

MAX_DIALLING = 200
"""Connections being opened at once: no more than the backlog of the listener."""
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class SoapStation(asyncio.Protocol):
    """One station, and the protocol of its connection."""

    def __init__(self, script: SoapScript, tally: Tally) -> None:
        self.script = script
        self._tally = tally
        self._number = 0
        self._expected = b""
        self._received = b""
        self._waiting: asyncio.Future[tuple[bytes, bytes]] | None = None
        self._transport: asyncio.Transport | None = None
        self._calling = False

    async def connect(self, host: str, port: int) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        except OSError as error:
            raise CommandFailed(f"{self.script.identity} could not connect: {error}") from error

    async def boot(self) -> None:
        """Boot; raises CommandFailed unless the server accepts it."""
        answer = await self._ask(self.script.boot(self._number))
        if b"status>Accepted<" not in answer:
            raise CommandFailed(f"the BootNotification of {self.script.identity} was answered with {answer!r}")

    async def begin(self) -> None:
        """Start a transaction."""
        self.script.begun(await self._ask(self.script.begin(self._number)))

    def start_calling(self) -> None:
        """Send measured messages, the next as soon as one is answered, while the tally says so."""
        self._calling = True
        if self._transport is None:
            self._lost()
        else:
            self._send_next()

    def drop(self) -> None:
        """Cut the connection."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    async def _ask(self, request: bytes) -> bytes:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        self._number += 1
        try:
            head, body = await self._waiting
        finally:
            self._waiting = None
        if not _is_good(head):
            raise CommandFailed(f"a request of {self.script.identity} was answered with {head!r} {body!r}")
        return body

    def _send_next(self) -> None:
        number = self._number
        self._number = number + 1
        self._expected = self.script.message_id(number)
        assert self._transport is not None
        self._transport.write(self.script.measured(number))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(_HEAD_END)
        if end and len(body) >= _length(head):
            self._received = b""
            self._answered(head, body)

    def _answered(self, head: bytes, body: bytes) -> None:
        if not self._calling:
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result((head, body))
            return
        tally = self._tally
        if _is_good(head) and self._expected in body:
            tally.answered += 1
        else:
            tally.wrong += 1
        if tally.running:
            self._send_next()
        else:
            self._calling = False
            tally.leave()

    def connection_lost(self, error: Exception | None) -> None:
        if self._transport is None:
            return  # we dropped it
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(CommandFailed(f"the server closed the connection of {self.script.identity}"))
        if self._calling:
            self._lost()

    def _lost(self) -> None:
        self._calling = False
        self._tally.wrong += 1
        self._tally.leave()


def _is_good(head: bytes) -> bool:
    return head[9:12] == b"200"


def _length(head: bytes) -> int:
    """Of the body, as the server says; ours always does."""
    return int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0])


class SoapFleet:
    """Stations of one server."""

    def __init__(self, url: str, scripts: Iterable[SoapScript]) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._tally = Tally()
        self._clock = WallClock()
        self._stations = [SoapStation(script, self._tally) for script in scripts]
        self.answered = 0
        """Measured messages that were answered, over all bursts."""

    def __len__(self) -> int:
        return len(self._stations)

    async def connect(self) -> None:
        """Open a connection for every station: a server need not keep one that says nothing for long."""
        await at_most(MAX_DIALLING, (station.connect(self._host, self._port) for station in self._stations))

    async def begin(self) -> None:
        """Boot every station, and start a transaction on it."""
        await at_most(MAX_DIALLING, (self._begin(station) for station in self._stations))

    async def burst(self, seconds: float) -> Burst:
        """Keep one request outstanding on every station for this long, then wait for the last answers."""
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

    def drop(self) -> None:
        """Cut all connections at once."""
        for station in self._stations:
            station.drop()

    async def _begin(self, station: SoapStation) -> None:
        await self._in_time(station.boot())
        await self._in_time(station.begin())

    async def _in_time(self, work: Awaitable[object]) -> None:
        try:
            await within(self._clock, ANSWER_TIMEOUT_S, work)
        except TimeoutError:
            raise CommandFailed(f"a server gave no answer within {ANSWER_TIMEOUT_S:.0f} s") from None
