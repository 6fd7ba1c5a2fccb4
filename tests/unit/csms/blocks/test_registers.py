"""Registers from one transaction to the next, through a whole CSMS: in what order it is told makes no false alarm."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stationmaster.csms.blocks import registers
from stationmaster.domain.cost.transaction_energy import anomalies
from stationmaster.domain.queries import OddityFilter, TransactionFilter
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, WireClient, csms_bench

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(minute: float) -> str:
    return (T0 + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")


def event(transaction: str, number: int, kind: str, minute: float, register: int | None, **more: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at(minute),
        "triggerReason": "MeterValuePeriodic",
        "seqNo": number,
        "transactionInfo": {"transactionId": transaction},
        **more,
    }
    if kind == "Started":
        payload["evse"] = {"id": 1, "connectorId": 1}
    if register is not None:
        payload["meterValue"] = [{"timestamp": at(minute), "sampledValue": [{"value": register}]}]
    return payload


def a_transaction(name: str, minute: float, first: int, last: int) -> list[dict[str, Any]]:
    return [
        event(name, 0, "Started", minute, first),
        event(name, 1, "Updated", minute + 1, (first + last) // 2),
        event(name, 2, "Ended", minute + 2, last),
    ]


async def tell(station: WireClient, *events: dict[str, Any]) -> None:
    for each in events:
        await station.call("TransactionEvent", each)


async def idle(station: WireClient, minute: float, register: int) -> None:
    value = {"timestamp": at(minute), "sampledValue": [{"value": register, "context": "Sample.Clock"}]}
    await station.call("MeterValues", {"evseId": 1, "meterValue": [value]})


async def found(bench: CsmsBench) -> list[str]:
    query = OddityFilter(tenant="default", station_key=bench.station("CP-1").key)
    page = await bench.storage.reads.oddities(query)
    return [each.oddity.kind for each in reversed(page.items) if each.oddity.kind.startswith("register_")]


async def odd_transactions(bench: CsmsBench) -> dict[str, tuple[str, ...]]:
    page = await bench.storage.reads.transactions(TransactionFilter(tenant="default"))
    return {each.wire_id: anomalies(each) for each in page.items if anomalies(each)}


@pytest.mark.parametrize(
    ("first", "kind"), [(5000, None), (5001, None), (4000, "register_backwards"), (6000, "register_gap")]
)
async def test_J02_FR_17_a_transaction_is_compared_with_the_end_of_the_one_before(first: int, kind: str | None) -> None:
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V201)
        await tell(station, *a_transaction("A", 0, 1000, 5000), *a_transaction("B", 60, first, first + 3000))
        await tell(station, *a_transaction("C", 90, first + 3000, first + 3000))
        assert await found(bench) == ([kind] if kind else [])
        assert await odd_transactions(bench) == ({"B": (kind,)} if kind else {})


async def test_what_was_known_is_known_after_a_restart_of_the_connection() -> None:
    async with csms_bench() as bench:
        await tell(await bench.boot("CP-1", Version.V201), *a_transaction("A", 0, 1000, 5000))
        (before,) = await bench.storage.reads.evse_registers(bench.station("CP-1").key)
        await tell(await bench.boot("CP-1", Version.V201), *a_transaction("B", 60, 5500, 6000))
        assert (before.at, before.wh, before.is_open) == (T0 + timedelta(minutes=2), 5000, False)
        assert await odd_transactions(bench) == {"B": ("register_gap",)}


async def test_a_replay_of_older_transactions_is_compared_with_nothing() -> None:
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V201)
        await tell(station, *a_transaction("B", 60, 5000, 6000), *a_transaction("A", 0, 1000, 5000))
        await tell(station, *a_transaction("C", 90, 6000, 7000))
        assert (await found(bench), await odd_transactions(bench)) == ([], {})


async def test_a_transaction_whose_end_is_late_or_never_comes_is_no_gap() -> None:
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V201)
        lost, late = a_transaction("A", 0, 1000, 5000), a_transaction("B", 60, 5000, 6000)
        await tell(station, *lost[:2], *late, lost[2], *a_transaction("C", 90, 6000, 7000))
        assert await found(bench) == []


async def test_registers_that_are_told_late_count_from_when_they_are_told() -> None:
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V201)
        without = [
            event("B", 0, "Started", 60, None),
            event("B", 1, "Updated", 61, 5500),
            event("B", 2, "Ended", 62, 6000),
        ]
        await tell(station, *a_transaction("A", 0, 1000, 5000), *without)
        assert await odd_transactions(bench) == {"B": ("register_gap",)}


async def test_values_told_while_nobody_charges_are_compared_and_those_of_a_transaction_are_not() -> None:
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V201)
        await idle(station, 0, 1000)
        await idle(station, 15, 1000)
        await tell(station, *a_transaction("A", 20, 1000, 5000)[:2])
        await idle(station, 22, 3500)
        assert await found(bench) == []
        await tell(station, a_transaction("A", 20, 1000, 5000)[2])
        await idle(station, 30, 5000)
        await idle(station, 45, 5700)
        await idle(station, 60, 5700)
        assert await found(bench) == ["register_gap"]
        await tell(station, *a_transaction("B", 90, 5700, 6000))
        assert await odd_transactions(bench) == {}, "it was told before"
        told = [each.event for each in await bench.storage.outbox.after(0) if each.event.kind == "RegisterOdd"]
        assert [(each.data["wh"], each.data["transaction"]) for each in told] == [("700", None)]


async def test_evses_have_meters_of_their_own() -> None:
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V201)
        other = a_transaction("B", 60, 90, 100)
        other[0]["evse"]["id"] = 2
        await tell(station, *a_transaction("A", 0, 1000, 5000), *other)
        assert await found(bench) == []
        assert [each.evse_id for each in await bench.storage.reads.evse_registers(bench.station("CP-1").key)] == [1, 2]


async def test_a_station_that_names_ever_more_evses_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "MOST_EVSES", 3)
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V201)
        for evse_id in range(1, 8):
            value = {"timestamp": at(evse_id), "sampledValue": [{"value": 5}]}
            await station.call("MeterValues", {"evseId": evse_id, "meterValue": [value]})
        assert [each.evse_id for each in await bench.storage.reads.evse_registers(bench.station("CP-1").key)] == [
            1,
            2,
            3,
        ]


@pytest.mark.parametrize(("first", "kinds"), [(1600, []), (1700, ["register_gap"])])
async def test_connectors_of_1_6_may_share_a_meter(first: int, kinds: list[str]) -> None:
    """What the other connector charged is no gap; what nobody charged is one."""
    async with csms_bench() as bench:
        station = await bench.boot("CP-1", Version.V16)
        for connector, minute, start, stop in ((1, 0, 1000, 1200), (2, 10, 1200, 1600), (1, 20, first, first + 50)):
            answer = await station.call(
                "StartTransaction",
                {"connectorId": connector, "idTag": "T", "meterStart": start, "timestamp": at(minute)},
            )
            stopped = {"transactionId": answer["transactionId"], "meterStop": stop, "timestamp": at(minute + 5)}
            await station.call("StopTransaction", stopped)
        assert await found(bench) == kinds
