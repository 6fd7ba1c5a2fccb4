"""The station list: every sort and filter in pages, how stations stand, and the power of their transactions."""

from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any, get_args

import pytest
from storage_records import NOW, a_reading, a_station, a_transaction

from stationmaster.domain.cost.billing_records import PlaceForgotten
from stationmaster.domain.cost.sites import PlaceFacts
from stationmaster.domain.messages import ConnectorStatus, StationInfo
from stationmaster.domain.queries import InvalidCursor, PageRequest, StationFilter
from stationmaster.domain.records import Boot, Presence
from stationmaster.domain.standing import SIGNS, Standing
from stationmaster.domain.station import Connector
from stationmaster.domain.station_list import SORTED_BY, FacetValue, ListedStation, SortedBy, StationOrder
from stationmaster.storage.sqlite import SQLiteStorage

LATER = NOW + timedelta(minutes=1)
_VALUES: dict[SortedBy, Any] = {
    "identity": lambda listed: listed.station.identity,
    "name": lambda listed: listed.station.name,
    "site": lambda listed: listed.site,
    "state": lambda listed: listed.state,
    "version": lambda listed: listed.station.version,
    "vendor": lambda listed: listed.station.info.vendor or None,
    "firmware_version": lambda listed: listed.station.info.firmware_version,
    "last_seen": lambda listed: listed.station.last_seen_at,
}


def a_connector(status: ConnectorStatus, station_key: int = 1, evse_id: int = 1, **changes: Any) -> Connector:
    fields = {"connector_id": min(evse_id, 1), "since": NOW, "received_at": NOW, **changes}
    return Connector(station_key=station_key, evse_id=evse_id, status=status, **fields)


def online(key: int = 1, **changes: Any) -> Any:
    return a_station(key, connected_at=NOW, **changes)


async def a_dozen(storage: SQLiteStorage) -> None:
    """Stations of which each lacks something, and one of somebody else."""
    stored: list[Any] = [a_station(99, tenant="other", name="Garage 0")]
    for key in range(1, 13):
        info = StationInfo(vendor=f"V{key % 3}" if key % 4 else "", firmware_version=f"1.{key % 2}", model="M")
        name = f"Garage {12 - key}" if key % 5 else None
        seen = NOW + timedelta(seconds=key) if key % 6 else None
        version = "1.6" if key % 2 else "2.0.1"
        stored.append(a_station(key, name=name, version=version, info=info, last_seen_at=seen, connected_at=seen))
        if key % 7:
            stored.append(PlaceFacts(station_key=key, site=f"Site {key % 2}"))
    await storage.journal.store(stored)


async def listed(storage: SQLiteStorage, order: StationOrder, limit: int = 50, **query: Any) -> list[ListedStation]:
    """All pages."""
    found: list[ListedStation] = []
    cursor = None
    while True:
        request = PageRequest(limit=limit, cursor=cursor)
        page = await storage.reads.listed_stations(StationFilter(tenant="default", **query), NOW, order, request)
        assert len(page.items) <= limit
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found


def keys(found: list[ListedStation]) -> list[int]:
    return [each.station.key for each in found]


async def test_every_sort_comes_in_pages_that_make_the_whole(storage: SQLiteStorage) -> None:
    await a_dozen(storage)
    for by, descending in product(SORTED_BY, (False, True)):
        order = StationOrder(by, descending)
        whole = await listed(storage, order)
        having = [(_VALUES[by](each), each.station.identity) for each in whole if _VALUES[by](each) is not None]
        assert having == sorted(having, reverse=descending)
        lacking = [each.station.identity for each in whole[len(having) :]]
        assert lacking == sorted(lacking, reverse=descending)
        assert len(whole) == 12
        for limit in (1, 5):
            assert keys(await listed(storage, order, limit)) == keys(whole)
        narrowed = await listed(storage, order, 2, firmware_version="1.1", version="1.6")
        assert keys(narrowed) == [each.station.key for each in whole if each.station.key % 2]


FILTERS: list[tuple[dict[str, Any], set[int]]] = [
    ({}, set(range(1, 13))),
    ({"site": "Site 1"}, {1, 3, 5, 9, 11}),
    ({"site": ""}, {7}),
    ({"version": "1.6"}, {1, 3, 5, 7, 9, 11}),
    ({"vendor": "V1"}, {1, 7, 10}),
    ({"vendor": ""}, {4, 8, 12}),
    ({"model": "M", "firmware_version": "1.0"}, {2, 4, 6, 8, 10, 12}),
    ({"model": "N"}, set()),
    ({"connected": False}, {6, 12}),
    ({"state": "never_seen"}, {6, 12}),
    ({"text": "garage 1"}, {1, 2, 11}),
    ({"text": "cp1"}, {1, 10, 11, 12}),
    ({"text": "%"}, set()),
    ({"registration": "Pending"}, set()),
]


async def test_filters_find_the_same_by_every_sort(storage: SQLiteStorage) -> None:
    await a_dozen(storage)
    for query, expected in FILTERS:
        for by in SORTED_BY:
            assert set(keys(await listed(storage, StationOrder(by), 3, **query))) == expected, (query, by)
        page = await storage.reads.listed_stations(StationFilter(tenant="default", **query), NOW, count=True)
        assert page.total == len(expected), query


async def test_a_total_is_told_only_where_it_was_asked_for(storage: SQLiteStorage) -> None:
    await a_dozen(storage)
    assert (await storage.reads.listed_stations(StationFilter(tenant="default"), NOW)).total is None


async def test_a_cursor_belongs_to_its_order(storage: SQLiteStorage) -> None:
    await a_dozen(storage)
    query = StationFilter(tenant="default")
    page = await storage.reads.listed_stations(query, NOW, StationOrder("name"), PageRequest(limit=2))
    for order in (StationOrder("site"), StationOrder("name", True), StationOrder("last_seen")):
        with pytest.raises(InvalidCursor):
            await storage.reads.listed_stations(query, NOW, order, PageRequest(cursor=page.next_cursor))
    for cursor in ("!", "e30", "WzEsMl0", "x" * 5000):
        with pytest.raises(InvalidCursor):
            await storage.reads.listed_stations(query, NOW, StationOrder(), PageRequest(cursor=cursor))


async def test_facets_count_what_there_is(storage: SQLiteStorage) -> None:
    await a_dozen(storage)
    found = await storage.reads.station_facets("default")
    assert found["site"] == [FacetValue("Site 0", 6), FacetValue("Site 1", 5), FacetValue(None, 1)]
    assert found["vendor"][0].count == 3 and sum(each.count for each in found["vendor"]) == 12
    assert found["state"] == [FacetValue("unknown", 10), FacetValue("never_seen", 2)]
    assert found["firmware_version"] == [FacetValue("1.0", 6), FacetValue("1.1", 6)]


async def state_of(storage: SQLiteStorage, key: int = 1) -> Standing:
    found = await storage.reads.listed_station("default", key, NOW)
    assert found is not None
    return found.state


CHARGING_16 = {"status": "Occupied", "charging_state": "Charging"}
AWAY = {"connected_at": NOW, "disconnected_at": LATER}
STANDINGS: list[tuple[Standing, dict[str, Any], dict[int, Any], dict[str, Any] | None]] = [
    ("never_seen", {"connected_at": None}, {}, None),
    ("rejected", {"connected_at": None, "registration": "Rejected"}, {}, None),
    ("rejected", {"registration": "Rejected"}, {}, None),
    ("offline", AWAY, {1: "Available"}, None),
    ("pending", {"registration": "Pending"}, {1: "Available"}, None),
    ("unknown", {}, {}, None),
    ("unknown", {}, {0: "Available"}, None),
    ("faulted", {}, {1: "Available", 2: "Faulted"}, None),
    ("faulted", {}, {1: "Available", 0: "Faulted"}, None),
    ("faulted", {}, {1: CHARGING_16, 2: "Faulted"}, None),
    ("charging", {}, {1: CHARGING_16, 2: "Available"}, None),
    ("charging", {}, {1: "Occupied"}, {"charging_state": "Charging"}),
    ("occupied", {}, {1: "Occupied"}, {"charging_state": "SuspendedEV"}),
    ("occupied", {}, {1: {"status": "Occupied", "charging_state": "SuspendedEV"}}, None),
    ("occupied", {}, {1: "Available"}, {}),
    ("available", {}, {1: "Available"}, {"ended_at": LATER, "charging_state": "Charging"}),
    ("reserved", {}, {1: "Available", 2: "Reserved"}, None),
    ("available", {}, {1: "Available", 2: "Unavailable"}, None),
    ("unavailable", {}, {1: "Available", 0: "Unavailable"}, None),
    ("unavailable", {}, {1: "Unavailable", 0: "Available"}, None),
]
"""The state; a station, its places by EVSE, and its transaction."""


async def test_how_a_station_stands(storage: SQLiteStorage) -> None:
    stored: list[Any] = []
    for key, (_, station, places, transaction) in enumerate(STANDINGS, start=1):
        stored.append(a_station(key, **{"connected_at": NOW, **station}))
        for evse_id, told in places.items():
            fields = told if isinstance(told, dict) else {"status": told}
            stored.append(a_connector(station_key=key, evse_id=evse_id, **fields))
        if transaction is not None:
            stored.append(a_transaction(100 + key, station_key=key, **transaction))
    await storage.journal.store(stored)
    found = [await state_of(storage, key) for key in range(1, len(STANDINGS) + 1)]
    assert found == [state for state, *_ in STANDINGS]
    assert {sign.standing for sign in SIGNS} | {"unknown"} == set(get_args(Standing))


async def test_the_state_follows_each_of_its_causes(storage: SQLiteStorage) -> None:
    store = storage.journal.store
    await store([a_station()])
    seen = [await state_of(storage)]
    for records in (
        [Presence(station_key=1, version="1.6", connected_at=NOW, last_seen_at=NOW)],
        [a_connector("Available")],
        [a_transaction(charging_state="Charging")],
        [a_connector("Faulted")],
        [a_transaction(charging_state="Charging", ended_at=LATER), a_connector("Reserved")],
        [Presence(station_key=1, disconnected_at=LATER)],
        [Presence(station_key=1, last_seen_at=LATER)],
        [Presence(station_key=1, connected_at=LATER + timedelta(seconds=1))],
        [a_station(registration="Pending")],
    ):
        await store(records)
        seen.append(await state_of(storage))
    expected = "never_seen unknown available charging faulted reserved offline offline reserved pending"
    assert seen == expected.split()


async def test_what_a_boot_tells_is_found(storage: SQLiteStorage) -> None:
    info = StationInfo(vendor="Acme", model="X", serial_number="SN-77", firmware_version="2")
    boot = Boot(station_key=1, version="2.1", info=info, reason="PowerUp", booted_at=NOW)
    await storage.journal.store([a_station(), boot])
    await storage.journal.store([a_station(name="Renamed")])
    for query in ({"vendor": "Acme"}, {"model": "X"}, {"firmware_version": "2"}, {"version": "2.1"}, {"text": "sn-7"}):
        assert keys(await listed(storage, StationOrder(), **query)) == [1], query
    older = StationInfo(vendor="Acme", model="X", firmware_version="1")
    await storage.journal.store([Boot(station_key=1, version="1.6", info=older, reason="PowerUp", booted_at=LATER)])
    assert keys(await listed(storage, StationOrder(), firmware_version="2")) == []
    assert keys(await listed(storage, StationOrder(), firmware_version="1", version="1.6")) == [1]


async def test_a_station_is_at_the_site_of_its_whole(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(), PlaceFacts(station_key=1, evse_id=1, site="A")])
    assert keys(await listed(storage, StationOrder(), site="A")) == []
    await storage.journal.store([PlaceFacts(station_key=1, site="B"), a_station(name="Renamed")])
    assert keys(await listed(storage, StationOrder(), site="B")) == [1]
    await storage.journal.store([PlaceForgotten(station_key=1, evse_id=1)])
    assert keys(await listed(storage, StationOrder(), site="B")) == [1]
    await storage.journal.store([PlaceForgotten(station_key=1, evse_id=0)])
    assert keys(await listed(storage, StationOrder(), site="")) == [1]


async def power(storage: SQLiteStorage, *readings: Any, **station: Any) -> Decimal | None:
    await storage.journal.store([online(**station), a_transaction(), *readings])
    found = await storage.reads.listed_station("default", 1, NOW)
    assert found is not None
    return found.power_w


async def test_the_power_is_what_was_told_last(storage: SQLiteStorage) -> None:
    told = [a_reading(number, power_w=Decimal(f"{number}000.4")) for number in (1, 2)]
    assert await power(storage, *told, a_reading(3)) == Decimal(2000)


async def test_the_power_of_several_transactions_is_added(storage: SQLiteStorage) -> None:
    second = [a_transaction(11), a_reading(1, transaction_key=11, digest=5, power_w=Decimal(700))]
    over = [a_transaction(12, ended_at=LATER), a_reading(1, transaction_key=12, digest=6, power_w=Decimal(9))]
    assert await power(storage, a_reading(1, power_w=Decimal(1000)), *second, *over) == Decimal(1700)


async def test_registers_tell_the_power_where_nothing_else_does(storage: SQLiteStorage) -> None:
    rising = [a_reading(n, register_wh=Decimal(1000 + 50 * n)) for n in (1, 2, 3, 4)]
    assert await power(storage, *rising) == Decimal(3000)


async def test_nobody_knows_the_power_of_old_readings(storage: SQLiteStorage) -> None:
    long_ago = NOW - timedelta(hours=1)
    assert await power(storage, a_reading(1, power_w=Decimal(1000), received_at=long_ago)) is None


async def test_nobody_knows_the_power_of_a_station_that_is_away(storage: SQLiteStorage) -> None:
    assert await power(storage, a_reading(1, power_w=Decimal(1000)), disconnected_at=LATER) is None


async def test_one_station_of_another_tenant_is_none(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station()])
    assert await storage.reads.listed_station("other", 1, NOW) is None
    assert await storage.reads.listed_station("default", 2, NOW) is None
