"""Asking a tenant's own authorization system over HTTP: one POST for each question, on connections that are kept.

h11 over asyncio streams. Redirects are not followed: a question goes nowhere but where an operator said.
"""

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import h11
import msgspec

from stationmaster.domain.authorization.outside_word import OracleSilent

MAX_ANSWER_BYTES = 64 * 1024
MAX_KEPT = 8
"""Idle connections of one tenant."""
_PORTS = {"http": 80, "https": 443}


class Endpoint(msgspec.Struct, frozen=True):
    """Where a tenant's questions go. ``url``: http or https, see :func:`endpoint`; ``secret``: a bearer token."""

    host: str
    port: int
    target: str
    tls: bool
    secret: str = ""

    def __repr__(self) -> str:
        return f"Endpoint({self.host}:{self.port})"


def endpoint(url: str, secret: str = "") -> Endpoint:
    """Raises ValueError for what is no address, or one with credentials in it."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("an address is http://... or https://...")
    if parts.username is not None or parts.password is not None:
        raise ValueError("credentials do not belong into an address")
    if not (secret.isascii() and secret.isprintable()):
        raise ValueError("the secret has letters that HTTP does not carry")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.hostname, parts.port or _PORTS[parts.scheme], target, parts.scheme == "https", secret)


class AuthorizationClient:
    """Fulfils the CSMS's Oracle port. ``tls``: which servers are trusted; None: those that the system trusts."""

    def __init__(self, endpoints: Mapping[str, Endpoint], tls: ssl.SSLContext | None = None) -> None:
        self._endpoints = dict(endpoints)
        self._tls = tls
        self._kept: dict[str, list[_Wire]] = {tenant: [] for tenant in endpoints}

    async def ask(self, tenant: str, question: bytes) -> bytes:
        """The body of a 200; raises OracleSilent for anything else. The time it may take is the caller's to bound."""
        at = self._endpoints.get(tenant)
        if at is None:
            raise OracleSilent(f"tenant {tenant} has no authorization system")
        try:
            return await self._asked(tenant, at, question)
        except (OSError, EOFError, h11.ProtocolError) as error:
            raise OracleSilent(f"{type(error).__name__}: {error}"[:200]) from None

    async def close(self) -> None:
        """Hang up. Nothing may be asked afterwards."""
        for wires in self._kept.values():
            while wires:
                wires.pop().close()

    async def _asked(self, tenant: str, at: Endpoint, question: bytes) -> bytes:
        kept = self._kept[tenant]
        while kept:
            wire = kept.pop()
            try:
                return await self._exchanged(kept, wire, at, question)
            except OSError:  # mostly hung up while nobody used it; to ask twice does no harm
                continue
        return await self._exchanged(kept, await self._connected(at), at, question)

    async def _connected(self, at: Endpoint) -> "_Wire":
        tls = None
        if at.tls:
            self._tls = self._tls or ssl.create_default_context()
            tls = self._tls
        reader, writer = await asyncio.open_connection(at.host, at.port, ssl=tls)
        return _Wire(reader, writer)

    async def _exchanged(self, kept: "list[_Wire]", wire: "_Wire", at: Endpoint, question: bytes) -> bytes:
        reusable = False
        try:
            status, body = await wire.post(at, question)
            reusable = wire.next_cycle() and len(kept) < MAX_KEPT
        finally:
            if reusable:
                kept.append(wire)
            else:
                wire.close()
        if status != 200:
            raise OracleSilent(f"HTTP {status}")
        return body


class _HungUp(OSError):
    """Before anything of an answer came."""


class _Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=16 * 1024)

    async def post(self, at: Endpoint, body: bytes) -> tuple[int, bytes]:
        host = f"[{at.host}]" if ":" in at.host else at.host
        headers = [
            ("Host", f"{host}:{at.port}"),
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("Content-Length", str(len(body))),
        ]
        if at.secret:
            headers.append(("Authorization", f"Bearer {at.secret}"))
        request = h11.Request(method="POST", target=at.target, headers=headers)
        sent = (request, h11.Data(data=body), h11.EndOfMessage())
        self._writer.write(b"".join(self._http.send(event) or b"" for event in sent))
        await self._writer.drain()
        status = await self._status()
        return status, await self._body()

    def next_cycle(self) -> bool:
        """Whether it may be asked again."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    def close(self) -> None:
        self._writer.close()

    async def _status(self) -> int:
        while True:
            event = await self._event(first=True)
            if isinstance(event, h11.Response):
                return event.status_code
            if not isinstance(event, h11.InformationalResponse):
                raise _HungUp("it hung up")

    async def _body(self) -> bytes:
        content = bytearray()
        while not isinstance(event := await self._event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise EOFError("it hung up within its answer")
            content += event.data
            if len(content) > MAX_ANSWER_BYTES:
                raise OracleSilent(f"its answer is longer than {MAX_ANSWER_BYTES} bytes")
        return bytes(content)

    async def _event(self, *, first: bool = False) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            data = await self._reader.read(64 * 1024)
            if not data and first and not self._http.trailing_data[0]:
                raise _HungUp("it hung up without an answer")
            self._http.receive_data(data)
