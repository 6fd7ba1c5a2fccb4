"""Connections without a network: two ends wired through the event loop, with a WebSocket's semantics.

Order is kept, delivery is never inside ``send``, ``on_closed`` comes once and last, texts are checked, and the limit
on a message's size holds. Nothing is compressed or pinged, and no buffer fills. Works on a virtual loop.
"""

import asyncio

from stationmaster.transport.close_codes import ABNORMAL, TOO_BIG, fitting_reason
from stationmaster.transport.delivery import deliver_closed, deliver_text
from stationmaster.transport.limits import Limits
from stationmaster.transport.ports import OpenReceiver, Receiver


class MemoryConnection:
    """One end. Made in pairs by ``connection_pair``."""

    def __init__(self, *, subprotocol: str | None, remote_address: str, limits: Limits) -> None:
        self._subprotocol = subprotocol
        self._remote_address = remote_address
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._peer: MemoryConnection | None = None
        self._receiver: Receiver | None = None
        self._may_send = True
        self._may_deliver = True
        self._told_closed = False

    @property
    def subprotocol(self) -> str | None:
        return self._subprotocol

    @property
    def remote_address(self) -> str:
        return self._remote_address

    def send(self, data: bytes) -> None:
        """Queue one text message; does nothing once the connection is closing."""
        if self._may_send and self._peer is not None:
            self._loop.call_soon(self._peer._take, bytes(data))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in order: what was sent before still arrives at the other end, nothing more at this one."""
        if not self._may_send or self._peer is None:
            return
        self._may_send = self._may_deliver = False
        text = fitting_reason(reason).decode()
        self._loop.call_soon(self._peer._end, code, text)
        self._loop.call_soon(self._end, code, text)

    def cut(self, *, lose_in_flight: bool = False) -> None:
        """Break the line: both ends see 1006. What is under way arrives before that, unless it shall be lost."""
        for end in (self, self._peer):
            if end is not None and end._may_send:
                end._may_send = False
                end._may_deliver = not lose_in_flight
                end._loop.call_soon(end._end, ABNORMAL, "")

    def ping_every(self, interval_s: float) -> None:
        """Nothing to do: a line in memory does not die in silence."""

    def join(self, peer: "MemoryConnection") -> None:
        """Lay the line to the other end."""
        self._peer = peer

    def attach(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def _take(self, data: bytes) -> None:
        if not self._may_deliver or self._receiver is None:
            return
        if len(data) > self._limits.max_message_bytes:
            self.close(TOO_BIG, "message too big")
            return
        deliver_text(self, self._receiver, data)

    def _end(self, code: int, reason: str) -> None:
        self._may_send = self._may_deliver = False
        if self._told_closed:
            return
        self._told_closed = True
        receiver, self._receiver, self._peer = self._receiver, None, None
        if receiver is not None:
            deliver_closed(self, receiver, code, reason)


def connection_pair(
    left: OpenReceiver,
    right: OpenReceiver,
    *,
    subprotocol: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> tuple[MemoryConnection, MemoryConnection]:
    """Two ends of one open connection; ``left`` and ``right`` are given their end and return who hears it."""
    ends = [
        MemoryConnection(subprotocol=subprotocol, remote_address=f"memory:{name}", limits=limits)
        for name in ("right", "left")  # each end's remote is the other
    ]
    ends[0].join(ends[1])
    ends[1].join(ends[0])
    for end, open_receiver in zip(ends, (left, right), strict=True):
        end.attach(open_receiver(end))
    return ends[0], ends[1]
