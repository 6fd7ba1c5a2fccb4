"""Requests that somebody of ours passes on: whom they come from stands in a header."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]


def relayed(app: App, caller: str) -> App:
    """For a listener that nobody else reaches: the header ``caller`` names the address that the application is told."""
    name = caller.lower().encode()

    async def served(scope: Scope, receive: Any, send: Any) -> None:
        await app(_told(scope, name) if scope["type"] == "http" else scope, receive, send)

    return served


def _told(scope: Scope, name: bytes) -> Scope:
    address = next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
    return {**scope, "client": (address, 0), "headers": [pair for pair in scope["headers"] if pair[0] != name]}
