"""Answers that several viewers want within a moment of each other."""

import asyncio
from typing import Any

import pytest

from stationmaster.ui.api import Problem
from stationmaster.ui.glances import Glances


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def monotonic(self) -> float:
        return self.time


class Api:
    """Answers with how often it was asked; a Problem where it is told so."""

    def __init__(self, problem: Problem | None = None) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.problem = problem
        self.go = asyncio.Event()
        self.go.set()

    async def look(self, path: str, query: Any) -> int:
        self.asked.append((path, dict(query)))
        await self.go.wait()
        if self.problem is not None:
            raise self.problem
        return len(self.asked)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def glances(clock: Any) -> Glances:
    return Glances(clock)


async def test_the_same_question_is_asked_once_for_a_moment(glances: Glances, clock: Clock) -> None:
    api: Any = Api()
    assert [await glances.look("a", api, "/x", {"limit": 5}, 1.5) for _ in range(3)] == [1, 1, 1]
    clock.time += 1.6
    assert await glances.look("a", api, "/x", {"limit": 5}, 1.5) == 2


async def test_another_question_and_another_audience_get_answers_of_their_own(glances: Glances) -> None:
    api: Any = Api()
    for audience, path, query in (("a", "/x", {}), ("b", "/x", {}), ("a", "/y", {}), ("a", "/x", {"limit": 1})):
        await glances.look(audience, api, path, query, 1.5)
    assert len(api.asked) == 4


async def test_those_who_come_while_it_is_asked_wait_for_the_same_answer(glances: Glances) -> None:
    api: Any = Api()
    api.go.clear()
    waiting = [asyncio.ensure_future(glances.look("a", api, "/x", {}, 1.5)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    api.go.set()
    assert await asyncio.gather(*waiting[1:]) == [1, 1]
    assert len(api.asked) == 1


async def test_who_meets_somebody_else_s_problem_asks_by_themselves(glances: Glances) -> None:
    ended: Any = Api(Problem(401, "The session has ended."))
    going_on: Any = Api()
    with pytest.raises(Problem):
        await glances.look("a", ended, "/x", {}, 1.5)
    assert await glances.look("a", going_on, "/x", {}, 1.5) == 1
