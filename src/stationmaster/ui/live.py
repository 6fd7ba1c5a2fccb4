"""Live data, fetched once for all who look at the same thing.

A feed asks the API for one path while somebody watches it: at once, when a change of its kinds is heard (at most once
in ``GAP_S``), and every ``every_s`` seconds. Those who watch are told only when the answer differs from the last one.
Viewers share a feed when they are of one tenant and one role, as such people get the same answer; it asks with the
session of one after the other, so that a session that ends is found out and leaves the others served.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from stationmaster.ui.api import Api, Problem
from stationmaster.ui.ports import Changes, Clock

GAP_S = 1.0
"""The least time between two fetches of one feed."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a feed is about. ``query``: pairs of the query string; ``kinds``: events that may change the answer."""

    path: str
    query: tuple[tuple[str, Any], ...] = ()
    kinds: frozenset[str] = frozenset()
    station_key: int | None = None
    every_s: float = 10.0


@dataclass(eq=False, slots=True, kw_only=True)
class Watcher:
    """One page's place at a feed."""

    api: Api
    show: Callable[[Any], None]
    failed: Callable[[Problem], None]


@dataclass(eq=False, slots=True)
class _Feed:
    topic: Topic
    tenant: str
    watchers: list[Watcher] = field(default_factory=list)
    due: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    last: Any = None
    has_last: bool = False
    turn: int = -1
    told_problem: str = ""
    """The one that was told last, and not again until it is over."""
    heard: bool = False


class Feeds:
    """All feeds of a node."""

    def __init__(self, changes: Changes, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock
        self._feeds: dict[tuple[str, str, Topic], _Feed] = {}

    @property
    def count(self) -> int:
        return len(self._feeds)

    def watch(self, tenant: str, role: str, topic: Topic, watcher: Watcher) -> Callable[[], None]:
        """Tell ``watcher`` the answer now and whenever it differs; the result ends it."""
        key = (tenant, role, topic)
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = _Feed(topic, tenant)
            # listening before asking: what changes while the first answer is made is not missed
            feed.tasks += [asyncio.create_task(self._listen(feed, kind)) for kind in sorted(topic.kinds)]
            feed.tasks.append(asyncio.create_task(self._run(feed), name=f"feed {topic.path}"))
        feed.watchers.append(watcher)
        if feed.has_last:
            _tell(watcher.show, feed.last)
        feed.due.set()

        def stop() -> None:
            if watcher in feed.watchers:
                feed.watchers.remove(watcher)
            if not feed.watchers and self._feeds.get(key) is feed:
                del self._feeds[key]
                _cancel(feed)

        return stop

    async def close(self) -> None:
        """End all feeds."""
        feeds, self._feeds = list(self._feeds.values()), {}
        for feed in feeds:
            _cancel(feed)
            await asyncio.gather(*feed.tasks, return_exceptions=True)

    async def _run(self, feed: _Feed) -> None:
        while True:
            feed.due.clear()
            heard, feed.heard = feed.heard, False
            differs = await self._refresh(feed)
            await self._clock.sleep(GAP_S)
            if heard and not differs:  # what is told may be ahead of what can be read: look once more
                feed.due.set()
            await self._until_due(feed)

    async def _until_due(self, feed: _Feed) -> None:
        waiting = asyncio.ensure_future(feed.due.wait())
        over = asyncio.ensure_future(self._clock.sleep(max(0.0, feed.topic.every_s - GAP_S)))
        try:
            await asyncio.wait({waiting, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            over.cancel()

    async def _refresh(self, feed: _Feed) -> bool:
        """Whether there was something to tell."""
        if not feed.watchers:
            return False
        feed.turn += 1
        asking = feed.watchers[feed.turn % len(feed.watchers)]  # so that each session is seen to be in force
        try:
            answer = await asking.api.look(feed.topic.path, dict(feed.topic.query))
        except Problem as problem:
            await self._fail(feed, asking, problem)
            return True
        except Exception:
            log.exception("feed failed", path=feed.topic.path)
            await self._fail(feed, asking, Problem(500, "Something went wrong here; the log of the node says what."))
            return True
        feed.told_problem = ""
        if feed.has_last and answer == feed.last:
            return False
        feed.last, feed.has_last = answer, True
        for watcher in list(feed.watchers):
            if watcher in feed.watchers:  # it may have left for another feed while others were told
                _tell(watcher.show, answer)
            await self._clock.sleep(0)  # one page at a time: stations' messages come between
        return True

    async def _fail(self, feed: _Feed, asking: Watcher, problem: Problem) -> None:
        """A session that ended concerns its own person only; anything else concerns all who watch."""
        if problem.is_signed_out:
            if asking in feed.watchers:  # it may have left meanwhile
                feed.watchers.remove(asking)
                _tell(asking.failed, problem)
            feed.due.set()
            return
        feed.has_last = False
        if problem.in_words() == feed.told_problem:
            return
        feed.told_problem = problem.in_words()
        for watcher in list(feed.watchers):
            _tell(watcher.failed, problem)

    async def _listen(self, feed: _Feed, kind: str) -> None:
        while True:
            try:
                async for change in self._changes.follow(kind, feed.topic.station_key):
                    if change.tenant == feed.tenant:
                        feed.heard = True
                        feed.due.set()
            except Exception:
                log.exception("feed deaf for a moment", path=feed.topic.path, kind=kind)
            await self._clock.sleep(GAP_S)


def _tell(show: Callable[[Any], None], what: Any) -> None:
    """One page that cannot show it must not keep it from the others."""
    try:
        show(what)
    except Exception:
        log.exception("page not updated")


def _cancel(feed: _Feed) -> None:
    for task in feed.tasks:
        task.cancel()
