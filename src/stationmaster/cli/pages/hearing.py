"""The pages' side of changes: each kind is asked for on the line while somebody follows it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable

from stationmaster.cli.pages.line import Subject
from stationmaster.ui.ports import Change

CAPACITY = 256
"""Changes that may wait for one follower: whoever is so late asks again anyway."""

_Wish = tuple[str, int | None]


class LineChanges:
    """Fulfils the pages' port of changes. ``say``: to the node."""

    def __init__(self, say: Callable[[Subject], None]) -> None:
        self._say = say
        self._followers: defaultdict[_Wish, set[asyncio.Queue[Change]]] = defaultdict(set)

    async def follow(self, kind: str, station_key: int | None) -> AsyncIterator[Change]:
        wish = (kind, station_key)
        queue: asyncio.Queue[Change] = asyncio.Queue(CAPACITY)
        if not self._followers[wish]:
            self._say(Subject(kind, station_key))
        self._followers[wish].add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._followers[wish].discard(queue)
            if not self._followers[wish]:
                del self._followers[wish]
                self._say(Subject(kind, station_key, wanted=False))

    def tell(self, changes: Iterable[Change]) -> None:
        """Each to all who follow its kind, of its station or of all."""
        for change in changes:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        for wish in {(change.kind, change.station_key), (change.kind, None)}:
            for queue in self._followers.get(wish, ()):
                if not queue.full():
                    queue.put_nowait(change)
