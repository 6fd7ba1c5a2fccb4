"""What every storage engine promises to those who do not wait: they are told once, whatever became of it."""

import asyncio
from collections.abc import Callable

import pytest
import structlog
from storage_records import NOW, a_reading, a_station, a_transaction

from stationmaster.domain.claims import TokenClaim
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.failures import StaleGeneration, StorageFailed
from stationmaster.domain.messages import CommandAnswer
from stationmaster.storage.sqlite import SQLiteStorage

Outcome = Decision | Exception
STORED = Decision(records=(a_station(),), answer=CommandAnswer(status="Accepted"))
IMPOSSIBLE = Decision(records=(a_station(2), a_reading(1, digest=2**70)))


class Told:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def __call__(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


async def everything_is_told(storage: SQLiteStorage) -> None:
    await storage.journal.store([])  # the journal keeps its order
    await asyncio.sleep(0)


async def test_the_decision_is_told_once_and_only_when_it_is_stored(storage: SQLiteStorage) -> None:
    told = Told()
    storage.journal.submit(STORED, told)
    assert told.outcomes == []
    await everything_is_told(storage)
    (held,) = told.outcomes
    assert held is STORED
    assert [station.key for station in await storage.reads.all_stations()] == [1]


async def test_who_listens_is_called_on_the_loop(storage: SQLiteStorage) -> None:
    loops: list[asyncio.AbstractEventLoop] = []
    storage.journal.submit(STORED, lambda _: loops.append(asyncio.get_running_loop()))
    await everything_is_told(storage)
    assert loops == [asyncio.get_running_loop()]


async def test_what_holds_instead_is_told_where_a_claim_fails(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(), a_transaction(10)])
    otherwise = Decision(answer=CommandAnswer(status="Rejected"))
    claim = TokenClaim(tenant="default", token_key="tag1", limit=1, transaction_key=11)
    told = Told()
    checked = Decision(records=(a_transaction(11),), checks=(CheckedBy(claim, otherwise),))
    storage.journal.submit(checked, told)
    await everything_is_told(storage)
    (held,) = told.outcomes
    assert held is otherwise
    assert await storage.reads.find_by_wire_id(1, "w11") is None


async def test_a_stale_generation_is_told_once_and_nothing_is_stored(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    old = await storage.journal.register_connection(1)
    new = await storage.journal.register_connection(1)
    stale, fresh = Told(), Told()
    storage.journal.submit(Decision(records=(a_transaction(10),)), stale, station_key=1, generation=old)
    storage.journal.submit(Decision(records=(a_transaction(11),)), fresh, station_key=1, generation=new)
    await everything_is_told(storage)
    assert [type(outcome) for outcome in stale.outcomes + fresh.outcomes] == [StaleGeneration, Decision]
    assert await storage.reads.find_by_wire_id(1, "w10") is None
    assert await storage.reads.find_by_wire_id(1, "w11") is not None


async def test_a_failure_is_told_once_and_to_nobody_else(storage: SQLiteStorage) -> None:
    failed, before, after = Told(), Told(), Told()
    storage.journal.submit(STORED, before)
    storage.journal.submit(IMPOSSIBLE, failed)
    storage.journal.submit(STORED, after)
    await everything_is_told(storage)
    assert [type(outcome) for outcome in failed.outcomes] == [StorageFailed]
    assert before.outcomes == after.outcomes == [STORED]
    assert [station.key for station in await storage.reads.all_stations()] == [1]


@pytest.mark.parametrize("decision", [STORED, IMPOSSIBLE], ids=["stored", "failed"])
async def test_a_listener_that_raises_is_logged_and_does_not_harm_the_others(
    storage: SQLiteStorage, decision: Decision
) -> None:
    def broken(outcome: Outcome) -> None:
        raise RuntimeError("broken")

    before, after = Told(), Told()
    listeners: list[Callable[[Outcome], None]] = [before, broken, after]
    with structlog.testing.capture_logs() as logs:
        for listener in listeners:
            storage.journal.submit(decision, listener)
        await everything_is_told(storage)
    assert (len(before.outcomes), len(after.outcomes)) == (1, 1)
    assert [entry["event"] for entry in logs].count("storage.listener_failed") == 1

    await storage.journal.store([a_station(3, created_at=NOW)])
    assert 3 in [station.key for station in await storage.reads.all_stations()]


async def test_a_listener_may_submit_again(storage: SQLiteStorage) -> None:
    told = Told()
    storage.journal.submit(STORED, lambda _: storage.journal.submit(STORED, told))
    await everything_is_told(storage)
    await everything_is_told(storage)
    assert told.outcomes == [STORED]


async def test_what_was_submitted_before_the_end_is_told_and_then_nothing_is_taken(storage: SQLiteStorage) -> None:
    told, refused = Told(), Told()
    storage.journal.submit(STORED, told)
    await storage.journal.close()
    with pytest.raises(StorageFailed):
        storage.journal.submit(STORED, refused)
    assert (told.outcomes, refused.outcomes) == ([STORED], [])
