"""A desk between an operator and its station."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.operations import AlreadyThere
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import StatusNotification
from stationmaster.domain.station import Connector, Station
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

STATUS = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}


def at_work(bench: CsmsBench) -> Desk:
    desk = bench.csms.directory.find(StationRef("default", "S1"))
    assert desk is not None
    return desk


def while_a_status_is_stored(bench: CsmsBench, happens: Callable[[Callable[[], None]], None]) -> None:
    """The next status that is on disk is told only when what happens meanwhile calls what it is given."""
    submit = bench.storage.journal.submit

    def interrupted(decision: Any, done: Callable[[Any], None], **where: Any) -> None:
        def told(outcome: Any) -> None:
            happens(lambda: done(outcome))

        stores_status = any(isinstance(record, Connector) for record in decision.records)
        submit(decision, told if stores_status else done, **where)

    bench.storage.journal.submit = interrupted  # type: ignore[method-assign]


async def test_what_a_desk_is_told_while_a_message_is_stored_is_not_undone_by_it() -> None:
    async with csms_bench() as bench:
        client = await bench.boot("S1", Version.V16)
        desk = at_work(bench)

        def changes(go_on: Callable[[], None]) -> None:
            desk.refresh(msgspec.structs.replace(desk.state.station, strictness="strict"))
            go_on()

        while_a_status_is_stored(bench, changes)
        await client.call(StatusNotification.__name__, STATUS)
        await desk.lane.drained()
        assert (desk.strictness(), len(desk.state.connectors)) == ("strict", 1)


async def test_what_an_operator_changes_while_a_message_is_stored_is_not_undone_by_it() -> None:
    async with csms_bench() as bench:
        client = await bench.boot("S1", Version.V16)
        desk, changing = at_work(bench), []

        def changes(go_on: Callable[[], None]) -> None:
            change = asyncio.create_task(bench.csms.stations.change(bench.station("S1"), strictness="strict"))
            change.add_done_callback(lambda _: go_on())
            changing.append(change)

        while_a_status_is_stored(bench, changes)
        await client.call(StatusNotification.__name__, STATUS)
        await desk.lane.drained()
        assert [change.result().strictness for change in changing] == ["strict"]
        assert (desk.strictness(), len(desk.state.connectors)) == ("strict", 1)


async def test_of_two_who_admit_one_station_at_once_the_second_is_told_that_it_is_there() -> None:
    async with csms_bench() as bench:
        ref = StationRef("default", "S1")
        made, refused = await asyncio.gather(
            bench.csms.stations.create(ref), bench.csms.stations.create(ref), return_exceptions=True
        )
        assert isinstance(made, Station)
        assert isinstance(refused, AlreadyThere)
