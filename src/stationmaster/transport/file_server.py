"""The listener for files: stations bring logs (PUT, POST) and fetch firmware images (GET, with ranges) over HTTP.

It knows no file system: what a path names is a transfer, and whoever holds its credentials may do that one thing.
It never redirects (N01.FR.26), and says 201 only when the file is stored for good.
"""

import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol

import structlog

from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.transfer import Purpose, RefusalReason, Transfer, TransferRefused
from stationmaster.transport.basic_auth import MalformedAuthorization, parse_authorization
from stationmaster.transport.file_requests import PREFIXES, Target, disposition_name, range_of, target_of
from stationmaster.transport.form_files import FormFile, NotAForm, is_form
from stationmaster.transport.http_messages import Header, Refused, RequestHead
from stationmaster.transport.http_room import Places
from stationmaster.transport.http_server import HttpServer, Route
from stationmaster.transport.http_wire import HttpLimits, HttpWire

log = structlog.get_logger(__name__)

MAX_TRANSFERS = 500
"""At once."""

_METHODS: Mapping[Purpose, tuple[str, ...]] = {"upload": ("PUT", "POST"), "firmware": ("GET", "HEAD")}
_STATUS: Mapping[RefusalReason, int] = {
    "unknown": 401,
    "wrong_purpose": 403,
    "missing": 404,
    "gone": 410,
    "too_big": 413,
    "full": 507,
    "too_many": 429,
}
_HEADERS: Mapping[RefusalReason, Header] = {
    "unknown": (b"www-authenticate", b'Basic realm="files", charset="UTF-8"'),
    "too_many": (b"retry-after", b"60"),
}


class Receiving(Protocol):
    """A file on its way in."""

    name: str | None

    async def write(self, data: bytes) -> None:
        """Raises TransferRefused."""
        ...

    async def finish(self) -> object:
        """Stored for good when it returns. Raises StorageFailed."""
        ...

    async def abort(self) -> None: ...


class Files(Protocol):
    """Who decides and keeps; all of it may raise TransferRefused."""

    async def admit(self, username: str, password: str, purpose: Purpose, address: str) -> Transfer: ...
    async def receive(self, transfer: Transfer, name: str | None, size_bytes: int | None = None) -> Receiving: ...
    async def offered_size(self, transfer: Transfer) -> int: ...
    def read(self, transfer: Transfer, start: int, end: int) -> AsyncIterator[bytes]: ...


class FileServer(HttpServer):
    """A listener for files, and for what else stands on its port. Made by :func:`serve_files`.

    When it closes, a file that was not stored for good by then was not answered either.
    """

    def __init__(self, files: Files, limits: HttpLimits, routes: Sequence[Route] = ()) -> None:
        transfers = Route(
            prefixes=PREFIXES,
            serve=_Transfers(files).serve,
            request_s=limits.request_s,
        )
        super().__init__((transfers, *routes), limits)


class _Transfers:
    """The route of files."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._places = Places(MAX_TRANSFERS)

    async def serve(self, wire: HttpWire, head: RequestHead) -> None:
        with self._places.one():
            await self._serve(wire, head)

    async def _serve(self, wire: HttpWire, head: RequestHead) -> None:
        target = target_of(head.target)
        if target is None:
            raise Refused(404)
        if head.method not in _METHODS[target.purpose]:
            raise Refused(405, (b"allow", ", ".join(_METHODS[target.purpose]).encode()))
        try:
            transfer = await self._admit(head, target)
            await _SERVES[target.purpose](self._files, _Exchange(wire, head, target, transfer))
        except TransferRefused as refusal:
            header = _HEADERS.get(refusal.reason)
            raise Refused(_STATUS[refusal.reason], *(() if header is None else (header,))) from None
        except StorageFailed:
            raise Refused(503, (b"retry-after", b"30")) from None
        except OSError as error:
            log.error("file not stored", transfer=target.transfer_key, reason=str(error))
            raise Refused(507 if target.purpose == "upload" else 500) from None

    async def _admit(self, head: RequestHead, target: Target) -> Transfer:
        try:
            given = parse_authorization(head.headers.get("authorization"))
        except MalformedAuthorization:
            raise Refused(400) from None
        if given is None:
            raise TransferRefused("unknown")
        username, password = (part.decode("utf-8", errors="replace") for part in given)
        transfer = await self._files.admit(username, password, target.purpose, head.remote_address)
        if transfer.key != target.transfer_key:
            raise TransferRefused("wrong_purpose")
        return transfer


class _Exchange:
    """One request that was let in."""

    def __init__(self, wire: HttpWire, head: RequestHead, target: Target, transfer: Transfer) -> None:
        self.wire = wire
        self.method = head.method
        self.headers = head.headers
        self.target = target
        self.transfer = transfer


async def _take(files: Files, exchange: _Exchange) -> None:
    """PUT and POST (N01.FR.18): the body as it is, or the first file of a form."""
    headers = exchange.headers
    length = headers.get("content-length")
    if length is None and "transfer-encoding" not in headers:
        raise Refused(411)
    if "content-range" in headers:  # RFC 9110 §14.5: a part must not be taken for the whole
        raise Refused(400)
    form = exchange.method == "POST" and is_form(headers.get("content-type"))
    name = exchange.target.name or disposition_name(headers.get("content-disposition"))
    receiving = await files.receive(exchange.transfer, name, int(length) if length is not None and not form else None)
    try:
        if form:
            await _take_form(receiving, headers["content-type"], exchange.wire.body())
        else:
            async for data in exchange.wire.body():
                await receiving.write(data)
    except BaseException:
        await receiving.abort()
        raise
    await receiving.finish()
    await exchange.wire.answer(201)


async def _take_form(receiving: Receiving, content_type: str, body: AsyncIterator[bytes]) -> None:
    try:
        file = FormFile(content_type, body)
        async for data in file.content():
            await receiving.write(data)
    except NotAForm:
        raise Refused(400) from None
    receiving.name = receiving.name or file.name


async def _offer(files: Files, exchange: _Exchange) -> None:
    """GET and HEAD, whole or one range of it; a transfer's file never changes, so its key is its ETag."""
    wire, transfer = exchange.wire, exchange.transfer
    size = await files.offered_size(transfer)
    etag = f'"{transfer.blob}"'
    wanted = exchange.headers.get("range")
    condition = exchange.headers.get("if-range")
    part = range_of(wanted if condition in (None, etag) else None, size)
    if part == "unsatisfiable":
        raise Refused(416, (b"content-range", b"bytes */%d" % size))
    start, end = (0, size) if part is None else (part.start, part.end)
    headers: list[Header] = [
        (b"content-type", b"application/octet-stream"),
        (b"content-length", str(end - start).encode()),
        (b"accept-ranges", b"bytes"),
        (b"etag", etag.encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    if part is not None:
        headers.append((b"content-range", f"bytes {start}-{end - 1}/{size}".encode()))
    await wire.begin(200 if part is None else 206, headers)
    if exchange.method == "GET":
        async for data in files.read(transfer, start, end):
            await wire.send(data)
    await wire.end()


_SERVES: Mapping[Purpose, Callable[[Files, _Exchange], Coroutine[Any, Any, None]]] = {
    "upload": _take,
    "firmware": _offer,
}


async def serve_files(
    files: Files,
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    limits: HttpLimits | None = None,
    routes: Sequence[Route] = (),
) -> FileServer:
    """Listen on a host and port (0: any free one). ``routes``: what else is served there. Raises OSError."""
    server = FileServer(files, limits or HttpLimits(), routes)
    await server.listen(host, port, tls)
    return server
