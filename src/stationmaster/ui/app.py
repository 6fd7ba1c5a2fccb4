"""The pages put together, and the door that both they and the API stand behind."""

from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog
from fastapi import FastAPI
from nicegui import app, ui
from starlette.middleware.gzip import GZipMiddleware

from stationmaster.ui import lost, theme
from stationmaster.ui.api import Doorway
from stationmaster.ui.glances import Glances
from stationmaster.ui.live import Feeds
from stationmaster.ui.pages import register
from stationmaster.ui.ports import AsgiApp, Changes, Clock, Receive, Scope, Send
from stationmaster.ui.sign_in import router
from stationmaster.ui.visit import SCOPE_KEY, House

log = structlog.get_logger(__name__)

MAX_UPLOAD_BYTES = 512 * 1024 * 1024
MAX_FORM_BYTES = 64 * 1024
_API_PATHS = ("/api/", "/metrics")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: wss:; "
        b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    ),
)
"""The pages' framework compiles its templates in the browser, which needs 'unsafe-eval'."""


class Front:
    """One ASGI application for a listener: the API under /api and /metrics, pages everywhere else."""

    def __init__(self, api: AsgiApp, doorway: Doorway, changes: Changes, clock: Clock, version: str) -> None:
        """``api``: where requests for it are passed on to; ``doorway``: the pages' own way there."""
        self._api = api
        self._feeds = Feeds(changes, clock)
        self._house = House(doorway=doorway, feeds=self._feeds, glances=Glances(clock), clock=clock, version=version)
        self._pages = _pages()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"].startswith(_API_PATHS):
            await self._api(scope, receive, send)
        else:
            scope[SCOPE_KEY] = self._house
            await self._pages(scope, bounded(receive, most_bytes(scope["path"])), _with_headers(send))

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's start to its end."""
        async with self._pages.router.lifespan_context(self._pages):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._feeds.close()
        await send({"type": "lifespan.shutdown.complete"})


def most_bytes(path: str) -> int:
    """How long the body of a request to a page may be: files are sent only to an upload that somebody has open."""
    return MAX_UPLOAD_BYTES if path.startswith("/_nicegui/client/") else MAX_FORM_BYTES


def bounded(receive: Receive, most: int) -> Receive:
    """Whoever sends more is taken to have left in the middle of it."""
    left = most

    async def received() -> MutableMapping[str, Any]:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                return {"type": "http.disconnect"}
        return message

    return received


@cache
def _pages() -> FastAPI:
    """Made once: the framework takes nothing more after its first request."""
    pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    pages.include_router(router)
    theme.set_defaults()
    register()
    lost.register()
    app.config.quasar_config["loadingBar"]["skipHijack"] = True  # it has no name for a screen reader
    ui.run_with(
        pages,
        title="Stationmaster",
        favicon="⚡",
        dark=None,
        tailwind=False,  # ui.utilities says why
        language="en-US",
        reconnect_timeout=10.0,
        binding_refresh_interval=None,
        gzip_middleware_factory=lambda app: GZipMiddleware(app, minimum_size=1000, compresslevel=3),
        show_welcome_message=False,
    )
    return pages


def _with_headers(send: Send) -> Send:
    async def sent(message: "dict[str, object]") -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]  # type: ignore[misc]
        await send(message)

    return sent  # type: ignore[return-value]
