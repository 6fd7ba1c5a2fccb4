"""Time that runs faster."""

from datetime import UTC, datetime, timedelta, timezone
from time import perf_counter

import pytest

from stationmaster.clock.scaled import ScaledClock

START = datetime(2030, 1, 1, tzinfo=UTC)


async def test_an_hour_passes_in_a_moment_on_all_three_faces() -> None:
    clock = ScaledClock(36_000, START)
    before, real = clock.monotonic(), perf_counter()
    await clock.sleep(3600)
    passed = clock.monotonic() - before
    assert 3500 < passed < 36_000 * 5
    assert perf_counter() - real < 5
    assert timedelta(seconds=passed - 1) < clock.now() - START < timedelta(seconds=36_000 * 5)


def test_it_starts_where_it_is_told_in_utc() -> None:
    clock = ScaledClock(1, datetime(2030, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert timedelta(0) <= clock.now() - START < timedelta(minutes=1)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_time_runs_forward(speed: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        ScaledClock(speed)


def test_a_naive_start_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        ScaledClock(1, datetime(2030, 1, 1))
