"""Reports whose rest does not come are given up."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stationmaster.csms.blocks.reports import PATIENCE
from stationmaster.csms.device_model.report_watch import give_up_reports
from stationmaster.domain.device_model.reports import OpenReport
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.station import Station, StationState

AT = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    """Two rounds, then the end; a minute passes in each."""

    def __init__(self, at: datetime) -> None:
        self.at, self.rounds = at, 0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.rounds += 1
        if self.rounds > 2:
            raise asyncio.CancelledError


class Desk:
    def __init__(self, clock: Clock, updated_at: datetime, failing: bool = False) -> None:
        station = Station(key=1, tenant="default", identity="CS-1", created_at=AT)
        report = OpenReport(
            key=1, station_key=1, kind="base", request_id=5, opened_at=AT, updated_at=updated_at, state="open"
        )
        self.key, self.state = 1, StationState(station=station, reports={report.address: report})
        self.stored: list[Any] = []
        self._clock, self._failing = clock, failing

    async def settle(self, decide: Any) -> None:
        if self._failing:
            raise StorageFailed("disk full")
        decision = decide(self.state, self._clock.now())
        self.stored += decision.records
        self.state = decision.state


async def test_only_reports_that_nothing_came_of_for_long_are_given_up() -> None:
    clock = Clock(AT + PATIENCE)
    old, fresh = Desk(clock, AT), Desk(clock, AT + timedelta(minutes=4))
    with pytest.raises(asyncio.CancelledError):
        await give_up_reports([old, fresh], clock)  # type: ignore[arg-type]
    assert [report.state for report in old.stored] == ["incomplete"]
    assert (old.state.reports, fresh.stored, len(fresh.state.reports)) == ({}, [], 1)


async def test_a_store_that_fails_for_one_station_does_not_end_the_watch() -> None:
    clock = Clock(AT + PATIENCE)
    failing, other = Desk(clock, AT, failing=True), Desk(clock, AT)
    with pytest.raises(asyncio.CancelledError):
        await give_up_reports([failing, other], clock)  # type: ignore[arg-type]
    assert (clock.rounds, len(other.stored), len(failing.state.reports)) == (3, 1, 1)
