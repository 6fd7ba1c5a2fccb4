import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.domain.battery_swap import Battery, RequestBatterySwap
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import AuthorizationStatus, IdTokenInfo
from stationmaster.simulator.battery_slots import SimulatedSlots, SlotClosed, new_battery
from stationmaster.station import display
from stationmaster.station.blocks.battery_swap import BatterySwapping, SwapPlace
from stationmaster.station.settings import Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

CARD = IdToken("04AABBCC", "ISO14443")
EMPTY = new_battery("OLD-1", 12)


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


class Bench:
    def __init__(self, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.memory = RamMemory()
        self.slots = SimulatedSlots(4)
        self.settings = Configuration(self.memory, Settings(**settings))
        self.told: list[Any] = []
        self.shown: list[str] = []
        self.judged: list[IdToken] = []
        self.verdict: AuthorizationStatus = "Accepted"
        self.moved: list[tuple[int, str | None]] = []
        self.closed: set[int] = set()
        self.offered: list[tuple[int, ...]] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.start()

    def start(self) -> None:
        place = SwapPlace(slots=self.slots, charging=self, authorize=self.judge, show=self.shown.append)
        self.block = BatterySwapping(place, self.memory, self.clock, self.settings, self.told.append, self.spawn)
        self.block.resume()

    async def judge(self, id_token: IdToken) -> IdTokenInfo:
        await self.clock.sleep(0.1)
        self.judged.append(id_token)
        return IdTokenInfo(status=self.verdict)

    # What is charged
    def on_battery(self, evse_id: int, battery: Battery | None) -> None:
        self.moved.append((evse_id, battery and battery.serial_number))

    def usable(self, evse_id: int) -> bool:
        return evse_id not in self.closed

    def offer(self, evse_ids: Collection[int]) -> None:
        self.offered.append(tuple(evse_ids))

    def spawn(self, coroutine: Any) -> None:
        self.tasks.append(asyncio.ensure_future(coroutine))

    def stop(self) -> None:
        for task in self.tasks:
            task.cancel()

    async def ask(self) -> tuple[str, str | None]:
        answer: Any = await self.block.request(RequestBatterySwap(id_token=CARD, request_id=7))
        await self.clock.sleep(0.1)
        return answer.status, answer.reason

    async def wait(self, seconds: float = 0.1) -> list[tuple[str, int, list[str]]]:
        await self.clock.sleep(seconds)
        return [(each.event, each.request_id, [b.serial_number for b in each.batteries]) for each in self.told]


@pytest.fixture
async def bench() -> Any:
    made = Bench()
    yield made
    made.stop()


async def test_s02_fr_01_02_and_s03_a_battery_comes_in_and_one_goes_out(bench: Bench) -> None:
    assert await bench.ask() == ("Accepted", None)
    assert bench.slots.usable == {4}
    bench.slots.insert(4, EMPTY)
    assert await bench.wait() == [("BatteryIn", 7, ["OLD-1"])]
    assert bench.slots.usable == {1}
    bench.slots.take(1)
    assert await bench.wait() == [("BatteryIn", 7, ["OLD-1"]), ("BatteryOut", 7, ["SM-0001"])]
    assert bench.slots.usable == set()
    assert all(each.id_token == CARD for each in bench.told)
    assert bench.moved == [(4, "OLD-1"), (1, None)]
    assert bench.offered == [(1,), ()]


async def test_s02_fr_05_whoever_brings_nothing_has_not_swapped(bench: Bench) -> None:
    await bench.ask()
    assert await bench.wait(200) == []
    assert bench.slots.usable == set()
    assert await bench.ask() == ("Accepted", None)


async def test_s03_fr_06_what_is_not_taken_in_time_is_told(bench: Bench) -> None:
    await bench.ask()
    bench.slots.insert(4, EMPTY)
    assert (await bench.wait(200))[1:] == [("BatteryOutTimeout", 7, ["SM-0001"])]
    with pytest.raises(SlotClosed):
        bench.slots.take(1)


async def test_s02_fr_04_one_swap_at_a_time_and_none_without_a_charged_battery(bench: Bench) -> None:
    await bench.ask()
    assert await bench.ask() == ("Rejected", "NoBatteryAvailable")
    bench.stop()
    poor = Bench(swap_target_soc_pct=100)
    assert await poor.ask() == ("Rejected", "NoBatteryAvailable")


async def test_s01_fr_01_an_accepted_card_opens_a_slot_and_the_swap_draws_its_own_number(bench: Bench) -> None:
    bench.block.present(CARD)
    bench.block.present(CARD)  # held there for a while
    await bench.wait(0.2)
    assert (bench.judged, bench.slots.usable, bench.shown) == ([CARD], {4}, [display.INSERT_BATTERY])
    bench.slots.insert(4, EMPTY)
    assert (await bench.wait())[0][:2] == ("BatteryIn", 1)
    bench.block.present(CARD)
    await bench.wait(0.2)
    assert bench.shown[1:] == [display.SWAP_UNDER_WAY]


async def test_s01_a_card_that_is_refused_opens_nothing(bench: Bench) -> None:
    bench.verdict = "Blocked"
    bench.block.present(CARD)
    await bench.wait(0.2)
    assert (bench.slots.usable, bench.shown) == (frozenset(), [display.REFUSALS["Blocked"]])


async def test_s03_fr_05_without_a_charged_battery_an_accepted_card_opens_nothing() -> None:
    bench = Bench(swap_target_soc_pct=96, swap_max_soc_pct=100)
    bench.block.present(CARD)
    await bench.wait(0.2)
    assert (bench.slots.usable, bench.shown) == (frozenset(), [display.NO_BATTERY])
    bench.stop()


async def test_slots_that_are_out_of_operation_are_not_used(bench: Bench) -> None:
    bench.closed = {1}
    await bench.ask()
    bench.slots.insert(4, EMPTY)
    await bench.wait()
    assert bench.slots.usable == {2}


async def test_without_a_slot_in_operation_there_is_no_swap(bench: Bench) -> None:
    bench.closed = {4}
    assert await bench.ask() == ("Rejected", "NoBatteryAvailable")


async def test_a_restart_between_in_and_out_goes_on_with_the_swap(bench: Bench) -> None:
    await bench.ask()
    bench.slots.insert(4, EMPTY)
    await bench.wait()
    bench.stop()
    bench.start()
    await bench.wait()
    bench.slots.take(1)
    assert await bench.wait() == [("BatteryIn", 7, ["OLD-1"]), ("BatteryOut", 7, ["SM-0001"])]
