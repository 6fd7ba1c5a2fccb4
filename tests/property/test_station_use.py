"""Shares of time are what they are minute by minute, for whatever spells."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from stationmaster.domain.overview import Downtime
from stationmaster.domain.station import Station
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.batch import Writing
from stationmaster.storage.sqlite import SQLiteStorage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOURS = 24
Spell = tuple[int, int]
"""Of hours before (negative) or after the begin of the day that is looked at."""
moments = st.integers(-6, HOURS + 3)
spells = st.lists(st.tuples(moments, moments).map(sorted).map(tuple), max_size=6)


def at(hour: int) -> datetime:
    return NOW + timedelta(hours=hour - HOURS)


def covered(given: list[Any]) -> set[int]:
    """The hours of the day that lie in a spell."""
    return {hour for begun, ended in given for hour in range(begun, ended)}


def _of_each_begin(spells: list[Any]) -> list[Any]:
    """The first: there is one row for each begin."""
    return list(dict(reversed(spells)).items())


@tries(30)
@given(
    first=st.integers(-9, HOURS - 1),
    busy=spells,
    under_way=st.none() | moments,
    away=spells,
    gone=st.none() | moments,
    down=spells,
)
async def test_utilisation_and_uptime_are_the_shares_of_the_hours(
    first: int, busy: list[Any], under_way: int | None, away: list[Any], gone: int | None, down: list[Any]
) -> None:
    storage = await SQLiteStorage.open(":memory:", threaded=False)
    station = Station(
        key=1,
        tenant="default",
        identity="CP1",
        created_at=at(first),
        connected_at=at(first),
        disconnected_at=None if gone is None or gone < first else at(gone),
    )
    running = [] if under_way is None else [(under_way, None)]
    transactions = [
        Transaction(
            key=key,
            tenant="default",
            station_key=1,
            wire_id=str(key),
            first_event_at=at(begun),
            received_at=at(begun),
            ended_at=None if ended is None else at(ended),
        )
        for key, (begun, ended) in enumerate([*busy, *running], start=1)
    ]
    downtimes = [Downtime(at(begun), at(ended)) for begun, ended in down]

    def write(writing: Writing) -> None:
        rows = [(int(at(begun).timestamp()) * 10**6, int(at(ended).timestamp()) * 10**6) for begun, ended in away]
        sql = "INSERT OR IGNORE INTO offline_spells (station_key, from_at, to_at) VALUES (1, ?, ?)"
        writing.connection.executemany(sql, rows)

    await storage.journal.store([station, *transactions, *downtimes])
    await storage.journal.run(write)
    (found,) = (await storage.reads.station_use("default", NOW, 1)).items
    await storage.close()
    window = set(range(max(first, 0), HOURS))
    used = covered([*busy, *([(under_way, HOURS)] if under_way is not None else [])]) & window
    missed = covered([*_of_each_begin(away), *([(gone, HOURS)] if gone is not None and gone >= first else [])]) & window
    seen = window - covered(_of_each_begin(down))
    assert found.use.utilisation is not None and 0 <= found.use.utilisation <= 1
    assert abs(found.use.utilisation - len(used) / len(window)) < 1e-9
    if seen:
        assert found.use.uptime is not None and 0 <= found.use.uptime <= 1
        assert abs(found.use.uptime - len(seen - missed) / len(seen)) < 1e-9
    else:
        assert found.use.uptime is None
