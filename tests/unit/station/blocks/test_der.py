import asyncio
from datetime import timedelta
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.domain.der.controls import (
    ClearDERControl,
    GetDERControl,
    NotifyDERAlarm,
    NotifyDERStartStop,
    ReportDERControl,
    SetDERControl,
)
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.nameplate import rated
from stationmaster.domain.der.power import PowerOrder
from stationmaster.domain.messages import ACKNOWLEDGED
from stationmaster.station.blocks.der import PER_REPORT, DERControls
from stationmaster.station.blocks.der_execution import Inverters, StationInverter
from stationmaster.storage.station_memory import RamMemory

PLATE = rated(10_000, 11_000)
MODES = ("LimitMaxDischarge", "HVMustTrip", "VoltWatt", "Gradients")


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


class Bench:
    """The block at work, with a grid under the test's hand; ``told`` is what it says, with its moment."""

    online = True

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.memory = RamMemory()
        self.sample = GridSample()
        self.fed_w = 0.0
        self.told: list[tuple[float, Any]] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.start()

    def start(self) -> None:
        inverters = Inverters(MODES, self, [StationInverter(1, PLATE, self, 0.0)])
        self.block = DERControls(inverters, self.memory, self, self.clock, self.put, self.spawn)
        self.spawn(self.block.run())

    async def restart(self, away_s: float) -> None:
        self.stop()
        await self.clock.sleep(away_s)
        self.start()
        await self.clock.sleep(0.1)

    def stop(self) -> None:
        for task in self.tasks:
            task.cancel()

    def spawn(self, coroutine: Any) -> None:
        self.tasks.append(asyncio.ensure_future(coroutine))

    def put(self, request: Any) -> None:
        self.told.append((round(self.clock.monotonic(), 1), request))

    async def perform(self, request: Any, *, triggered: bool = False) -> Any:
        self.put(request)
        return ACKNOWLEDGED

    def grid(self) -> GridSample:
        return self.sample

    def hold_power(self, evse_id: int, order: PowerOrder) -> None:
        self.order = order

    def usual_feed_w(self, evse_id: int) -> float:
        return self.fed_w

    def plugged(self, evse_id: int) -> int | None:
        return None

    def ev_needs(self, evse_id: int) -> None:
        return None

    def configure_ev(self, evse_id: int, controls: Any) -> None: ...

    async def set(
        self, name: str, priority: int = 5, start: float | None = None, lasts: float = 100, **more: Any
    ) -> tuple[str, tuple[str, ...]]:
        setting: dict[str, Any] = {"priority": priority}
        if start is not None:
            setting |= {"startTime": (self.clock.now() + timedelta(seconds=start)).isoformat(), "duration": lasts}
        given = {"type": "LimitMaxDischarge", "settings": {"limitMaxDischarge": setting}, **more}
        answer: Any = await self.block.set(SetDERControl(id=name, is_default=start is None, **given))
        return answer.status, answer.superseded

    async def trip(self, name: str = "t", kind: str = "HVMustTrip", *points: tuple[float, float]) -> None:
        data = [{"x": x, "y": y} for x, y in points or ((2, 110),)]
        assert (await self.set(name, type=kind, settings={"curve": {"priority": 0, "curveData": data}}))[
            0
        ] == "Accepted"

    @property
    def starts_and_stops(self) -> list[tuple[float, str, bool, tuple[str, ...]]]:
        return [
            (at, each.id, each.started, each.superseded)
            for at, each in self.told
            if isinstance(each, NotifyDERStartStop)
        ]

    @property
    def alarms(self) -> list[tuple[str, str | None, bool]]:
        return [(each.type, each.fault, each.ended) for _, each in self.told if isinstance(each, NotifyDERAlarm)]

    @property
    def active(self) -> list[str]:
        return [control.id for control in self.block.active]


@pytest.fixture
async def bench() -> Any:
    made = Bench()
    await made.clock.sleep(0.1)
    yield made
    made.stop()


async def test_r04_fr_20_and_22_a_scheduled_control_begins_and_ends_on_its_moments(bench: Bench) -> None:
    assert await bench.set("d") == ("Accepted", ())
    assert await bench.set("s", start=10, lasts=20) == ("Accepted", ())
    await bench.clock.sleep(11)
    assert bench.active == ["s"]
    await bench.clock.sleep(20)
    assert bench.active == ["d"]
    assert bench.starts_and_stops == [(10.1, "s", True, ()), (30.1, "s", False, ())]


async def test_r04_fr_21_a_beginning_names_what_it_supersedes(bench: Bench) -> None:
    await bench.set("a", 5, start=0)
    await bench.clock.sleep(1)
    assert await bench.set("b", 4, start=10) == ("Accepted", ())
    await bench.clock.sleep(200)
    assert [each[1:] for each in bench.starts_and_stops] == [("a", True, ()), ("b", True, ("a",)), ("b", False, ())]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"type": "FixedVar", "settings": {"fixedVar": {"priority": 0}}}, "NotSupported"),  # R04.FR.01
        ({"settings": {"fixedVar": {"priority": 0}}}, "Rejected"),  # R04.FR.17
        ({"settings": {"limitMaxDischarge": {"priority": 0, "duration": 3}}}, "Rejected"),  # R04.FR.13
    ],
)
async def test_a_control_that_cannot_be_is_refused(bench: Bench, more: dict[str, Any], status: str) -> None:
    assert await bench.set("x", **more) == (status, ())
    assert bench.active == []


async def test_r03_fr_02_controls_outlive_a_restart_and_time_goes_on_meanwhile(bench: Bench) -> None:
    await bench.set("d")
    await bench.set("runs", start=0, lasts=50)
    await bench.clock.sleep(1)
    await bench.restart(20)
    assert bench.active == ["runs"]
    await bench.restart(100)
    assert bench.active == ["d"]
    assert [each[1:] for each in bench.starts_and_stops] == [("runs", True, ()), ("runs", False, ())]


async def test_r04_fr_31_and_32_reports_follow_in_parts(bench: Bench) -> None:
    for number in range(PER_REPORT + 1):
        await bench.set(f"{number:02}", priority=50 - number)
    answer: Any = await bench.block.get(GetDERControl(request_id=7))
    assert (answer.status, bench.told) == ("Accepted", [])
    await bench.clock.sleep(0.1)
    reports = [each for _, each in bench.told if isinstance(each, ReportDERControl)]
    assert [(each.request_id, len(each.controls), each.to_be_continued) for each in reports] == [
        (7, PER_REPORT, True),
        (7, 1, False),
    ]
    assert [each.superseded for each in reports[0].controls] == [True] * PER_REPORT


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (GetDERControl(request_id=1), "NotFound"),  # R04.FR.30
        (GetDERControl(request_id=1, type="FixedVar"), "NotSupported"),  # R04.FR.36
    ],
)
async def test_what_is_not_there_is_not_reported(bench: Bench, asked: GetDERControl, status: str) -> None:
    answer: Any = await bench.block.get(asked)
    assert answer.status == status


async def test_r04_fr_41_to_46_clearing(bench: Bench) -> None:
    async def clear(**criteria: Any) -> str:
        answer: Any = await bench.block.clear(ClearDERControl(**criteria))
        return str(answer.status)

    assert await clear(is_default=True) == "Accepted"
    assert await clear(is_default=True, type="FixedVar") == "NotSupported"
    assert await clear(is_default=True, type="Gradients") == "NotFound"
    await bench.set("d")
    await bench.set("s", start=0)
    await bench.clock.sleep(1)
    assert await clear(is_default=True, id="s") == "NotFound"
    assert await clear(is_default=False, id="s") == "Accepted"
    assert await clear(is_default=True, type="LimitMaxDischarge") == "Accepted"
    assert bench.active == []
    assert [each[1:3] for each in bench.starts_and_stops] == [("s", True), ("s", False)]


async def test_r05_fr_01_and_02_an_alarm_once_the_grid_was_off_for_long_enough(bench: Bench) -> None:
    await bench.trip()
    bench.sample = GridSample(voltage_pct=115)
    await bench.clock.sleep(1.5)
    assert bench.alarms == []
    await bench.clock.sleep(60)
    bench.sample = GridSample()
    await bench.clock.sleep(60)
    assert bench.alarms == [("HVMustTrip", "OverVoltage", False), ("HVMustTrip", "OverVoltage", True)]


async def test_a_short_excursion_is_no_alarm(bench: Bench) -> None:
    await bench.trip("t", "HVMustTrip", (30, 110))
    for voltage_pct in (115, 100, 115, 100):
        bench.sample = GridSample(voltage_pct=voltage_pct)
        await bench.clock.sleep(20)
    assert bench.alarms == []


async def test_r05_fr_03_and_04_another_control_takes_over(bench: Bench) -> None:
    await bench.trip("w", "VoltWatt", (105, 100), (110, 0))
    await bench.trip("t", "HVMustTrip", (5, 108))
    bench.sample = GridSample(voltage_pct=109)
    await bench.clock.sleep(20)
    bench.sample = GridSample()
    await bench.clock.sleep(20)
    assert bench.alarms == [
        ("VoltWatt", "OverVoltage", False),
        ("HVMustTrip", "OverVoltage", False),
        ("HVMustTrip", "OverVoltage", True),
    ]


async def test_an_alarm_that_ended_while_the_station_was_off_is_told_to_have_ended(bench: Bench) -> None:
    await bench.trip("t", "HVMustTrip", (0, 108))
    bench.sample = GridSample(voltage_pct=109)
    await bench.clock.sleep(5)
    bench.sample = GridSample()
    await bench.restart(10)
    assert bench.alarms == [("HVMustTrip", "OverVoltage", False), ("HVMustTrip", "OverVoltage", True)]


async def test_r05_fr_01_and_02_a_limit_of_discharging_is_an_alarm_while_it_is_felt(bench: Bench) -> None:
    setting = {"priority": 0, "pctMaxDischargePower": 50}  # of 10 kW
    await bench.set("l", settings={"limitMaxDischarge": setting})
    for fed_w in (4_000, 6_000, 8_000, 5_000):
        bench.fed_w = fed_w
        await bench.clock.sleep(5)
    assert bench.alarms == [("LimitMaxDischarge", None, False), ("LimitMaxDischarge", None, True)]
