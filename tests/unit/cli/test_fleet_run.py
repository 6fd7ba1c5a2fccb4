import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from stationmaster.cli.fleet_run import watch
from stationmaster.clock.virtual import VirtualClock, run_virtual


async def looks_at(work: Coroutine[Any, Any, None], for_s: float | None, period_s: float = 1.0) -> list[float]:
    """The moments at which somebody looked."""
    seen: list[float] = []
    running = asyncio.ensure_future(work)
    try:
        await watch(running, seen.append, VirtualClock(), for_s, period_s)
    finally:
        running.cancel()
    return seen


async def for_ever() -> None:
    await asyncio.Event().wait()


async def failing_at_3() -> None:
    await asyncio.sleep(3)
    raise ValueError("broken")


def test_one_looks_once_a_period_and_a_last_time_at_the_end() -> None:
    assert run_virtual(looks_at(for_ever(), for_s=2.5)) == [0, 1, 2, 2.5]


def test_what_ends_by_itself_is_watched_no_longer() -> None:
    assert run_virtual(looks_at(asyncio.sleep(1.5), for_s=None)) == [0, 1]


def test_an_error_of_what_runs_is_raised_at_once() -> None:
    with pytest.raises(ValueError, match="broken"):
        run_virtual(looks_at(failing_at_3(), for_s=100, period_s=50))
