"""However transaction messages come, they end in the same bill."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.domain.cost.transaction_energy import anomalies, energy
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, StationView, csms_bench
from stationmaster.testing.script import meter_value, moment

Boots = Callable[[str], Awaitable[tuple[ScriptedStation, StationView]]]


def _session(station: ScriptedStation) -> list[dict[str, Any]]:
    """The messages of one whole transaction: 7400 Wh in an hour."""
    tx = station.transaction("T")
    began = station.now() - timedelta(hours=2)
    payloads = []
    for event_type, trigger, minute, wh, more in (
        ("Started", "CablePluggedIn", 0, 1000.0, {"evse": (1, 1), "chargingState": "EVConnected"}),
        ("Updated", "Authorized", 1, None, {"token": "T1"}),
        ("Updated", "ChargingStateChanged", 2, None, {"chargingState": "Charging"}),
        ("Updated", "MeterValuePeriodic", 30, 4000.0, {}),
        ("Ended", "StopAuthorized", 60, 8400.0, {"stoppedReason": "Local"}),
    ):
        at = began + timedelta(minutes=minute)
        context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(event_type, "Sample.Periodic")
        values = () if wh is None else (meter_value(at, wh, context),)
        payloads.append(tx.payload(event_type, trigger, at=at, offline=True, values=values, **more))
        tx.seq_no += 1
    return payloads


@pytest.mark.parametrize(
    "order",
    [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [4, 0, 2, 1, 3], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], [1, 3, 0, 4, 2, 3, 1]],
    ids=lambda order: "".join(map(str, order)),
)
async def test_any_order_and_any_repeats_end_in_the_same_transaction(boots: Boots, order: list[int]) -> None:
    station, view = await boots("S1")
    payloads = _session(station)

    for number in order:
        answer = await station.say("TransactionEvent", payloads[number])
        assert ("idTokenInfo" in answer) == (number == 1)

    stored = await view.transaction("T")
    assert (stored.is_open, stored.stopped_reason, stored.authorization) == (False, "Local", "Accepted")
    assert energy(stored) == (Decimal(7400), "registers")
    assert (anomalies(stored), stored.seq_seen) == ((), ((0, 4),))
    assert sorted(event.seq_no or 0 for event in await view.events(stored)) == [0, 1, 2, 3, 4]
    assert len(await view.readings()) == 3
    assert not await view.conflicts()


async def test_a_repeat_with_other_content_is_recorded_as_a_conflict_and_answered(boots: Boots) -> None:
    station, view = await boots("S1")
    tx = station.transaction()
    await tx.started("Authorized", token="T1")
    tx.seq_no = 0

    answer = await tx.started("Authorized", token="T1", chargingState="Charging")

    assert answer["idTokenInfo"]["status"] == "Accepted"
    stored = await view.transaction()
    assert anomalies(stored) == ("conflict",)
    assert stored.charging_state is None
    assert len(await view.events(stored)) == 1
    (conflict,) = await view.conflicts()
    assert (conflict.transaction_key, conflict.dedupe_key) == (stored.key, "0")
    assert b"Charging" in conflict.body


async def test_a_missing_number_is_shown_until_it_comes(boots: Boots) -> None:
    station, view = await boots("S1")
    payloads = _session(station)
    for number in (0, 1, 4):
        await station.say("TransactionEvent", payloads[number])
    assert anomalies(await view.transaction()) == ("gap",)

    for number in (2, 3):
        await station.say("TransactionEvent", payloads[number])

    assert anomalies(await view.transaction()) == ()


async def test_the_end_of_a_transaction_whose_start_was_lost_is_kept(boots: Boots) -> None:
    station, view = await boots("S1")
    end = _session(station)[-1]

    assert await station.say("TransactionEvent", {**end, "seqNo": 0}) == {}

    stored = await view.transaction("T")
    assert (stored.is_open, anomalies(stored)) == (False, ("lost_start",))


async def test_an_event_of_an_unknown_transaction_begins_it(boots: Boots) -> None:
    station, view = await boots("S1")

    await station.say("TransactionEvent", _session(station)[3])

    stored = await view.transaction("T")
    assert (stored.is_open, stored.started_at) == (True, None)
    assert set(anomalies(stored)) == {"lost_start", "gap"}


async def test_readings_that_come_after_the_end_still_count(boots: Boots) -> None:
    station, view = await boots("S1")
    payloads = _session(station)
    for number in (0, 4):
        await station.say("TransactionEvent", payloads[number])

    await station.say("TransactionEvent", payloads[3])

    stored = await view.transaction()
    assert stored.end_received_at is not None
    assert [reading.register_wh for reading in await view.readings()] == [1000, 4000, 8400]
    assert {reading.transaction_key for reading in await view.readings()} == {stored.key}


async def test_what_a_transaction_is_survives_a_restart(tmp_path: Any) -> None:
    from stationmaster.testing import csms_bench

    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        await bench.add_token("T1", "ISO14443")
        station = ScriptedStation(await bench.boot("S1", Version.V201), bench.clock.now)
        payloads = _session(station)
        for payload in payloads[:4]:
            await station.say("TransactionEvent", payload)

    async with csms_bench(path=path) as bench:
        station = ScriptedStation(await bench.dial("S1", Version.V201), bench.clock.now)
        for payload in payloads[2:]:
            await station.say("TransactionEvent", payload)
        view = bench.view("S1")
        stored = await view.transaction()
        assert energy(stored) == (Decimal(7400), "registers")
        assert len(await view.events(stored)) == 5


# 1.6


def _start(at: str, **more: Any) -> dict[str, Any]:
    return {"connectorId": 1, "idTag": "T1", "meterStart": 1000, "timestamp": at, **more}


async def test_the_same_StartTransaction_twice_is_one_transaction_with_one_id(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    start = _start(moment(bench.clock.now()))

    answers = [await client.call("StartTransaction", start) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert len(await bench.view("S16").transactions()) == 1


@pytest.mark.parametrize("change", [{"meterStart": 1001}, {"connectorId": 2}, {"idTag": "T2"}])
async def test_another_StartTransaction_is_another_transaction(bench: CsmsBench, change: dict[str, Any]) -> None:
    client = await bench.boot("S16", Version.V16)
    at = moment(bench.clock.now())

    first = await client.call("StartTransaction", _start(at))
    second = await client.call("StartTransaction", _start(at, **change))

    assert first["transactionId"] != second["transactionId"]


async def test_the_same_StartTransaction_after_its_end_is_a_new_transaction(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    at = moment(bench.clock.now())
    first = await client.call("StartTransaction", _start(at))
    stop = {"transactionId": first["transactionId"], "meterStop": 1100, "timestamp": at}
    await client.call("StopTransaction", stop)

    second = await client.call("StartTransaction", _start(at))

    assert first["transactionId"] != second["transactionId"]


async def test_a_StartTransaction_repeated_after_an_end_without_an_id_is_still_a_repeat(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    at = moment(bench.clock.now())
    first = await client.call("StartTransaction", _start(at))
    await client.call("StopTransaction", {"transactionId": -1, "meterStop": 1100, "timestamp": at, "idTag": "T1"})

    second = await client.call("StartTransaction", _start(at))

    assert first["transactionId"] == second["transactionId"]
    assert anomalies(await bench.view("S16").transaction()) == ("ended_without_id",)


async def test_the_same_StopTransaction_twice_is_one_end_and_another_one_a_conflict(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    at = moment(bench.clock.now())
    transaction_id = (await client.call("StartTransaction", _start(at)))["transactionId"]
    stop = {"transactionId": transaction_id, "meterStop": 1100, "timestamp": at, "idTag": "T1"}

    answers = [await client.call("StopTransaction", stop) for _ in range(2)]
    assert answers[0] == answers[1]
    assert not await view.conflicts()
    other = await client.call("StopTransaction", {**stop, "meterStop": 9900})

    assert other["idTagInfo"]["status"] == "Accepted"
    assert len(await view.conflicts()) == 1
    stored = await view.transaction()
    assert (stored.meter_stop_wh, anomalies(stored)) == (Decimal(1100), ("conflict",))


async def test_a_stop_of_a_transaction_that_another_system_began_is_kept(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    stop = {"transactionId": 4711, "meterStop": 1100, "timestamp": moment(bench.clock.now())}

    for _ in range(2):
        assert await client.call("StopTransaction", stop) == {}

    stored = await bench.view("S16").transaction("4711")
    assert (stored.is_open, anomalies(stored)) == (False, ("lost_start",))


async def test_meter_values_of_an_unknown_transaction_are_stored_and_noted(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    values = [{"timestamp": moment(bench.clock.now()), "sampledValue": [{"value": "5"}]}]

    answer = await client.call("MeterValues", {"connectorId": 1, "transactionId": 4711, "meterValue": values})

    assert answer == {}
    assert [reading.register_wh for reading in await view.readings()] == [5]
    (oddity,) = await view.oddities("unknown_transaction")
    assert "4711" in oddity.detail


async def test_meter_values_after_the_end_belong_to_the_ended_transaction(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    at = bench.clock.now()
    transaction_id = (await client.call("StartTransaction", _start(moment(at))))["transactionId"]
    await client.call("StopTransaction", {"transactionId": transaction_id, "meterStop": 1100, "timestamp": moment(at)})
    values = [{"timestamp": moment(at), "sampledValue": [{"value": "1050"}]}]

    await client.call("MeterValues", {"connectorId": 1, "transactionId": transaction_id, "meterValue": values})

    stored = await view.transaction()
    (reading,) = await view.readings()
    assert reading.transaction_key == stored.key
    assert not stored.is_open
    assert not await view.oddities()


@pytest.mark.parametrize(
    ("version", "minute", "connector", "belongs"),
    [
        (Version.V12, 10, 1, True),
        (Version.V12, -10, 1, False),
        (Version.V12, 10, 2, False),
        (Version.V12, 10, 0, False),
        (Version.V15, 10, 1, False),
    ],
)
async def test_meter_values_without_an_id_belong_to_what_goes_on_where_a_version_has_no_room_for_it(
    bench: CsmsBench, version: Version, minute: int, connector: int, belongs: bool
) -> None:
    client = bench.soap("S12", version)
    await client.call("BootNotification", {"chargePointVendor": "Maker", "chargePointModel": "Model"})
    await client.call("StartTransaction", _start(_minute(bench, 0)))
    value = 1050 if version is Version.V12 else [{"value": "1050"}]
    values = [{"timestamp": _minute(bench, minute), "value": value}]

    await client.call("MeterValues", {"connectorId": connector, "values": values})

    (reading,) = await bench.view("S12").readings()
    assert (reading.register_wh, reading.transaction_key is not None) == (1050, belongs)


def _stop(at: str, **more: Any) -> dict[str, Any]:
    return {"transactionId": -1, "idTag": "T1", "meterStop": 8400, "timestamp": at, **more}


def _minute(bench: CsmsBench, minute: int) -> str:
    return moment(bench.clock.now() - timedelta(hours=3) + timedelta(minutes=minute))


async def test_1_6_errata_3_18_a_start_that_comes_after_its_end_is_the_same_transaction(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    start, stop = _start(_minute(bench, 0)), _stop(_minute(bench, 60))
    await client.call("StopTransaction", stop)
    assert anomalies(await view.transaction()) == ("lost_start",)

    answers = [await client.call("StartTransaction", start) for _ in range(2)]
    await client.call("StopTransaction", stop)

    stored = await view.transaction(str(answers[0]["transactionId"]))
    assert answers[0] == answers[1]
    assert answers[0]["idTagInfo"]["status"] == "Accepted"
    assert (energy(stored), anomalies(stored)) == ((Decimal(7400), "registers"), ("ended_without_id",))
    assert len(await view.events(stored)) == 2
    assert not await view.conflicts()


@pytest.mark.parametrize(
    ("minute", "change"),
    [
        (0, {"idTag": "T2"}),
        (61, {}),
        (0, {"meterStart": 8401}),
        (-8 * 24 * 60, {}),
    ],
    ids=["another token", "after the end", "a higher register", "a week before"],
)
async def test_1_6_errata_3_18_a_start_that_cannot_be_the_ends_own_begins_another_transaction(
    bench: CsmsBench, minute: int, change: dict[str, Any]
) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    await client.call("StopTransaction", _stop(_minute(bench, 60)))

    await client.call("StartTransaction", _start(_minute(bench, minute), **change))

    lost, begun = await view.transactions()
    assert {lost.is_open, begun.is_open} == {True, False}
    assert "ended_without_id" not in (*lost.flags, *begun.flags)


@pytest.mark.parametrize("missing", ["idTag", "timestamp"])
async def test_1_6_errata_3_18_an_end_that_says_too_little_is_joined_to_no_start(
    bench: CsmsBench, missing: str
) -> None:
    client = await bench.boot("S16", Version.V16)
    stop = _stop(_minute(bench, 60))
    del stop[missing]
    for _ in range(2):
        await client.call("StopTransaction", stop)

    await client.call("StartTransaction", _start(_minute(bench, 0)))

    assert len(await bench.view("S16").transactions()) == 2


async def test_1_6_errata_3_18_a_start_that_two_ends_may_belong_to_is_joined_to_neither(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    await client.call("StopTransaction", _stop(_minute(bench, 60)))
    await client.call("StopTransaction", _stop(_minute(bench, 90), meterStop=9000))

    await client.call("StartTransaction", _start(_minute(bench, 0)))

    transactions = await bench.view("S16").transactions()
    assert [tx.is_open for tx in transactions].count(True) == 1
    assert len(transactions) == 3


async def test_1_6_errata_3_18_an_end_beyond_another_transaction_at_the_connector_is_not_joined(
    bench: CsmsBench,
) -> None:
    client = await bench.boot("S16", Version.V16)
    await bench.add_token("T2", "ISO14443")
    between = await client.call("StartTransaction", _start(_minute(bench, 20), idTag="T2", meterStart=3000))
    stop = {"transactionId": between["transactionId"], "meterStop": 7000, "timestamp": _minute(bench, 40)}
    await client.call("StopTransaction", stop)
    await client.call("StopTransaction", _stop(_minute(bench, 60)))

    await client.call("StartTransaction", _start(_minute(bench, 0)))

    transactions = await bench.view("S16").transactions()
    assert [energy(tx) for tx in transactions if energy(tx)] == [(Decimal(4000), "registers")]
    assert len(transactions) == 3


async def test_1_6_errata_3_18_a_transaction_is_billed_by_the_end_that_names_it(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    await client.call("StopTransaction", _stop(_minute(bench, 60)))
    number = (await client.call("StartTransaction", _start(_minute(bench, 0))))["transactionId"]
    named = _stop(_minute(bench, 90), transactionId=number, meterStop=9000)

    for _ in range(2):
        assert (await client.call("StopTransaction", named))["idTagInfo"]["status"] == "Accepted"

    stored = await view.transaction(str(number))
    assert (energy(stored), anomalies(stored)) == ((Decimal(8000), "registers"), ("conflict",))
    assert len(await view.events(stored)) == 3
    await client.call("StopTransaction", {**named, "meterStop": 9999})
    assert (await view.transaction(str(number))).meter_stop_wh == 9000


async def test_1_6_errata_3_18_a_repeated_end_does_not_end_another_transaction(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    stop = _stop(_minute(bench, 60))
    first, second = [
        (await client.call("StartTransaction", _start(_minute(bench, connector), connectorId=connector)))
        for connector in (1, 2)
    ]
    await client.call("StopTransaction", stop)  # either may be meant
    named = {"transactionId": first["transactionId"], "meterStop": 2000, "timestamp": _minute(bench, 50)}
    await client.call("StopTransaction", named)

    await client.call("StopTransaction", stop)

    assert (await view.transaction(str(second["transactionId"]))).is_open


async def test_an_id_that_another_system_gave_is_not_given_again(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    at = moment(bench.clock.now())
    drawn = bench.storage.keys.take()
    taken = drawn + 2  # the stop draws the next key, the start the one behind it
    await client.call("StopTransaction", {"transactionId": taken, "meterStop": 1, "timestamp": at})

    answer = await client.call("StartTransaction", _start(at))

    assert answer["transactionId"] > taken
    assert len(await bench.view("S16").transactions()) == 2


async def test_1_6_errata_3_18_a_stop_without_an_id_that_is_sent_twice_ends_one_transaction() -> None:
    start = {"connectorId": 1, "idTag": "CARD", "timestamp": "2026-03-01T12:00:00Z", "meterStart": 100}
    stop = {"transactionId": -1, "idTag": "CARD", "timestamp": "2026-03-01T13:00:00Z", "meterStop": 900}
    async with csms_bench() as bench:
        client = await bench.boot("S1", Version.V16)
        await client.call("StartTransaction", start)
        for _ in range(2):
            await client.call("StopTransaction", stop)

        stored = await bench.view("S1").transactions()
        assert [energy(transaction) for transaction in stored] == [(Decimal(800), "registers")]
