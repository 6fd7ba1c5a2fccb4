"""Pages that get too little of the processor say so."""

import asyncio

import pytest
import structlog

from stationmaster.cli.pages.standing_back import EVERY_S, tell_of_lateness


class Ended(Exception):
    """Nothing more to wait for."""


class LateClock:
    """Each wait takes as much longer as the script says."""

    def __init__(self, *late_s: float) -> None:
        self._late_s = iter(late_s)
        self._at_s = 0.0

    def monotonic(self) -> float:
        return self._at_s

    async def sleep(self, seconds: float) -> None:
        assert seconds == EVERY_S
        try:
            self._at_s += seconds + next(self._late_s)
        except StopIteration:
            raise Ended from None


@pytest.mark.parametrize(
    ("late_s", "told"),
    [
        ((0.1, 2.9, 0.5), []),
        ((0.0, 3.26, 40.0, 0.0), [3.3]),
        ((5.0, 650.0, 0.0, 7.0, 610.0, 8.0), [5.0, 7.0, 8.0]),
    ],
)
def test_late_turns_are_told_but_not_again_and_again(late_s: tuple[float, ...], told: list[float]) -> None:
    with structlog.testing.capture_logs() as logged, pytest.raises(Ended):
        asyncio.run(tell_of_lateness(LateClock(*late_s)))  # type: ignore[arg-type]
    assert [line["late_s"] for line in logged] == told
    assert all("pages_priority" in line["remedy"] for line in logged)
