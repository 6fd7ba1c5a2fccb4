"""A lane lets turns have their way one after another."""

import asyncio
import inspect
from collections.abc import Callable

import structlog

from stationmaster.session.lane import Lane


def at_once(lane: Lane, seen: list[str], name: str) -> Callable[[], None]:
    """A turn that begins and ends within one call."""

    def turn() -> None:
        seen.append(name)
        lane.leave()

    return turn


async def test_jobs_run_in_order_and_one_at_a_time() -> None:
    lane, seen = Lane(), []

    def job(number: int) -> None:
        async def work() -> None:
            seen.append(f"{number} begins")
            await asyncio.sleep(0)
            seen.append(f"{number} ends")

        lane.put(work)

    for number in range(3):
        job(number)
    await lane.drained()
    assert seen == [f"{number} {what}" for number in range(3) for what in ("begins", "ends")]
    assert lane.idle


async def test_a_turn_that_has_nothing_to_wait_for_is_over_when_it_has_entered() -> None:
    lane, seen = Lane(), []
    tasks = asyncio.all_tasks()
    lane.enter(at_once(lane, seen, "first"))
    assert (seen, lane.idle) == (["first"], True)
    lane.enter(at_once(lane, seen, "second"))
    assert (seen, lane.idle) == (["first", "second"], True)
    assert asyncio.all_tasks() == tasks


async def test_a_turn_that_takes_its_time_holds_back_the_next_until_it_leaves() -> None:
    lane, seen = Lane(), []
    lane.enter(lambda: seen.append("slow"))
    lane.enter(at_once(lane, seen, "next"))
    lane.enter(lambda: seen.append("slow again"))
    lane.enter(at_once(lane, seen, "last"))
    assert (seen, lane.idle) == (["slow"], False)
    lane.leave()
    assert (seen, lane.idle) == (["slow", "next", "slow again"], False)
    lane.leave()
    assert (seen, lane.idle) == (["slow", "next", "slow again", "last"], True)


async def test_turns_and_jobs_keep_one_order() -> None:
    lane, seen = Lane(), []

    async def work() -> None:
        await asyncio.sleep(0)
        seen.append("job")

    lane.put(work)
    lane.enter(at_once(lane, seen, "turn"))
    lane.put(work)
    assert seen == []
    await lane.drained()
    assert seen == ["job", "turn", "job"]


async def test_a_hundred_waiting_turns_do_not_nest() -> None:
    lane, depths = Lane(), []

    def turn() -> None:
        depths.append(len(inspect.stack(0)))
        lane.leave()

    lane.enter(lambda: None)
    for _ in range(100):
        lane.enter(turn)
    lane.leave()
    assert (len(depths), len(set(depths))) == (100, 1)


async def test_a_turn_may_let_another_enter_which_comes_after_it() -> None:
    lane, seen = Lane(), []

    def first() -> None:
        lane.enter(at_once(lane, seen, "second"))
        seen.append("first")
        lane.leave()

    lane.enter(first)
    assert (seen, lane.idle) == (["first", "second"], True)


async def test_a_job_may_put_another() -> None:
    lane, seen = Lane(), []

    async def second() -> None:
        seen.append("second")

    async def first() -> None:
        lane.put(second)
        seen.append("first")

    lane.put(first)
    await lane.drained()
    assert seen == ["first", "second"]


async def test_a_job_that_raises_is_logged_and_the_lane_goes_on() -> None:
    lane, seen = Lane(), []

    async def bad() -> None:
        raise RuntimeError("bad")

    async def good() -> None:
        seen.append("good")

    with structlog.testing.capture_logs() as logs:
        lane.put(bad)
        lane.put(good)
        await lane.drained()
    assert (seen, lane.idle) == (["good"], True)
    assert [(entry["event"], str(entry["exc_info"])) for entry in logs] == [("a job failed", "bad")]


async def test_a_turn_that_raises_is_logged_and_the_lane_goes_on() -> None:
    lane, seen = Lane(), []

    def bad() -> None:
        raise RuntimeError("bad")

    def bad_at_its_end() -> None:
        lane.leave()
        raise RuntimeError("bad")

    with structlog.testing.capture_logs() as logs:
        lane.enter(bad)
        lane.enter(bad_at_its_end)
        lane.enter(at_once(lane, seen, "good"))
    assert (seen, lane.idle) == (["good"], True)
    assert [entry["event"] for entry in logs] == ["a turn failed"] * 2


async def test_a_job_that_is_given_up_lets_the_next_one_in() -> None:
    lane, seen = Lane(), []

    async def given_up() -> None:
        raise asyncio.CancelledError

    lane.put(given_up)
    lane.enter(at_once(lane, seen, "next"))
    await lane.drained()
    assert seen == ["next"]


async def test_drained_waits_for_all_who_have_entered_and_for_nobody_in_an_empty_lane() -> None:
    lane, seen = Lane(), []
    await lane.drained()
    lane.enter(lambda: seen.append("slow"))
    lane.enter(lambda: seen.append("slow too"))
    waiting = [asyncio.create_task(lane.drained()) for _ in range(2)]
    await asyncio.sleep(0)
    lane.leave()
    await asyncio.sleep(0)
    assert [task.done() for task in waiting] == [False, False]
    lane.leave()
    await asyncio.gather(*waiting)
    assert (seen, lane.idle) == (["slow", "slow too"], True)


async def test_who_gives_up_waiting_disturbs_neither_the_lane_nor_the_others_who_wait() -> None:
    lane, seen = Lane(), []
    lane.enter(lambda: None)
    leaving, staying = (asyncio.create_task(lane.drained()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    lane.enter(at_once(lane, seen, "last"))
    lane.leave()
    await staying
    assert (seen, leaving.cancelled()) == (["last"], True)
