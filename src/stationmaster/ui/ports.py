"""What the pages are given to work with."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Change(msgspec.Struct, frozen=True):
    """Something that is stored has changed. ``kind`` is the event's, as in the event stream of the API."""

    tenant: str
    kind: str
    station_key: int | None = None


class Changes(Protocol):
    """What the node hears of changes. It promises no completeness: who must be right asks again now and then."""

    def follow(self, kind: str, station_key: int | None) -> AsyncIterator[Change]:
        """Listens from the first ``anext`` on; a station's own changes, or everybody's for None."""
        ...


class Clock(Protocol):
    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...
