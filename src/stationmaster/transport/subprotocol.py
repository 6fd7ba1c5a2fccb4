"""WebSocket sub-protocols: what was offered, and which to take."""

from collections.abc import Collection, Iterable, Sequence

MAX_OFFERED = 16


def offered_subprotocols(headers: Iterable[str]) -> tuple[str, ...]:
    """The names in all ``Sec-WebSocket-Protocol`` headers, in order, each once, the first 16 of them."""
    names = (name.strip() for header in headers for name in header.split(","))
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_OFFERED]


def negotiate(offered: Sequence[str], supported: Collection[str]) -> str | None:
    """The first of the client's preferences that we support (OCPP 2.0.1 part 4, 3.1.2), or None."""
    return next((name for name in offered if name in supported), None)
