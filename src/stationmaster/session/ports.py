"""What a session needs of a transport, and a transport of a session."""

from collections.abc import Mapping
from typing import Protocol

from stationmaster.domain.messages import Answer, Request
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.violations import Violation


class Spoken(Protocol):
    """A session, with a line that stays or without: what everybody above works with."""

    @property
    def version(self) -> Version: ...
    @property
    def is_open(self) -> bool: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...
    async def ready(self) -> None:
        """Return when a call can leave. Raises Unreachable, so that nothing is written down as sent that was not."""
        ...

    async def perform(
        self,
        request: Request,
        *,
        timeout_s: float | None = None,
        priority: int = 0,
        broken: list[Violation] | None = None,
    ) -> Answer: ...
    async def call_raw(
        self, action: str, payload: bytes, *, timeout_s: float | None = None, priority: int = 0
    ) -> bytes: ...


class Calls(Protocol):
    """The way to the other side of a session without a line: each call finds its own."""

    async def ready(self) -> None:
        """Raises Unreachable where the other side cannot be reached just now; nothing has been sent then."""
        ...

    async def call(self, action: str, payload: bytes, timeout_s: float) -> bytes:
        """One call and its answer, both in the JSON form of the version's own message. Raises CallFailed."""
        ...

    def close(self) -> None:
        """No call will come any more: let go of what is held for one."""
        ...


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


class Posted(Protocol):
    """What HTTP brings back. ``headers``: names in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class PostLine(Protocol):
    """The way to one server, with nothing sent on it yet; good for one post."""

    async def post(self, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Posted:
        """Raises ConnectionError: nothing was sent; TimeoutError: no answer in time; EOFError: the answer was lost, and
        nobody knows whether the message was heeded."""
        ...

    def close(self) -> None:
        """Nothing will be posted."""
        ...


class PostClient(Protocol):
    """How messages of SOAP leave."""

    async def connect(self, address: str, *, fresh: bool = False) -> PostLine:
        """Reach who listens at a URL. ``fresh``: not over a connection that was used before. Raises ConnectionError."""
        ...
