"""The listening side: stations connect here.

picows' own ``ws_create_server`` tells a handshake nothing of the socket it came in by, and counts no connections
before they are upgraded. So the protocol object is made here, one per socket, with the server it belongs to.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from picows import WSAutoPingStrategy, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from stationmaster.transport.close_codes import GOING_AWAY
from stationmaster.transport.compression import Deflate, accept_offer
from stationmaster.transport.handshake import (
    Admission,
    Admit,
    Connected,
    Refusal,
    UpgradeRequest,
    refusal_headers,
    upgrade_request,
)
from stationmaster.transport.keep_alive import KeepAlive
from stationmaster.transport.limits import Limits
from stationmaster.transport.path import BadPath
from stationmaster.transport.picows_logging import QUIET
from stationmaster.transport.subprotocol import offered_subprotocols
from stationmaster.transport.websocket_connection import Terms, WebSocketConnection

log = structlog.get_logger(__name__)

READ_BUFFER_BYTES = 2048
"""picows' least. It is most of an idle connection's memory, and grows when a longer message comes."""

_FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_NOT_A_WEBSOCKET = Refusal(status=426, reason="a WebSocket is expected here", headers={"Upgrade": "websocket"})
_HEADERS_TOO_BIG = Refusal(status=431, reason="the request's headers are too big")
_INTERNAL_ERROR = Refusal(status=500)


class Server:
    """A listener that is up. Made by ``serve``."""

    def __init__(
        self,
        admit: Admit,
        connected: Connected,
        *,
        limits: Limits,
        tenants: Mapping[str, str],
        compression: bool,
    ) -> None:
        self._admit = admit
        self._connected = connected
        self._limits = limits
        self._tenants = tenants
        self._compression = compression
        self._sockets: set[_Protocol] = set()
        self._keep_alive = KeepAlive(limits)
        self._empty = asyncio.Event()
        self._empty.set()
        self._closing: int | None = None
        self._listener: asyncio.Server | None = None
        self.port = 0

    @property
    def connections(self) -> int:
        """Connections that have shaken hands and are not gone."""
        return len(self._keep_alive.members)

    async def close(self, code: int = GOING_AWAY) -> None:
        """Stop listening, close every connection and return when all are gone (at most ``close_timeout_s``)."""
        self._closing = code
        if self._listener is not None:
            self._listener.close()
        for sock in tuple(self._sockets):
            sock.end(code)
        await self._empty.wait()
        self._keep_alive.stop()

    async def _listen(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: _Protocol(self, self._limits), host, port, ssl=tls, backlog=1024, reuse_address=True
        )
        for sock in self._listener.sockets:
            # Accepted sockets inherit it.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._limits.receive_buffer_bytes)
        self.port = self._listener.sockets[0].getsockname()[1]
        self._keep_alive.start()

    def _enter(self, sock: "_Protocol") -> bool:
        if len(self._sockets) >= self._limits.max_connections:
            return False
        self._sockets.add(sock)
        self._empty.clear()
        if self._closing is not None:  # accepted by the kernel before, handed to us after the listener was closed
            sock.end(self._closing)
        return True

    def _leave(self, sock: "_Protocol") -> None:
        self._sockets.discard(sock)
        if not self._sockets:
            self._empty.set()

    def _upgrade(self, request: WSUpgradeRequest, transport: asyncio.BaseTransport) -> WSUpgradeResponseWithListener:
        shown = self._read_request(request, transport)
        decision = self._decide(shown) if isinstance(shown, UpgradeRequest) else shown
        if isinstance(decision, Refusal):
            response = WSUpgradeResponse.create_error_response(
                decision.status, decision.reason.encode(), refusal_headers(decision)
            )
            return WSUpgradeResponseWithListener(response, None)
        return self._let_in(request, decision, _address(transport))

    def _read_request(self, request: WSUpgradeRequest, transport: asyncio.BaseTransport) -> UpgradeRequest | Refusal:
        headers = _header_table(request)
        if sum(len(name) + len(value) + 4 for name, value in headers.items()) > self._limits.max_header_bytes:
            return _HEADERS_TOO_BIG
        if headers.get("upgrade", "").lower() != "websocket":
            return _NOT_A_WEBSOCKET
        if "upgrade" in (word.strip().lower() for word in headers.get("connection", "").split(",")):
            # picows knows no list here, but proxies and browsers send "keep-alive, Upgrade".
            request.headers["Connection"] = "Upgrade"
        try:
            return upgrade_request(
                request.path,
                headers,
                subprotocols=offered_subprotocols(request.headers.getall("Sec-WebSocket-Protocol", [])),
                tenants=self._tenants,
                remote_address=_address(transport),
                peer_certificate=_peer_certificate(transport),
            )
        except BadPath as error:
            return Refusal(status=400, reason=str(error))

    def _decide(self, shown: UpgradeRequest) -> Admission | Refusal:
        try:
            return self._admit(shown)
        except Exception:
            log.exception("admission_failed", identity=shown.identity, remote_address=shown.remote_address)
            return _INTERNAL_ERROR

    def _let_in(self, request: WSUpgradeRequest, admission: Admission, address: str) -> WSUpgradeResponseWithListener:
        headers: dict[str, str] = {}
        if admission.subprotocol is not None:
            headers["Sec-WebSocket-Protocol"] = admission.subprotocol
        deflate: Deflate | None = None
        accepted = accept_offer(_extensions(request)) if self._compression else None
        if accepted is not None:
            headers["Sec-WebSocket-Extensions"], deflate = accepted
        terms = Terms(self._limits, address, admission.subprotocol, deflate, admission.close_at_once)
        connection = WebSocketConnection(
            terms,
            lambda connection: self._connected(connection, admission.context),
            on_open=self._keep_alive.members.add,
            on_gone=self._keep_alive.members.discard,
        )
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(headers), connection)


class _Protocol(WSProtocol):  # type: ignore[misc]
    """picows' protocol with the server it belongs to."""

    __slots__ = ("_server", "_tcp")

    def __init__(self, server: Server, limits: Limits) -> None:
        super().__init__(
            None,  # host and port, of clients
            None,  # path, of clients
            False,  # client side
            self._make_listener,
            QUIET,
            True,  # disconnect on an exception of the listener's
            limits.handshake_timeout_s,
            False,  # no automatic ping: see keep_alive
            limits.ping_interval_s,
            limits.ping_timeout_s,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # no automatic pong: see WebSocketConnection
            limits.max_message_bytes,
            None,  # extra headers, of clients
            READ_BUFFER_BYTES,
        )
        self._server = server
        self._tcp: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._tcp = transport
        if not self._server._enter(self):
            transport.write(_FULL)
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._server._leave(self)

    def end(self, code: int) -> None:
        """Close the connection, or drop the socket if there is none yet."""
        if isinstance(self.listener, WebSocketConnection):
            self.listener.close(code)
        elif self._tcp is not None:
            self._tcp.abort()

    def _make_listener(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        assert self._tcp is not None
        return self._server._upgrade(request, self._tcp)


async def serve(  # noqa: PLR0913 - all but two are keywords with defaults
    host: str,
    port: int,
    *,
    admit: Admit,
    connected: Connected,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    tenants: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    compression: bool = True,
) -> Server:
    """Listen on ``host``:``port`` (0: any free one, see ``Server.port``). Raises OSError.

    ``tenants`` maps path prefixes without outer slashes to tenants (see ``path.parse_path``).
    """
    server = Server(admit, connected, limits=limits, tenants=tenants or {}, compression=compression)
    await server._listen(host, port, tls)
    return server


def _header_table(request: WSUpgradeRequest) -> dict[str, str]:
    table: dict[str, str] = {}
    for spelled, raw in request.headers.items():
        name, value = spelled.lower(), raw.encode("ascii", "surrogateescape").decode("latin-1")
        table[name] = f"{table[name]}, {value}" if name in table else value
    return table


def _extensions(request: WSUpgradeRequest) -> list[str]:
    return request.headers.getall("Sec-WebSocket-Extensions", [])


def _address(transport: asyncio.BaseTransport) -> str:
    peer: Any = transport.get_extra_info("peername")
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else str(peer or "")


def _peer_certificate(transport: asyncio.BaseTransport) -> bytes | None:
    ssl_object: Any = transport.get_extra_info("ssl_object")
    with suppress(ValueError, AttributeError):
        certificate: bytes | None = ssl_object.getpeercert(binary_form=True)
        return certificate
    return None
