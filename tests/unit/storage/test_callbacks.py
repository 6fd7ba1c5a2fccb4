"""What is known of calling a station has a place of its own in its row: neither overwrites what the other writes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest

from stationmaster.domain.callback import Callback, CallbackKnown
from stationmaster.domain.station import Station
from stationmaster.storage.sqlite import SQLiteStorage

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
STATION = Station(key=7, tenant="default", identity="CS-1", created_at=AT)
CALLED = Callback(told="http://10.0.0.7/", told_at=AT).unreachable("nobody answers", AT)


@pytest.fixture
async def storage() -> AsyncIterator[SQLiteStorage]:
    opened = await SQLiteStorage.open(":memory:", threaded=False)
    yield opened
    await opened.close()


async def test_what_an_operator_changes_leaves_what_is_known_of_calling_it(storage: SQLiteStorage) -> None:
    await storage.journal.store([STATION])
    await storage.journal.store([CallbackKnown(station_key=7, callback=CALLED)])
    await storage.journal.store([msgspec.structs.replace(STATION, callback_override="http://10.0.0.8/")])

    stored = await storage.reads.station("default", 7)
    assert stored is not None
    assert (stored.callback, stored.callback_override) == (CALLED, "http://10.0.0.8/")


async def test_a_station_that_was_never_called_is_known_by_that(storage: SQLiteStorage) -> None:
    await storage.journal.store([STATION])
    stored = await storage.reads.find_station("default", "CS-1")
    assert stored is not None and stored.callback == Callback()
