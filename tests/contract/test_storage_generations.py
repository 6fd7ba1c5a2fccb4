"""Which of a station's connections may write, and who may use a token that many want."""

import asyncio

import msgspec
import pytest
from storage_records import NOW, a_station, a_transaction

from stationmaster.domain.claims import TokenClaim
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.failures import StaleGeneration, StorageFailed
from stationmaster.domain.messages import CommandAnswer, StationInfo
from stationmaster.domain.queries import TransactionFilter
from stationmaster.domain.records import Boot, Presence
from stationmaster.storage.sqlite import SQLiteStorage


async def test_an_older_generation_cannot_commit(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    first = await storage.journal.register_connection(1)
    second = await storage.journal.register_connection(1)
    assert second > first
    with pytest.raises(StaleGeneration):
        await storage.journal.commit(Decision(records=(a_transaction(),)), station_key=1, generation=first)
    assert await storage.reads.find_by_wire_id(1, "w10") is None
    await storage.journal.commit(Decision(records=(a_transaction(),)), station_key=1, generation=second)


async def test_a_connection_registered_in_the_same_batch_wins(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    old = await storage.journal.register_connection(1)
    new, result = await asyncio.gather(
        storage.journal.register_connection(1),
        storage.journal.commit(Decision(records=(a_transaction(),)), station_key=1, generation=old),
        return_exceptions=True,
    )
    assert new == old + 1
    assert isinstance(result, StaleGeneration)


async def test_storing_a_station_does_not_take_its_generation_back(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    generation = await storage.journal.register_connection(1)
    await storage.journal.store([a_station(name="new")])
    state = await storage.reads.load(1)
    assert state is not None
    assert (state.station.name, state.station.generation) == ("new", generation)


async def test_boots_and_presence_leave_what_operators_write_and_the_other_way_round(storage: SQLiteStorage) -> None:
    before = a_station(name="old", password_hash="h")
    await storage.journal.store([before])
    info = StationInfo(vendor="V", model="M")
    boot = Boot(station_key=1, version="2.0.1", info=info, reason="PowerUp", booted_at=NOW)
    there = Presence(station_key=1, connected_at=NOW, skew_s=-1.5)
    gone = Presence(station_key=1, disconnected_at=NOW, last_seen_at=NOW)
    await asyncio.gather(
        storage.journal.store([boot, there]),
        storage.journal.store([msgspec.structs.replace(before, name="new", registration="Pending")]),
        storage.journal.store([gone]),
    )
    assert await storage.reads.station("default", 1) == a_station(
        name="new",
        registration="Pending",
        password_hash="h",
        version="2.0.1",
        info=info,
        boot_reason="PowerUp",
        booted_at=NOW,
        connected_at=NOW,
        disconnected_at=NOW,
        last_seen_at=NOW,
        skew_s=-1.5,
    )


async def test_an_unknown_station_gets_no_generation(storage: SQLiteStorage) -> None:
    with pytest.raises(StorageFailed):
        await storage.journal.register_connection(404)


def claiming(key: int, limit: int = 1, tenant: str = "default") -> Decision:
    return Decision(
        answer=CommandAnswer(status="Accepted"),
        records=(a_transaction(key, tenant=tenant),),
        checks=(
            CheckedBy(
                TokenClaim(tenant=tenant, token_key="tag1", limit=limit, transaction_key=key),
                Decision(
                    answer=CommandAnswer(status="ConcurrentTx"),
                    records=(a_transaction(key, tenant=tenant, authorization="ConcurrentTx"),),
                ),
            ),
        ),
    )


async def test_only_one_of_many_at_once_gets_a_token(storage: SQLiteStorage) -> None:
    decisions = [claiming(key) for key in range(10, 20)]
    held = await asyncio.gather(*map(storage.journal.commit, decisions))
    assert [a is d for a, d in zip(held, decisions, strict=True)].count(True) == 1
    page = await storage.reads.transactions(TransactionFilter(tenant="default", token="tag1"))
    assert sorted(t.authorization or "" for t in page.items) == ["Accepted", *["ConcurrentTx"] * 9]


async def test_a_claim_does_not_count_itself_ended_refused_or_other_tenants_ones(storage: SQLiteStorage) -> None:
    refused = a_transaction(3, authorization="ConcurrentTx")
    await storage.journal.store([a_transaction(1, ended_at=NOW), a_transaction(2, tenant="other"), refused])
    first = claiming(10)
    assert await storage.journal.commit(first) is first
    assert await storage.journal.commit(first) is first
    second = claiming(11, limit=2)
    assert await storage.journal.commit(second) is second
    third = claiming(12, limit=2)
    assert await storage.journal.commit(third) is third.checks[0].otherwise
