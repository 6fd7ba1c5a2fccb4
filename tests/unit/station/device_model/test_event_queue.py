import asyncio
from datetime import UTC, datetime
from typing import Any

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, EventData
from stationmaster.station.device_model.event_queue import MAX_WAITING, EventQueue
from stationmaster.station.ports import NotTold, Offline
from stationmaster.station.settings import Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Line:
    def __init__(self) -> None:
        self.online = True
        self.failing: list[Exception] = []
        self.told: list[int] = []

    async def perform(self, request: Any, *, triggered: bool = False) -> Answer:
        if not self.online:
            raise Offline("no line")
        self.told.append(request.events[0].event_id)
        if self.failing:
            raise self.failing.pop()
        return ACKNOWLEDGED


class Bench:
    def __init__(self, memory: RamMemory | None = None) -> None:
        self.memory = memory or RamMemory()
        self.line = Line()
        self.clock = VirtualClock()
        configuration = Configuration(self.memory, Settings(offline_queuing_severity=4))
        self.queue = EventQueue(self.memory, self.line, self.clock, configuration)

    def add(self, *severities: int) -> list[int]:
        ids = []
        for severity in severities:
            ids.append(self.queue.next_id())
            self.queue.add(event(ids[-1], severity))
        return ids

    async def send(self) -> list[int]:
        """Let it send for a while; what went out."""
        self.queue.resume()
        running = asyncio.create_task(self.queue.run())
        await self.clock.sleep(1)
        running.cancel()
        return self.line.told


def event(event_id: int, severity: int) -> EventData:
    return EventData(
        event_id=event_id,
        timestamp=AT,
        trigger="Delta",
        component="EVSE",
        variable="Power",
        actual_value="1",
        severity=severity,
    )


async def test_events_go_out_in_order() -> None:
    bench = Bench()
    ids = bench.add(9, 0, 5)
    assert await bench.send() == ids
    assert len(bench.queue) == 0


async def test_n07_fr_04_without_a_line_only_what_is_bad_enough_waits() -> None:
    bench = Bench()
    bench.line.online = False
    ids = bench.add(4, 5, 0)
    assert await bench.send() == []
    bench.line.online = True
    assert await bench.send() == [ids[0], ids[2]]


async def test_n08_fr_03_when_the_line_breaks_what_is_mild_is_lost() -> None:
    bench = Bench()
    ids = bench.add(9, 3)
    bench.line.online = False
    bench.queue.went_offline()
    bench.line.online = True
    assert await bench.send() == [ids[1]]


async def test_what_waits_outlives_a_restart_and_is_gone_once_it_is_told() -> None:
    bench = Bench()
    bench.line.online = False
    ids = bench.add(1, 2)
    again = Bench(bench.memory)
    assert await again.send() == ids
    assert await Bench(bench.memory).send() == []


async def test_what_is_refused_is_not_sent_again() -> None:
    bench = Bench()
    ids = bench.add(1, 1)
    bench.line.failing = [NotTold("CALLERROR")]
    assert await bench.send() == ids


def test_no_event_has_the_number_of_another_also_after_a_restart() -> None:
    bench = Bench()
    first = [bench.queue.next_id() for _ in range(5)]
    later = Bench(bench.memory).queue.next_id()
    assert len(set(first)) == 5
    assert later > max(first)


def test_beyond_the_bound_the_mildest_goes_first_and_of_these_the_oldest() -> None:
    bench = Bench()
    bench.line.online = False
    mild = bench.add(4)[0]
    ids = bench.add(*[3] * MAX_WAITING)
    assert len(bench.queue) == MAX_WAITING
    bench.add(3)
    kept = bench.memory.get("events") or b""
    assert f'"event_id":{mild},'.encode() not in kept
    assert f'"event_id":{ids[0]},'.encode() not in kept
    assert f'"event_id":{ids[1]},'.encode() in kept
