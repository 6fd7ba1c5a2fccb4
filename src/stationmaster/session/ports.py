"""What a session needs of a transport, and a transport of a session."""

from typing import Protocol


class Connection(Protocol):
    """One end of an open WebSocket (or of its stand-in in memory)."""

    @property
    def subprotocol(self) -> str | None:
        """The one agreed on, or None."""
        ...

    @property
    def remote_address(self) -> str: ...

    def send(self, data: bytes) -> None:
        """Queue one text message (UTF-8). Never blocks; the transport closes on a reader that is too slow once its
        bounded buffer is full. Sending on a closed connection does nothing."""
        ...

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Start closing; ``Receiver.on_closed`` follows, once, also when the other end never answers."""
        ...


class Receiver(Protocol):
    """What a transport calls, always on the event loop, never after ``on_closed``."""

    def on_text(self, data: bytes) -> None:
        """One whole text message, UTF-8 checked by the transport, within its size limit."""
        ...

    def on_closed(self, code: int, reason: str) -> None: ...
