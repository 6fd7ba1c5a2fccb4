"""WebSocket sub-protocols: what was offered."""

from collections.abc import Iterable

MAX_OFFERED = 16


def offered_subprotocols(headers: Iterable[str]) -> tuple[str, ...]:
    """The names in all ``Sec-WebSocket-Protocol`` headers, in order, each once, the first 16 of them."""
    names = (name.strip() for header in headers for name in header.split(","))
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_OFFERED]
