"""When a station that could not be called is tried again."""

from typing import Any

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.csms.background import Background
from stationmaster.csms.commands.retries import PAUSES_S, Retries


class Station:
    def __init__(self, key: int) -> None:
        self.key = key


class Tried:
    """The moments at which it was tried again; each time it fails as often as it is told."""

    def __init__(self, clock: Any, failures: int) -> None:
        self.at: list[float] = []
        self._clock = clock
        self._failures = failures
        self.background = Background()
        self.retries: Retries[Station] = Retries(clock, self.background, self.again)

    def again(self, station: Station) -> None:
        self.at.append(self._clock.monotonic())
        if len(self.at) < self._failures:
            self.retries.unreachable(station)
        else:
            self.retries.reached(station)


def test_the_pauses_grow_and_begin_anew_once_it_was_reached() -> None:
    async def run() -> list[float]:
        clock = VirtualClock()
        tried, station = Tried(clock, 5), Station(1)
        began = clock.monotonic()
        tried.retries.unreachable(station)
        tried.retries.unreachable(station)  # another command for it: nothing more is to be done
        await clock.sleep(300)
        tried.retries.unreachable(station)
        await clock.sleep(10)
        await tried.background.stop()
        return [round(at - began, 3) for at in tried.at]

    first, second, third, fourth = PAUSES_S
    expected = [first, first + second, first + second + third, first + second + third + fourth]
    assert run_virtual(run()) == [*expected, expected[-1] + fourth, 300 + first]


def test_stations_do_not_wait_for_each_other() -> None:
    async def run() -> list[float]:
        tried = Tried(clock := VirtualClock(), 1)
        for key in (1, 2, 3):
            tried.retries.unreachable(Station(key))
        await clock.sleep(10)
        return tried.at

    assert run_virtual(run()) == [PAUSES_S[0]] * 3
