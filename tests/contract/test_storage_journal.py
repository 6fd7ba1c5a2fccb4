"""What every storage engine promises of writing: kept whole, once, and harmed by nobody else's mistakes."""

import asyncio
from decimal import Decimal

import pytest
from storage_records import NOW, a_reading, a_station, a_transaction, an_event, event_record

from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import CommandAnswer, StationInfo, TransactionEvent
from stationmaster.domain.queries import OddityFilter, StationFilter, TransactionFilter
from stationmaster.domain.records import Oddity
from stationmaster.domain.station import Connector
from stationmaster.storage.sqlite import SQLiteStorage

HOSTILE = ("a\x00b", "'; DROP TABLE stations; --", '"quoted"', "100%_\\", "🚗漢字", "x" * 1_000_000)


async def test_what_was_committed_is_read_back_equal(storage: SQLiteStorage) -> None:
    station = a_station(info=StationInfo(vendor="V", model="M"), skew_s=-0.25)
    connector = Connector(station_key=1, evse_id=1, connector_id=1, status="Occupied", since=NOW, received_at=NOW)
    transaction = a_transaction(meter_start_wh=Decimal("0.10"), flags=("odd",), seq_seen=((0, 4), (7, 7)))
    decision = Decision(records=(station, connector, transaction), answer=CommandAnswer(status="Accepted"))
    assert await storage.journal.commit(decision) is decision
    state = await storage.reads.load(1)
    assert state is not None
    assert state.station == station
    assert state.connectors == {(1, 1): connector}
    assert state.open == {"w10": transaction}


async def test_load_of_an_unknown_station_is_none(storage: SQLiteStorage) -> None:
    assert await storage.reads.load(99) is None


async def test_a_later_record_with_the_same_key_replaces_the_first(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_transaction(), a_transaction(start_key="s", id_token=None)])
    await storage.journal.store([a_transaction(ended_at=NOW, id_token=IdToken("X"))])
    stored = await storage.reads.find_by_wire_id(1, "w10")
    assert stored == a_transaction(ended_at=NOW, id_token=IdToken("X"))
    open_ones = await storage.reads.transactions(TransactionFilter(tenant="default", open=True))
    by_token = await storage.reads.transactions(TransactionFilter(tenant="default", token="x"))
    assert (open_ones.items, len(by_token.items)) == ((), 1)


async def test_a_repeated_reading_or_event_is_stored_once(storage: SQLiteStorage) -> None:
    record = event_record(TransactionEvent(event_type="Updated", timestamp=NOW, trigger_reason="x", seq_no=1))
    for _ in range(2):
        await storage.journal.store([a_transaction(), a_reading(1), a_reading(1), record])
    assert len((await storage.reads.readings("default", 10)).items) == 1
    assert len((await storage.reads.transaction_events("default", 10)).items) == 1
    assert await storage.reads.find_event(10, record.dedupe_key) == record
    assert await storage.reads.find_event(10, "other") is None


async def test_many_committers_are_all_stored(storage: SQLiteStorage) -> None:
    await asyncio.gather(*(storage.journal.store([a_station(n)]) for n in range(1, 1201)))
    assert len(await storage.reads.all_stations()) == 1200


async def test_one_bad_record_fails_alone_and_wholly(storage: SQLiteStorage) -> None:
    bad = Decision(records=(a_station(500), a_reading(1, digest=2**70)), events=(an_event(),))
    good = [storage.journal.store([a_station(n)], [an_event(n)]) for n in range(1, 21)]
    results = await asyncio.gather(*good[:10], storage.journal.commit(bad), *good[10:], return_exceptions=True)
    assert [type(r) for r in results if r is not None] == [StorageFailed]
    assert [s.key for s in await storage.reads.all_stations()] == list(range(1, 21))
    assert [c.event.data["n"] for c in await storage.outbox.after(0)] == list(range(1, 21))


async def test_an_identity_is_given_once_in_a_tenant(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1, identity="A")])
    await storage.journal.store([a_station(2, identity="A", tenant="other")])
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_station(3, identity="A")])


async def test_a_lone_surrogate_is_refused_and_harms_nobody(storage: SQLiteStorage) -> None:
    results = await asyncio.gather(
        storage.journal.store([a_station(1, name="\ud800")]),
        storage.journal.store([a_station(2)]),
        return_exceptions=True,
    )
    assert isinstance(results[0], StorageFailed)
    assert [s.key for s in await storage.reads.all_stations()] == [2]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:10]))
async def test_hostile_text_comes_back_as_it_was(storage: SQLiteStorage, text: str) -> None:
    oddity = Oddity(station_key=1, at=NOW, kind=text, action=text, detail=text)
    await storage.journal.store([a_station(1, identity=text, name=text), a_transaction(wire_id=text), oddity])
    found = await storage.reads.find_station("default", text)
    assert found is not None
    assert found.name == text
    transaction = await storage.reads.find_by_wire_id(1, text)
    assert transaction is not None
    assert transaction.wire_id == text
    page = await storage.reads.oddities(OddityFilter(tenant="default", kind=text))
    assert [logged.oddity for logged in page.items] == [oddity]


async def test_text_is_searched_literally(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1, name="100%"), a_station(2, name="1000"), a_station(3, name="A_B")])
    for text, keys in (("0%", [1]), ("_", [3]), ("cp", [1, 2, 3]), ("a_b", [3])):
        page = await storage.reads.stations(StationFilter(tenant="default", text=text))
        assert [s.key for s in page.items] == keys
