"""Transactions and the evidence for them, as they are read again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from storage_records import NOW, a_reading, a_station, a_transaction, event_record

from stationmaster.domain.cost.sites import PlaceFacts, Site
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import MeterValue, Sample, register_wh
from stationmaster.domain.queries import MAX_PAGE, InvalidCursor, PageRequest, TransactionFilter
from stationmaster.domain.records import Reading
from stationmaster.domain.transactions.transaction import Weighed, begin, fold, with_meter_values
from stationmaster.storage.sqlite import SQLiteStorage


def value_reading(value: MeterValue, digest: int) -> Reading:
    return a_reading(
        0,
        taken_at=value.timestamp,
        digest=digest,
        received_at=NOW,
        register_wh=register_wh(value.samples),
        samples=value.samples,
    )


def an_update(number: int, minute: int, wh: str, context: str = "Sample.Periodic") -> TransactionEvent:
    at = NOW + timedelta(minutes=minute)
    return TransactionEvent(
        event_type="Started" if number == 0 else "Updated",
        timestamp=at,
        trigger_reason="MeterValuePeriodic",
        transaction_id="w10",
        seq_no=number,
        evse=Evse(1, 1),
        charging_state="Charging" if number % 2 else "SuspendedEV",
        id_token=IdToken("TAG1", "ISO14443") if number == 0 else None,
        meter_values=(MeterValue(at, (Sample(wh, unit="Wh", context=context),)),),
    )


@pytest.mark.parametrize("stored_after", [0, 2, 5])
async def test_a_loaded_transaction_equals_the_one_in_memory(storage: SQLiteStorage, stored_after: int) -> None:
    events = [
        an_update(0, 0, "100.0", "Transaction.Begin"),
        an_update(1, 1, "110"),
        an_update(5, 9, "190"),
        an_update(3, 3, "130.25"),
        an_update(2, -4, "95"),
        an_update(7, 7, "170"),
    ]
    memory = begin(10, "default", 1, events[0], NOW)
    records: list[Any] = [a_station()]
    for number, event in enumerate(events):
        memory = fold(memory, event, NOW)
        records += [event_record(event), value_reading(event.meter_values[0], number)]
        if number == stored_after:
            records.append(memory)
    alone = MeterValue(NOW + timedelta(minutes=20), (Sample("0.2", unit="kWh"),))
    memory = with_meter_values(memory, [alone])
    records.append(value_reading(alone, 99))
    await storage.journal.store(records)
    state = await storage.reads.load(1)
    assert state is not None
    assert state.open == {"w10": memory}
    page = await storage.reads.transactions(TransactionFilter(tenant="default", open=True))
    assert page.items == (memory,)


async def test_the_newest_transaction_with_a_start_key_is_found(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_transaction(5, start_key="s", ended_at=NOW), a_transaction(6, start_key="s")])
    found = await storage.reads.find_by_start_key(1, "s")
    assert found is not None
    assert found.key == 6
    assert await storage.reads.find_by_start_key(2, "s") is None


async def test_ends_that_wait_for_their_start_are_found_by_its_key(storage: SQLiteStorage) -> None:
    waiting = [a_transaction(key, start_key="lost|a", ended_at=NOW) for key in (1, 2)]
    others = [a_transaction(3, start_key="lost|b"), a_transaction(4, start_key="lost|a", station_key=2)]
    await storage.journal.store([*waiting, *others])
    assert await storage.reads.find_lost_ends(1, "lost|a") == waiting[::-1]
    await storage.journal.store([msgspec.structs.replace(waiting[0], start_key="1.1|a|...|0")])
    assert await storage.reads.find_lost_ends(1, "lost|a") == waiting[1:]


async def test_transactions_are_found_by_when_they_began(storage: SQLiteStorage) -> None:
    times = [NOW + timedelta(minutes=minute) for minute in range(4)]
    begun = [a_transaction(key, first_event_at=at) for key, at in enumerate(times, 1)]
    await storage.journal.store([*begun, a_transaction(9, first_event_at=times[1], station_key=2)])
    assert await storage.reads.find_begun_between(1, times[1], times[3]) == begun[1:3]


async def test_pages_show_every_transaction_once_newest_first(storage: SQLiteStorage) -> None:
    same_moment = [a_transaction(key, first_event_at=NOW) for key in range(1, 8)]
    await storage.journal.store([*same_moment, a_transaction(9), a_transaction(8, tenant="other")])
    seen: list[int] = []
    cursor = None
    while True:
        page = await storage.reads.transactions(
            TransactionFilter(tenant="default"), PageRequest(limit=3, cursor=cursor)
        )
        seen += [t.key for t in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [9, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "cursor", ["", "?", "W10", "WyJhIiwxXQ", "é", "A" * 10_000, "WzEsOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"]
)
async def test_a_foreign_cursor_is_refused(storage: SQLiteStorage, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await storage.reads.transactions(TransactionFilter(tenant="default"), PageRequest(cursor=cursor))


async def test_stations_of_a_whole_page_are_told_by_identity_and_never_another_tenants(storage: SQLiteStorage) -> None:
    ours = [a_station(key) for key in range(1, MAX_PAGE + 1)]
    await storage.journal.store([*ours, a_station(5000, tenant="other"), a_station(5001)])
    asked = {*range(1, MAX_PAGE + 1), 5000, 9999}
    found = await storage.reads.station_identities("default", asked)
    assert found == {station.key: station.identity for station in ours}
    assert await storage.reads.station_identities("default", ()) == {}


async def test_transactions_are_filtered(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_transaction(1), a_transaction(2, station_key=2), a_transaction(3, ended_at=NOW)])

    async def keys(**query: Any) -> list[int]:
        page = await storage.reads.transactions(TransactionFilter(tenant="default", **query))
        return [t.key for t in page.items]

    assert await keys(station_key=2) == [2]
    assert await keys(open=False) == [3]
    assert await keys(token="TAG1", open=True) == [2, 1]
    assert await keys(from_at=NOW + timedelta(seconds=2), to_at=NOW + timedelta(seconds=3)) == [2]
    assert await storage.reads.transaction("default", 1) == a_transaction(1)
    assert await storage.reads.transaction("other", 1) is None


async def test_transactions_are_filtered_by_station_state_and_energy(storage: SQLiteStorage) -> None:
    here = Site(tenant="default", name="harbour", zone="UTC")
    await storage.journal.store(
        [
            a_station(1, name="North quay"),
            a_station(2),
            a_station(3, tenant="other"),
            here,
            PlaceFacts(station_key=1, site="harbour"),
        ]
    )
    registers: dict[str, Any] = {"meter_start_wh": Decimal("9.5"), "ended_at": NOW}
    await storage.journal.store(
        [
            a_transaction(1, charging_state="Charging"),
            a_transaction(2, station_key=2, meter_stop_wh=Decimal("10.0"), **registers),
            a_transaction(3, meter_stop_wh=Decimal("9.5"), **registers),
            a_transaction(4, station_key=2),
            a_transaction(10, meter_start_wh=Decimal(1000)),  # its newest reading is not in its row
            a_reading(1),
            a_transaction(11, weighed=Weighed(Decimal(5), "samples"), **registers),
        ]
    )

    async def keys(**query: Any) -> list[int]:
        wanted = TransactionFilter(tenant="default", **query)
        found = [t.key for t in (await storage.reads.transactions(wanted)).items]
        assert await storage.reads.transaction_count(wanted) == len(found)
        return found

    assert await keys() == [11, 10, 4, 3, 2, 1]
    assert await keys(site="harbour") == [11, 10, 3, 1]
    assert await keys(site="nowhere") == []
    assert await keys(text="NORTH") == [11, 10, 3, 1]
    assert await keys(text="cp2", open=True) == [4]
    assert await keys(text="CP3") == []
    assert await keys(wire_id="w4") == [4]
    assert await keys(wire_id="w") == []
    assert await keys(charging_state="Charging") == [1]
    assert await keys(delivered=True) == [11, 10, 2]
    assert await keys(delivered=False) == [4, 3, 1]


async def test_readings_come_exact_in_the_order_of_station_time(storage: SQLiteStorage) -> None:
    readings = [a_reading(n) for n in range(30)]
    await storage.journal.store([a_transaction(), *reversed(readings)])
    assert [r async for r in storage.reads.all_readings("default", 10)] == readings
    assert (await storage.reads.readings("other", 10)).items == ()


async def test_ended_transactions_are_found_by_the_time_of_their_end(storage: SQLiteStorage) -> None:
    ended = NOW + timedelta(hours=1)
    over = a_transaction(1, wire_id="a", ended_at=ended)
    others = [
        a_transaction(2, wire_id="b", ended_at=ended + timedelta(microseconds=1)),
        a_transaction(3, wire_id="c"),
        a_transaction(4, station_key=2, wire_id="a", ended_at=ended),
    ]
    await storage.journal.store([over, *others])
    assert await storage.reads.find_ended(1, ended) == [over]
