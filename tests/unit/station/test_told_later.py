import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.domain.der.controls import NotifyDERAlarm, NotifyDERStartStop
from stationmaster.domain.messages import ACKNOWLEDGED
from stationmaster.station.ports import CannotSay, NotTold, Offline
from stationmaster.station.settings import Configuration, Settings
from stationmaster.station.told_later import MAX_WAITING, ToldLater
from stationmaster.storage.station_memory import RamMemory

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


def message(name: str) -> NotifyDERStartStop:
    return NotifyDERStartStop(id=name, started=True, timestamp=NOW)


class Bench:
    online = True

    def __init__(self) -> None:
        self.memory = RamMemory()
        self.fails: Exception | None = None
        self.tried: list[Any] = []
        self.start()

    def start(self) -> None:
        settings = Configuration(self.memory, Settings(message_attempts=3, message_attempt_interval_s=10))
        kinds = (NotifyDERStartStop, NotifyDERAlarm)
        self.later = ToldLater("later", kinds, self.memory, self, VirtualClock(), settings)
        self.task = asyncio.ensure_future(self.later.run())

    async def perform(self, request: Any, *, triggered: bool = False) -> Any:
        self.tried.append(request)
        if self.fails is not None:
            raise self.fails
        return ACKNOWLEDGED


@pytest.fixture
async def bench() -> Any:
    made = Bench()
    yield made
    made.task.cancel()


async def test_messages_go_out_in_order_and_are_forgotten(bench: Bench) -> None:
    alarm = NotifyDERAlarm(type="HVMustTrip", timestamp=NOW)
    bench.later.put(message("a"))
    bench.later.put(alarm)
    await asyncio.sleep(1)
    assert (bench.tried, len(bench.later)) == ([message("a"), alarm], 0)


async def test_without_a_line_they_wait_also_over_a_restart(bench: Bench) -> None:
    bench.fails = Offline()
    bench.later.put(message("a"))
    await asyncio.sleep(1000)
    assert len(bench.tried) == 1
    bench.task.cancel()
    bench.fails = None
    bench.start()
    bench.later.resume()
    await asyncio.sleep(1)
    assert (bench.tried, len(bench.later)) == ([message("a"), message("a")], 0)


async def test_what_is_not_taken_is_tried_again_with_growing_waits_then_given_up(bench: Bench) -> None:
    bench.fails = NotTold()
    bench.later.put(message("a"))
    await asyncio.sleep(29)
    assert len(bench.tried) == 2
    await asyncio.sleep(1000)
    assert (len(bench.tried), len(bench.later)) == (3, 0)


async def test_what_cannot_be_said_is_not_tried_again(bench: Bench) -> None:
    bench.fails = CannotSay()
    bench.later.put(message("a"))
    await asyncio.sleep(1000)
    assert (len(bench.tried), len(bench.later)) == (1, 0)


async def test_the_newest_are_kept(bench: Bench) -> None:
    bench.fails = Offline()
    for number in range(MAX_WAITING + 5):
        bench.later.put(message(str(number)))
    assert len(bench.later) == MAX_WAITING
