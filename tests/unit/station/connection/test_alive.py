"""When the station was at work last is noted while it matters, and nobody is woken for it otherwise."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.station.connection.alive import Alive
from stationmaster.station.settings import Configuration, defaults
from stationmaster.storage.station_memory import RamMemory


class CountingClock(VirtualClock):
    def __init__(self):
        super().__init__()
        self.sleeps = 0

    async def sleep(self, seconds):
        self.sleeps += 1
        await super().sleep(seconds)


@asynccontextmanager
async def kept(timeout_s):
    clock, memory, running = CountingClock(), RamMemory(), []
    configuration = Configuration(memory, defaults(2))
    configuration.change("TxCtrlr.ResumptionTimeout", str(timeout_s))
    alive = Alive(memory, clock, configuration, lambda: iter(running))
    task = asyncio.create_task(alive.run())
    try:
        yield alive, clock, running, configuration
    finally:
        task.cancel()
        await asyncio.wait((task,))


def test_it_is_noted_every_ten_seconds_while_something_runs_that_would_be_resumed():
    async def story():
        async with kept(600) as (alive, clock, running, _):
            await asyncio.sleep(100)
            assert (alive.seen_at(), clock.sleeps) == (None, 0)
            running.append("a transaction")
            alive.on_evse(1)
            await asyncio.sleep(101)
            assert clock.now() - alive.seen_at() == timedelta(seconds=1)
            running.clear()
            alive.on_evse(1)
            await asyncio.sleep(100)
            last, sleeps = alive.seen_at(), clock.sleeps
            await asyncio.sleep(1000)
            assert (alive.seen_at(), clock.sleeps) == (last, sleeps)

    run_virtual(story())


def test_where_nothing_is_ever_resumed_it_is_not_noted_until_the_setting_says_otherwise():
    async def story():
        async with kept(0) as (alive, _clock, running, configuration):
            running.append("a transaction")
            alive.on_evse(1)
            await asyncio.sleep(100)
            assert alive.seen_at() is None
            configuration.change("TxCtrlr.ResumptionTimeout", "600")
            await asyncio.sleep(60)
            assert alive.seen_at() is not None

    run_virtual(story())
