"""Answers that several viewers want within a moment of each other, asked for once."""

import asyncio
from collections.abc import Mapping
from typing import Any

from stationmaster.ui.api import Api, Problem
from stationmaster.ui.ports import Clock

_Key = tuple[str, str, tuple[tuple[str, Any], ...]]


class Glances:
    """Of a process. Viewers share answers when they are of one tenant and one role, as such people get the same."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[_Key, tuple[float, asyncio.Future[Any]]] = {}

    async def look(self, audience: str, api: Api, path: str, query: Mapping[str, Any], fresh_s: float) -> Any:
        """What the API answered to the same question less than ``fresh_s`` ago, or answers now. Raises Problem."""
        key = (audience, path, tuple(sorted(query.items())))
        now = self._clock.monotonic()
        self._forget(now - fresh_s)
        if key in self._asked:
            try:
                return await asyncio.shield(self._asked[key][1])
            except Problem:  # it may be the other one's session that has ended
                return await api.look(path, query)
        asking = asyncio.ensure_future(api.look(path, query))
        asking.add_done_callback(_heeded)
        self._asked[key] = now, asking
        return await asyncio.shield(asking)

    def _forget(self, before: float) -> None:
        self._asked = {key: asked for key, asked in self._asked.items() if asked[0] > before}


def _heeded(asking: "asyncio.Future[Any]") -> None:
    """Whoever asked may have left."""
    if not asking.cancelled():
        asking.exception()
