"""The listener for files: stations bring logs (PUT, POST) and fetch firmware images (GET, with ranges) over HTTP.

It knows no file system: what a path names is a transfer, and whoever holds its credentials may do that one thing.
It never redirects (N01.FR.26), and says 201 only when the file is stored for good.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Protocol

import h11
import structlog

from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.transfer import Purpose, RefusalReason, Transfer, TransferRefused
from stationmaster.transport.basic_auth import MalformedAuthorization, parse_authorization
from stationmaster.transport.file_requests import Target, disposition_name, range_of, target_of
from stationmaster.transport.form_files import FormFile, NotAForm, is_form
from stationmaster.transport.http_wire import ClientGone, Header, HttpLimits, HttpWire

log = structlog.get_logger(__name__)

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


class _Refused(Exception):
    """An answer other than success."""

    def __init__(self, status: int, *headers: Header) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class FileServer:
    """A listener that is up. Made by :func:`serve_files`."""

    def __init__(self, files: Files, limits: HttpLimits) -> None:
        self._files = files
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.port = 0

    async def close(self) -> None:
        """Stop listening and hang up; what was not stored for good by then was not answered either."""
        if self._listener is not None:
            self._listener.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        self._listener = await asyncio.start_server(self._enter, host, port, ssl=tls, backlog=256)
        self.port = self._listener.sockets[0].getsockname()[1]

    def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._limits.max_connections:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = HttpWire(reader, writer, self._limits)
        try:
            await self._requests(wire)
        except h11.RemoteProtocolError as error:
            with suppress(ClientGone):
                await wire.refuse_nonsense(error.error_status_hint)
        except ClientGone as gone:
            log.debug("file client gone", reason=str(gone))
        except Exception as error:
            log.error("file request failed", exc_info=error)
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(self._limits.drain_s):
                    await writer.wait_closed()

    async def _requests(self, wire: HttpWire) -> None:
        while (request := await wire.request()) is not None:
            try:
                async with asyncio.timeout(self._limits.request_s):
                    await self._handle(wire, request)
            except _Refused as refused:
                await wire.answer(refused.status, refused.headers)
            except TimeoutError:
                raise ClientGone("the request took too long") from None

    async def _handle(self, wire: HttpWire, request: h11.Request) -> None:
        headers = {bytes(name).decode("ascii"): bytes(value).decode("latin-1") for name, value in request.headers}
        method = bytes(request.method).decode("ascii")
        target = target_of(bytes(request.target).decode("ascii", errors="replace"))
        if target is None:
            raise _Refused(404)
        if method not in _METHODS[target.purpose]:
            raise _Refused(405, (b"allow", ", ".join(_METHODS[target.purpose]).encode()))
        try:
            transfer = await self._admit(headers, target, wire.remote_address)
            await _SERVES[target.purpose](self._files, _Exchange(wire, method, headers, target, transfer))
        except TransferRefused as refusal:
            header = _HEADERS.get(refusal.reason)
            raise _Refused(_STATUS[refusal.reason], *(() if header is None else (header,))) from None
        except StorageFailed:
            raise _Refused(503, (b"retry-after", b"30")) from None
        except OSError as error:
            log.error("file not stored", transfer=target.transfer_key, reason=str(error))
            raise _Refused(507 if target.purpose == "upload" else 500) from None

    async def _admit(self, headers: Mapping[str, str], target: Target, address: str) -> Transfer:
        try:
            given = parse_authorization(headers.get("authorization"))
        except MalformedAuthorization:
            raise _Refused(400) from None
        if given is None:
            raise TransferRefused("unknown")
        username, password = (part.decode("utf-8", errors="replace") for part in given)
        transfer = await self._files.admit(username, password, target.purpose, address)
        if transfer.key != target.transfer_key:
            raise TransferRefused("wrong_purpose")
        return transfer


class _Exchange:
    """One request that was let in."""

    def __init__(
        self, wire: HttpWire, method: str, headers: Mapping[str, str], target: Target, transfer: Transfer
    ) -> None:
        self.wire = wire
        self.method = method
        self.headers = headers
        self.target = target
        self.transfer = transfer


async def _take(files: Files, exchange: _Exchange) -> None:
    """PUT and POST (N01.FR.18): the body as it is, or the first file of a form."""
    headers = exchange.headers
    length = headers.get("content-length")
    if length is None and "transfer-encoding" not in headers:
        raise _Refused(411)
    if "content-range" in headers:  # RFC 9110 §14.5: a part must not be taken for the whole
        raise _Refused(400)
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
        raise _Refused(400) from None
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
        raise _Refused(416, (b"content-range", b"bytes */%d" % size))
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
    files: Files, host: str, port: int, *, tls: ssl.SSLContext | None = None, limits: HttpLimits | None = None
) -> FileServer:
    """Listen on a host and port (0: any free one). Raises OSError."""
    server = FileServer(files, limits or HttpLimits())
    await server.listen(host, port, tls)
    return server
