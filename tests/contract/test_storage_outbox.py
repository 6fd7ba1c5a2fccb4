"""What others are told of, and the keys that everything is known by."""

import asyncio
from datetime import timedelta

import pytest
from storage_records import NOW, a_reading, a_station, an_event

from stationmaster.domain.decision import Decision, Passing
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import CommittedEvent
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

LONG_AGO = NOW - timedelta(days=30)


async def test_events_are_told_in_order_after_their_commit(storage: SQLiteStorage) -> None:
    told: list[CommittedEvent] = []
    storage.journal.on_committed = told.extend
    await storage.journal.store([a_station()], [an_event(1), an_event(2)])
    await storage.journal.store([], [an_event(3)])
    await asyncio.sleep(0)
    assert [(c.seq, c.event.data["n"]) for c in told] == [(1, 1), (2, 2), (3, 3)]
    assert list(await storage.outbox.after(0)) == told
    assert list(await storage.outbox.after(told[0].seq or 0)) == told[1:]


async def test_what_is_told_in_passing_is_not_made_by_the_store(storage: SQLiteStorage) -> None:
    told: list[CommittedEvent] = []
    storage.journal.on_committed = told.extend
    passing = Passing("seen", lambda: pytest.fail("nobody asked for it"))
    held = await storage.journal.commit(Decision(records=(a_station(),), passing=passing))
    await asyncio.sleep(0)
    assert held.passing is passing
    assert (told, list(await storage.outbox.after(0))) == ([], [])


async def test_events_of_what_failed_are_not_told(storage: SQLiteStorage) -> None:
    told: list[CommittedEvent] = []
    storage.journal.on_committed = told.extend
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_reading(1, digest=2**70)], [an_event(1)])
    await storage.journal.store([], [an_event(2)])
    await asyncio.sleep(0)
    assert [c.event.data["n"] for c in told] == [2]


async def test_the_place_of_an_event_that_was_let_go_is_not_given_again(storage: SQLiteStorage) -> None:
    await storage.journal.store([], [an_event(n, at=LONG_AGO) for n in range(5)])
    await storage.retention.run(RetentionPolicy(), NOW)
    assert (await storage.outbox.after(0), await storage.outbox.last_seq()) == ([], 5)
    await storage.journal.store([], [an_event(9)])
    assert [c.seq for c in await storage.outbox.after(0)] == [6]


async def test_keys_are_positive_growing_and_do_not_run_out(storage: SQLiteStorage) -> None:
    taken = []
    for _ in range(50):
        taken += [storage.keys.take() for _ in range(1000)]
        await storage.journal.store([a_station()])
    assert taken[0] > 0
    assert taken == sorted(set(taken))


async def test_the_oldest_place_is_that_of_what_is_still_there_or_comes_next(storage: SQLiteStorage) -> None:
    assert await storage.outbox.first_seq() == 1
    await storage.journal.store([], [an_event(n, at=LONG_AGO + timedelta(days=n)) for n in range(5)])
    assert await storage.outbox.first_seq() == 1
    policy = RetentionPolicy(outbox_days=7)
    await storage.retention.run(policy, LONG_AGO + timedelta(days=9, hours=12))
    assert await storage.outbox.first_seq() == 4
    await storage.retention.run(policy, NOW)
    assert await storage.outbox.first_seq() == 6
