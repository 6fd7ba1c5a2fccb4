"""One HTTP/1.1 connection of a small server: h11 over asyncio streams, with a bound for everything a client may do."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

import h11
import msgspec

from stationmaster.transport.http_messages import Header, too_long

_LENGTHS = re.compile(rb"^content-length[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HEAD_END = re.compile(rb"\n\r?\n")
_READ_BYTES = 64 * 1024


class HttpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds of the event loop, sizes in bytes."""

    max_connections: int = 500
    head_s: float = 15.0
    """From a connection's start, or a later request's first byte, to the end of the request's head."""
    keep_alive_s: float = 15.0
    """From an answer's end to the next request's first byte."""
    idle_s: float = 60.0
    """Within a body, and for a client that does not read."""
    request_s: float = 3600.0
    """A whole request, where its route says nothing else."""
    max_head_bytes: int = 16 * 1024
    drain_bytes: int = 1024 * 1024
    """Of a body that is refused: more is not waited for, the connection is closed."""
    drain_s: float = 5.0


class ClientGone(Exception):
    """The client hung up, is too slow, or does not speak HTTP: nothing can be said to it any more."""


class HttpWire:
    """Reads requests and writes answers, in turn.

    ``is_last``: the next answer says that the connection ends with it. ``max_body_bytes``: of this request's body;
    None: as much as comes.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: HttpLimits) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.max_head_bytes)
        self._used = False
        self.is_last = False
        self.max_body_bytes: int | None = None
        self.remote_address: str = (writer.get_extra_info("peername") or ("",))[0]

    @property
    def may_answer(self) -> bool:
        """Whether a request waits for an answer of which nothing was sent."""
        return self._http.our_state is h11.SEND_RESPONSE

    @property
    def heard_all(self) -> bool:
        """Whether the request is at its end."""
        return self._http.their_state is not h11.SEND_BODY

    async def request(self) -> h11.Request | None:
        """The next request; None: the client has no more. Raises ClientGone, h11.RemoteProtocolError."""
        if self._http.our_state is h11.DONE and await self._drained():
            self._http.start_next_cycle()
        if self._http.our_state is not h11.IDLE:
            return None
        self.max_body_bytes = None
        head = bytearray(self._http.trailing_data[0])
        if self._used and not head:
            head += await self._received(self._limits.keep_alive_s)
        self._used = True
        try:
            async with asyncio.timeout(self._limits.head_s):
                while (event := self._http.next_event()) is h11.NEED_DATA:
                    head += await self._received(None)
        except TimeoutError:
            raise ClientGone("no request in time") from None
        if not isinstance(event, h11.Request):
            return None
        fields = _HEAD_END.split(head, maxsplit=1)[0]
        if len(fields) > self._limits.max_head_bytes:  # h11 counts only what comes in several portions
            raise h11.RemoteProtocolError("the head is too long", error_status_hint=431)
        _check_framing(event, fields)
        return event

    async def body(self) -> AsyncIterator[bytes]:
        """The request's body; a client that waits for leave to send it is given it. Raises ClientGone, and Refused
        where it is longer than allowed."""
        if self._http.they_are_waiting_for_100_continue:
            await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
        length = 0
        while True:
            event = await self._event(self._limits.idle_s)
            if isinstance(event, h11.Data):
                length += len(event.data)
                if self.max_body_bytes is not None and length > self.max_body_bytes:
                    raise too_long(self.max_body_bytes)
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return
            else:
                raise ClientGone("it hung up within a body")

    async def answer(self, status: int, headers: Sequence[Header] = (), content: bytes = b"") -> None:
        """A whole answer. A body that was not read is read and thrown away first, if it is short: a client that still
        sends would else not see the answer."""
        ends = not await self._drained() or self.is_last
        fields = [*headers, (b"content-length", str(len(content)).encode())]
        if ends:
            fields.append((b"connection", b"close"))
        events = [h11.Response(status_code=status, headers=fields), h11.Data(data=content), h11.EndOfMessage()]
        await self._write(b"".join(self._http.send(event) or b"" for event in events))

    async def begin(self, status: int, headers: Sequence[Header]) -> None:
        await self._write(self._http.send(h11.Response(status_code=status, headers=list(headers))))

    async def send(self, data: bytes) -> None:
        if data:
            await self._write(self._http.send(h11.Data(data=data)))

    async def end(self) -> None:
        await self._write(self._http.send(h11.EndOfMessage()))

    async def refuse_nonsense(self, status: int) -> None:
        """The last words to a client that does not speak HTTP. What it still sends is read for a while and thrown
        away: a socket that is closed over unread bytes takes the answer with it."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        await self.begin(status, [(b"content-length", b"0"), (b"connection", b"close")])
        await self.end()
        left = self._limits.drain_bytes
        try:
            if self._writer.can_write_eof():
                self._writer.write_eof()
            async with asyncio.timeout(self._limits.drain_s):
                while left > 0 and (data := await self._reader.read(_READ_BYTES)):
                    left -= len(data)
        except (TimeoutError, OSError):
            return

    async def _event(self, timeout_s: float) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            await self._received(timeout_s)

    async def _received(self, timeout_s: float | None) -> bytes:
        """The next bytes, which the protocol has been given; empty at the end."""
        try:
            async with asyncio.timeout(timeout_s):
                data = await self._reader.read(_READ_BYTES)
        except TimeoutError:
            raise ClientGone("it is too slow") from None
        except OSError as lost:
            raise ClientGone(str(lost)) from lost
        self._http.receive_data(data)
        return data

    async def _drained(self) -> bool:
        """Whether the request's body is at its end now."""
        if self._http.their_state is not h11.SEND_BODY:
            return True
        if self._http.they_are_waiting_for_100_continue:
            return False
        self.max_body_bytes = None  # what is left is read to be thrown away
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


def _check_framing(request: h11.Request, head: bytes) -> None:
    """Refuse what another server might cut elsewhere, and take its tail for a request of its own (RFC 9112 §6.3).

    h11 has refused lengths that differ; here those that are the same go too, and any beside a chunked body.
    """
    names = {bytes(name) for name, _ in request.headers}
    chunked = b"transfer-encoding" in names
    if chunked and (b"content-length" in names or request.http_version < b"1.1"):
        raise h11.RemoteProtocolError("a length and chunks, or chunks in HTTP/1.0", error_status_hint=400)
    if b"content-length" in names and len(_LENGTHS.findall(head)) > 1:
        raise h11.RemoteProtocolError("several lengths", error_status_hint=400)
