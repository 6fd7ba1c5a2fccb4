"""HTTP without sockets, for SOAP between a CSMS and its stations: servers under authorities, clients that post to them.

Works in virtual time. The network can be refused, slow or cut, per server:

* refused: nobody is reached, so nothing is sent;
* slow: so long on the way there, and so long on the way back;
* cut: what is under way breaks. A request that has not arrived never will, the answer to one that has goes to nobody.

A server's route sees what it would on a listener (``http_server``), its bound on bodies included; how many come at
once, and how long each takes, is not bounded here.
"""

import asyncio
from collections.abc import Mapping
from typing import Protocol

import msgspec
import structlog

from stationmaster.transport.callback_address import Reach
from stationmaster.transport.errors import NoReply, NotInTime, Unreached
from stationmaster.transport.http_address import HttpAddress, http_address
from stationmaster.transport.http_coding import ACCEPTED
from stationmaster.transport.http_messages import Answer, Read, Refused, Reply, RequestHead, request_head, too_long
from stationmaster.transport.ports import Line
from stationmaster.transport.soap_client import MAX_ANSWER_BYTES, reachable, readable
from stationmaster.transport.soap_server import GRACE_S

log = structlog.get_logger(__name__)


class Responder(Protocol):
    """What a ``SoapRoute`` is."""

    max_body_bytes: int

    async def respond(self, head: RequestHead, read: Read) -> Reply: ...


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How it is to get to a server, and back. Seconds of the event loop."""

    refused: bool = False
    there_s: float = 0.0
    back_s: float = 0.0


_CLEAR = Way()


class MemoryHttpServer:
    """What answers under one authority."""

    def __init__(self, route: Responder) -> None:
        self._route = route
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: set[_Exchange] = set()
        self.way = _CLEAR
        self.open = True

    async def close(self) -> None:
        """Stop listening; what is under way may come to its end, for a while."""
        self.open = False
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.cut()

    def cut(self) -> None:
        """Break what is under way."""
        for exchange in self._under_way:
            exchange.breaks()

    async def exchange(self, head: RequestHead, body: bytes) -> Reply:
        """Raises NoReply. Whoever waits for it may be cancelled, and the server does not notice."""
        exchange = _Exchange(head, body)
        self._under_way.add(exchange)
        task = asyncio.get_running_loop().create_task(self._carry(exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await exchange.reply
        finally:
            self._under_way.discard(exchange)

    async def _carry(self, exchange: "_Exchange") -> None:
        await _passing(self.way.there_s)
        if exchange.broken:
            return
        reply = await _replied(self._route, exchange.head, exchange.body)
        await _passing(self.way.back_s)
        exchange.arrives(reply)


class MemoryHttp:
    """Maps authorities, such as ``csms.test`` or ``10.0.0.7:8080``, to servers."""

    def __init__(self) -> None:
        self._servers: dict[str, MemoryHttpServer] = {}
        self._ways: dict[str, Way] = {}

    def serve(self, authority: str, route: Responder) -> MemoryHttpServer:
        """Answer under an authority (without a port: 80). One that was there before gets no new requests."""
        key = _key(authority)
        server = MemoryHttpServer(route)
        server.way = self._ways.get(key, _CLEAR)
        self._servers[key] = server
        return server

    def client(self, remote_address: str = "memory", reach: Reach | None = None) -> "MemoryHttpClient":
        """Who posts. ``remote_address``: what servers see; ``reach``: as of ``SoapClient``, by the address's text."""
        return MemoryHttpClient(self, remote_address, reach)

    def refuse(self, authority: str) -> None:
        """From now on nobody is reached there."""
        self._change(authority, Way(refused=True))

    def delay(self, authority: str, there_s: float = 0.0, back_s: float = 0.0) -> None:
        """From now on it takes so long to get there, and back."""
        self._change(authority, Way(there_s=there_s, back_s=back_s))

    def restore(self, authority: str) -> None:
        """From now on all is well."""
        self._change(authority, _CLEAR)

    def cut(self, authority: str) -> None:
        """Break what is under way there; what comes after it is not touched."""
        server = self._servers.get(_key(authority))
        if server is not None:
            server.cut()

    def find(self, at: HttpAddress) -> MemoryHttpServer:
        """Raises Unreached."""
        server = self._servers.get(at.authority)
        if server is None or not server.open or server.way.refused:
            raise Unreached(f"nobody listens at {at.authority}")
        return server

    def _change(self, authority: str, way: Way) -> None:
        key = _key(authority)
        self._ways[key] = way
        if key in self._servers:
            self._servers[key].way = way


class MemoryHttpClient:
    """Fulfils the port that ``SoapClient`` does."""

    def __init__(self, network: MemoryHttp, remote_address: str, reach: Reach | None) -> None:
        self._network = network
        self._remote_address = remote_address
        self._reach = reach

    async def connect(self, address: str, *, fresh: bool = False) -> Line:
        """See ``SoapClient.connect``; every line is fresh."""
        at = reachable(address, self._reach)
        self._network.find(at)
        return MemoryHttpLine(self._network, at, self._remote_address)

    async def close(self) -> None:
        """Nothing is kept."""


class MemoryHttpLine:
    """Good for one post."""

    def __init__(self, network: MemoryHttp, at: HttpAddress, remote_address: str) -> None:
        self._network = network
        self._at = at
        self._remote_address = remote_address
        self._spent = False

    async def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """See ``ports.Line``."""
        if self._spent:
            raise RuntimeError("a line is good for one post")
        self._spent = True
        server = self._network.find(self._at)
        fields = (("Host", self._at.authority), ("Content-Length", str(len(body))), ("Accept-Encoding", ACCEPTED))
        head = request_head("POST", self._at.target, (*fields, *headers.items()), self._remote_address)
        try:
            async with asyncio.timeout(timeout_s):
                reply = await server.exchange(head, body)
        except TimeoutError:
            raise NotInTime("no answer in time") from None
        answered = {name.decode("ascii"): value.decode("latin-1") for name, value in reply.headers}
        if len(reply.body) > MAX_ANSWER_BYTES:
            raise NoReply(f"its answer is longer than {MAX_ANSWER_BYTES} bytes")
        return readable(Answer(reply.status, answered, reply.body))

    def close(self) -> None:
        """Nothing will be posted."""
        self._spent = True


class _Exchange:
    """One request on its way, and the answer on its own."""

    def __init__(self, head: RequestHead, body: bytes) -> None:
        self.head = head
        self.body = body
        self.broken = False
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def breaks(self) -> None:
        self.broken = True
        if not self.reply.done():
            self.reply.set_exception(NoReply("the line broke"))

    def arrives(self, reply: Reply) -> None:
        if not self.reply.done():
            self.reply.set_result(reply)


async def _replied(route: Responder, head: RequestHead, body: bytes) -> Reply:
    """What the listener would send."""

    async def read() -> bytes:
        if len(body) > route.max_body_bytes:
            raise too_long(route.max_body_bytes)
        return body

    try:
        return await route.respond(head, read)
    except Refused as refused:
        return refused.reply(head.method)
    except Exception as error:
        log.error("http request failed", path=head.path[:100], exc_info=error)
        return Reply(status=500)


async def _passing(seconds: float) -> None:
    """So much of the event loop's time."""
    if seconds <= 0:
        return
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        return


def _key(authority: str) -> str:
    return http_address(f"http://{authority}").authority
