"""What a page of the station list costs: no more for a hundred thousand stations than for a few hundred.

Times are those of the processor, which do not mind who else uses it.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import product
from typing import Any, get_args

import pytest

from stationmaster.domain.messages import StationInfo
from stationmaster.domain.queries import PageRequest, StationFilter
from stationmaster.domain.standing import Standing
from stationmaster.domain.station import Station
from stationmaster.domain.station_list import SORTED_BY, SortedBy, StationOrder, StationPage
from stationmaster.storage.bulk import write_rows
from stationmaster.storage.engine import MEMORY, connect
from stationmaster.storage.migrate import ensure_schema
from stationmaster.storage.readers import InlineReaders
from stationmaster.storage.reads.station_list import StationListReads
from stationmaster.storage.rows import station_row
from stationmaster.storage.schema.core import stations
from stationmaster.storage.statements import column_names, plain_insert

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATES: tuple[Standing, ...] = get_args(Standing)
FILTERS: list[dict[str, Any]] = [
    {"site": "Site 7"},
    {"site": ""},
    {"state": "faulted"},
    {"version": "1.6"},
    {"vendor": "Vendor 3"},
    {"model": "M2"},
    {"firmware_version": "1.5"},
]
MORE_FILTERS: list[dict[str, Any]] = [
    {"connected": True},
    {"connected": False},
    {"registration": "Pending"},
    {"text": "9"},
    {"text": "nowhere to be found"},
    {"state": "available", "vendor": "Vendor 3"},
    {"site": "Site 7", "version": "1.6", "firmware_version": "1.5", "text": "garage"},
]


def a_row(key: int, draw: random.Random) -> tuple[Any, ...]:
    info = StationInfo(
        vendor=f"Vendor {draw.randrange(20)}",
        model=f"M{draw.randrange(9)}",
        serial_number=f"SN{key:08}",
        firmware_version=f"1.{draw.randrange(30)}",
        iccid="8949" * 5,
        imsi="26201" * 3,
    )
    station = Station(
        key=key,
        tenant="default",
        identity=f"CS-{draw.randrange(10**9):09}-{key}",
        name=None if key % 5 == 0 else f"Garage {draw.randrange(10**6)}",
        version=draw.choice(("1.6", "2.0.1", "2.1")),
        info=info,
        created_at=NOW,
        last_seen_at=datetime.fromtimestamp(draw.randrange(10**9), UTC),
        password_hash="x" * 110,
    )
    made = {"state": draw.choice(STATES), "connected": key % 3 > 0, "site": f"Site {key % 300}" if key % 10 else None}
    given = dict(zip(column_names(stations), station_row(station), strict=True))
    return tuple((given | made).values())


class Fleet:
    """Stations in a database, and what it costs to list them."""

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        self.connection = connection
        self.reads = StationListReads(InlineReaders(connection))
        draw = random.Random(size)
        ensure_schema(connection, MEMORY)
        connection.execute("BEGIN")
        write_rows(connection, plain_insert(stations), (a_row(key, draw) for key in range(1, size + 1)))
        connection.execute("COMMIT")

    async def page(self, order: StationOrder, query: dict[str, Any], cursor: str | None = None) -> StationPage:
        request = PageRequest(limit=20, cursor=cursor)
        return await self.reads.listed_stations(StationFilter(tenant="default", **query), NOW, order, request)

    async def steps(self, order: StationOrder, query: dict[str, Any]) -> int:
        """Of SQLite's machine, in thousands, for the second page."""
        first = await self.page(order, query)
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        self.connection.set_progress_handler(count, 100)
        await self.page(order, query, first.next_cursor)
        self.connection.set_progress_handler(None, 0)
        return steps * 100


@pytest.fixture(scope="module")
def fleets() -> Iterator[Callable[[int], Fleet]]:
    with closing(connect(MEMORY)) as few, closing(connect(MEMORY)) as many:
        made = {size: Fleet(connection, size) for size, connection in ((1000, few), (5000, many))}
        yield made.__getitem__


async def test_no_page_in_one_order_reads_more_than_itself(fleets: Callable[[int], Fleet]) -> None:
    for by, descending in product(SORTED_BY, (False, True)):
        if by != "last_seen":  # in no index, as it changes all the time
            order = StationOrder(by, descending)
            few, many = await fleets(1000).steps(order, {}), await fleets(5000).steps(order, {})
            assert many <= few + 300, order.name


async def test_no_page_of_one_filter_reads_more_than_itself(fleets: Callable[[int], Fleet]) -> None:
    for query in FILTERS:
        few, many = await fleets(1000).steps(StationOrder(), query), await fleets(5000).steps(StationOrder(), query)
        assert many <= few + 1000, query  # of a thousand stations fewer than a page may have the value


async def test_several_filters_are_looked_for_in_the_index_that_has_them_all(
    fleets: Callable[[int], Fleet],
) -> None:
    connection = fleets(5000).connection
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    for by, query in product(SORTED_BY, MORE_FILTERS):
        if by != "last_seen":
            await fleets(5000).page(StationOrder(by), query)
    connection.set_trace_callback(None)
    searches = [sql for sql in seen if "json_each" not in sql]
    assert len(searches) > len(MORE_FILTERS) * 6
    for sql in searches:
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}"))
        assert "USING COVERING INDEX stations_" in plan, (sql, plan)


@pytest.mark.nightly
async def test_a_hundred_thousand_stations_are_listed_at_once() -> None:
    with closing(connect(MEMORY)) as connection:
        fleet = Fleet(connection, 100_000)
        slowest: dict[tuple[SortedBy, str], float] = {}
        for by, query in product(SORTED_BY, [{}, *FILTERS, *MORE_FILTERS]):
            took = []
            for _ in range(3):
                began = time.thread_time()
                await fleet.page(StationOrder(by, descending=True), query)
                took.append(time.thread_time() - began)
            slowest[by, str(query)] = min(took) * 1000
        began = time.thread_time()
        await fleet.reads.station_facets("default")
        print(f"facets {(time.thread_time() - began) * 1000:.0f} ms")
        for (by, query), took_ms in sorted(slowest.items(), key=lambda each: -each[1])[:12]:
            print(f"{took_ms:6.1f} ms  {by:17} {query}")
        assert max(slowest.values()) < 150
