"""HTTP's requests and replies, as those see them who answer and who ask: no connection, no bytes on a wire."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

Header = tuple[bytes, bytes]
_PLAIN: Header = (b"content-type", b"text/plain; charset=utf-8")
RETRY_AFTER_S = 5
"""What a client is told to wait that came at a bad moment."""


class RequestHead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before a request's body."""

    method: str
    target: str
    """Path and query as sent, still percent-encoded."""
    headers: Mapping[str, str] = {}
    """Names in lower case; what came in several lines is joined by commas."""
    remote_address: str = ""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def __repr__(self) -> str:  # headers carry passwords
        return f"RequestHead({self.method} {self.path})"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer; its length is added by whoever sends it."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""


class Answer(NamedTuple):
    """What came back, to who asked. ``headers``: names in lower case; the last of several counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Refused(Exception):
    """An answer other than success. ``says``: why, to whoever looks at it; no header, nothing of the request."""

    def __init__(self, status: int, *headers: Header, says: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.says = says

    def reply(self, method: str) -> Reply:
        """To a request by this method."""
        if not self.says or method == "HEAD":
            return Reply(status=self.status, headers=self.headers)
        return Reply(status=self.status, headers=(*self.headers, _PLAIN), body=f"{self.says}\n".encode())


Read = Callable[[], Awaitable[bytes]]
"""The request's whole body; raises Refused where it is longer than allowed. A client that waits for leave to send it
is given it by this, so what can be refused by the head alone is refused before."""
Respond = Callable[[RequestHead, Read], Awaitable[Reply]]
"""Answers one request. May raise Refused."""


def request_head(method: str, target: str, headers: Iterable[tuple[str, str]], remote_address: str = "") -> RequestHead:
    """Put together what was read. A target with a host before its path (RFC 9112 §3.2.2) loses the host."""
    if target.lower().startswith(("http://", "https://")):
        target = _without_host(target)
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return RequestHead(method=method, target=target, headers=joined, remote_address=remote_address)


def busy() -> Refused:
    """Not now."""
    return Refused(503, (b"retry-after", str(RETRY_AFTER_S).encode()), says="Too much is under way here; come again.")


def too_long(most_bytes: int) -> Refused:
    """A body that goes on behind its bound."""
    return Refused(413, says=f"A message has at most {most_bytes} bytes here.")


def _without_host(target: str) -> str:
    try:
        parts = urlsplit(target)
    except ValueError:
        return target
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
