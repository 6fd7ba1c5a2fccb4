"""A desk between an operator and its station."""

from stationmaster.domain.messages import StatusNotification
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

STATUS = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}


async def changed_during_a_message(bench: CsmsBench) -> str:
    """An operator holds the station to the schema while its message is being stored."""
    client = await bench.boot("S1", Version.V16)
    desk = bench.csms.directory.get(bench.station("S1").key)
    assert desk is not None
    commit = bench.storage.journal.commit

    async def slow(decision, **where):  # type: ignore[no-untyped-def]
        held = await commit(decision, **where)
        if any(type(record).__name__ == "Connector" for record in decision.records):
            await bench.csms.stations.change(bench.station("S1"), strictness="strict")
        return held

    bench.storage.journal.commit = slow  # type: ignore[method-assign]
    await client.call(StatusNotification.__name__, STATUS)
    await desk.lane.drained()
    return desk.strictness()


async def test_what_an_operator_changes_while_a_message_is_stored_is_not_undone_by_it() -> None:
    async with csms_bench() as bench:
        assert await changed_during_a_message(bench) == "strict"
