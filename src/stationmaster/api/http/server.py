"""The listener of people's side, the API and what stands before it, on the loop that is running."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from litestar import Litestar

GRACE_S = 5
"""Seconds that requests under way have to end when the server is closed."""

MAX_CONNECTIONS = 2000
MAX_WEBSOCKET_BYTES = 1024 * 1024
_BACKLOG = 512


class Server:
    """Made by :func:`serve_api`."""

    def __init__(self, app: Litestar, server: "_Server", task: "asyncio.Task[None]", port: int) -> None:
        self._app = app
        self._server = server
        self._task = task
        self.port = port
        """The one that was taken, where 0 was asked for."""

    async def close(self) -> None:
        """Listen no more, end the event streams, let requests under way end, and return."""
        self._app.state.streams.end()
        self._server.should_exit = True
        await self._task


async def serve_api(app: Litestar, host: str, port: int, front: Any = None) -> Server:
    """Listen on a host and port (0: any free one). Raises OSError where that cannot be had. Takes no signals.

    ``front``: an ASGI application that is served in place of the API, which it then passes requests on to.
    """
    listeners = await _listen(host, port)
    config = uvicorn.Config(
        front or app,
        lifespan="on",
        http="h11",
        ws="websockets-sansio" if front else "none",
        ws_max_size=MAX_WEBSOCKET_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=listeners), name="api")
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
    return Server(app, server, task, listeners[0].getsockname()[1])


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


async def _listen(host: str, port: int) -> list[socket.socket]:
    """A listener for each address of the host, all on one port."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listeners: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((row[0], row[4][0]) for row in found):
            taken = listeners[0].getsockname()[1] if listeners else port
            listener = socket.create_server((str(address), taken), family=family, backlog=_BACKLOG)
            listener.setblocking(False)
            listeners.append(listener)
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners
