"""One WebSocket connection of either side, on picows' callback API.

Rules it keeps:
- Nothing is delivered once a close has been sent, by us or by picows' parser: after a frame it refused, the parser is
  out of step and what follows is noise.
- The close that came first, from either end, is what ``on_closed`` tells; 1006 where there was none.
- Whatever makes the peer stop answering ends by itself: an unanswered close and a full write buffer are cut by
  deadline and by size, silence by the keep-alive's ticks.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from stationmaster.transport.close_codes import (
    ABNORMAL,
    NO_STATUS,
    POLICY_VIOLATION,
    PROTOCOL_ERROR,
    UNSUPPORTED_DATA,
    fitting_reason,
)
from stationmaster.transport.compression import MIN_COMPRESSED_BYTES, Deflate
from stationmaster.transport.delivery import deliver_closed, deliver_text
from stationmaster.transport.keep_alive import Vigil
from stationmaster.transport.limits import Limits
from stationmaster.transport.ports import OpenReceiver, Receiver
from stationmaster.transport.reassembly import FrameRefused, Reassembly

log = structlog.get_logger(__name__)

_TEXT = WSMsgType.TEXT


class Terms(msgspec.Struct, frozen=True):
    """What the handshake settled."""

    limits: Limits
    remote_address: str
    subprotocol: str | None = None
    deflate: Deflate | None = None
    close_at_once: tuple[int, str] | None = None


class WebSocketConnection(WSListener):
    """A Connection, and picows' listener of the same: one object each, for memory's sake."""

    __slots__ = (
        "_close_timer",
        "_on_gone",
        "_on_open",
        "_open_receiver",
        "_paused",
        "_reassembly",
        "_receiver",
        "_terms",
        "_transport",
        "vigil",
    )

    def __init__(
        self,
        terms: Terms,
        open_receiver: OpenReceiver,
        *,
        on_open: Callable[["WebSocketConnection"], None],
        on_gone: Callable[["WebSocketConnection"], None],
    ) -> None:
        self._terms = terms
        self._open_receiver: OpenReceiver | None = open_receiver
        self._on_open = on_open
        self._on_gone = on_gone
        self._reassembly = Reassembly(terms.limits, terms.deflate)
        self._receiver: Receiver | None = None
        self._transport: WSTransport | None = None
        self._close_timer: asyncio.TimerHandle | None = None
        self._paused = False
        self.vigil = Vigil(terms.limits)

    @property
    def subprotocol(self) -> str | None:
        return self._terms.subprotocol

    @property
    def remote_address(self) -> str:
        return self._terms.remote_address

    def send(self, data: bytes) -> None:
        """Queue one text message; does nothing once the connection is closing."""
        transport = self._transport
        if transport is None:
            return
        deflate = self._terms.deflate
        if deflate is None or len(data) < MIN_COMPRESSED_BYTES:
            transport.send(_TEXT, data)
        elif not transport.is_close_frame_sent:
            transport.send(_TEXT, deflate.compress(data), True, True)
        if self._paused:
            self._check_backlog(transport)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Send a close frame and wait ``close_timeout_s`` for the other end's."""
        transport = self._transport
        if transport is None or transport.is_close_frame_sent:
            return
        transport.send_close(_close_code(code), fitting_reason(reason))
        self._close_timer = asyncio.get_running_loop().call_later(self._terms.limits.close_timeout_s, self.cut)

    def cut(self) -> None:
        """Drop the socket without ceremony."""
        if self._transport is not None:
            self._transport.disconnect(False)

    def tick(self) -> None:
        """One beat of the keep-alive."""
        transport = self._transport
        if transport is None:
            return
        match self.vigil.tick(closing=transport.is_close_frame_sent):
            case "ping":
                transport.send_ping()
                self._check_backlog(transport)
            case "drop":
                log.info("peer_silent", remote_address=self.remote_address)
                self.cut()

    # What picows calls

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.request.headers.clear()  # kept for the connection's life otherwise, credentials and all
        self._on_open(self)
        open_receiver, self._open_receiver = self._open_receiver, None
        if self._terms.close_at_once is not None:
            self.close(*self._terms.close_at_once)
            return
        try:
            self._receiver = open_receiver(self) if open_receiver is not None else None
        except Exception:
            log.exception("connection_not_taken", remote_address=self.remote_address)
            self.close(1011, "internal error")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if transport.is_close_frame_sent:
            if kind is WSMsgType.CLOSE:
                transport.disconnect()
            return
        self.vigil.silent_ticks = 0
        if frame.rsv2 or frame.rsv3:
            self._refuse(PROTOCOL_ERROR, "reserved bits")
        elif kind is _TEXT and frame.fin and not frame.rsv1 and not self._reassembly.under_way:
            self._deliver(frame.get_payload_as_bytes())
        else:
            _REACTIONS[kind](self, transport, frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._close_timer is not None:
            self._close_timer.cancel()
        code, reason = _first_close(transport)
        self._transport = None
        self._on_gone(self)
        if self._receiver is not None:
            deliver_closed(self, self._receiver, code, reason)
            self._receiver = None

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False

    # What the frames cause

    def _on_data(self, transport: WSTransport, frame: WSFrame) -> None:
        try:
            message = self._reassembly.add(
                frame.get_payload_as_bytes(),
                first=frame.msg_type is _TEXT,
                fin=bool(frame.fin),
                rsv1=bool(frame.rsv1),
            )
        except FrameRefused as refused:
            self._refuse(refused.code, refused.reason)
            return
        if message is not None:
            self._deliver(message)

    def _on_binary(self, transport: WSTransport, frame: WSFrame) -> None:
        self._refuse(UNSUPPORTED_DATA, "OCPP speaks text")

    def _on_ping(self, transport: WSTransport, frame: WSFrame) -> None:
        # Not picows' automatic pong: that one fills the write buffer without bound for a peer that never reads.
        transport.send_pong(frame.get_payload_as_bytes())
        self._check_backlog(transport)

    def _on_pong(self, transport: WSTransport, frame: WSFrame) -> None:
        """A sign of life, noted already."""

    def _on_close(self, transport: WSTransport, frame: WSFrame) -> None:
        # An empty close is answered with 1000, for 1005 must not appear on the wire (RFC 6455 section 7.4.1).
        code = frame.get_close_code()
        transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
        transport.disconnect()

    def _deliver(self, data: bytes) -> None:
        if self._receiver is not None:
            deliver_text(self, self._receiver, data)

    def _refuse(self, code: int, reason: str) -> None:
        log.info("frame_refused", remote_address=self.remote_address, code=code, reason=reason)
        self.close(code, reason)

    def _check_backlog(self, transport: WSTransport) -> None:
        if not self._paused:
            return
        waiting = transport.underlying_transport.get_write_buffer_size()
        if waiting > self._terms.limits.max_write_buffer_bytes:
            log.info("reader_too_slow", remote_address=self.remote_address, waiting_bytes=waiting)
            self.close(POLICY_VIOLATION, "reading too slowly")
            self.cut()  # the close frame stands behind all that is not read


_REACTIONS: dict[WSMsgType, Callable[[WebSocketConnection, WSTransport, WSFrame], None]] = {
    WSMsgType.TEXT: WebSocketConnection._on_data,
    WSMsgType.CONTINUATION: WebSocketConnection._on_data,
    WSMsgType.BINARY: WebSocketConnection._on_binary,
    WSMsgType.PING: WebSocketConnection._on_ping,
    WSMsgType.PONG: WebSocketConnection._on_pong,
    WSMsgType.CLOSE: WebSocketConnection._on_close,
}


def _close_code(code: int) -> Any:
    """picows takes any number on the wire, but its types say that only the listed ones exist."""
    return code


def _first_close(transport: WSTransport) -> tuple[int, str]:
    handshake: Any = transport.close_handshake  # None until a close frame went either way, whatever its type says
    if handshake is None:
        return ABNORMAL, ""
    first: Any = handshake.recv if handshake.recv_then_sent else handshake.sent
    return int(first.code) or NO_STATUS, first.reason or ""
