"""Surrogate keys."""

import sqlite3
from collections.abc import Iterator

import pytest

from stationmaster.domain.failures import StorageFailed
from stationmaster.storage.batch import BatchWriter
from stationmaster.storage.engine import connect
from stationmaster.storage.journal import Journal
from stationmaster.storage.keys import BLOCK, KeyRanges
from stationmaster.storage.migrate import ensure_schema


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = connect(":memory:")
    ensure_schema(made, "here")
    yield made
    made.close()


async def test_a_restart_uses_no_key_again(connection: sqlite3.Connection) -> None:
    taken: list[int] = []
    for _ in range(3):
        journal = Journal(BatchWriter(connection), threaded=False)
        keys = KeyRanges(journal)
        await keys.open()
        taken += [keys.take() for _ in range(10)]
        await journal.close()
    assert taken == sorted(set(taken))


async def test_two_takers_share_no_key(connection: sqlite3.Connection) -> None:
    journal = Journal(BatchWriter(connection), threaded=False)
    one, other = KeyRanges(journal), KeyRanges(journal)
    await one.open()
    await other.open()
    assert not {one.take() for _ in range(BLOCK)} & {other.take() for _ in range(BLOCK)}
    await journal.close()


async def test_a_new_block_is_there_before_the_old_one_ends(connection: sqlite3.Connection) -> None:
    journal = Journal(BatchWriter(connection), threaded=False)
    keys = KeyRanges(journal)
    await keys.open()
    for _ in range(20):
        for _ in range(BLOCK // 2 - 1):
            keys.take()
        await journal.store([])
    await journal.close()


async def test_without_the_database_keys_end_and_return_with_it(connection: sqlite3.Connection) -> None:
    journal = Journal(BatchWriter(connection), threaded=False)
    keys = KeyRanges(journal)
    await keys.open()
    connection.execute("ALTER TABLE key_ranges RENAME TO hidden")
    for _ in range(BLOCK):
        keys.take()
    with pytest.raises(StorageFailed):
        keys.take()
    with pytest.raises(StorageFailed):
        await journal.store([])
    connection.execute("ALTER TABLE hidden RENAME TO key_ranges")
    with pytest.raises(StorageFailed):
        keys.take()  # asks for a block
    await journal.store([])
    assert keys.take() > BLOCK
    await journal.close()
