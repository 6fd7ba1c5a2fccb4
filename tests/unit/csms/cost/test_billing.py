"""Bills through a whole CSMS: when they are made, what changes them, and what does not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stationmaster.csms.blocks.closing import told
from stationmaster.csms.cost.billing import Billing
from stationmaster.csms.cost.tariff_book import CHANGED
from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.billing_records import BillFilter
from stationmaster.domain.cost.corrections import WaiveChange
from stationmaster.domain.cost.sites import PlaceFacts, Site
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.domain.queries import TransactionFilter
from stationmaster.domain.records import Event
from stationmaster.domain.transactions.transaction import Transaction, closed
from stationmaster.ocpp.version import Version
from stationmaster.storage.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.testing import CsmsBench, WireClient, csms_bench

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ALL = ("issued", "held", "superseded", "void")


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as bench:
        await bench.add_token("CARD", "ISO14443", group="fleet")
        yield bench


def a_tariff(key: int, name: str, price: str) -> Tariff:
    return Tariff(
        key=key,
        tenant="default",
        name=name,
        version=1,
        valid_from=T0 - timedelta(days=1),
        currency="EUR",
        energy=Component((Price(Decimal(price)),)),
    )


def assigned(key: int, name: str, **filters: Any) -> Assignment:
    return Assignment(key=key, tenant="default", tariff=name, from_at=T0 - timedelta(days=1), **filters)


async def publish(storage: SQLiteStorage) -> None:
    everybody, fleet = a_tariff(1, "everybody", "0.40"), a_tariff(2, "fleet", "0.20")
    await storage.journal.store([everybody, fleet, assigned(3, "everybody"), assigned(4, "fleet", group="fleet")])


async def published(bench: CsmsBench) -> None:
    await publish(bench.storage)
    await bench.csms.book.load("default")


def event(number: int, kind: str, minute: int, register: int | None, **more: Any) -> dict[str, Any]:
    at = (T0 + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
    payload: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at,
        "triggerReason": "MeterValueClock",
        "seqNo": number,
        "transactionInfo": {"transactionId": "TX-1"},
        **more,
    }
    if register is not None:
        payload["meterValue"] = [{"timestamp": at, "sampledValue": [{"value": register}]}]
    if kind == "Started":
        payload |= {"evse": {"id": 1, "connectorId": 1}, "idToken": {"idToken": "CARD", "type": "ISO14443"}}
    return payload


async def session(station: WireClient, until: int = 2) -> None:
    """10 kWh in an hour, or the beginning of it."""
    for payload in (event(0, "Started", 0, 1_000), event(1, "Updated", 30, 6_000), event(2, "Ended", 60, 11_000))[
        : until + 1
    ]:
        await station.call("TransactionEvent", payload)


async def bills(bench: CsmsBench) -> list[Bill]:
    """All versions there are, newest first."""
    return list((await bench.storage.reads.bills(BillFilter(tenant="default", states=ALL))).items)  # type: ignore[arg-type]


async def the_transaction(bench: CsmsBench) -> Transaction:
    (transaction,) = (await bench.storage.reads.transactions(TransactionFilter(tenant="default"))).items
    return transaction


async def test_the_end_of_a_transaction_is_told_with_its_bill(bench: CsmsBench) -> None:
    await published(bench)
    await session(await bench.boot("CP-1", Version.V201))
    (bill,) = await bills(bench)
    assert (bill.content.total, bill.content.energy_wh) == (Decimal("2.00"), 10_000)
    events = [each.event for each in await bench.storage.outbox.after(0)]
    (told,) = [each for each in events if each.kind == "BillIssued"]
    assert (told.data["bill"], told.data["transaction"]) == (bill.key, bill.transaction_key)
    assert Decimal(told.data["total"]) == Decimal("2.00")


async def test_a_price_that_was_chosen_stays_whatever_becomes_of_token_place_and_zone(bench: CsmsBench) -> None:
    await published(bench)
    station = await bench.boot("CP-1", Version.V201)
    await session(station)
    (first,) = await bills(bench)
    token = await bench.storage.reads.find_token("default", (await the_transaction(bench)).id_token)  # type: ignore[arg-type]
    assert token is not None
    moved = PlaceFacts(station_key=bench.station("CP-1").key, site="Far")
    await bench.storage.journal.store(
        [msgspec.structs.replace(token, group=None), Site(tenant="default", name="Far", zone="Asia/Tokyo"), moved]
    )
    await bench.csms.book.load("default")

    await station.call("TransactionEvent", event(3, "Updated", 45, 9_000))
    bill = await bench.csms.bills.correct(await the_transaction(bench), WaiveChange(), "a test", "me")

    inputs = await bench.storage.reads.bill_inputs(bill.inputs_digest)
    before = await bench.storage.reads.bill_inputs(first.inputs_digest)
    assert inputs is not None
    assert before is not None
    assert (inputs.choice, inputs.place, inputs.offsets) == (before.choice, before.place, before.offsets)
    assert inputs.tariffs[0].tariff.name == "fleet"


async def test_thinning_out_readings_takes_nothing_from_a_bill(bench: CsmsBench) -> None:
    await published(bench)
    station = await bench.boot("CP-1", Version.V201)
    await session(station)
    (first,) = await bills(bench)
    gone = await bench.storage.retention.run(RetentionPolicy(readings_days=0), datetime(2100, 1, 1, tzinfo=UTC))
    assert gone["readings"] == 3
    bill = await bench.csms.bills.correct(await the_transaction(bench), WaiveChange(), "a test", "me")
    assert bill.content.energy_wh == first.content.energy_wh == 10_000
    again = await bench.csms.bills.recomputed(first)
    assert again is not None
    assert again[0]


async def test_what_was_repeated_makes_no_version(bench: CsmsBench) -> None:
    await published(bench)
    station = await bench.boot("CP-1", Version.V201)
    await session(station)
    await session(station)
    assert len(await bills(bench)) == 1


async def test_a_transaction_closed_by_policy_has_a_bill_that_is_held(bench: CsmsBench) -> None:
    await published(bench)
    await session(await bench.boot("CP-1", Version.V201), until=1)
    assert await bills(bench) == []
    desk = bench.csms.directory.get(bench.station("CP-1").key)
    assert desk is not None
    over = closed(await the_transaction(bench), "silent", "a test", bench.clock.now())
    desk.state = desk.state.with_transaction(over)
    await bench.storage.journal.store([over], [told("TransactionClosed", over, bench.clock.now())])
    async with asyncio.timeout(5):
        while not (found := await bills(bench)):
            await asyncio.sleep(0.01)
    (bill,) = found
    assert (bill.state, bill.content.energy_wh) == ("held", 5_000)
    assert "end_missing" in bill.content.flags


async def test_a_failure_loses_no_message_and_the_bill_is_made_up_for(
    bench: CsmsBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(bench)
    station = await bench.boot("CP-1", Version.V201)

    async def failing(*_: Any, **__: Any) -> None:
        raise ArithmeticError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr(Billing, "billed", failing)
        await session(station)
    assert (await the_transaction(bench)).ended_at is not None
    assert await bills(bench) == []
    await bench.csms.bills.make_up()
    assert [bill.content.total for bill in await bills(bench)] == [Decimal("2.00")]


async def test_another_node_s_tariffs_are_known_as_soon_as_they_are_told(bench: CsmsBench) -> None:
    assert not bench.csms.billing.bills("default")
    await publish(bench.storage)
    await bench.storage.journal.store([], [Event(kind=CHANGED, tenant="default", at=T0)])
    async with asyncio.timeout(5):
        while not bench.csms.billing.bills("default"):
            await asyncio.sleep(0.01)
    assert {tariff.name for tariff in bench.csms.book.content("default").tariffs} == {"everybody", "fleet"}


async def test_a_restart_knows_the_tariffs_and_makes_up_for_what_has_no_bill(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    async with csms_bench(path=path) as bench:
        await bench.add_token("CARD", "ISO14443")
        await publish(bench.storage)  # behind the node's back: it makes no bill
        await session(await bench.boot("CP-1", Version.V201))
        assert await bills(bench) == []
    async with csms_bench(path=path) as bench:
        async with asyncio.timeout(5):
            while not (found := await bills(bench)):
                await asyncio.sleep(0.01)
        assert [(bill.version, bill.state) for bill in found] == [(1, "issued")]


async def test_two_corrections_at_once_make_two_versions(bench: CsmsBench) -> None:
    await published(bench)
    await session(await bench.boot("CP-1", Version.V201))
    transaction = await the_transaction(bench)
    correct = bench.csms.bills.correct
    await asyncio.gather(*(correct(transaction, WaiveChange(), f"reason {n}", "me") for n in range(3)))
    assert [bill.version for bill in await bills(bench)] == [4, 3, 2, 1]
    assert [bill.state for bill in await bills(bench)] == ["issued", "superseded", "superseded", "superseded"]


async def test_the_cost_so_far_counts_what_is_about_to_be_stored(bench: CsmsBench) -> None:
    await published(bench)
    await session(await bench.boot("CP-1", Version.V201), until=1)
    transaction = await the_transaction(bench)
    content = await bench.csms.billing.running(transaction.key)
    assert content is not None
    assert (content.total, content.held) == (Decimal("1.00"), False)


async def test_a_conflict_after_the_end_holds_the_bill(bench: CsmsBench) -> None:
    await published(bench)
    station = await bench.boot("CP-1", Version.V201)
    await session(station)
    await station.call("TransactionEvent", event(1, "Updated", 30, 7_000))
    second, _ = await bills(bench)
    assert (second.state, second.cause) == ("held", "evidence")
    assert "conflict" in second.content.flags


async def test_a_transaction_has_the_energy_of_its_bill_whatever_its_meter_did(bench: CsmsBench) -> None:
    await published(bench)
    station = await bench.boot("CP-1", Version.V201)
    registers = (1_000, 6_000, 7_000, 20, 520, 900)
    kinds = ("Started", *["Updated"] * 4, "Ended")
    for number, (kind, register) in enumerate(zip(kinds, registers, strict=True)):
        await station.call("TransactionEvent", event(number, kind, number * 10, register))
    (bill,) = await bills(bench)
    assert (bill.content.energy_wh, bill.state) == (6_880, "held")
    transaction = await the_transaction(bench)
    assert energy(transaction) == (bill.content.energy_wh, "samples")
    assert "meter_backwards" in anomalies(transaction)
