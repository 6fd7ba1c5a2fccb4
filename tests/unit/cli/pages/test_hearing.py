"""What the pages hear of changes is asked for while somebody follows it, and by whom it concerns."""

import asyncio

from stationmaster.cli.pages.hearing import CAPACITY, LineChanges
from stationmaster.cli.pages.line import Subject
from stationmaster.ui.ports import Change


class Pages:
    def __init__(self) -> None:
        self.said: list[Subject] = []
        self.changes = LineChanges(self.said.append)
        self.heard: list[tuple[str, Change]] = []

    def follow(self, who: str, kind: str, station_key: int | None = None) -> "asyncio.Task[None]":
        async def listen() -> None:
            async for change in self.changes.follow(kind, station_key):
                self.heard.append((who, change))

        return asyncio.create_task(listen())


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_kind_is_asked_for_once_however_many_follow_it_and_given_up_after_the_last():
    pages = Pages()
    one, two = pages.follow("one", "AlarmChanged"), pages.follow("two", "AlarmChanged")
    await turn()
    assert pages.said == [Subject("AlarmChanged")]
    await end(one)
    assert pages.said == [Subject("AlarmChanged")]
    await end(two)
    assert pages.said == [Subject("AlarmChanged"), Subject("AlarmChanged", wanted=False)]


async def test_a_change_reaches_those_who_follow_its_kind_of_all_stations_and_of_its_own():
    pages = Pages()
    tasks = [
        pages.follow("all", "AlarmChanged"),
        pages.follow("seven", "AlarmChanged", 7),
        pages.follow("eight", "AlarmChanged", 8),
        pages.follow("other", "TokenChanged"),
    ]
    await turn()
    change = Change("default", "AlarmChanged", 7)
    pages.changes.tell([change])
    await turn()
    assert sorted(pages.heard) == [("all", change), ("seven", change)]
    for task in tasks:
        await end(task)


async def test_a_change_that_belongs_to_no_station_is_heard_once():
    pages = Pages()
    task = pages.follow("all", "AlarmChanged")
    await turn()
    pages.changes.tell([Change("default", "AlarmChanged", None)])
    await turn()
    assert len(pages.heard) == 1
    await end(task)


async def test_a_follower_that_is_too_slow_loses_what_it_has_no_room_for():
    pages = Pages()
    following = pages.changes.follow("AlarmChanged", None)
    first = asyncio.ensure_future(anext(following))
    await turn()
    pages.changes.tell(Change("default", "AlarmChanged", number) for number in range(CAPACITY + 100))
    assert await first
    await following.aclose()
    assert pages.said[-1] == Subject("AlarmChanged", wanted=False)
