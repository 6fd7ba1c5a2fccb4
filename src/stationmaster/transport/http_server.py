"""A listener for HTTP/1.1: routes by the first segment of the path, each with bounds of its own.

A route takes the wire and answers on it (files, which are streamed), or is a function from a whole request to a whole
reply (:func:`whole`); how many it serves at once is its own to see to (``http_room``). What may go wrong before and
beside that is answered here: no such path 404, a body that is too long 413, too slow an answer 503, a mistake of ours
500. Nothing is ever redirected.
"""

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import h11
import structlog

from stationmaster.transport.http_messages import Refused, RequestHead, Respond, busy, request_head, too_long
from stationmaster.transport.http_room import Bodies, Places
from stationmaster.transport.http_wire import ClientGone, HttpLimits, HttpWire

log = structlog.get_logger(__name__)

Serve = Callable[[HttpWire, RequestHead], Coroutine[Any, Any, None]]
"""Answers one request on its wire. May raise Refused as long as it has not begun to; so it does where too many come."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """What stands under some first segments of the path (``/fw``; ``/`` is whatever else there is)."""

    prefixes: tuple[str, ...]
    serve: Serve
    request_s: float
    """From a request's head to its answer's end; who is not done by then is cancelled."""
    max_body_bytes: int | None = None
    """None: the route itself sees to it."""
    grace_s: float = 0.0
    """How long a request under way may go on when the server closes."""


def whole(respond: Respond, max_at_once: int) -> Serve:
    """A route's ``serve`` of a function from request to reply. ``max_at_once``: requests that are all there, and not
    replied to yet; more are told to come again."""
    places, bodies = Places(max_at_once), Bodies()

    async def serve(wire: HttpWire, head: RequestHead) -> None:
        with ExitStack() as place:

            async def read() -> bytes:
                body = await bodies.read(wire.body())
                place.enter_context(places.one())
                return body

            reply = await respond(head, read)
        await wire.answer(reply.status, reply.headers, reply.body)

    return serve


class HttpServer:
    """A listener; ``port`` is known once it listens."""

    def __init__(self, routes: Sequence[Route], limits: HttpLimits) -> None:
        self._routes = {prefix: route for route in routes for prefix in route.prefixes}
        self._limits = limits
        self._clients: set[_Client] = set()
        self._closing = False
        self._listener: asyncio.Server | None = None
        self.port = 0

    @property
    def connections(self) -> int:
        return len(self._clients)

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a host and port (0: any free one). Raises OSError."""
        self._listener = await asyncio.start_server(
            self._enter,
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=self._limits.head_s if tls is not None else None,
            backlog=256,
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and hang up; what is under way may come to its end as long as its route grants."""
        self._closing = True
        if self._listener is not None:
            self._listener.close()
        graced = {client.task: client.linger() for client in self._clients}
        for task in (task for task, grace_s in graced.items() if not grace_s):
            task.cancel()
        if any(graced.values()):
            await asyncio.wait(graced, timeout=max(graced.values()))
        for task in graced:
            task.cancel()
        await asyncio.gather(*graced, return_exceptions=True)

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closing or len(self._clients) >= self._limits.max_connections:
            writer.transport.abort()
            return
        client = _Client(HttpWire(reader, writer, self._limits))
        client.task = asyncio.get_running_loop().create_task(self._serve(client, writer))
        self._clients.add(client)
        client.task.add_done_callback(lambda _: self._clients.discard(client))

    async def _serve(self, client: "_Client", writer: asyncio.StreamWriter) -> None:
        wire = client.wire
        try:
            while not self._closing and (request := await wire.request()) is not None:
                headers = ((name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers)
                target = request.target.decode("ascii", errors="replace")
                await self._answer(
                    client, request_head(request.method.decode("ascii"), target, headers, wire.remote_address)
                )
        except h11.RemoteProtocolError as error:
            with suppress(ClientGone):
                await wire.refuse_nonsense(error.error_status_hint)
        except ClientGone as gone:
            log.debug("http client gone", reason=str(gone))
        except Exception as error:
            log.error("http request failed", exc_info=error)
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(self._limits.drain_s):
                    await writer.wait_closed()

    async def _answer(self, client: "_Client", head: RequestHead) -> None:
        wire = client.wire
        try:
            if self._closing:
                raise busy()
            route = self._route(head)
            with client.graced(route.grace_s):
                await _bounded(route, wire, head)
        except Refused as refused:
            reply = refused.reply(head.method)
            await wire.answer(reply.status, reply.headers, reply.body)
        except (ClientGone, h11.RemoteProtocolError):
            raise
        except Exception as error:
            if not wire.may_answer:
                raise
            log.error("http request failed", path=head.path[:100], exc_info=error)
            await wire.answer(500)

    def _route(self, head: RequestHead) -> Route:
        if head.method == "CONNECT":
            raise Refused(501)
        first = "/" + head.path.removeprefix("/").partition("/")[0]
        route = self._routes.get(first) or self._routes.get("/")
        if route is None or not head.path.startswith("/"):
            raise Refused(404, says="There is nothing at this path.")
        return route


class _Client:
    """One connection and the task that serves it."""

    task: asyncio.Task[None]

    def __init__(self, wire: HttpWire) -> None:
        self.wire = wire
        self._grace_s = 0.0

    @contextmanager
    def graced(self, grace_s: float) -> Iterator[None]:
        """While a request is under way, answer included."""
        self._grace_s = grace_s
        try:
            yield
        finally:
            self._grace_s = 0.0

    def linger(self) -> float:
        """The server closes: how long this one may go on, which is to the end of its answer at most."""
        self.wire.is_last = True
        return self._grace_s


async def _bounded(route: Route, wire: HttpWire, head: RequestHead) -> None:
    """Let the route serve it, within its bounds. Raises Refused, ClientGone."""
    wire.max_body_bytes = route.max_body_bytes
    announced = head.headers.get("content-length")
    if announced is not None and route.max_body_bytes is not None and int(announced) > route.max_body_bytes:
        raise too_long(route.max_body_bytes)
    try:
        async with asyncio.timeout(route.request_s) as bound:
            await route.serve(wire, head)
    except TimeoutError:
        if not bound.expired():
            raise
        if wire.may_answer and wire.heard_all:
            raise busy() from None
        raise ClientGone("the request took too long") from None


async def serve_http(
    routes: Sequence[Route],
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    limits: HttpLimits | None = None,
) -> HttpServer:
    """Listen on a host and port (0: any free one). Raises OSError."""
    server = HttpServer(routes, limits or HttpLimits())
    await server.listen(host, port, tls)
    return server
