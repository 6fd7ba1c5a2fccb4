"""However a session's messages travel through the CSMS, its bill is the same, to the cent and to the last line."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.billing_records import BillFilter
from stationmaster.domain.cost.sites import PlaceFacts, Site
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff, TaxRate
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.queries import TransactionFilter
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, csms_bench

T0 = datetime(2026, 3, 28, 21, 50, tzinfo=UTC)
"""Seventy minutes before midnight in Berlin, on the night in which the clocks go forward."""

Message = tuple[str, dict[str, Any]]
VAT = (TaxRate("VAT", Decimal(19)),)
TARIFF = Tariff(
    key=1,
    tenant="default",
    name="day and night",
    version=1,
    valid_from=T0 - timedelta(days=30),
    currency="EUR",
    energy=Component(
        (Price(Decimal("0.29"), Conditions(from_time="00:00", to_time="06:00")), Price(Decimal("0.47"))), VAT
    ),
    idle_time=Component((Price(Decimal("0.11"), Conditions(min_idle_time_s=120)),), VAT),
    fixed=Component((Price(Decimal("0.35")),), VAT),
)
ASSIGNMENT = Assignment(key=2, tenant="default", tariff=TARIFF.name, from_at=TARIFF.valid_from)
ZONE = Site(tenant="default", name="Harbour", zone="Europe/Berlin")


async def publish(bench: CsmsBench) -> None:
    """A tariff that was there before the session."""
    await bench.storage.journal.store([TARIFF, ASSIGNMENT, ZONE])
    await bench.csms.book.load("default")


async def stand(bench: CsmsBench) -> None:
    """The station is at the harbour."""
    await bench.storage.journal.store([PlaceFacts(station_key=bench.station("CP-1").key, site=ZONE.name)])
    await bench.csms.book.load("default")


async def current(bench: CsmsBench) -> Bill:
    """The one bill of the one transaction."""
    reads = bench.storage.reads
    (transaction,) = (await reads.transactions(TransactionFilter(tenant="default"))).items
    (bill,) = (await reads.bills(BillFilter(tenant="default", transaction_key=transaction.key))).items
    again = await bench.csms.bills.recomputed(bill)
    assert again is not None and again[0], "not recomputed to the last byte"
    return bill


def at(minute: int) -> str:
    return (T0 + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")


STATES = ("Charging", "SuspendedEV", "SuspendedEVSE", "EVConnected")


def event(number: int, last: int, register: int, state: str, offline: bool) -> Message:
    kind = "Started" if number == 0 else "Ended" if number == last else "Updated"
    context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
    payload: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at(50 * number),
        "triggerReason": "ChargingStateChanged" if kind == "Updated" else "Authorized",
        "seqNo": number,
        "offline": offline,
        "transactionInfo": {"transactionId": "TX-1", "chargingState": state},
        "meterValue": [{"timestamp": at(50 * number), "sampledValue": [{"value": register, "context": context}]}],
    }
    if kind == "Started":
        payload |= {"evse": {"id": 1, "connectorId": 1}, "idToken": {"idToken": "CARD", "type": "ISO14443"}}
    if kind == "Ended":
        payload["transactionInfo"]["stoppedReason"] = "EVDisconnected"
    return "TransactionEvent", payload


@st.composite
def sessions(draw: st.DrawFn) -> list[Message]:
    """The messages of one session in order, over midnight if it is long enough."""
    last = draw(st.integers(1, 7))
    steps = draw(st.lists(st.sampled_from([0, 1, 777, 4_321]), min_size=last, max_size=last))
    registers = [1_000 + sum(steps[:number]) for number in range(last + 1)]
    states = [draw(st.sampled_from(STATES)) for _ in range(last + 1)]
    offline = draw(st.booleans())
    return [event(number, last, registers[number], states[number], offline) for number in range(last + 1)]


async def deliver(version: Version, messages: list[Message], reconnect_before: set[int]) -> Bill:
    async with csms_bench() as bench:
        await publish(bench)
        await bench.add_token("CARD", "ISO14443")
        station = await bench.boot("CP-1", version)
        await stand(bench)
        for place, (action, payload) in enumerate(messages):
            if place in reconnect_before:
                station.connection.cut()
                station = await bench.dial("CP-1", version)
            await station.call(action, payload)
        return await current(bench)


@tries(15)
@given(st.sampled_from([Version.V20, Version.V201, Version.V21]), sessions(), st.data())
def test_any_order_repetition_and_replay_of_2_x_events_ends_in_the_same_bill(
    version: Version, messages: list[Message], data: st.DataObject
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(messages), max_size=5))
    travelled = list(data.draw(st.permutations(messages + repeats)))
    replayed = data.draw(st.booleans())
    if replayed:
        travelled = [(action, {**payload, "offline": True}) for action, payload in travelled]
    cuts = data.draw(st.sets(st.integers(0, len(travelled) - 1), max_size=3))
    expected = asyncio.run(deliver(version, messages, set()))
    bill = asyncio.run(deliver(version, travelled, cuts))
    assert bill.content == expected.content
    assert sum(line.amount for line in bill.content.lines) == bill.content.total
    assert bill.state == expected.state == "issued"


def status_of(minute: int, status: str) -> Message:
    return "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": at(minute)}


async def deliver_1_6(statuses: list[Message], registers: list[int], late: set[int], repeats: int) -> Bill:
    """A 1.6 station keeps the order of its transaction messages; its statuses may come late."""
    async with csms_bench() as bench:
        await publish(bench)
        await bench.add_token("CARD")
        station = await bench.boot("CP-1", Version.V16)
        await stand(bench)
        start = {"connectorId": 1, "idTag": "CARD", "timestamp": at(0), "meterStart": registers[0]}
        number = (await station.call("StartTransaction", start))["transactionId"]
        for place, (action, payload) in enumerate(statuses):
            if place not in late:
                await station.call(action, payload)
        for place, register in enumerate(registers[1:-1], 1):
            values = [{"timestamp": at(10 * place), "sampledValue": [{"value": str(register)}]}]
            payload = {"connectorId": 1, "transactionId": number, "meterValue": values}
            for _ in range(repeats):
                await station.call("MeterValues", payload)
        end = {"transactionId": number, "timestamp": at(10 * (len(registers) - 1)), "meterStop": registers[-1]}
        for _ in range(repeats):
            await station.call("StopTransaction", end)
        for place in sorted(late):
            await station.call(*statuses[place])
        return await current(bench)


@tries(12)
@given(st.lists(st.sampled_from([0, 5, 1_250]), min_size=1, max_size=10), st.data())
def test_1_6_statuses_with_a_time_may_come_when_they_like(steps: list[int], data: st.DataObject) -> None:
    registers = [1_000 + sum(steps[:number]) for number in range(len(steps) + 1)]
    kinds = ["Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"]
    minutes = data.draw(st.lists(st.integers(-30, 10 * len(steps)), max_size=5, unique=True))
    statuses = [status_of(minute, data.draw(st.sampled_from(kinds))) for minute in sorted(minutes)]
    late = data.draw(st.sets(st.integers(0, max(0, len(statuses) - 1)), max_size=len(statuses)))
    expected = asyncio.run(deliver_1_6(statuses, registers, set(), 1))
    bill = asyncio.run(deliver_1_6(statuses, registers, {place for place in late if place < len(statuses)}, 2))
    assert bill.content == expected.content


def test_what_comes_after_the_end_makes_a_version_that_says_what_changed() -> None:
    async def scenario() -> list[Bill]:
        async with csms_bench() as bench:
            await publish(bench)
            await bench.add_token("CARD", "ISO14443")
            station = await bench.boot("CP-1", Version.V201)
            first, middle, last = (event(n, 2, 1_000 + 4_000 * n, "Charging", False) for n in range(3))
            await station.call(*first)
            await station.call(*last)
            idle = msgspec.convert(msgspec.to_builtins(middle[1]), dict[str, Any])
            idle["transactionInfo"] = {"transactionId": "TX-1", "chargingState": "SuspendedEV"}
            await station.call("TransactionEvent", idle)
            query = BillFilter(tenant="default", states=("issued", "held", "superseded"))
            return list((await bench.storage.reads.bills(query)).items)

    second, first = asyncio.run(scenario())
    assert (first.version, first.state, first.cause) == (1, "superseded", "ended")
    assert (second.version, second.state, second.cause) == (2, "issued", "evidence")
    assert second.corrects == first.key
    assert second.difference == second.content.total - first.content.total > 0
    assert "gap" in first.content.flags
    assert "gap" not in second.content.flags
