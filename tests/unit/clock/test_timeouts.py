"""Deadlines on a clock's time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from stationmaster.clock.scaled import ScaledClock
from stationmaster.clock.timeouts import within
from stationmaster.clock.virtual import VirtualClock, run_virtual

CLOCK = VirtualClock()


async def _after(seconds: float) -> str:
    await CLOCK.sleep(seconds)
    return "done"


def _virtually(main: Callable[[], Awaitable[None]]) -> None:
    async def body() -> None:
        await main()
        assert asyncio.current_task().cancelling() == 0
        await asyncio.sleep(10_000)  # a cancellation left behind would strike here
        assert len(asyncio.all_tasks()) == 1

    run_virtual(body())


def test_what_is_done_in_time_gives_its_result() -> None:
    async def main() -> None:
        assert await within(CLOCK, 10, _after(9.9)) == "done"
        assert CLOCK.monotonic() == pytest.approx(9.9)

    _virtually(main)


def test_what_is_late_is_cancelled_at_the_deadline() -> None:
    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        with pytest.raises(TimeoutError):
            await within(CLOCK, 10, future)
        assert future.cancelled()
        assert CLOCK.monotonic() == 10

    _virtually(main)


def test_errors_pass_through() -> None:
    async def fail() -> None:
        raise KeyError("x")

    async def main() -> None:
        with pytest.raises(KeyError):
            await within(CLOCK, 10, fail())

    _virtually(main)


@pytest.mark.parametrize("swallow", [True, False])
def test_a_result_or_error_reached_while_being_cancelled_counts(swallow: bool) -> None:
    async def stubborn() -> str:
        try:
            return await _after(100)
        except asyncio.CancelledError:
            if swallow:
                return "at least"
            raise LookupError from None

    async def main() -> None:
        if swallow:
            assert await within(CLOCK, 10, stubborn()) == "at least"
        else:
            with pytest.raises(LookupError):
                await within(CLOCK, 10, stubborn())

    _virtually(main)


def test_being_done_at_the_very_deadline_is_either_and_leaves_nothing_behind() -> None:
    async def main() -> None:
        with suppress(TimeoutError):
            assert await within(CLOCK, 10, _after(10)) == "done"

    _virtually(main)


def test_a_cancellation_from_outside_stays_a_cancellation() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(within(CLOCK, 10, _after(100)))
        await asyncio.sleep(5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    _virtually(main)


def test_a_cancellation_from_outside_wins_over_the_deadline() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(within(CLOCK, 10, _after(100)))
        asyncio.get_running_loop().call_at(10, task.cancel)
        with pytest.raises((asyncio.CancelledError, TimeoutError)):
            await task

    _virtually(main)


def test_deadlines_nest_and_the_earlier_one_strikes() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            await within(CLOCK, 100, within(CLOCK, 5, _after(50)))
        assert CLOCK.monotonic() == 5
        with pytest.raises(TimeoutError):
            await within(CLOCK, 5, within(CLOCK, 100, _after(50)))
        assert CLOCK.monotonic() == 10

    _virtually(main)


async def test_a_scaled_clock_strikes_in_its_own_time() -> None:
    clock = ScaledClock(1000)
    with pytest.raises(TimeoutError):
        await within(clock, 20, asyncio.get_running_loop().create_future())
    assert 20 <= clock.monotonic() < 5000
