"""Nothing lost, nothing twice: however a transaction's messages travel, the CSMS stores the same transaction."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tries import tries

from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.domain.queries import PageRequest, TransactionFilter
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.testing import CsmsBench, SoapWireClient, WireClient, csms_bench
from stationmaster.testing.bench import BOOTS

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIRST_GENERATION = [version for version in VERSIONS if version.family == 1]
Message = tuple[str, dict[str, Any]]


def at(minute: int) -> str:
    return (T0 + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")


def event(number: int, last: int) -> Message:
    kind = "Started" if number == 0 else "Ended" if number == last else "Updated"
    context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
    payload: dict[str, Any] = {
        "eventType": kind,
        "timestamp": at(number),
        "triggerReason": "MeterValuePeriodic" if kind == "Updated" else "Authorized",
        "seqNo": number,
        "transactionInfo": {"transactionId": "TX-1", "chargingState": "Charging"},
        "meterValue": [{"timestamp": at(number), "sampledValue": [{"value": 1000 + 250 * number, "context": context}]}],
    }
    if kind == "Started":
        payload |= {"evse": {"id": 1, "connectorId": 1}, "idToken": {"idToken": "CARD", "type": "ISO14443"}}
    if kind == "Ended":
        payload["transactionInfo"]["stoppedReason"] = "EVDisconnected"
    return "TransactionEvent", payload


async def stored(bench: CsmsBench) -> dict[str, Any]:
    """What is stored of the one transaction, without our keys and the times of receipt."""
    reads = bench.storage.reads
    found = (await reads.transactions(TransactionFilter(tenant="default"))).items
    assert len(found) == 1
    transaction = found[0]
    events = (await reads.transaction_events("default", transaction.key, PageRequest(limit=1000))).items
    readings = (await reads.readings("default", transaction.key, PageRequest(limit=1000))).items
    fields = msgspec.structs.asdict(transaction)
    for ours in ("key", "received_at", "end_received_at", "token_rank", "state_rank", "station_key", "wire_id"):
        fields.pop(ours)
    evidence = energy(transaction)
    return {
        **fields,
        "energy": evidence,
        "events": sorted((e.event_type, e.dedupe_key if e.seq_no is not None else "", e.timestamp) for e in events),
        "readings": sorted((r.taken_at, r.register_wh) for r in readings),
    }


async def booted(bench: CsmsBench, version: Version) -> WireClient | SoapWireClient:
    if not version.is_soap:
        return await bench.boot("CP-1", version)
    station = bench.soap("CP-1", version)
    await station.call("BootNotification", BOOTS[version.family])
    return station


async def again(bench: CsmsBench, station: WireClient | SoapWireClient) -> WireClient | SoapWireClient:
    """The station after its line was cut. Over SOAP, which has none, it has begun anew, and so have its message ids."""
    if isinstance(station, SoapWireClient):
        return bench.soap("CP-1", station.version)
    station.connection.cut()
    return await bench.dial("CP-1", station.version)


async def deliver(version: Version, messages: list[Message], reconnect_before: set[int]) -> dict[str, Any]:
    async with csms_bench() as bench:
        await bench.add_token("CARD", "ISO14443")
        station = await booted(bench, version)
        for place, (action, payload) in enumerate(messages):
            if place in reconnect_before:
                station = await again(bench, station)
            await station.call(action, payload)
        return await stored(bench)


@tries(15)
@given(st.sampled_from([Version.V201, Version.V21]), st.integers(1, 6), st.data())
def test_any_order_repetition_and_retry_of_2_x_events_ends_in_the_same_transaction(
    version: Version, last: int, data: st.DataObject
) -> None:
    messages = [event(number, last) for number in range(last + 1)]
    repeats = data.draw(st.lists(st.sampled_from(messages), max_size=6))
    travelled = list(data.draw(st.permutations(messages + repeats)))
    cuts = data.draw(st.sets(st.integers(0, len(travelled) - 1), max_size=3))
    expected = asyncio.run(deliver(version, messages, set()))
    assert asyncio.run(deliver(version, travelled, cuts)) == expected
    assert len(expected["events"]) == last + 1


def metered(version: Version, transaction: int, minute: int) -> Message:
    wh = 1000 + 250 * minute
    of = {"connectorId": 1} if version is Version.V12 else {"connectorId": 1, "transactionId": transaction}
    match version:
        case Version.V12:
            return "MeterValues", {**of, "values": [{"timestamp": at(minute), "value": wh}]}
        case Version.V15:
            return "MeterValues", {**of, "values": [{"timestamp": at(minute), "value": [{"value": str(wh)}]}]}
        case _:
            value = {"timestamp": at(minute), "sampledValue": [{"value": str(wh)}]}
            return "MeterValues", {**of, "meterValue": [value]}


async def deliver_1_x(version: Version, samples: int, repeats: list[int], cuts: set[int]) -> dict[str, Any]:
    """A station of 1.x keeps its order, and sends again whatever it got no answer to."""
    async with csms_bench() as bench:
        await bench.add_token("CARD")
        station = await booted(bench, version)
        start = {"connectorId": 1, "idTag": "CARD", "timestamp": at(0), "meterStart": 1000}
        answers = [await station.call("StartTransaction", start) for _ in range(1 + repeats[0])]
        assert len({answer["transactionId"] for answer in answers}) == 1
        number = answers[0]["transactionId"]
        rest = [metered(version, number, minute) for minute in range(1, samples + 1)]
        end = {"transactionId": number, "timestamp": at(samples + 1), "meterStop": 1000 + 250 * (samples + 1)}
        rest.append(("StopTransaction", end))
        for place, (action, payload) in enumerate(rest):
            if place in cuts:
                station = await again(bench, station)
            for _ in range(1 + repeats[1 + place]):
                await station.call(action, payload)
        return await stored(bench)


@tries(12)
@given(st.sampled_from(FIRST_GENERATION), st.integers(0, 4), st.data())
def test_any_repetition_and_reconnection_of_1_x_messages_ends_in_the_same_transaction(
    version: Version, samples: int, data: st.DataObject
) -> None:
    places = samples + 2
    repeats = data.draw(st.lists(st.integers(0, 2), min_size=places, max_size=places))
    cuts = data.draw(st.sets(st.integers(0, samples), max_size=2))
    expected = asyncio.run(deliver_1_x(version, samples, [0] * places, set()))
    assert asyncio.run(deliver_1_x(version, samples, repeats, cuts)) == expected
    assert expected["energy"][0] == 250 * (samples + 1)


@tries(12)
@given(
    st.sampled_from(FIRST_GENERATION),
    st.integers(0, 7 * 24 * 60),
    st.integers(0, 100_000),
    st.integers(0, 100_000),
    st.data(),
)
def test_1_6_errata_3_18_a_start_and_an_end_without_an_id_are_one_transaction_in_either_order(
    version: Version, minutes: int, meter_start: int, energy_wh: int, data: st.DataObject
) -> None:
    start = {"connectorId": 1, "idTag": "CARD", "timestamp": at(0), "meterStart": meter_start}
    end = {"transactionId": -1, "idTag": "card", "timestamp": at(minutes), "meterStop": meter_start + energy_wh}
    messages: list[Message] = [("StartTransaction", start), ("StopTransaction", end)]
    expected = asyncio.run(deliver(version, messages, set()))
    repeats = data.draw(st.lists(st.sampled_from(messages), max_size=3))
    travelled = list(data.draw(st.permutations(messages + repeats)))
    cuts = data.draw(st.sets(st.integers(0, len(travelled) - 1), max_size=2))
    assert asyncio.run(deliver(version, travelled, cuts)) == expected
    assert expected["energy"][0] == energy_wh
