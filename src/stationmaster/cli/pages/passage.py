"""Requests to the API on their way through the process of the pages, in both directions as they come."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import httpx
import msgspec
import structlog

from stationmaster.ui.ports import Receive, Scope, Send

log = structlog.get_logger(__name__)

_HOP_BY_HOP = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te"),
        *(b"trailer", b"transfer-encoding", b"upgrade", b"expect"),
    )
)
"""What concerns one connection only (RFC 9110, 7.6.1); ``Expect`` is fulfilled by reading the body."""
_AWAY = msgspec.json.encode(
    {"type": "about:blank", "title": "Bad Gateway", "status": 502, "detail": "The CSMS does not answer just now."}
)
Headers = Iterable[tuple[bytes, bytes]]


class Passage:
    """An ASGI application. ``way``: to the API; ``caller``: the header that tells it whom a request comes from."""

    def __init__(self, way: httpx.AsyncBaseTransport, caller: str) -> None:
        self._way = way
        self._caller = caller.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = asyncio.Event()
        passing = asyncio.ensure_future(self._pass_on(scope, _Body(receive, read), send))
        leaving = asyncio.ensure_future(_left(receive, read))
        try:
            await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not passing.done():
                passing.cancel()
            await asyncio.gather(passing, leaving, return_exceptions=True)
        if not passing.cancelled() and (error := passing.exception()) is not None:
            raise error

    async def _pass_on(self, scope: Scope, body: "_Body", send: Send) -> None:
        try:
            answer = await self._way.handle_async_request(self._request(scope, body))
        except httpx.TransportError as error:
            log.warning("API out of reach", path=scope["path"], reason=repr(error))
            await _say(send, 502, [(b"content-type", b"application/problem+json")], _AWAY)
            return
        try:
            await send({"type": "http.response.start", "status": answer.status_code, "headers": _kept(answer)})
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except httpx.TransportError as error:  # what was begun is not ended: whoever asked sees that
            log.warning("API out of reach", path=scope["path"], reason=repr(error))
        finally:
            await answer.aclose()

    def _request(self, scope: Scope, body: "_Body") -> httpx.Request:
        query = scope["query_string"]
        target = scope["raw_path"] + (b"?" + query if query else b"")
        headers = _passed(scope["headers"], self._caller)
        caller = scope["client"][0] if scope.get("client") else ""
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        return httpx.Request(
            scope["method"],
            httpx.URL(scheme="http", host="api", raw_path=target),
            headers=[*headers, (self._caller, caller.encode("latin-1"))],
            content=body.chunks() if has_body else body.none(),
        )


class _Body:
    """Of the request, as it comes. ``read``: is set once there is no more of it."""

    def __init__(self, receive: Receive, read: asyncio.Event) -> None:
        self._receive = receive
        self._read = read

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise httpx.WriteError("whoever sent this has left in the middle of it")
            yield message.get("body", b"")
            if not message.get("more_body"):
                self._read.set()
                return

    def none(self) -> bytes:
        self._read.set()
        return b""


async def _left(receive: Receive, read: asyncio.Event) -> None:
    """Return when whoever asked has left: the API must not go on for them."""
    await read.wait()
    while (await receive())["type"] != "http.disconnect":
        pass


def _passed(headers: Headers, caller: bytes) -> list[tuple[bytes, bytes]]:
    """Nobody outside names a caller."""
    return [pair for pair in headers if pair[0] not in _HOP_BY_HOP and pair[0] != caller]


def _kept(answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _HOP_BY_HOP]


async def _say(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
