import asyncio
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.domain.messages import ACKNOWLEDGED, CommandAnswer
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    ClosePeriodicEventStream,
    EventStream,
    GetPeriodicEventStream,
    NotifyPeriodicEventStream,
    OpenPeriodicEventStream,
    StreamParams,
)
from stationmaster.station.blocks.event_streams import MAX_BUFFERED, EventStreams
from stationmaster.station.ports import Offline


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


class Bench:
    online = True

    def __init__(self, most: int = 10) -> None:
        self.clock = VirtualClock()
        self.status = "Accepted"
        self.failure: Exception | None = None
        self.slow_s = 0.0
        self.told: list[Any] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.block = EventStreams(self, self.clock, lambda: most, self.spawn)
        self.adjusted: list[tuple[int, StreamParams]] = []
        self.block.adjusted = lambda monitor, params: self.adjusted.append((monitor, params))
        self.spawn(self.block.run())

    def spawn(self, coroutine: Any) -> asyncio.Task[None]:
        self.tasks.append(asyncio.ensure_future(coroutine))
        return self.tasks[-1]

    async def perform(self, request: Any, *, triggered: bool = False) -> Any:
        if self.failure is not None:
            raise self.failure
        self.told.append(request)
        await self.clock.sleep(self.slow_s)
        return CommandAnswer(status=self.status) if isinstance(request, OpenPeriodicEventStream) else ACKNOWLEDGED

    async def open(self, monitor: int = 5, **params: Any) -> bool:
        """Whether there is a stream of the monitor, once it is wanted."""
        self.block.want(monitor, StreamParams(**params))
        await self.clock.sleep(0.001)
        answer: Any = await self.block.get(GetPeriodicEventStream())
        return monitor in [stream.monitoring_id for stream in answer.streams]

    async def close(self, monitor: int = 5) -> None:
        self.block.want(monitor, None)
        await self.clock.sleep(0.001)

    @property
    def asked(self) -> list[Any]:
        """What was opened and closed."""
        return [each for each in self.told if not isinstance(each, NotifyPeriodicEventStream)]

    def add(self, *values: str, monitor: int = 5) -> bool:
        taken = [self.block.add(monitor, value, self.clock.now()) for value in values]
        return all(taken)

    @property
    def messages(self) -> list[tuple[list[str], int]]:
        """The values of each message, and how many were pending."""
        return [
            ([value for _, value in each.values], each.pending)
            for each in self.told
            if isinstance(each, NotifyPeriodicEventStream)
        ]


@pytest.fixture
async def bench() -> Any:
    made = Bench()
    yield made
    for task in made.tasks:
        task.cancel()


async def test_n11_fr_01_a_stream_is_opened_for_a_monitor(bench: Bench) -> None:
    assert await bench.open(interval_s=10)
    params = StreamParams(interval_s=10)
    assert bench.told == [OpenPeriodicEventStream(stream=EventStream(id=1, monitoring_id=5, params=params))]


async def test_n11_fr_07_without_a_stream_values_are_for_events(bench: Bench) -> None:
    bench.status = "Rejected"
    assert not await bench.open(interval_s=10)
    assert not bench.add("1")
    bench.block.resume()
    await bench.clock.sleep(1)
    assert len(bench.asked) == 1
    bench.status = "Accepted"
    assert await bench.open(interval_s=10)


async def test_without_a_line_a_stream_is_opened_when_there_is_one(bench: Bench) -> None:
    bench.failure = Offline()
    assert not await bench.open(interval_s=10)
    bench.failure = None
    bench.block.resume()
    await bench.clock.sleep(0.001)
    assert bench.add("1")


async def test_n15_fr_06_at_every_interval_all_that_there_is(bench: Bench) -> None:
    await bench.open(interval_s=10)
    for value in "abc":
        assert bench.add(value)
        await bench.clock.sleep(4)
    await bench.clock.sleep(30)
    assert bench.messages == [(["a", "b", "c"], 0)]
    (sent,) = [each for each in bench.told if isinstance(each, NotifyPeriodicEventStream)]
    assert [at for at, _ in sent.values] == [Decimal("0.0"), Decimal("4.0"), Decimal("8.0")]  # N15.FR.09


async def test_n15_fr_07_and_08_as_soon_as_there_are_enough_and_never_more(bench: Bench) -> None:
    await bench.open(values=2)
    bench.add("a")
    await bench.clock.sleep(100)
    assert bench.messages == []
    bench.add("b", "c", "d", "e")
    await bench.clock.sleep(1)
    assert bench.messages == [(["a", "b"], 3), (["c", "d"], 1)]


async def test_both_together(bench: Bench) -> None:
    await bench.open(interval_s=10, values=3)
    await bench.clock.sleep(1)
    bench.add("a", "b", "c", "d")
    await bench.clock.sleep(1)
    assert bench.messages == [(["a", "b", "c"], 1)]
    await bench.clock.sleep(9)
    assert bench.messages[1:] == [(["d"], 0)]


async def test_n13_fr_01_and_03_what_is_left_goes_out_before_the_end(bench: Bench) -> None:
    await bench.open(values=2)
    bench.add("a")
    await bench.close()
    assert bench.messages == [(["a"], 0)]
    assert bench.told[-1] == ClosePeriodicEventStream(id=1)
    assert not bench.add("b")  # N13.FR.04
    told = len(bench.told)
    await bench.close()
    assert len(bench.told) == told


async def test_an_end_that_nobody_could_be_told_of_is_told_later(bench: Bench) -> None:
    await bench.open(values=2)
    bench.add("a")
    bench.failure = Offline()
    await bench.close()
    bench.failure = None
    bench.block.resume()
    await bench.clock.sleep(0.001)
    assert bench.messages == [(["a"], 0)]
    assert bench.told[-1] == ClosePeriodicEventStream(id=1)


async def test_a_monitor_that_is_set_again_has_a_new_stream_after_the_old_one(bench: Bench) -> None:
    await bench.open(interval_s=10)
    bench.block.want(5, StreamParams(values=2))
    assert await bench.open(values=3)
    streams = [EventStream(id=1, monitoring_id=5, params=StreamParams(interval_s=10))]
    streams.append(EventStream(id=2, monitoring_id=5, params=StreamParams(values=3)))
    assert bench.asked == [
        OpenPeriodicEventStream(stream=streams[0]),
        ClosePeriodicEventStream(id=1),
        OpenPeriodicEventStream(stream=streams[1]),
    ]


async def test_a_monitor_that_is_cleared_while_its_stream_is_opened_leaves_none(bench: Bench) -> None:
    bench.slow_s = 1
    bench.block.want(5, StreamParams(values=2))
    await bench.clock.sleep(0.5)
    await bench.close()
    await bench.clock.sleep(5)
    assert bench.asked[-1] == ClosePeriodicEventStream(id=1)
    assert not bench.add("a")


async def test_n12_and_n14_streams_are_told_and_adjusted(bench: Bench) -> None:
    await bench.open(interval_s=1000)
    bench.add("a")
    adjusted: Any = await bench.block.adjust(AdjustPeriodicEventStream(id=1, params=StreamParams(interval_s=5)))
    assert adjusted.status == "Accepted"
    assert bench.adjusted == [(5, StreamParams(interval_s=5))]
    await bench.clock.sleep(6)
    assert bench.messages == [(["a"], 0)]
    told: Any = await bench.block.get(GetPeriodicEventStream())
    assert [(each.id, each.params.interval_s) for each in told.streams] == [(1, 5)]


@pytest.mark.parametrize(("number", "params"), [(9, StreamParams(values=1)), (1, StreamParams())])
async def test_n14_what_cannot_be_adjusted_is_rejected(bench: Bench, number: int, params: StreamParams) -> None:
    await bench.open(interval_s=10)
    answer: Any = await bench.block.adjust(AdjustPeriodicEventStream(id=number, params=params))
    assert answer.status == "Rejected"


async def test_without_a_line_values_wait_up_to_a_bound(bench: Bench) -> None:
    await bench.open(interval_s=10)
    bench.failure = Offline()
    bench.add(*map(str, range(MAX_BUFFERED + 5)))
    await bench.clock.sleep(11)
    bench.failure = None
    await bench.clock.sleep(10)
    assert sum(len(values) for values, _ in bench.messages) == MAX_BUFFERED
    assert bench.messages[0][0][0] == "5"


async def test_there_is_a_most_of_streams() -> None:
    bench = Bench(most=1)
    assert await bench.open(5, values=1)
    assert not await bench.open(6, values=1)
    await bench.close(5)
    assert bench.add("room", monitor=6)
    for task in bench.tasks:
        task.cancel()
