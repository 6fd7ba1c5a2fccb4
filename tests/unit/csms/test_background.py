"""Work that nobody waits for."""

import asyncio
from datetime import UTC, datetime

import pytest
import structlog

from stationmaster.csms.background import PAUSE_S, Background, kept_up


class FakeClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def test_what_fails_is_logged_and_started_again_after_a_pause() -> None:
    clock, runs = FakeClock(), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise RuntimeError(f"run {runs}")

    with structlog.testing.capture_logs() as logs:
        await kept_up(work, clock)

    assert runs == 3
    assert clock.slept == [PAUSE_S, PAUSE_S]
    assert [(line["log_level"], str(line["exc_info"])) for line in logs] == [("error", "run 1"), ("error", "run 2")]


async def test_what_is_kept_up_ends_with_its_owner() -> None:
    background, ended = Background(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    background.start(kept_up(work, FakeClock()))
    await asyncio.sleep(0)
    await background.stop()

    assert ended.is_set()


@pytest.mark.parametrize("fails", [True, False])
async def test_only_work_that_fails_is_logged(fails: bool) -> None:
    background, done = Background(), asyncio.Event()

    async def work() -> None:
        done.set()
        if fails:
            raise RuntimeError("in vain")

    with structlog.testing.capture_logs() as logs:
        background.start(work())
        await done.wait()
        await asyncio.sleep(0)

    assert [line["event"] for line in logs] == ["background work failed"] * fails
