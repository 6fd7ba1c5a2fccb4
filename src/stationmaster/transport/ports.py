"""The two ends of the transport, as its engines see them; a session's ports have the same shape."""

from collections.abc import Callable, Mapping
from typing import Protocol

from stationmaster.transport.http_messages import Answer


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


class Line(Protocol):
    """The way to a server of HTTP, with nothing sent on it yet; good for one post.

    To reach the other side and to send are two steps, so that nothing is written down as sent that cannot leave.
    """

    async def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """Send, and return what is answered, whatever its status; a redirect is not followed. ``headers``: beside Host,
        the lengths and the codings. ``timeout_s``: of the event loop. Cancelled, it hangs up.

        Raises Unreached (``errors``): nothing was sent, as when the other side has hung up meanwhile; NoReply: at least
        some of it was sent, and no answer came that could be read. It does not promise that who has not answered has
        not understood.
        """
        ...

    def close(self) -> None:
        """Nothing will be posted."""
        ...
