"""The listeners of people's side, of the API and of whatever ASGI application stands before it."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from litestar import Litestar

GRACE_S = 5
"""Seconds that requests under way have to end when a server is closed."""

MAX_CONNECTIONS = 2000
MAX_WEBSOCKET_BYTES = 1024 * 1024
KEEP_ALIVE_S = 5
KEEP_ALIVE_INSIDE_S = 75
"""Of connections on a socket of our own: they are closed by the side that asks."""
BACKLOG = 512


class Server:
    """Made by :func:`serve` and :func:`serve_api`."""

    def __init__(self, server: "_Server", task: "asyncio.Task[None]", port: int, ending: Callable[[], None]) -> None:
        self._server = server
        self._task = task
        self._ending = ending
        self.port = port
        """The one that was taken, where 0 was asked for; 0 of a socket that has none."""

    async def close(self) -> None:
        """Listen no more, let requests under way end, and return."""
        self._ending()
        self._server.should_exit = True
        await self._task


async def serve_api(app: "Litestar", host: str, port: int) -> Server:
    """Listen on a host and port (0: any free one). Raises OSError where that cannot be had. Takes no signals."""
    return await serve(app, await listen(host, port), ending=app.state.streams.end)


async def serve(
    app: Any, listeners: Sequence[socket.socket], *, websockets: bool = False, ending: Callable[[], None] | None = None
) -> Server:
    """Serve an ASGI application on listening sockets, which it closes in the end. Takes no signals.

    ``ending``: what is to be called before requests under way are waited for. Raises RuntimeError where the
    application does not start.
    """
    server = _Server(_config(app, listeners[0].family, websockets))
    task = asyncio.create_task(server.serve(sockets=list(listeners)), name="listener")
    ready = asyncio.create_task(server.ready.wait())
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:  # asked to stop while it starts: it must come up to be able to go down in order
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await task
        raise
    if not ready.done():
        ready.cancel()
        for listener in listeners:
            listener.close()
        await task
        raise RuntimeError("the API did not start")
    return Server(server, task, port_of(listeners), ending or _nothing)


async def listen(host: str, port: int) -> list[socket.socket]:
    """A listener for each address of the host, all on one port (0: any free one). Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listeners: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((row[0], row[4][0]) for row in found):
            taken = port_of(listeners) if listeners else port
            listener = socket.create_server((str(address), taken), family=family, backlog=BACKLOG)
            listener.setblocking(False)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an answer's end waits 40 ms without it
            listeners.append(listener)
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def port_of(listeners: Sequence[socket.socket]) -> int:
    """The one that all have; 0 of a socket that has none."""
    name = listeners[0].getsockname()
    return int(name[1]) if isinstance(name, tuple) else 0


def _config(app: Any, family: int, websockets: bool) -> uvicorn.Config:
    """A socket of our own is asked by ourselves alone: by the faster parser, and the date is set further out."""
    inside = family == socket.AF_UNIX
    return uvicorn.Config(
        app,
        lifespan="on",
        http="httptools" if inside else "h11",
        ws="websockets-sansio" if websockets else "none",
        ws_max_size=MAX_WEBSOCKET_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=not inside,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_INSIDE_S if inside else KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=64 * 1024,
    )


class _Server(uvicorn.Server):
    """As a guest on somebody else's loop: it tells when it is ready, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _nothing() -> None:
    """There is nothing to end."""
