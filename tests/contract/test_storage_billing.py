"""Tariffs, places, bills and what they are made from, as they are stored."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from storage_records import NOW, a_reading, a_station, a_transaction

from stationmaster.domain.cost.bill import Bill, Content, Inputs, Line
from stationmaster.domain.cost.billing import digest_of, frozen
from stationmaster.domain.cost.billing_records import (
    BillFilter,
    CorrectionMade,
    FrozenInputs,
    PlaceForgotten,
    Unplugged,
)
from stationmaster.domain.cost.corrections import Correction, WaiveChange
from stationmaster.domain.cost.evidence import Evidence, Point
from stationmaster.domain.cost.sites import PlaceFacts, PlaceState, Site
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Assignment, Place
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import Evse
from stationmaster.domain.queries import PageRequest
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

INPUTS = Inputs(
    evidence=Evidence(started_at=NOW, ended_at=NOW, points=(Point(NOW, Decimal("1.250")),)),
    place=Place(station_key=1, evse_id=1),
)
CONTENT = Content(
    currency="EUR",
    lines=(Line(no=1, kind="energy", amount=Decimal("1.10")),),
    net=Decimal("1.10"),
    tax=Decimal("0.00"),
    total=Decimal("1.10"),
    energy_wh=Decimal(2750),
    energy_source="registers",
    started_at=NOW,
    ended_at=NOW,
    charging_s=1,
    idle_s=0,
    paused_s=0,
    basis="states",
    flags=("gap", "meter_glitch"),
)


def a_bill(key: int, **changes: Any) -> Bill:
    fields: dict[str, Any] = {
        "key": key,
        "tenant": "default",
        "transaction_key": 10,
        "station_key": 1,
        "version": 1,
        "state": "issued",
        "content": CONTENT,
        "inputs_digest": digest_of(INPUTS),
        "issued_at": NOW,
        "cause": "ended",
        "cdr_id": "10",
    }
    return Bill(**fields | changes)


def a_tariff(key: int, **changes: Any) -> Tariff:
    energy = Component((Price(Decimal("0.4500")),))
    fields: dict[str, Any] = {"name": "day", "version": 1, "valid_from": NOW, "currency": "EUR", "energy": energy}
    return Tariff(key=key, tenant="default", **fields | changes)


def a_state(minute: int, state: str = "Charging", **changes: Any) -> PlaceState:
    fields: dict[str, Any] = {"station_key": 1, "evse_id": 1, "connector_id": 1, "received_at": NOW}
    return PlaceState(at=NOW + timedelta(minutes=minute), state=state, **fields | changes)  # type: ignore[arg-type]


async def test_a_tenant_s_book_comes_back_whole_and_is_its_own(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_station(2, tenant="other")])
    first, second = a_tariff(1), a_tariff(2, version=2)
    assignment = Assignment(key=3, tenant="default", tariff="day", from_at=NOW, group="fleet")
    withdrawn = msgspec.structs.replace(assignment, withdrawn_at=NOW)
    site = Site(tenant="default", name="Harbour", zone="Europe/Berlin")
    here, there = PlaceFacts(station_key=1, site="Harbour"), PlaceFacts(station_key=2, evse_id=1, zone="UTC")
    gone = PlaceFacts(station_key=1, evse_id=2, max_power_w=Decimal("22000.50"))
    await storage.journal.store([first, assignment, site, here, there, gone])
    await storage.journal.store([second, withdrawn, PlaceForgotten(station_key=1, evse_id=2)])

    book = await storage.reads.book_content("default")

    assert (book.tariffs, book.assignments) == ((first, second), (withdrawn,))
    assert (book.sites, book.places) == ((site,), (here,))
    assert sorted(await storage.reads.book_tenants()) == ["default", "other"]
    assert (await storage.reads.book_content("other")).places == (there,)


async def test_two_versions_of_one_number_cannot_be(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_tariff(1)])
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_tariff(2)])
    await storage.journal.store([a_bill(1)])
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_bill(2)])
    with pytest.raises(StorageFailed):
        await storage.journal.store([a_bill(3, version=2)])  # two current ones


async def test_a_bill_gives_way_to_its_next_version_and_stays(storage: SQLiteStorage) -> None:
    first = a_bill(1)
    over, second = msgspec.structs.replace(first, state="superseded"), a_bill(2, version=2, state="held", corrects=1)
    frozen_inputs = FrozenInputs(digest=first.inputs_digest, body=frozen(INPUTS))
    await storage.journal.store([first, frozen_inputs])
    await storage.journal.store([over, second, frozen_inputs])
    reads = storage.reads
    assert (await reads.bill("default", 1), await reads.bill("default", 2)) == (over, second)
    assert await reads.bill("other", 1) is None
    assert (await reads.bills(BillFilter(tenant="default"))).items == (second,)
    everything = BillFilter(tenant="default", states=("held", "superseded"))
    assert (await reads.bills(everything)).items == (second, over)
    assert await reads.bill_inputs(first.inputs_digest) == INPUTS
    assert await reads.bill_inputs("none") is None


async def test_bills_are_found_by_what_they_are_about(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_transaction(10), a_bill(1)])
    fits: list[dict[str, Any]] = [
        {"token": "tag1"},
        {"flag": "gap"},
        {"station_key": 1},
        {"from_at": NOW, "to_at": NOW + timedelta(seconds=1)},
        {"after": 0},
    ]
    misses: list[dict[str, Any]] = [
        {"token": "tag2"},
        {"flag": "ga"},
        {"flag": "%"},
        {"station_key": 2},
        {"to_at": NOW},
        {"after": 1},
        {"tenant": "other"},
    ]
    for number, several in ((1, fits), (0, misses)):
        for fields in several:
            query = BillFilter(**{"tenant": "default"} | fields)
            assert len((await storage.reads.bills(query)).items) == number, fields
            assert await storage.reads.bill_count(query) == number, fields


async def test_bills_to_export_come_oldest_first_with_all_about_them(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_transaction(10), a_transaction(11)])
    await storage.journal.store([a_bill(2, transaction_key=11), a_bill(1)])
    await storage.journal.store([FrozenInputs(digest=digest_of(INPUTS), body=frozen(INPUTS))])
    first = await storage.reads.bills_seen(BillFilter(tenant="default"), PageRequest(limit=1))
    (seen,) = first.items
    assert (seen.bill.key, seen.inputs, seen.transaction.key, seen.station) == (1, INPUTS, 10, "CP1")
    rest = await storage.reads.bills_seen(BillFilter(tenant="default"), PageRequest(cursor=first.next_cursor))
    assert [each.bill.key for each in rest.items] == [2]


async def test_what_a_bill_is_made_from_is_read_at_once(storage: SQLiteStorage) -> None:
    over = a_transaction(10, evse=Evse(1, 1), first_event_at=NOW, ended_at=NOW + timedelta(minutes=9))
    correction = Correction(key=1, at=NOW, by="me", reason="why not", change=WaiveChange())
    made = CorrectionMade(tenant="default", transaction_key=10, correction=correction)
    states = [a_state(minute) for minute in (-20, -10, 0, 5, 9, 10)]
    elsewhere = [a_state(3, evse_id=2, connector_id=2), a_state(3, station_key=2)]
    bill, kept = a_bill(1), FrozenInputs(digest=digest_of(INPUTS), body=frozen(INPUTS))
    await storage.journal.store([over, a_reading(1), made, *states, *states, *elsewhere, bill, kept])

    facts = await storage.reads.billing_facts(10)

    assert facts is not None
    assert (facts.transaction, facts.bill, facts.inputs, facts.corrections) == (over, bill, INPUTS, (correction,))
    assert facts.evidence.points == (Point(NOW + timedelta(minutes=1), Decimal("1001.5")),)
    assert facts.states == tuple(states[1:5])
    assert await storage.reads.billing_facts(99) is None
    about_to_be = await storage.reads.billing_facts(99, a_transaction(99))
    assert about_to_be is not None
    assert about_to_be.bill is None


async def test_a_late_state_belongs_to_what_it_lies_in_or_lies_before(storage: SQLiteStorage) -> None:
    for key, (begun, ended) in enumerate([(0, 10), (20, 30)], 10):
        times = {"first_event_at": NOW + timedelta(minutes=begun), "ended_at": NOW + timedelta(minutes=ended)}
        await storage.journal.store([a_transaction(key, evse=Evse(1, 1), **times)])
    await storage.journal.store([a_state(15)])
    found = {minute: await storage.reads.ended_around(a_state(minute)) for minute in (-5, 5, 12, 16, 25, 31)}
    assert found == {-5: (10,), 5: (10,), 12: (), 16: (11,), 25: (11,), 31: ()}


async def test_transactions_that_are_over_without_a_bill_are_found(storage: SQLiteStorage) -> None:
    over = [a_transaction(key, ended_at=NOW) for key in (10, 11, 12)]
    await storage.journal.store([*over, a_transaction(13), a_bill(1, transaction_key=11)])
    assert await storage.reads.unbilled("default", 1, 10) == [(1, 10), (1, 12)]
    assert await storage.reads.unbilled("default", 11, 10) == [(1, 12)]
    assert await storage.reads.unbilled("default", 1, 1) == [(1, 10)]
    assert await storage.reads.unbilled("other", 1, 10) == []


async def test_states_of_places_age_and_bills_do_not(storage: SQLiteStorage) -> None:
    old = {"received_at": NOW - timedelta(days=500)}
    await storage.journal.store([a_state(1, **old), a_bill(1, issued_at=NOW - timedelta(days=5000))])
    gone = await storage.retention.run(RetentionPolicy(), NOW)
    assert gone["place_states"] == 1
    assert await storage.reads.bill("default", 1) is not None


async def test_when_a_car_left_is_evidence_and_the_first_word_of_it_holds(storage: SQLiteStorage) -> None:
    transaction = a_transaction(10)
    await storage.journal.store([a_station(1), transaction, Unplugged(transaction_key=10, at=NOW)])
    await storage.journal.store([Unplugged(transaction_key=10, at=NOW + timedelta(hours=1))])
    facts = await storage.reads.billing_facts(10)
    assert facts is not None
    assert facts.evidence.unplugged_at == NOW
