"""What the pages are told of changes comes from the bus, gathered, and only while they want it."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.pages.line import Subject, Told
from stationmaster.cli.pages.telling import Telling
from stationmaster.clock.wall import WallClock
from stationmaster.csms import subjects
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.records import Event
from stationmaster.ui.ports import Change

AT = datetime(2026, 3, 1, tzinfo=UTC)


class Node:
    """The bus, and what was said on the line."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.said: asyncio.Queue[Told] = asyncio.Queue()
        self.telling = Telling(self.bus, WallClock(), self.said.put_nowait)

    async def happens(self, kind: str, station_key: int | None, tenant: str = "default") -> None:
        event = Event(kind=kind, tenant=tenant, station_key=station_key, at=AT, data={"reason": "any"})
        await self.bus.publish(subjects.event(kind, station_key), msgspec.json.encode(CommittedEvent(1, event)))


@pytest.fixture
async def node():
    made = Node()
    running = asyncio.create_task(made.telling.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert made.bus.listeners == 0


async def test_changes_of_a_kind_are_told_of_all_stations(node):
    node.telling.want(Subject("AlarmChanged"))
    await node.happens("ConnectorStatusChanged", 1)
    await node.happens("AlarmChanged", 1)
    await node.happens("AlarmChanged", None, "north")
    told = await node.said.get()
    assert told.changes == (Change("default", "AlarmChanged", 1), Change("north", "AlarmChanged", None))


async def test_those_of_one_station_are_told_alone(node):
    node.telling.want(Subject("AlarmChanged", 7))
    await node.happens("AlarmChanged", 1)
    await node.happens("AlarmChanged", 7)
    assert (await node.said.get()).changes == (Change("default", "AlarmChanged", 7),)


async def test_what_happens_often_is_told_once(node):
    node.telling.want(Subject("MeterValuesReceived"))
    node.telling.want(Subject("MeterValuesReceived", 3))
    for _ in range(50):
        await node.happens("MeterValuesReceived", 3)
    assert (await node.said.get()).changes == (Change("default", "MeterValuesReceived", 3),)
    assert node.said.empty()


async def test_what_is_wanted_twice_is_listened_to_once(node):
    node.telling.want(Subject("AlarmChanged"))
    node.telling.want(Subject("AlarmChanged"))
    assert node.bus.listeners == 1


async def test_nobody_listens_to_what_is_wanted_no_more(node):
    node.telling.want(Subject("AlarmChanged"))
    node.telling.want(Subject("AlarmChanged", wanted=False))
    node.telling.want(Subject("NeverWanted", wanted=False))
    assert node.bus.listeners == 0
    await node.happens("AlarmChanged", 1)
    node.telling.want(Subject("Other"))
    await node.happens("Other", 2)
    assert (await node.said.get()).changes == (Change("default", "Other", 2),)
