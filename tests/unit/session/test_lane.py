"""A lane runs its jobs one after another."""

import asyncio

import pytest

from stationmaster.session.lane import Lane


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


async def test_a_job_that_raises_does_not_strand_those_behind_it() -> None:
    lane, seen = Lane(), []

    async def bad() -> None:
        raise RuntimeError("bad")

    async def good() -> None:
        seen.append("good")

    lane.put(bad)
    lane.put(good)
    with pytest.raises(RuntimeError, match="bad"):
        await lane.drained()
    await lane.drained()
    assert seen == ["good"]
