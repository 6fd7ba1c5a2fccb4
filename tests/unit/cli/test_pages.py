"""What the pages hear of changes comes from the bus."""

import asyncio
from datetime import UTC, datetime

import msgspec

from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.pages import BusChanges
from stationmaster.csms import subjects
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event
from stationmaster.ui.ports import Change

AT = datetime(2026, 3, 1, tzinfo=UTC)


async def tell(bus: MemoryBus, kind: str, station_key: int | None, tenant: str = "default") -> None:
    event = Event(kind=kind, tenant=tenant, station_key=station_key, at=AT, data={})
    await bus.publish(subjects.event(kind, station_key), msgspec.json.encode(CommittedEvent(1, event)))


async def heard(
    bus: MemoryBus, kind: str, station_key: int | None, most: int
) -> tuple[list[Change], "asyncio.Task[None]"]:
    found: list[Change] = []

    async def listen() -> None:
        async for change in BusChanges(bus).follow(kind, station_key):
            found.append(change)
            if len(found) == most:
                return

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    return found, task


async def test_changes_of_a_kind_are_heard_from_all_stations() -> None:
    bus = MemoryBus()
    found, task = await heard(bus, "AlarmChanged", None, 2)
    await tell(bus, "ConnectorStatusChanged", 1)
    await tell(bus, "AlarmChanged", 1)
    await tell(bus, "AlarmChanged", None, "north")
    await task
    assert found == [Change("default", "AlarmChanged", 1), Change("north", "AlarmChanged", None)]


async def test_those_of_one_station_are_heard_alone() -> None:
    bus = MemoryBus()
    found, task = await heard(bus, "AlarmChanged", 7, 1)
    await tell(bus, "AlarmChanged", 1)
    await tell(bus, "AlarmChanged", 7)
    await task
    assert found == [Change("default", "AlarmChanged", 7)]


async def test_nobody_listens_any_more_once_a_feed_ends() -> None:
    bus = MemoryBus()
    _, task = await heard(bus, "AlarmChanged", None, 1)
    assert bus.listeners == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    del task
    for _ in range(3):  # what is forgotten is closed by the loop
        await asyncio.sleep(0)
    assert bus.listeners == 0
