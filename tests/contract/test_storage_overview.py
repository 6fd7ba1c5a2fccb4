"""The overview: what is counted of the fleet, of whom, and of which day."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from storage_records import NOW, a_reading, a_station, a_transaction

from stationmaster.domain.cost.sites import PlaceFacts, Site
from stationmaster.domain.overview import Downtime, MapArea, MoneyOfDay, PowerSample, Use, UseOrder
from stationmaster.domain.queries import InvalidCursor, PageRequest
from stationmaster.domain.records import Presence
from stationmaster.domain.station import Connector
from stationmaster.storage.sqlite import SQLiteStorage

DAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)


def a_site(name: str, **fields: Any) -> Site:
    return Site(tenant="default", name=name, zone="UTC", **fields)


def online(key: int, **changes: Any) -> Any:
    return a_station(key, **{"connected_at": NOW - 10 * HOUR, **changes})


def a_connector(station_key: int, connector_id: int, status: Any) -> Connector:
    return Connector(
        station_key=station_key,
        evse_id=1,
        connector_id=connector_id,
        status=status,
        since=NOW,
        received_at=NOW,
    )


async def test_stations_connectors_and_sites_are_counted(storage: SQLiteStorage) -> None:
    mall = a_site("Mall", latitude=Decimal("52.5163"), longitude=Decimal("-13.3777"), address="Main St")
    await storage.journal.store(
        [
            mall,
            a_site("Empty"),
            *(online(key) for key in (1, 2)),
            a_station(3),
            a_station(4, tenant="other", connected_at=NOW),
            *(PlaceFacts(station_key=key, site="Mall") for key in (1, 3)),
            a_connector(1, 1, "Available"),
            a_connector(1, 2, "Faulted"),
            a_connector(2, 1, "Available"),
            a_connector(2, 0, "Unavailable"),
            a_connector(4, 1, "Reserved"),
        ]
    )
    found = await storage.reads.overview("default", NOW, DAY)
    assert found.states == {"faulted": 1, "available": 1, "never_seen": 1}
    assert (found.total, found.online) == (3, 2)
    assert found.connectors == {"Available": 2, "Faulted": 1}
    told = {site.name: site for site in found.sites}
    assert list(told) == ["Mall", None, "Empty"]
    assert told["Mall"].states == {"faulted": 1, "never_seen": 1}
    assert (told["Mall"].latitude, told["Mall"].address) == (Decimal("52.5163"), "Main St")
    assert told["Empty"].states == {}
    assert (found.sites_left_out, found.power_w, found.money, found.alarms) == (0, 0, (), {})


async def test_the_energy_is_that_of_the_day(storage: SQLiteStorage) -> None:
    """One transaction is over, one ran over midnight, one runs since before it, one since noon, and others are not
    counted."""
    late = DAY - HOUR

    def reading(number: int, transaction: int, hours: int, wh: int, power: int | None = None) -> Any:
        at = DAY + hours * HOUR
        power_w = None if power is None else Decimal(power)
        return a_reading(
            number, transaction_key=transaction, taken_at=at, received_at=at, register_wh=Decimal(wh), power_w=power_w
        )

    def over(key: int, station_key: int, begun: Any, ended: Any, wh: int) -> Any:
        meters = {"meter_start_wh": Decimal(0), "meter_stop_wh": Decimal(wh), "started_at": begun}
        return a_transaction(key, station_key, first_event_at=begun, ended_at=ended, **meters)

    await storage.journal.store(
        [
            *(online(key) for key in (1, 2)),
            PlaceFacts(station_key=2, site="Mall"),
            over(10, 1, DAY + HOUR, DAY + 2 * HOUR, 5000),
            over(11, 1, late, DAY + HOUR, 900),
            *(reading(1, 11, -1, 0), reading(2, 11, 0, 700), reading(3, 11, 1, 900)),
            over(12, 1, late - 2 * HOUR, late, 70_000),
            a_transaction(13, 2, first_event_at=late, meter_start_wh=Decimal(100), charging_state="Charging"),
            *(reading(4, 13, -1, 150), reading(5, 13, 12, 4150, power=11_000)),
            a_transaction(14, 2, first_event_at=DAY + 11 * HOUR),
            *(reading(6, 14, 11, 20), reading(7, 14, 12, 60, power=40)),
            a_transaction(15, 4, tenant="other", first_event_at=DAY + HOUR),
            reading(8, 15, 12, 7777, power=7777),
            a_station(4, tenant="other", connected_at=NOW),
        ]
    )
    found = await storage.reads.overview("default", NOW, DAY)
    told = {site.name: site for site in found.sites}
    assert told[None].energy_wh == 5000 + 200  # 700 of the second came before midnight, as its last reading tells
    assert told["Mall"].energy_wh == 4000 + 40
    assert (found.energy_wh, found.power_w, told["Mall"].power_w) == (9240, 11_040, 11_040)
    assert (found.begun, found.over, found.running) == (2, 2, 2)


async def test_no_transaction_takes_from_the_energy_of_the_others(storage: SQLiteStorage) -> None:
    """One is said to have charged less than its readings had come to before the day, one nothing at all, one less than
    nothing."""
    late = DAY - HOUR

    def over(key: int, begun: Any, wh: int | None) -> Any:
        meters = {"meter_start_wh": Decimal(0), "meter_stop_wh": None if wh is None else Decimal(wh)}
        return a_transaction(key, 1, first_event_at=begun, ended_at=DAY + HOUR, started_at=begun, **meters)

    def reading(number: int, transaction: int, wh: int) -> Any:
        at = DAY - HOUR / 2
        return a_reading(number, transaction_key=transaction, taken_at=at, received_at=at, register_wh=Decimal(wh))

    await storage.journal.store(
        [
            online(1),
            over(10, DAY, 5000),
            *(over(11, late, 300), reading(1, 11, 700)),
            *(over(12, late, None), reading(2, 12, 800)),
            over(13, DAY, 1),
        ]
    )
    await storage.journal.run(
        lambda writing: writing.connection.execute("UPDATE transactions SET energy_wh = -900 WHERE key = 13")
    )
    assert (await storage.reads.overview("default", NOW, DAY)).energy_wh == 5000


async def test_the_money_is_that_of_sessions_that_ended_on_the_day(storage: SQLiteStorage) -> None:
    rows = [
        (1, "default", "issued", DAY + HOUR, "EUR", 1234),
        (2, "default", "issued", DAY + HOUR, "EUR", -34),
        (3, "default", "held", DAY, "EUR", 5),
        (4, "default", "issued", DAY - HOUR, "EUR", 99),
        (5, "default", "superseded", DAY + HOUR, "EUR", 99),
        (6, "other", "issued", DAY + HOUR, "EUR", 99),
        (7, "default", "issued", DAY + HOUR, "JPY", 700),
    ]

    def write(writing: Any) -> None:
        for key, tenant, state, ended_at, currency, total in rows:
            us = int(ended_at.timestamp()) * 1_000_000
            writing.connection.execute(
                "INSERT INTO bills VALUES (?, ?, 1, ?, 1, ?, 0, '', '', '{}', ?, ?, ?)",
                (key, tenant, key, state, us, currency, total),
            )

    await storage.journal.run(write)
    found = await storage.reads.overview("default", NOW, DAY)
    assert found.money == (
        MoneyOfDay(currency="EUR", issued=Decimal("12.00"), held=Decimal("0.05")),
        MoneyOfDay(currency="JPY", issued=Decimal(700), held=Decimal(0)),
    )


async def uses(storage: SQLiteStorage, **query: Any) -> dict[int, tuple[float | None, float | None]]:
    page = await storage.reads.station_use("default", NOW, 1, **query)
    return {each.key: (each.use.utilisation, each.use.uptime) for each in page.items}


async def test_shares_of_time_are_of_what_lies_in_the_window(storage: SQLiteStorage) -> None:
    """A day that ends now; spells that overlap count once."""
    ago = NOW - 24 * HOUR
    await storage.journal.store(
        [
            a_station(1, connected_at=ago - HOUR),
            *(
                a_transaction(key, 1, first_event_at=ago + begun * HOUR, ended_at=ago + ended * HOUR)
                for key, begun, ended in ((10, -3, 2), (11, 1, 4), (12, 6, 6), (13, -9, -8))
            ),
            a_transaction(14, 1, first_event_at=NOW - 2 * HOUR),
            a_station(2, connected_at=ago + 12 * HOUR),
            a_transaction(15, 2, first_event_at=ago, ended_at=ago + 18 * HOUR),
            a_station(3),
            a_station(4, tenant="other", connected_at=ago),
        ]
    )
    assert await uses(storage) == {1: (0.25, 1.0), 2: (0.5, 1.0), 3: (None, None)}


async def test_time_offline_counts_and_that_of_the_csms_does_not(storage: SQLiteStorage) -> None:
    ago = NOW - 24 * HOUR
    store = storage.journal.store
    await store([a_station(key, connected_at=ago - HOUR) for key in (1, 2, 3)])
    await store([Presence(station_key=1, disconnected_at=ago)])
    await store([Presence(station_key=1, connected_at=ago + 6 * HOUR, version="1.6")])
    await store([Presence(station_key=2, disconnected_at=NOW - 3 * HOUR)])
    assert await uses(storage) == {1: (0.0, 0.75), 2: (0.0, 0.875), 3: (0.0, 1.0)}
    await store([Downtime(ago + 2 * HOUR, ago + 5 * HOUR), Downtime(ago + 4 * HOUR, ago + 14 * HOUR)])
    assert await uses(storage) == {1: (0.0, 1 - 2 / 12), 2: (0.0, 0.75), 3: (0.0, 1.0)}
    assert await storage.reads.last_power_sample() is None


async def test_a_site_has_the_means_of_its_stations(storage: SQLiteStorage) -> None:
    week_ago = NOW - timedelta(days=7)
    await storage.journal.store(
        [
            *(a_station(key, connected_at=week_ago) for key in (1, 2, 3)),
            a_station(4),
            *(PlaceFacts(station_key=key, site="Mall") for key in (1, 2, 4)),
            a_transaction(10, 1, first_event_at=NOW - 12 * HOUR),
        ]
    )
    await storage.journal.store([Presence(station_key=2, disconnected_at=NOW - timedelta(days=3.5))])
    assert await storage.reads.site_use("default", NOW) == {"Mall": Use(0.25, 0.75), None: Use(0.0, 1.0)}


async def test_station_use_comes_in_pages_of_one_moment_worst_first(storage: SQLiteStorage) -> None:
    ago = NOW - 24 * HOUR
    stored: list[Any] = []
    for key in range(1, 8):
        stored.append(a_station(key, connected_at=ago if key < 6 else None))
        stored.append(a_transaction(key, key, first_event_at=NOW - (key % 3) * HOUR))
    await storage.journal.store([*stored, PlaceFacts(station_key=3, site="Mall")])
    await storage.journal.store([Presence(station_key=key, disconnected_at=NOW - key * HOUR) for key in (1, 4)])
    reads = storage.reads
    for order, expected in (
        (UseOrder(), [4, 1, 2, 3, 5, 6, 7]),
        (UseOrder("uptime", True), [5, 3, 2, 1, 4, 7, 6]),
        (UseOrder("utilisation"), [3, 1, 4, 2, 5, 6, 7]),
    ):
        for limit in (1, 3, 50):
            found: list[int] = []
            cursor, now = None, NOW
            while True:
                page = await reads.station_use("default", now, 1, order, PageRequest(limit=limit, cursor=cursor))
                found += [each.key for each in page.items]
                assert page.at == NOW
                if (cursor := page.next_cursor) is None:
                    break
                now += HOUR
            assert found == expected, order.name
    page = await reads.station_use("default", NOW, 1, UseOrder(), PageRequest(limit=1))
    with pytest.raises(InvalidCursor):
        await reads.station_use("default", NOW, 1, UseOrder("utilisation"), PageRequest(cursor=page.next_cursor))
    assert list(await uses(storage, site="Mall")) == [3]
    assert list(await uses(storage, site="")) == [4, 1, 2, 5, 6, 7]
    assert list(await uses(storage, site="Nowhere")) == []


async def test_the_power_of_every_site_is_kept_by_the_slot(storage: SQLiteStorage) -> None:
    def sample(minutes: int, site: str | None, power_w: int, tenant: str = "default") -> PowerSample:
        taken_at = DAY + timedelta(minutes=minutes)
        at = DAY + timedelta(minutes=minutes // 5 * 5)
        return PowerSample(tenant=tenant, site=site, at=at, taken_at=taken_at, power_w=power_w)

    for minute in (0, 1, 10):
        await storage.journal.store([sample(minute, None, 100), sample(minute, "A", 5000)])
    await storage.journal.store([sample(2, None, 400), sample(2, "B", 9000), sample(2, "C", 300)])
    await storage.journal.store([sample(0, None, 1, tenant="other")])
    now = DAY + timedelta(minutes=12)
    found = await storage.reads.power_history("default", now, 1, 2)
    assert (found.slot_s, found.from_at, len(found.sites[0].power_w)) == (300, now - timedelta(minutes=62), 13)
    told = {site.name if not site.others else "others": site.power_w[-3:] for site in found.sites}
    assert told == {"A": (3333, None, 5000), "B": (3000, None, 0), "others": (300, None, 100)}
    assert found.sites[0].power_w[0] is None
    hourly = await storage.reads.power_history("default", now, 100, 2)
    assert (hourly.slot_s, hourly.sites[0].power_w[-1]) == (3600, 3750)
    assert (await storage.reads.power_history("nobody", now, 1, 2)).sites == ()
    assert await storage.reads.last_power_sample() == DAY + timedelta(minutes=10)


async def test_the_power_of_all_tenants_is_told_at_once(storage: SQLiteStorage) -> None:
    await storage.journal.store(
        [
            online(1),
            a_station(2, tenant="other", connected_at=NOW),
            online(3, disconnected_at=NOW),
            PlaceFacts(station_key=2, site="Mall"),
            *(a_transaction(key, key, tenant="x") for key in (1, 2, 3)),
            *(a_reading(key, transaction_key=key, power_w=Decimal(1000 * key)) for key in (1, 2, 3)),
        ]
    )
    found = await storage.reads.power_by_site(NOW)
    assert sorted(found, key=str) == [("default", None, 1000), ("other", "Mall", 2000)]


async def test_the_map_draws_together_what_stands_close(storage: SQLiteStorage) -> None:
    def place(key: int, latitude: str, longitude: str, **fields: Any) -> PlaceFacts:
        return PlaceFacts(station_key=key, latitude=Decimal(latitude), longitude=Decimal(longitude), **fields)

    empty = await storage.reads.station_map("default", 10)
    assert (empty.points, empty.area, empty.without) == ((), None, 0)
    await storage.journal.store(
        [
            a_site("Mall", latitude=Decimal(10), longitude=Decimal(20)),
            *(a_station(key) for key in (1, 2, 3)),
            online(4, name="Far"),
            a_station(5),
            a_station(9, tenant="other"),
            *(PlaceFacts(station_key=key, site="Mall") for key in (1, 2)),
            place(3, "10.01", "20", site="Mall"),
            place(4, "0", "0"),
            place(9, "0", "0"),
        ]
    )
    found = await storage.reads.station_map("default", 10)
    assert (found.area, found.stations, found.without) == (MapArea(0, 0, 10.01, 20), 4, 1)
    far, mall = found.points
    assert (far.key, far.identity, far.name, far.site, far.states) == (4, "CP4", "Far", None, {"unknown": 1})
    assert (mall.key, mall.name, mall.site, mall.states) == (None, None, "Mall", {"never_seen": 3})
    assert (far.state, mall.state) == ("unknown", "never_seen")
    assert mall.latitude == pytest.approx(10.00333, abs=1e-4)
    near = await storage.reads.station_map("default", 10, MapArea(9, 19, 11, 21))
    assert [point.stations for point in near.points] == [3]
    nearer = await storage.reads.station_map("default", 10, MapArea(9.99, 19.99, 10.02, 20.02))
    assert [point.key for point in nearer.points] == [None, 3]


async def test_coordinates_are_kept_as_they_were_written(storage: SQLiteStorage) -> None:
    site = a_site("Mall", latitude=Decimal("52.5163000"), longitude=Decimal("-0.1"), address="Main St")
    place = PlaceFacts(station_key=1, latitude=Decimal("1.20"), longitude=Decimal(2))
    await storage.journal.store([a_station(), site, a_site("Yard"), place])
    found = await storage.reads.book_content("default")
    assert found.sites == (site, a_site("Yard"))
    assert str(found.sites[0].latitude) == "52.5163000"
    assert found.places == (place,)
