"""Live data: fetched once for all who look at the same thing, told when it differs, and never for nobody."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.ui.api import Problem
from stationmaster.ui.live import GAP_S, Feeds, Topic, Watcher
from stationmaster.ui.ports import Change

ENDED = Problem(401, "The session has ended.")
BUSY = Problem(503, "Try again.")


class Backend:
    """An API that gives what it is told to, and counts who asks."""

    def __init__(self) -> None:
        self.answer: Any = {"n": 0}
        self.asked: list[tuple[float, str]] = []
        self.takes_s = 0.0
        self.counts = False
        self.refuses: dict[str, BaseException] = {}

    def api(self, whose: str = "ada") -> Any:
        return _Api(self, whose)

    def times(self) -> list[float]:
        return [round(at, 3) for at, _ in self.asked]


class _Api:
    def __init__(self, backend: Backend, whose: str) -> None:
        self._backend, self._whose = backend, whose

    async def look(self, path: str, query: Any = None) -> Any:
        backend = self._backend
        backend.asked.append((asyncio.get_running_loop().time(), self._whose))
        answer = {"n": len(backend.asked)} if backend.counts else backend.answer
        await asyncio.sleep(backend.takes_s)
        if self._whose in backend.refuses:
            raise backend.refuses[self._whose]
        return answer


class Told:
    """Changes that a test tells of."""

    def __init__(self) -> None:
        self.queues: list[tuple[str, int | None, asyncio.Queue[Change | Exception]]] = []

    async def follow(self, kind: str, station_key: int | None) -> AsyncIterator[Change]:
        queue: asyncio.Queue[Change | Exception] = asyncio.Queue()
        place = (kind, station_key, queue)
        self.queues.append(place)
        try:
            while True:
                change = await queue.get()
                if isinstance(change, Exception):
                    raise change
                yield change
        finally:
            self.queues.remove(place)

    def tell(self, kind: str, tenant: str = "default") -> None:
        for known, _, queue in self.queues:
            if known == kind:
                queue.put_nowait(Change(tenant, kind))

    def fail(self) -> None:
        for _, _, queue in self.queues:
            queue.put_nowait(RuntimeError("the bus is gone"))


class Seen:
    """What one page was shown and told."""

    def __init__(self) -> None:
        self.shown: list[Any] = []
        self.failed: list[Problem] = []

    def watcher(self, api: Any) -> Watcher:
        return Watcher(api=api, show=self.shown.append, failed=self.failed.append)


class Desk:
    def __init__(self) -> None:
        self.backend, self.changes = Backend(), Told()
        self.feeds = Feeds(self.changes, VirtualClock())

    def watch(self, seen: Seen | None = None, whose: str = "ada", **topic: Any) -> tuple[Seen, Any]:
        seen = seen or Seen()
        tenant, role = topic.pop("tenant", "default"), topic.pop("role", "viewer")
        made = Topic(path="/stations", **{"kinds": frozenset({"Changed"}), **topic})
        return seen, self.feeds.watch(tenant, role, made, seen.watcher(self.backend.api(whose)))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.feeds.close()


async def test_twenty_watchers_share_one_fetch_and_all_are_told(desk: Desk) -> None:
    pages = [desk.watch()[0] for _ in range(20)]
    await asyncio.sleep(0.5)
    assert len(desk.backend.asked) == 1
    assert [page.shown for page in pages] == [[{"n": 0}]] * 20


async def test_a_later_watcher_sees_at_once_what_the_others_see(desk: Desk) -> None:
    desk.watch()
    await asyncio.sleep(0.5)
    late, _ = desk.watch()
    assert late.shown == [{"n": 0}]


async def test_only_an_answer_that_differs_is_told(desk: Desk) -> None:
    seen, _ = desk.watch(every_s=2.0)
    await asyncio.sleep(9)
    assert len(desk.backend.asked) == 5
    assert seen.shown == [{"n": 0}]
    desk.backend.answer = {"n": 1}
    await asyncio.sleep(2)
    assert seen.shown == [{"n": 0}, {"n": 1}]


async def test_without_changes_it_is_asked_again_every_so_often(desk: Desk) -> None:
    desk.watch(every_s=10.0)
    await asyncio.sleep(25)
    assert desk.backend.times() == [0, 10, 20]


async def test_a_change_is_looked_at_once_and_a_hundred_no_oftener_than_the_gap(desk: Desk) -> None:
    desk.backend.counts = True
    desk.watch(every_s=60.0)
    await asyncio.sleep(5)
    for _ in range(100):
        desk.changes.tell("Changed")
        await asyncio.sleep(0.02)
    await asyncio.sleep(10)
    times = desk.backend.times()
    assert times[:2] == [0, 5]
    assert len(times) == 4
    assert all(b - a >= GAP_S for a, b in pairwise(times))


async def test_a_change_that_cannot_be_read_yet_is_looked_for_once_more(desk: Desk) -> None:
    seen, _ = desk.watch(every_s=60.0)
    await asyncio.sleep(5)
    desk.changes.tell("Changed")
    await asyncio.sleep(0.5)
    desk.backend.answer = {"n": 1}
    await asyncio.sleep(20)
    assert seen.shown == [{"n": 0}, {"n": 1}]
    assert desk.backend.times() == [0, 5, 5 + GAP_S]


async def test_a_change_that_came_to_nothing_is_not_looked_for_for_ever(desk: Desk) -> None:
    desk.watch(every_s=60.0)
    await asyncio.sleep(5)
    desk.changes.tell("Changed")
    await asyncio.sleep(20)
    assert desk.backend.times() == [0, 5, 5 + GAP_S]


async def test_a_change_that_comes_while_it_is_being_asked_is_not_missed(desk: Desk) -> None:
    desk.backend.takes_s = 0.5
    seen, _ = desk.watch(every_s=60.0)
    await asyncio.sleep(0.2)
    desk.backend.answer = {"n": 1}
    desk.changes.tell("Changed")
    await asyncio.sleep(3)
    assert seen.shown == [{"n": 0}, {"n": 1}]


async def test_changes_of_another_tenant_or_kind_are_nobody_s_business_here(desk: Desk) -> None:
    desk.watch(every_s=60.0)
    await asyncio.sleep(2)
    desk.changes.tell("Changed", tenant="other")
    desk.changes.tell("SomethingElse")
    await asyncio.sleep(5)
    assert desk.backend.times() == [0]


async def test_it_listens_to_its_own_station_only(desk: Desk) -> None:
    desk.watch(station_key=7)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [(kind, key) for kind, key, _ in desk.changes.queues] == [("Changed", 7)]


@pytest.mark.parametrize("other", [{"tenant": "other"}, {"role": "operator"}, {"query": (("open", True),)}])
async def test_whoever_may_get_another_answer_has_a_feed_of_their_own(desk: Desk, other: dict[str, Any]) -> None:
    desk.watch()
    desk.watch(**other)
    await asyncio.sleep(0.5)
    assert desk.feeds.count == 2
    assert len(desk.backend.asked) == 2


async def test_a_feed_ends_with_its_last_watcher(desk: Desk) -> None:
    stops = [desk.watch(every_s=2.0)[1] for _ in range(3)]
    await asyncio.sleep(0.5)
    for stop in stops[:2]:
        stop()
    assert desk.feeds.count == 1
    stops[2]()
    stops[2]()  # once more does no harm
    await asyncio.sleep(10)
    assert desk.feeds.count == 0
    assert desk.backend.times() == [0]
    assert desk.changes.queues == []


async def test_a_feed_that_ended_begins_anew_for_the_next(desk: Desk) -> None:
    _, stop = desk.watch()
    await asyncio.sleep(0.5)
    stop()
    desk.backend.answer = {"n": 1}
    seen, again = desk.watch()
    stop()  # the old one ends nothing of the new
    await asyncio.sleep(0.5)
    assert seen.shown == [{"n": 1}]
    again()


async def test_a_session_that_ends_is_found_out_in_its_turn_and_leaves_the_others_served(desk: Desk) -> None:
    ada, _ = desk.watch(whose="ada", every_s=5.0)
    ben, _ = desk.watch(whose="ben", every_s=5.0)
    await asyncio.sleep(1)
    desk.backend.refuses["ada"] = ENDED
    await asyncio.sleep(10)
    desk.backend.answer = {"n": 1}
    await asyncio.sleep(12)
    assert ada.failed == [ENDED]
    assert ada.shown == [{"n": 0}]
    assert ben.failed == []
    assert ben.shown == [{"n": 0}, {"n": 1}]
    assert {whose for _, whose in desk.backend.asked[3:]} == {"ben"}


async def test_a_page_that_closes_while_its_ended_session_asks_keeps_nobody_from_theirs(desk: Desk) -> None:
    desk.backend.takes_s = 0.5
    desk.backend.refuses["ada"] = ENDED
    ada, close = desk.watch(whose="ada", every_s=5.0)
    ben, _ = desk.watch(whose="ben", every_s=5.0)
    await asyncio.sleep(0.1)
    close()
    await asyncio.sleep(6)
    assert ada.failed == []
    assert ben.shown == [{"n": 0}]


async def test_whoever_signed_in_again_finds_a_feed_that_works(desk: Desk) -> None:
    desk.backend.refuses["ada"] = ENDED
    desk.watch(whose="ada")
    await asyncio.sleep(3)
    again, _ = desk.watch(whose="ada again")
    await asyncio.sleep(3)
    assert again.shown == [{"n": 0}]


async def test_a_failure_is_told_to_all_and_it_goes_on(desk: Desk) -> None:
    pages = [desk.watch(whose="ada", every_s=2.0)[0] for _ in range(2)]
    await asyncio.sleep(1)
    desk.backend.refuses["ada"] = BUSY
    await asyncio.sleep(2)
    assert [page.failed for page in pages] == [[BUSY], [BUSY]]
    desk.backend.refuses.clear()
    await asyncio.sleep(2)
    # the same answer is told again, so that the page takes its complaint back
    assert [page.shown for page in pages] == [[{"n": 0}, {"n": 0}]] * 2


async def test_what_nobody_thought_of_is_told_in_words_and_it_goes_on(desk: Desk) -> None:
    desk.backend.refuses["ada"] = ZeroDivisionError("secret detail")
    seen, _ = desk.watch(whose="ada", every_s=2.0)
    await asyncio.sleep(1)
    assert [problem.status for problem in seen.failed] == [500]
    assert "secret" not in seen.failed[0].detail
    desk.backend.refuses.clear()
    await asyncio.sleep(2)
    assert seen.shown == [{"n": 0}]


async def test_a_page_that_cannot_show_it_keeps_it_from_nobody(desk: Desk) -> None:
    def broken(_: Any) -> None:
        raise RuntimeError("this page is broken")

    api = desk.backend.api()
    desk.feeds.watch("default", "viewer", _topic(), Watcher(api=api, show=broken, failed=broken))
    seen, _ = desk.watch()
    await asyncio.sleep(0.5)
    late = desk.feeds.watch("default", "viewer", _topic(), Watcher(api=api, show=broken, failed=broken))
    assert seen.shown == [{"n": 0}]
    late()


async def test_a_page_that_left_for_another_list_is_not_told_of_the_old_one(desk: Desk) -> None:
    left: list[Any] = []
    first = Watcher(api=desk.backend.api(), show=lambda _: stop(), failed=lambda _: None)
    desk.feeds.watch("default", "viewer", _topic(), first)
    second = Watcher(api=desk.backend.api(), show=left.append, failed=lambda _: None)
    stop = desk.feeds.watch("default", "viewer", _topic(), second)
    await asyncio.sleep(0.5)
    assert left == []


async def test_a_loss_of_the_bus_makes_it_deaf_for_a_moment_only(desk: Desk) -> None:
    desk.watch(every_s=60.0)
    await asyncio.sleep(2)
    desk.changes.fail()
    await asyncio.sleep(2 * GAP_S)
    desk.backend.answer = {"n": 1}
    desk.changes.tell("Changed")
    await asyncio.sleep(2)
    assert len(desk.backend.asked) == 2


async def test_closing_ends_all_of_it(desk: Desk) -> None:
    for number in range(3):
        desk.watch(query=(("n", number),))
    await asyncio.sleep(0.5)
    await desk.feeds.close()
    assert desk.feeds.count == 0
    assert desk.changes.queues == []
    asked = len(desk.backend.asked)
    await asyncio.sleep(60)
    assert len(desk.backend.asked) == asked


def _topic() -> Topic:
    return Topic(path="/stations", kinds=frozenset({"Changed"}))
