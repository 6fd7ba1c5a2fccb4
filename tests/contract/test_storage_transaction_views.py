"""A transaction as its page shows it: few points of many readings, and a timeline with its gaps."""

from datetime import timedelta
from decimal import Decimal

from storage_records import NOW, a_reading, a_station, a_transaction, event_record

from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.queries import FIRST_PAGE, PageRequest
from stationmaster.domain.records import Conflict, Reading
from stationmaster.storage.sqlite import SQLiteStorage


def told(second: int, register_wh: str | None, power_w: str | None, soc: str | None = None) -> Reading:
    at = NOW + timedelta(seconds=second)
    samples = (Sample(soc, measurand="SoC", unit="Percent"),) if soc else ()
    return a_reading(
        0,
        transaction_key=10,
        taken_at=at,
        digest=second,
        register_wh=None if register_wh is None else Decimal(register_wh),
        power_w=None if power_w is None else Decimal(power_w),
        samples=samples,
    )


def an_event(seq_no: int | None, minute: int) -> TransactionEvent:
    return TransactionEvent(
        event_type="Updated",
        timestamp=NOW + timedelta(minutes=minute),
        trigger_reason="MeterValuePeriodic",
        transaction_id="w10",
        seq_no=seq_no,
    )


async def test_many_readings_come_as_few_stretches(storage: SQLiteStorage) -> None:
    readings = [told(second, str(1000 + second), str(second % 2 * 200), str(second // 10)) for second in range(1000)]
    await storage.journal.store([a_station(), a_transaction(10), *readings])
    found = await storage.reads.reading_stretches(10, 20)
    assert len(found) == 20
    assert (found[0].at, found[-1].at) == (NOW + timedelta(seconds=49), NOW + timedelta(seconds=999))
    assert (found[0].power_w, found[0].most_w, found[0].register_wh) == (Decimal(100), Decimal(200), Decimal(1049))
    assert [stretch.soc_pct for stretch in found[:3]] == [Decimal(4), Decimal(9), Decimal(14)]


async def test_few_readings_come_one_by_one_with_what_each_has(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(), a_transaction(10), told(0, "100.5", None), told(60, None, "7360", "12")])
    first, last = await storage.reads.reading_stretches(10, 300)
    assert (first.register_wh, first.power_w, first.soc_pct) == (Decimal("100.5"), None, None)
    assert (last.register_wh, last.power_w, last.soc_pct) == (None, Decimal(7360), Decimal(12))
    assert await storage.reads.newest_powers([10, 11]) == {10: Decimal(7360)}


async def test_nothing_was_measured(storage: SQLiteStorage) -> None:
    assert not await storage.reads.reading_stretches(10, 300)
    assert not (await storage.reads.transaction_timeline(10, FIRST_PAGE)).items


async def test_the_timeline_is_by_the_stations_time_and_tells_what_is_missing(storage: SQLiteStorage) -> None:
    events = [event_record(an_event(number, minute)) for number, minute in ((4, 4), (1, 1), (7, 7))]
    await storage.journal.store([a_station(), a_transaction(10), *events])
    found = await storage.reads.transaction_timeline(10, FIRST_PAGE)
    assert [(event.record.seq_no, event.missing_before) for event in found.items] == [(1, 1), (4, 2), (7, 2)]
    first = await storage.reads.transaction_timeline(10, PageRequest(limit=2))
    rest = await storage.reads.transaction_timeline(10, PageRequest(limit=2, cursor=first.next_cursor))
    assert [event.missing_before for event in rest.items] == [2]


async def test_what_contradicts_an_event_stands_beside_it(storage: SQLiteStorage) -> None:
    record = event_record(an_event(None, 1))
    conflict = Conflict(
        station_key=1, transaction_key=10, dedupe_key=record.dedupe_key, received_at=NOW, body=b'{"other": 1}'
    )
    await storage.journal.store([a_station(), a_transaction(10), record, conflict])
    (event,) = (await storage.reads.transaction_timeline(10, FIRST_PAGE)).items
    assert event.missing_before == 0
    assert [each.body for each in event.contradicted_by] == [b'{"other": 1}']
