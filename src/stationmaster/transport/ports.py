"""The two ends of the transport, as its engines see them; a session's ports have the same shape."""

from collections.abc import Callable
from typing import Protocol


class Connection(Protocol):
    """One end of an open connection."""

    @property
    def subprotocol(self) -> str | None: ...

    @property
    def remote_address(self) -> str: ...

    def send(self, data: bytes) -> None: ...

    def close(self, code: int = 1000, reason: str = "") -> None: ...


class DialledConnection(Connection, Protocol):
    """The end of who dialled."""

    def ping_every(self, interval_s: float) -> None:
        """From now on ping the peer after so long a silence, and hang up where it stays silent; 0: never."""
        ...


class Receiver(Protocol):
    """Who is told what arrives. ``on_closed`` comes once and last; its code is that of the close that came first,
    from either end, and 1006 where the connection broke without one."""

    def on_text(self, data: bytes) -> None: ...

    def on_closed(self, code: int, reason: str) -> None: ...


OpenReceiver = Callable[[Connection], Receiver]
