from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.station.station_clock import StationClock


class StoppedClock:
    def now(self) -> datetime:
        return START

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing sleeps here")


START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("off_s", [-400, 0.5, 3600])
def test_it_goes_by_the_time_that_it_is_told_and_reports_what_the_network_cannot_explain(off_s: float) -> None:
    clock = StationClock(StoppedClock())
    said: list[float] = []
    clock.on_set = said.append
    told = clock.now() + timedelta(seconds=off_s)
    clock.set_from(told)
    moved = abs(off_s) > 1
    assert (clock.now() == told) == moved
    assert said == ([off_s] if abs(off_s) > 20 else [])


def test_a_clock_that_runs_faster_than_its_csms_is_set_once_and_never_back() -> None:
    clock = StationClock(StoppedClock(), set_once=True)
    first = START + timedelta(hours=1)
    clock.set_from(first)
    clock.set_from(START)
    assert clock.now() == first
