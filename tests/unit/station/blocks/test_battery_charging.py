"""S04: slots, their batteries and their transactions, without a station around them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.battery_swap import Battery
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.simulator.battery_slots import new_battery
from stationmaster.station.blocks.battery_charging import LOOK_S, BatteryCharging
from stationmaster.station.blocks.battery_variables import battery_variables, check_most, check_target
from stationmaster.station.records import EvseState, LocalTransaction
from stationmaster.station.settings import Configuration, Settings
from stationmaster.station.situation import after
from stationmaster.storage.station_memory import RamMemory

FULL, HALF = new_battery("FULL", 97), new_battery("HALF", 50)


class Bench:
    """Two slots, of which only one holds a battery; also the transactions of both."""

    def __init__(self, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.settings = Configuration(RamMemory(), Settings(**settings))
        self.inside: dict[int, Battery | None] = {1: HALF, 2: None}
        self.states = {1: EvseState(), 2: EvseState()}
        self.happened: list[tuple[int, str]] = []
        self.tokens: list[IdToken] = []
        slots: Any = self
        self.block = BatteryCharging(slots, self, self.clock, self.settings)
        self.open_slots: set[int] = set()
        self.closed: set[int] = set()

    def batteries(self) -> dict[int, Battery | None]:
        return dict(self.inside)

    def put(self, slot: int, battery: Battery | None) -> None:
        self.inside[slot] = battery
        self.block.on_battery(slot, battery)

    # Transactions
    def may_start(self, evse_id: int) -> bool:
        return evse_id not in self.closed

    def state(self, evse_id: int) -> EvseState:
        return self.states[evse_id]

    def insert(self, evse_id: int, connector: int, id_token: IdToken) -> None:
        self.tokens.append(id_token)
        now = self.clock.now()
        begun = LocalTransaction(id="x", seq_no=0, started_at=now, last_event_at=now)
        self.states[evse_id] = msgspec.structs.replace(self.states[evse_id], transaction=begun)
        self.happen(evse_id, "battery inserted", connector=connector)

    def happen(self, evse_id: int, name: Any, *, connector: int | None = None, hold: Any = None) -> None:
        self.happened.append((evse_id, name))
        state = self.states[evse_id]
        self.states[evse_id] = msgspec.structs.replace(state, situation=after(state.situation, name, connector, hold))

    def take(self) -> list[tuple[int, str]]:
        told, self.happened = self.happened, []
        return told


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    made.block.resume()
    running = asyncio.create_task(made.block.run())
    await made.clock.sleep(0.1)
    yield made
    running.cancel()


async def test_s04_fr_11_only_slots_with_a_battery_begin(bench: Bench) -> None:
    assert bench.take() == [(1, "battery inserted")]
    bench.block.resume()
    assert bench.take() == []


async def test_s04_fr_06_energy_stops_once_at_the_most_and_goes_on_where_that_is_raised(bench: Bench) -> None:
    bench.take()
    bench.inside[1] = FULL
    await bench.clock.sleep(3 * LOOK_S)
    assert bench.take() == [(1, "energy limit reached")]
    bench.settings.change("BatterySwapCtrlr.MaxSoC", "100")
    bench.block.look()
    bench.block.look()
    assert bench.take() == [(1, "allowed")]


async def test_a_battery_that_is_offered_waits_and_goes_on_when_it_is_not_taken(bench: Bench) -> None:
    bench.take()
    bench.block.offer([1])
    bench.block.look()
    assert (bench.take(), bench.block.charging()) == ([(1, "disallowed")], frozenset())
    bench.block.offer([])
    assert (bench.take(), bench.block.charging()) == ([(1, "allowed")], {1})


async def test_what_the_csms_has_stopped_is_not_begun_again(bench: Bench) -> None:
    bench.happen(1, "invalid but going on")
    bench.take()
    await bench.clock.sleep(3 * LOOK_S)
    assert bench.take() == []


async def test_s04_fr_07_a_battery_that_is_taken_is_gone_and_the_next_one_begins(bench: Bench) -> None:
    bench.inside[1] = FULL
    await bench.clock.sleep(2 * LOOK_S)
    bench.take()
    bench.put(1, None)
    bench.put(1, HALF)
    await bench.clock.sleep(2 * LOOK_S)
    assert bench.take() == [(1, "unplugged for good"), (1, "battery inserted")]


@pytest.mark.parametrize(("central", "kind"), [("", "NoAuthorization"), ("SLOTS", "Central")])
async def test_s04_fr_02_and_03_whose_the_energy_is(central: str, kind: str) -> None:
    bench = Bench(swap_id_token=central)
    bench.block.begin(1)
    assert [(token.value, token.type) for token in bench.tokens] == [(central, kind)]


async def test_the_variables_tell_how_a_slot_stands(bench: Bench) -> None:
    slots: Any = bench
    live = battery_variables(slots, bench, bench.block, bench.settings)

    def told(slot: int) -> list[str]:
        return [read(Evse(slot, 1)) for read in live.values()]

    bench.open_slots = {2}
    assert told(1) == ["true", "50", "98", "CC", "Locked"]
    assert told(2) == ["false", "0", "0", "Standby", "Open"]
    bench.block.offer([1])
    assert told(1)[3] == "Ready"
    bench.inside[1] = FULL
    assert told(1)[3] == "Full"


def test_s04_fr_10_target_and_most_keep_their_order() -> None:
    settings = Configuration(RamMemory(), Settings(swap_target_soc_pct=70, swap_max_soc_pct=90))
    assert [check_target(settings, text) is None for text in ("90", "91")] == [True, False]
    assert [check_most(settings, text) is None for text in ("70", "69")] == [True, False]


async def test_a_slot_that_is_out_of_operation_charges_nothing_until_it_is_not(bench: Bench) -> None:
    bench.take()
    bench.closed = {2}
    bench.put(2, HALF)
    bench.block.look()
    assert (bench.take(), bench.block.charging()) == ([(2, "plugged")], {1})
    bench.closed.clear()
    bench.block.look()
    assert (bench.take(), bench.block.charging()) == ([(2, "battery inserted")], {1, 2})
