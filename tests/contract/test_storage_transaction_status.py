"""What stations said of their transactions, in the store."""

from datetime import timedelta
from typing import Any

import msgspec
from storage_records import NOW, a_station, a_transaction

from stationmaster.domain.transactions.transaction_status import TransactionStatus
from stationmaster.storage.sqlite import SQLiteStorage


def a_status(wire_id: str = "w10", station_key: int = 1, **changes: Any) -> TransactionStatus:
    fields: dict[str, Any] = {"ongoing": False, "messages_in_queue": True, "told_at": NOW}
    return TransactionStatus(station_key=station_key, wire_id=wire_id, **fields | changes)


async def test_the_newest_word_on_a_transaction_is_found_by_its_key(storage: SQLiteStorage) -> None:
    newer = a_status(messages_in_queue=False, ongoing=None, told_at=NOW + timedelta(hours=1))
    await storage.journal.store([a_station(1), a_transaction(10), a_transaction(11), a_status()])
    assert await storage.reads.transaction_statuses("default", [10, 11]) == {10: a_status()}

    await storage.journal.store([newer])
    assert await storage.reads.transaction_statuses("default", [10]) == {10: newer}


async def test_a_word_on_an_id_that_nobody_knows_is_no_harm(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_transaction(10), a_status("strange")])
    assert await storage.reads.transaction_statuses("default", [10]) == {}


async def test_statuses_are_a_stations_and_a_tenants_own(storage: SQLiteStorage) -> None:
    same_id = msgspec.structs.replace(a_transaction(20, station_key=2, tenant="other"), wire_id="w10")
    await storage.journal.store([a_station(1), a_station(2, tenant="other"), a_transaction(10), same_id])
    await storage.journal.store([a_status(station_key=2)])

    assert await storage.reads.transaction_statuses("default", [10, 20]) == {}
    assert await storage.reads.transaction_statuses("other", [10, 20]) == {20: a_status(station_key=2)}
