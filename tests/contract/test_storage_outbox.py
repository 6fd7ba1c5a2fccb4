"""What others are told of, and the keys that everything is known by."""

import asyncio

import pytest
from storage_records import a_reading, a_station, an_event

from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import CommittedEvent
from stationmaster.storage.sqlite import SQLiteStorage


async def test_events_are_told_in_order_after_their_commit(storage: SQLiteStorage) -> None:
    told: list[CommittedEvent] = []
    storage.journal.on_committed = told.extend
    await storage.journal.store([a_station()], [an_event(1), an_event(2, volatile=True)])
    await storage.journal.store([], [an_event(3)])
    await asyncio.sleep(0)
    assert [(c.seq is None, c.event.data["n"]) for c in told] == [(False, 1), (True, 2), (False, 3)]
    assert list(await storage.outbox.after(0)) == [c for c in told if c.seq is not None]
    assert list(await storage.outbox.after(told[0].seq or 0)) == [told[2]]


async def test_events_of_what_failed_are_not_told(storage: SQLiteStorage) -> None:
    told: list[CommittedEvent] = []
    storage.journal.on_committed = told.extend
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_reading(1, digest=2**70)], [an_event(1)])
    await storage.journal.store([], [an_event(2)])
    await asyncio.sleep(0)
    assert [c.event.data["n"] for c in told] == [2]


async def test_a_pruned_place_is_not_given_again(storage: SQLiteStorage) -> None:
    await storage.journal.store([], [an_event(n) for n in range(5)])
    assert await storage.outbox.prune(await storage.outbox.last_seq()) == 5
    last = await storage.outbox.last_seq()
    await storage.journal.store([], [an_event(9)])
    assert [c.seq for c in await storage.outbox.after(0)] == [last + 1]


async def test_keys_are_positive_growing_and_do_not_run_out(storage: SQLiteStorage) -> None:
    taken = []
    for _ in range(50):
        taken += [storage.keys.take() for _ in range(1000)]
        await storage.journal.store([a_station()])
    assert taken[0] > 0
    assert taken == sorted(set(taken))


async def test_the_oldest_place_is_that_of_what_is_still_there_or_comes_next(storage: SQLiteStorage) -> None:
    assert await storage.outbox.first_seq() == 1
    await storage.journal.store([], [an_event(n) for n in range(5)])
    assert await storage.outbox.first_seq() == 1
    await storage.outbox.prune(3)
    assert await storage.outbox.first_seq() == 4
    await storage.outbox.prune(5)
    assert await storage.outbox.first_seq() == 6
