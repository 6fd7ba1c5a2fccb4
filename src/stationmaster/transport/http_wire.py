"""One HTTP/1.1 connection of a small server: h11 over asyncio streams, with a bound for everything a client may do."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import h11
import msgspec

Header = tuple[bytes, bytes]


class HttpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds of the event loop, sizes in bytes."""

    max_connections: int = 500
    head_s: float = 15.0
    """From a connection's start, or the last answer's end, to the end of the next request's head."""
    idle_s: float = 60.0
    """Within a body, and for a client that does not read."""
    request_s: float = 3600.0
    """A whole request."""
    max_head_bytes: int = 16 * 1024
    drain_bytes: int = 1024 * 1024
    """Of a body that is refused: more is not waited for, the connection is closed."""
    drain_s: float = 5.0


class ClientGone(Exception):
    """The client hung up, is too slow, or does not speak HTTP: nothing can be said to it any more."""


class HttpWire:
    """Reads requests and writes answers, in turn."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: HttpLimits) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.max_head_bytes)
        self.remote_address: str = (writer.get_extra_info("peername") or ("",))[0]

    async def request(self) -> h11.Request | None:
        """The next request; None: the client has no more. Raises ClientGone."""
        if self._http.our_state is h11.DONE and await self._drained():
            self._http.start_next_cycle()
        if self._http.our_state is not h11.IDLE:
            return None
        try:
            async with asyncio.timeout(self._limits.head_s):
                event = await self._event(self._limits.head_s)
        except TimeoutError:
            raise ClientGone("no request in time") from None
        return event if isinstance(event, h11.Request) else None

    async def body(self) -> AsyncIterator[bytes]:
        """The request's body; a client that waits for leave to send it is given it. Raises ClientGone."""
        if self._http.they_are_waiting_for_100_continue:
            await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
        while True:
            event = await self._event(self._limits.idle_s)
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return
            else:
                raise ClientGone("it hung up within a body")

    async def answer(self, status: int, headers: Sequence[Header] = (), content: bytes = b"") -> None:
        """A whole answer. A body that was not read is read and thrown away first, if it is short: a client that still
        sends would else not see the answer."""
        whole = await self._drained()
        fields = [*headers, (b"content-length", str(len(content)).encode())]
        await self.begin(status, fields if whole else [*fields, (b"connection", b"close")])
        await self.send(content)
        await self.end()

    async def begin(self, status: int, headers: Sequence[Header]) -> None:
        await self._write(self._http.send(h11.Response(status_code=status, headers=list(headers))))

    async def send(self, data: bytes) -> None:
        if data:
            await self._write(self._http.send(h11.Data(data=data)))

    async def end(self) -> None:
        await self._write(self._http.send(h11.EndOfMessage()))

    async def refuse_nonsense(self, status: int) -> None:
        """The last words to a client that does not speak HTTP."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self.begin(status, [(b"content-length", b"0"), (b"connection", b"close")])
            await self.end()

    async def _event(self, timeout_s: float) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            try:
                async with asyncio.timeout(timeout_s):
                    data = await self._reader.read(64 * 1024)
            except TimeoutError:
                raise ClientGone("it is too slow") from None
            except OSError as lost:
                raise ClientGone(str(lost)) from lost
            self._http.receive_data(data)

    async def _drained(self) -> bool:
        """Whether the request's body is at its end now."""
        if self._http.their_state is not h11.SEND_BODY:
            return True
        if self._http.they_are_waiting_for_100_continue:
            return False
        left = self._limits.drain_bytes
        try:
            async with asyncio.timeout(self._limits.drain_s):
                async for data in self.body():
                    left -= len(data)
                    if left < 0:
                        return False
        except (TimeoutError, ClientGone, h11.RemoteProtocolError):
            return False
        return True

    async def _write(self, data: bytes | None) -> None:
        if not data:
            return
        try:
            self._writer.write(data)
            async with asyncio.timeout(self._limits.idle_s):
                await self._writer.drain()
        except TimeoutError:
            raise ClientGone("it does not read") from None
        except OSError as lost:
            raise ClientGone(str(lost)) from lost
