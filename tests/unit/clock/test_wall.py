"""The machine's time."""

from datetime import UTC, datetime, timedelta

from stationmaster.clock.wall import WallClock


async def test_now_is_aware_and_sleep_takes_its_time() -> None:
    clock = WallClock()
    before = clock.monotonic()
    await clock.sleep(0.02)
    assert 0.015 < clock.monotonic() - before < 5
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
