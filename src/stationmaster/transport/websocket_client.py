"""The dialling side: a station's way to its CSMS."""

import asyncio
import ssl

import msgspec
from picows import (
    WSHandshakeError,
    WSInvalidURL,
    WSUpgradeRequest,
    WSUpgradeResponse,
    ws_connect,
)

from stationmaster.transport.basic_auth import authorization_header
from stationmaster.transport.compression import accept_answer, offer
from stationmaster.transport.errors import ConnectFailed, ConnectRefused
from stationmaster.transport.keep_alive import KeepAlive, Vigil
from stationmaster.transport.limits import Limits
from stationmaster.transport.picows_logging import QUIET
from stationmaster.transport.ports import DialledConnection, OpenReceiver
from stationmaster.transport.websocket_connection import Terms, WebSocketConnection

READ_BUFFER_BYTES = 2048
MAX_REASON_LENGTH = 200


async def connect(  # noqa: PLR0913 - all but one are keywords
    url: str,
    *,
    subprotocols: tuple[str, ...],
    receiver_factory: OpenReceiver,
    basic_auth: tuple[str, bytes] | None = None,
    compression: bool = True,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    tls: ssl.SSLContext | None = None,
    timeout_s: float = 30.0,
) -> DialledConnection:
    """Dial ``url`` (its last segment is the identity, percent-encoded: see ``path.station_url``).

    ``subprotocols``: most wanted first. ``basic_auth``: user name, and password as raw bytes. Raises ConnectRefused
    where the server answered with an HTTP error, ConnectFailed for everything else that went wrong in ``timeout_s``.
    """
    dial = _Dial(url, subprotocols, receiver_factory, compression, limits)
    try:
        async with asyncio.timeout(timeout_s):
            await ws_connect(
                dial.listener,
                url,
                ssl_context=tls,
                websocket_handshake_timeout=timeout_s,
                logger_name=QUIET,
                enable_auto_pong=False,
                max_frame_size=limits.max_message_bytes,
                extra_headers=dial.headers(basic_auth),
                max_redirects=0,
                read_buffer_init_size=READ_BUFFER_BYTES,
                use_aiofastnet=False,
            )
    except BaseException as error:
        dial.abandon()
        refused = _refusal(error)
        if refused is not None:
            raise refused from None
        raise
    return dial.opened()


class _Dial:
    """One attempt."""

    def __init__(
        self,
        url: str,
        subprotocols: tuple[str, ...],
        receiver_factory: OpenReceiver,
        compression: bool,
        limits: Limits,
    ) -> None:
        self._url = url
        self._subprotocols = subprotocols
        self._receiver_factory = receiver_factory
        self._compression = compression
        self._limits = limits
        self._abandoned = False
        self._connection: _ClientConnection | None = None

    def opened(self) -> "_ClientConnection":
        if self._connection is None:
            # picows takes a socket that closes before any answer for a handshake that has been completed.
            raise ConnectFailed("the server hung up instead of answering")
        return self._connection

    def headers(self, basic_auth: tuple[str, bytes] | None) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self._subprotocols:
            headers["Sec-WebSocket-Protocol"] = ", ".join(self._subprotocols)
        if self._compression:
            headers["Sec-WebSocket-Extensions"] = offer()
        if basic_auth is not None:
            headers["Authorization"] = authorization_header(*basic_auth)
        return headers

    def listener(self, request: WSUpgradeRequest, response: WSUpgradeResponse) -> WebSocketConnection:
        """Called by picows when the server has answered 101."""
        if self._abandoned:
            raise ConnectFailed("given up before the server answered")
        subprotocol = response.headers.get("Sec-WebSocket-Protocol")
        if subprotocol is not None and subprotocol not in self._subprotocols:
            raise ConnectFailed("the server chose a sub-protocol that was not offered")
        try:
            deflate = accept_answer(response.headers.getall("Sec-WebSocket-Extensions", []))
        except ValueError as error:
            raise ConnectFailed(str(error)) from None
        if deflate is not None and not self._compression:
            raise ConnectFailed("the server compresses though it was not asked to")
        terms = Terms(self._limits, request.headers.get("Host", ""), subprotocol, deflate)
        self._connection = _ClientConnection(terms, self._receiver_factory)
        return self._connection

    def abandon(self) -> None:
        """picows goes on with a handshake whose caller was cancelled: make sure that nothing comes of it."""
        self._abandoned = True
        if self._connection is not None:
            self._connection.cut()


class _ClientConnection(WebSocketConnection):
    """Has a keep-alive of its own, whose interval may change."""

    __slots__ = ("_keep_alive", "_limits")

    def __init__(self, terms: Terms, open_receiver: OpenReceiver) -> None:
        super().__init__(terms, open_receiver, on_open=self._watch, on_gone=self._unwatch)
        self._limits = terms.limits
        self._keep_alive = KeepAlive(terms.limits)

    def ping_every(self, interval_s: float) -> None:
        """See the port."""
        if not self._keep_alive.members:
            return
        self._unwatch(self)
        self._limits = msgspec.structs.replace(self._limits, ping_interval_s=interval_s)
        self.vigil = Vigil(self._limits)
        self._keep_alive = KeepAlive(self._limits)
        self._watch(self)

    def _watch(self, connection: WebSocketConnection) -> None:
        self._keep_alive.members.add(connection)
        self._keep_alive.start()

    def _unwatch(self, connection: WebSocketConnection) -> None:
        self._keep_alive.stop()
        self._keep_alive.members.discard(connection)


def _refusal(error: BaseException) -> ConnectRefused | ConnectFailed | None:
    match error:
        case WSHandshakeError(response=WSUpgradeResponse(status=status)) if status != 101:
            body = (error.raw_body or b"").decode(errors="replace")
            return ConnectRefused(int(status), body[:MAX_REASON_LENGTH].strip())
        case TimeoutError():
            return ConnectFailed("no answer in time")
        case ConnectFailed():
            return error
        case WSHandshakeError() | WSInvalidURL() | OSError() | ssl.SSLError() | ValueError():
            return ConnectFailed(str(error) or type(error).__name__)
        case _:
            return None
