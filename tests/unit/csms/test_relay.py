"""Who listens is told, in order, of what was committed and of what passes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from stationmaster.bus.memory import MemoryBus
from stationmaster.bus.subscription import Subscription
from stationmaster.csms import subjects
from stationmaster.csms.relay import Relay
from stationmaster.domain.decision import Passing
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, ScriptedTransaction, WireError, csms_bench
from stationmaster.testing.script import meter_value

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def an_event(number: int, kind: str = "MeterValues", station_key: int | None = 7) -> Event:
    data = {"n": number, "power_w": Decimal("7.5")}
    return Event(kind=kind, tenant="default", at=NOW, station_key=station_key, data=data)


class Made:
    """An event in passing that counts how often it was made."""

    def __init__(self, number: int = 1) -> None:
        self.times = 0
        self.passing = Passing("MeterValues", self._make)
        self._number = number

    def _make(self) -> Event:
        self.times += 1
        return an_event(self._number)


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    yield
    task.cancel()


async def heard(listener: Subscription, count: int) -> list[CommittedEvent]:
    async with asyncio.timeout(5):
        return [msgspec.json.decode((await anext(listener)).body, type=CommittedEvent) for _ in range(count)]


async def test_an_event_in_passing_is_told_who_listens_and_stands_in_no_outbox() -> None:
    bus = MemoryBus()
    relay, made, listener = Relay(bus), Made(), bus.subscribe(subjects.events("MeterValues"))
    async with running(relay):
        relay.pass_on(7, made.passing)
        (told,) = await heard(listener, 1)
    assert (told.seq, told.event.station_key, told.event.data) == (None, 7, {"n": 1, "power_w": "7.5"})
    assert made.times == 1


async def test_an_event_that_nobody_hears_is_not_made() -> None:
    bus = MemoryBus()
    relay, made = Relay(bus), Made()
    elsewhere = [bus.subscribe(subjects.events(station_key=8)), bus.subscribe(subjects.event("TransactionUpdated", 7))]
    async with running(relay):
        relay.pass_on(7, made.passing)
        await asyncio.sleep(0)
    assert made.times == 0
    for listener in elsewhere:
        await listener.aclose()


async def test_once_the_last_listener_has_left_events_are_made_no_more() -> None:
    bus = MemoryBus()
    relay, made, listener = Relay(bus), Made(), bus.subscribe(subjects.events())
    relay.pass_on(7, made.passing)
    await listener.aclose()
    relay.pass_on(7, made.passing)
    assert made.times == 1


async def test_committed_and_passing_events_are_told_in_the_order_in_which_they_came() -> None:
    bus = MemoryBus()
    relay, listener = Relay(bus), bus.subscribe(subjects.events())
    relay.put([CommittedEvent(1, an_event(1)), CommittedEvent(2, an_event(2, station_key=None))])
    relay.pass_on(7, Made(3).passing)
    async with running(relay):
        relay.put([CommittedEvent(3, an_event(4))])
        told = await heard(listener, 4)
    assert [(each.seq, each.event.data["n"]) for each in told] == [(1, 1), (2, 2), (None, 3), (3, 4)]


async def test_a_relay_that_failed_goes_on_with_the_next_event_when_it_is_run_again() -> None:
    class FailsOnce(MemoryBus):
        failures = 1

        async def publish(self, subject: str, body: bytes) -> None:
            if self.failures:
                self.failures -= 1
                raise OSError("broken pipe")
            await super().publish(subject, body)

    bus = FailsOnce()
    relay, listener = Relay(bus), bus.subscribe(subjects.events())
    relay.put([CommittedEvent(1, an_event(1)), CommittedEvent(2, an_event(2))])
    with pytest.raises(OSError, match="broken pipe"):
        await relay.run()
    async with running(relay):
        (told,) = await heard(listener, 1)
    assert told.seq == 2


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as bench:
        yield bench


async def charging(bench: CsmsBench) -> tuple[ScriptedStation, ScriptedTransaction]:
    station = ScriptedStation(await bench.boot("S1", Version.V201), bench.clock.now)
    transaction = station.transaction()
    await transaction.started("CablePluggedIn", evse=(1, 1))
    return station, transaction


async def test_readings_are_told_who_listens_and_stand_in_no_outbox(bench: CsmsBench) -> None:
    station, transaction = await charging(bench)
    view = bench.view("S1")
    listener = bench.bus.subscribe(subjects.events(station_key=view.key))
    await transaction.updated("MeterValuePeriodic", values=(meter_value(bench.clock.now(), 100),))
    await station.meter_values(2, meter_value(bench.clock.now(), 200))
    await transaction.updated("ChargingStateChanged", chargingState="Charging")

    told = await heard(listener, 3)

    kinds = ["TransactionUpdated", "MeterValues", "TransactionUpdated"]
    assert [(each.event.kind, each.seq is None) for each in told] == list(zip(kinds, [True, True, False], strict=True))
    assert told[0].event.data["trigger_reason"] == "MeterValuePeriodic"
    assert (told[1].event.data["evse_id"], told[1].event.data["register_wh"]) == (2, "200")
    assert len(await view.readings()) == 2
    updates = [event.data["trigger_reason"] for event in await view.told("TransactionUpdated")]
    assert (updates, await view.told("MeterValues")) == (["ChargingStateChanged"], [])


async def test_a_reading_that_could_not_be_stored_is_told_nobody(bench: CsmsBench) -> None:
    station, _ = await charging(bench)
    view = bench.view("S1")
    listener = bench.bus.subscribe(subjects.events(station_key=view.key))
    await bench.storage.journal.register_connection(view.key)  # the station's connection is an old one now
    with pytest.raises(WireError, match="taken over"):
        await station.meter_values(1, meter_value(bench.clock.now(), 100))
    assert await view.readings() == []
    await bench.storage.journal.store([], [an_event(99, station_key=view.key)])
    assert [each.event.data["n"] for each in await heard(listener, 1)] == [99]
