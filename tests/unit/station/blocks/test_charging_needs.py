import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.clock.virtual_loop import VirtualTimeLoop
from stationmaster.domain.charging_needs import ChargingNeedsAnswer, NotifyEVChargingNeeds
from stationmaster.station.blocks.charging_needs import DISCOVERY_S, ChargingNeeds
from stationmaster.station.ports import CannotSay, NotTold, Offline

NEEDS = {"requestedEnergyTransfer": "DC_BPT"}


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"virtual": VirtualTimeLoop}


class Bench:
    """The block among a transaction, a car and a line that are under the test's hand."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.needs: dict[str, Any] | None = NEEDS
        self.transaction: str | None = None
        self.failure: NotTold | None = None
        self.told: list[NotifyEVChargingNeeds] = []
        self.tries = 0
        here: Any = self
        self.block = ChargingNeeds(here, here, here, self.clock, self.spawn)

    def spawn(self, coroutine: Any) -> None:
        self.task = asyncio.ensure_future(coroutine)

    def ev_needs(self, evse_id: int) -> dict[str, Any] | None:
        return self.needs

    def state(self, evse_id: int) -> Any:
        running = None if self.transaction is None else SimpleNamespace(id=self.transaction)
        return SimpleNamespace(transaction=running, situation=SimpleNamespace(path_closed=running is not None))

    async def perform(self, request: Any) -> ChargingNeedsAnswer:
        self.tries += 1
        if self.failure is not None:
            raise self.failure
        self.told.append(request)
        return ChargingNeedsAnswer(status="Accepted")

    async def happens(self, transaction: str | None) -> None:
        self.transaction = transaction
        self.block.on_evse(1)
        await self.clock.sleep(DISCOVERY_S + 1)


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_R02_FR_01_needs_are_told_once_for_each_transaction(bench: Bench) -> None:
    for transaction in ("a", "a", None, "b"):
        await bench.happens(transaction)
    assert bench.told == [NotifyEVChargingNeeds(evse_id=1, needs=NEEDS)] * 2


async def test_a_car_that_tells_nothing_has_no_needs(bench: Bench) -> None:
    bench.needs = None
    await bench.happens("a")
    assert bench.tries == 0


async def test_a_transaction_that_is_over_before_discovery_is(bench: Bench) -> None:
    bench.transaction = "a"
    bench.block.on_evse(1)
    bench.transaction = None
    await bench.clock.sleep(DISCOVERY_S + 1)
    assert bench.tries == 0


async def test_K20_FR_05_what_waits_for_the_line_bears_its_time(bench: Bench) -> None:
    bench.failure = Offline()
    await bench.happens("a")
    at = bench.clock.now()
    bench.block.resume()
    await bench.clock.sleep(60)
    bench.failure = None
    bench.block.resume()
    await bench.clock.sleep(1)
    (told,) = bench.told
    assert told.timestamp is not None and told.timestamp < at
    bench.block.resume()
    await bench.clock.sleep(1)
    assert bench.tries == 3  # and no more


async def test_what_waits_is_dropped_with_its_transaction(bench: Bench) -> None:
    bench.failure = Offline()
    await bench.happens("a")
    bench.transaction, bench.failure = "b", None
    bench.block.resume()
    await bench.clock.sleep(1)
    assert bench.told == []


@pytest.mark.parametrize("failure", [NotTold(), CannotSay()])
async def test_what_cannot_be_said_is_not_tried_again(bench: Bench, failure: NotTold) -> None:
    bench.failure = failure
    await bench.happens("a")
    bench.block.resume()
    await bench.clock.sleep(1)
    assert bench.tries == 1
