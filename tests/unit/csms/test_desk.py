"""A desk between an operator and its station."""

import asyncio

from stationmaster.csms.operations import AlreadyThere
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import StatusNotification
from stationmaster.domain.station import Connector, Station
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

STATUS = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}


async def changed_during_a_message(bench: CsmsBench) -> str:
    """An operator holds the station to the schema while its message is being stored."""
    client = await bench.boot("S1", Version.V16)
    desk = bench.csms.directory.get(bench.station("S1").key)
    assert desk is not None
    submit = bench.storage.journal.submit

    def slow(decision, done, **where):  # type: ignore[no-untyped-def]
        async def change(outcome) -> None:  # type: ignore[no-untyped-def]
            await bench.csms.stations.change(bench.station("S1"), strictness="strict")
            done(outcome)

        stores_status = any(isinstance(record, Connector) for record in decision.records)
        told = (lambda outcome: changes.append(asyncio.create_task(change(outcome)))) if stores_status else done
        submit(decision, told, **where)

    changes: list[asyncio.Task[None]] = []
    bench.storage.journal.submit = slow  # type: ignore[method-assign]
    await client.call(StatusNotification.__name__, STATUS)
    await desk.lane.drained()
    assert len(changes) == 1
    return desk.strictness()


async def test_what_an_operator_changes_while_a_message_is_stored_is_not_undone_by_it() -> None:
    async with csms_bench() as bench:
        assert await changed_during_a_message(bench) == "strict"


async def test_of_two_who_admit_one_station_at_once_the_second_is_told_that_it_is_there() -> None:
    async with csms_bench() as bench:
        ref = StationRef("default", "S1")
        made, refused = await asyncio.gather(
            bench.csms.stations.create(ref), bench.csms.stations.create(ref), return_exceptions=True
        )
        assert isinstance(made, Station)
        assert isinstance(refused, AlreadyThere)
