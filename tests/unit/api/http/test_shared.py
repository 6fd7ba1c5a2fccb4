"""Answers that many want at the same time."""

import asyncio

import pytest

from stationmaster.api.http.shared import SharedAnswers


class HandClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


class Maker:
    """Makes numbers, each when it is let go on."""

    def __init__(self) -> None:
        self.made = 0
        self.go_on = asyncio.Event()
        self.fails = False

    async def __call__(self) -> int:
        self.made += 1
        number = self.made
        await self.go_on.wait()
        if self.fails:
            raise LookupError("nothing there")
        return number


async def test_one_is_made_for_all_who_ask_at_the_same_time_and_a_moment_later() -> None:
    clock, make = HandClock(), Maker()
    answers = SharedAnswers(clock)
    waiting = [asyncio.create_task(answers.get("a", make)) for _ in range(20)]
    await asyncio.sleep(0)
    make.go_on.set()
    assert await asyncio.gather(*waiting) == [1] * 20
    clock.now_s = 1.9
    assert await answers.get("a", make) == 1
    clock.now_s = 2.0
    assert await answers.get("a", make) == 2
    assert await answers.get("b", make) == 3


async def test_what_takes_long_to_make_is_made_less_often() -> None:
    clock, make = HandClock(), Maker()
    answers = SharedAnswers(clock)
    waiting = asyncio.create_task(answers.get("a", make))
    await asyncio.sleep(0)
    clock.now_s = 0.5
    make.go_on.set()
    assert await waiting == 1
    clock.now_s = 10.4
    assert await answers.get("a", make) == 1
    clock.now_s = 10.5
    assert await answers.get("a", make) == 2


async def test_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    answers, make = SharedAnswers(HandClock()), Maker()
    leaving, staying = (asyncio.create_task(answers.get("a", make)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    make.go_on.set()
    assert await staying == 1


async def test_a_failure_is_told_and_not_kept() -> None:
    answers, make = SharedAnswers(HandClock()), Maker()
    make.fails = True
    make.go_on.set()
    with pytest.raises(LookupError, match="nothing there"):
        await answers.get("a", make)
    make.fails = False
    assert await answers.get("a", make) == 2
