"""The asking side of HTTP/1.1: h11 over asyncio streams, one POST after the other on connections kept for a while.

Redirects are not followed: a question goes nowhere but where it was sent. How long one may take is the caller's to
bound.
"""

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Generic, TypeVar

import h11

from stationmaster.transport.http_address import HttpAddress
from stationmaster.transport.http_messages import Answer

Key = TypeVar("Key")

IDLE_S = 14.0
"""How long a connection is kept for the next question: a little less than our own servers keep it."""
MAX_KEPT = 512
"""Of one client, over all servers."""


class HungUp(OSError):
    """Before anything of an answer came."""


class AnswerTooLong(Exception):
    """There was an answer, and it was not read to its end."""


class ClientWire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=16 * 1024)

    @property
    def is_gone(self) -> bool:
        """Whether the server is known to have hung up."""
        return self._reader.at_eof() or self._writer.is_closing()

    async def post(self, at: HttpAddress, headers: Iterable[tuple[str, str]], body: bytes, max_bytes: int) -> Answer:
        """Ask, and return what is answered. Raises OSError (HungUp), EOFError, AnswerTooLong, h11.RemoteProtocolError;
        h11.LocalProtocolError for headers that HTTP does not carry, before anything is sent."""
        fields = [("Host", at.authority), ("Content-Length", str(len(body))), *headers]
        request = h11.Request(method="POST", target=at.target, headers=fields)
        sent = (request, h11.Data(data=body), h11.EndOfMessage())
        self._writer.write(b"".join(self._http.send(event) or b"" for event in sent))
        await self._writer.drain()
        response = await self._response()
        answered = {name.decode("ascii"): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status_code, answered, await self._body(max_bytes))

    def next_cycle(self) -> bool:
        """Whether it may be asked again."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return not self._http.trailing_data[0] and not self.is_gone

    async def spoils(self, idle_s: float) -> None:
        """Return when the connection is of no use any more: hung up, spoken to unasked, or idle for so long."""
        try:
            async with asyncio.timeout(idle_s):
                await self._reader.read(1)
        except (TimeoutError, OSError):
            return

    def close(self) -> None:
        self._writer.close()

    async def _response(self) -> h11.Response:
        while True:
            event = await self._event(first=True)
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise HungUp("it hung up")

    async def _body(self, max_bytes: int) -> bytes:
        content = bytearray()
        while not isinstance(event := await self._event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise EOFError("it hung up within its answer")
            content += event.data
            if len(content) > max_bytes:
                raise AnswerTooLong(f"its answer is longer than {max_bytes} bytes")
        return bytes(content)

    async def _event(self, *, first: bool = False) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            data = await self._reader.read(64 * 1024)
            if not data and first and not self._http.trailing_data[0]:
                raise HungUp("it hung up without an answer")
            self._http.receive_data(data)


class Dialler:
    """Opens connections. ``tls``: which servers are trusted; None: those that the system trusts."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    async def dial(self, at: HttpAddress, check: Callable[[str], None] | None = None) -> ClientWire:
        """Resolve the host once, and connect to the first of its IP addresses that answers. ``check`` may raise OSError
        for one of them: it is not connected to. Raises OSError."""
        failure: OSError | None = None
        for ip in await _resolved(at):
            try:
                if check is not None:
                    check(ip)
                return await self._connected(ip, at)
            except OSError as error:
                failure = failure or error
        raise failure or OSError("the host has no address")

    async def _connected(self, ip: str, at: HttpAddress) -> ClientWire:
        if not at.tls:
            return ClientWire(*await asyncio.open_connection(ip, at.port))
        self._tls = self._tls or ssl.create_default_context()
        return ClientWire(*await asyncio.open_connection(ip, at.port, ssl=self._tls, server_hostname=at.host))


class IdleWires(Generic[Key]):
    """Connections kept for the next question, at most ``max_each`` under one key. What the server hangs up is dropped
    at once."""

    def __init__(self, max_each: int, idle_s: float = IDLE_S) -> None:
        self._max_each = max_each
        self._idle_s = idle_s
        self._kept: defaultdict[Key, dict[ClientWire, asyncio.Task[None]]] = defaultdict(dict)
        self._count = 0

    async def take(self, key: Key) -> ClientWire | None:
        """The one that was used last; None: there is none."""
        while wires := self._kept.get(key):
            wire, watch = next(reversed(wires.items()))
            self._drop(key, wire)
            watch.cancel()
            try:
                await asyncio.wait((watch,))
            except BaseException:
                wire.close()
                raise
            if watch.cancelled() and not wire.is_gone:
                return wire
            wire.close()
        return None

    def keep(self, key: Key, wire: ClientWire) -> None:
        """Take back a connection: for the next time, or to be closed."""
        if not wire.next_cycle() or len(self._kept.get(key, ())) >= self._max_each or self._count >= MAX_KEPT:
            wire.close()
            return
        watch = asyncio.get_running_loop().create_task(wire.spoils(self._idle_s))
        self._kept[key][wire] = watch
        self._count += 1
        watch.add_done_callback(lambda _: self._spoilt(key, wire))

    async def close(self) -> None:
        """Hang up."""
        watches = [watch for wires in self._kept.values() for watch in wires.values()]
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)

    def _spoilt(self, key: Key, wire: ClientWire) -> None:
        if wire in self._kept.get(key, ()):
            self._drop(key, wire)
            wire.close()

    def _drop(self, key: Key, wire: ClientWire) -> None:
        wires = self._kept[key]
        del wires[wire]
        self._count -= 1
        if not wires:
            del self._kept[key]


async def _resolved(at: HttpAddress) -> list[str]:
    """Raises OSError."""
    try:
        ip_address(at.host)
    except ValueError:
        return await _lookup(at.host, at.port)
    return [at.host]


async def _lookup(host: str, port: int) -> list[str]:
    """The IP addresses behind a name. Raises OSError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError("the host is no name") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))
