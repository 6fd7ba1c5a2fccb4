"""EVSE ids for roaming partners, from the operator to the bill."""

import asyncio
from collections.abc import Awaitable, Callable

from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.operations import StationDesk
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.identity import StationRef
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, StationView

Boots = Callable[[str], Awaitable[tuple[ScriptedStation, StationView]]]


def _desk(bench: CsmsBench) -> Desk:
    desk = bench.csms.directory.find(StationRef("default", "S1"))
    assert desk is not None
    return desk


async def test_a_transaction_carries_the_evse_id_that_held_when_it_began(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 1, "DE*ABC*E1")
    tx = station.transaction()
    await tx.started("Authorized", token="T1", evse=(1, 1))
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 1, "DE*NEW*E1")
    await tx.ended("StopAuthorized", stoppedReason="Local")
    assert (await view.transaction()).evse_eid == "DE*ABC*E1"


async def test_a_connector_without_an_id_of_its_own_has_its_evses(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 0, "DE*ABC*E1")
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 1, "DE*ABC*E1*1")
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 1, None)
    await station.transaction("A").started("CablePluggedIn", evse=(1, 1))
    await station.transaction("B").started("CablePluggedIn", evse=(2, 1))
    assert [tx.evse_eid for tx in await view.transactions()] == ["DE*ABC*E1", None]


async def test_the_id_is_found_once_the_place_is_known(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 2, "DE*ABC*E1*2")
    tx = station.transaction()
    await tx.started("Authorized", token="T1", evse=(1, None))
    assert (await view.transaction()).evse_eid is None
    await tx.updated("MeterValuePeriodic", evse=(1, 2))
    assert (await view.transaction()).evse_eid == "DE*ABC*E1*2"


async def test_status_notifications_leave_the_id_alone(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 1, "DE*ABC*E1")
    await station.report("Occupied", (1, 1))
    await station.transaction().started("CablePluggedIn", evse=(1, 1))
    assert (await view.transaction()).evse_eid == "DE*ABC*E1"


async def test_an_id_given_before_the_station_ever_came_holds(bench: CsmsBench) -> None:
    known = await bench.csms.stations.create(StationRef("default", "S9"))
    await bench.csms.stations.name_evse(known, 1, 1, "DE*ABC*E9")
    client = await bench.boot("S9", Version.V201)
    await ScriptedStation(client, bench.clock.now).transaction().started("CablePluggedIn", evse=(1, 1))
    assert (await bench.view("S9").transaction()).evse_eid == "DE*ABC*E9"


async def test_a_name_given_on_another_node_is_heard_of(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    nobodys = Directory({}, bench.storage.journal, bench.clock, CsmsSettings(), lambda key, passing: None)
    other = StationDesk(bench.storage, bench.bus, bench.clock, nobodys, bench.csms.commands, b"", lambda _: None)
    await other.name_evse(bench.station("S1"), 1, 1, "DE*ABC*E1")
    async with asyncio.timeout(5):
        while not _desk(bench).state.eids:
            await asyncio.sleep(0)
    await station.transaction().started("CablePluggedIn", evse=(1, 1))
    assert (await view.transaction()).evse_eid == "DE*ABC*E1"


async def test_what_is_being_decided_does_not_undo_a_name(bench: CsmsBench, boots: Boots) -> None:
    station, _ = await boots("S1")
    desk = _desk(bench)
    reports = [asyncio.ensure_future(station.report("Occupied", (1, number))) for number in (1, 2, 3)]
    await bench.csms.stations.name_evse(bench.station("S1"), 1, 1, "DE*ABC*E1")
    await asyncio.gather(*reports)
    await desk.lane.drained()
    assert (len(desk.state.connectors), desk.state.eids) == (3, {(1, 1): "DE*ABC*E1"})
