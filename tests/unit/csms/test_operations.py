"""What operators do to stations, seen from another node."""

import asyncio
from collections.abc import Callable

import pytest

from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.operations import AlreadyThere, StationDesk
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.identity import StationRef
from stationmaster.testing import CsmsBench

REF = StationRef("default", "S1")


def other_node(bench: CsmsBench) -> tuple[StationDesk, Directory]:
    directory = Directory({}, bench.storage.journal, bench.clock, CsmsSettings(), lambda key, passing: None)
    return StationDesk(
        bench.storage, bench.bus, bench.clock, directory, bench.csms.commands, b"", lambda _: None
    ), directory


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0)


async def test_a_station_that_another_node_has_just_made_is_there_already(bench: CsmsBench) -> None:
    other, _ = other_node(bench)
    await bench.csms.stations.create(REF)
    with pytest.raises(AlreadyThere):
        await other.create(REF)


async def test_a_node_that_stopped_listening_makes_up_for_what_it_missed(bench: CsmsBench) -> None:
    other, directory = other_node(bench)
    first = asyncio.create_task(other.follow_changes())
    await asyncio.sleep(0)
    await bench.csms.stations.create(REF)
    await until(lambda: directory.find(REF))
    first.cancel()
    missed = StationRef("default", "S2")
    await bench.csms.stations.create(missed)
    assert directory.find(missed) is None

    second = asyncio.create_task(other.follow_changes())
    await until(lambda: directory.find(missed))
    second.cancel()
