import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.device_model.addresses import Characteristics, Component, Variable, VariableRef
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, EventData
from stationmaster.domain.monitoring.event_streams import StreamParams
from stationmaster.domain.monitoring.monitors import MonitorSetting
from stationmaster.station.device_model.event_queue import EventQueue
from stationmaster.station.device_model.monitors import MonitorStore
from stationmaster.station.device_model.variables import ACCEPTED, Entry
from stationmaster.station.device_model.watching import SAMPLE_S, Watching
from stationmaster.station.settings import Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

SECURITY, PASSWORD = Component(name="SecurityCtrlr"), Variable(name="BasicAuthPassword")
EVSE, POWER = Component(name="EVSE"), Variable(name="Power")


class Variables:
    """One that is measured, and one that nobody may read."""

    def __init__(self) -> None:
        self.power = "0"
        self.looked = 0

    def find(self, ref: VariableRef) -> Entry | str:
        if ref.component == SECURITY:
            return Entry(
                component=SECURITY,
                variable=PASSWORD,
                characteristics=Characteristics(data_type="string", supports_monitoring=True),
                mutability="WriteOnly",
                read=lambda: "hunter2",
                write=lambda _: ACCEPTED,
            )
        if ref.component == EVSE:
            number = Characteristics(data_type="decimal", supports_monitoring=True)
            return Entry(component=EVSE, variable=POWER, characteristics=number, mutability="ReadOnly", read=self._read)
        return "UnknownComponent"

    def _read(self) -> str:
        self.looked += 1
        return self.power


class Line:
    online = True

    def __init__(self) -> None:
        self.told: list[EventData] = []

    async def perform(self, request: Any, *, triggered: bool = False) -> Answer:
        self.told += request.events
        return ACKNOWLEDGED


class Streams:
    """Takes the values of monitors that are to have a stream, once it is open."""

    def __init__(self) -> None:
        self.wanted: list[tuple[int, StreamParams | None]] = []
        self.open: set[int] = set()
        self.taken: list[tuple[int, str]] = []

    def want(self, monitoring_id: int, params: StreamParams | None) -> None:
        self.wanted.append((monitoring_id, params))

    def add(self, monitoring_id: int, value: str, at: datetime) -> bool:
        if monitoring_id in self.open:
            self.taken.append((monitoring_id, value))
        return monitoring_id in self.open


class Bench:
    def __init__(self, memory: RamMemory | None = None) -> None:
        self.memory = memory or RamMemory()
        self.clock = VirtualClock()
        self.variables = Variables()
        self.line = Line()
        configuration = Configuration(self.memory, Settings())
        self.store = MonitorStore(self.memory, ())
        self.queue = EventQueue(self.memory, self.line, self.clock, configuration)
        transactions: Any = type("Idle", (), {"running": lambda self: []})()
        variables: Any = self.variables
        self.streams = Streams()
        self.watching = Watching(
            self.store, variables, self.queue, self.streams, transactions, self.clock, configuration
        )

    def add(self, component: Component, variable: Variable, kind: str, value: str, **more: Any) -> int:
        fields = {"component": component, "variable": variable, "type": kind, "value": Decimal(value), "severity": 5}
        kept = self.store.add(MonitorSetting(**fields | more))
        self.watching.begin(kept)
        return kept.monitor.id

    def start(self) -> None:
        self._running = [asyncio.create_task(self.queue.run()), asyncio.create_task(self.watching.run())]

    def stop(self) -> None:
        for task in self._running:
            task.cancel()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    made.start()
    yield made
    made.stop()


async def test_n07_fr_10_a_secret_that_was_changed_is_told_of_without_its_value(bench: Bench) -> None:
    bench.add(SECURITY, PASSWORD, "Delta", "1")
    bench.watching.on_variable(VariableRef(component=SECURITY, variable=PASSWORD), "hunter2", "hunter3")
    await bench.clock.sleep(1)
    (event,) = bench.line.told
    assert (event.trigger, event.actual_value) == ("Delta", "")


async def test_what_is_only_measured_is_looked_at_only_while_a_monitor_compares_it(bench: Bench) -> None:
    await bench.clock.sleep(100)
    assert bench.variables.looked == 0
    monitor_id = bench.add(EVSE, POWER, "UpperThreshold", "1000")
    bench.variables.power = "1500"
    await bench.clock.sleep(2 * SAMPLE_S)
    assert [event.trigger for event in bench.line.told] == ["Alerting"]
    bench.watching.end(monitor_id)
    await bench.clock.sleep(2 * SAMPLE_S)
    looked = bench.variables.looked
    await bench.clock.sleep(100)
    assert bench.variables.looked == looked


async def test_n07_fr_18_the_base_of_a_delta_is_the_value_last_told(bench: Bench) -> None:
    bench.add(EVSE, POWER, "Delta", "10")
    for power in ("8", "11", "20", "22"):
        bench.variables.power = power
        bench.watching.look()
    await bench.clock.sleep(1)
    assert [event.actual_value for event in bench.line.told] == ["11", "22"]


async def test_after_a_restart_a_delta_compares_with_what_is_then(bench: Bench) -> None:
    bench.add(EVSE, POWER, "Delta", "10")
    later = Bench(bench.memory)
    later.variables.power = "500"
    later.start()
    await later.clock.sleep(2 * SAMPLE_S)
    later.stop()
    assert later.line.told == []


async def test_n07_fr_14_a_threshold_that_was_crossed_before_a_restart_is_known_to_be(bench: Bench) -> None:
    bench.variables.power = "1500"
    bench.add(EVSE, POWER, "UpperThreshold", "1000")
    later = Bench(bench.memory)
    later.variables.power = "10"
    later.start()
    await later.clock.sleep(1)
    later.stop()
    assert [event.cleared for event in later.line.told] == [True]


async def test_n08_fr_06_a_periodic_monitor_does_not_drift(bench: Bench) -> None:
    bench.add(EVSE, POWER, "Periodic", "7")
    start = bench.clock.now()
    await bench.clock.sleep(71)
    moments = [event.timestamp for event in bench.line.told]
    assert [round((moment - start).total_seconds()) for moment in moments if moment] == [7 * n for n in range(1, 11)]


EVERY_10 = StreamParams(interval_s=10)


async def test_n11_fr_01_what_a_stream_takes_is_no_event_and_what_it_does_not_is(bench: Bench) -> None:
    monitor_id = bench.add(EVSE, POWER, "Periodic", "5", stream=EVERY_10)
    assert bench.streams.wanted == [(monitor_id, EVERY_10)]
    await bench.clock.sleep(6)
    assert [event.trigger for event in bench.line.told] == ["Periodic"]
    bench.streams.open.add(monitor_id)
    await bench.clock.sleep(10)
    assert bench.streams.taken == [(monitor_id, "0"), (monitor_id, "0")]
    assert len(bench.line.told) == 1


async def test_a_bound_that_is_crossed_is_an_event_whatever_stream_there_is(bench: Bench) -> None:
    monitor_id = bench.add(EVSE, POWER, "UpperThreshold", "1000")
    bench.streams.open.add(monitor_id)
    bench.variables.power = "1500"
    await bench.clock.sleep(2 * SAMPLE_S)
    assert ([event.trigger for event in bench.line.told], bench.streams.taken) == (["Alerting"], [])


async def test_n05_fr_03_a_stream_carries_nothing_that_is_milder_than_the_level(bench: Bench) -> None:
    bench.streams.open.add(bench.add(EVSE, POWER, "Periodic", "5", stream=EVERY_10))
    bench.store.set_level(4)
    await bench.clock.sleep(12)
    assert bench.streams.taken == []


async def test_n13_fr_05_and_06_without_its_monitor_a_stream_is_not_wanted(bench: Bench) -> None:
    monitor_id = bench.add(EVSE, POWER, "Periodic", "5", stream=EVERY_10)
    bench.add(EVSE, POWER, "Periodic", "5", id=monitor_id)
    bench.watching.end(monitor_id)
    assert [params for _, params in bench.streams.wanted] == [EVERY_10, None, None]


async def test_after_a_restart_the_streams_of_all_monitors_are_wanted_again(bench: Bench) -> None:
    monitor_id = bench.add(EVSE, POWER, "Periodic", "5", stream=EVERY_10)
    bench.store.stream_adjusted(monitor_id, StreamParams(values=3))
    later = Bench(bench.memory)
    later.start()
    await later.clock.sleep(1)
    later.stop()
    assert later.streams.wanted == [(monitor_id, StreamParams(values=3))]
