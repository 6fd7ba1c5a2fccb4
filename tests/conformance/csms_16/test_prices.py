"""Prices and costs over DataTransfer, message by message, as others tell of OCA's paper on California's rules."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from case_16 import TAG, Case16

from stationmaster.csms.blocks.limits import wished
from stationmaster.domain.cost.tariff import Component, Conditions, Price, Tariff, TaxRate, Text
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.records import Learned
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.testing.script import moment

VENDOR = "org.openchargealliance.costmsg"
VAT = (TaxRate("VAT", Decimal(25)),)


async def priced(case: Case16, **terms: Any) -> None:
    """A tariff for all, and a station that has said that it shows prices."""
    since = case.now() - timedelta(hours=6)
    terms = {"energy": Component((Price(Decimal("0.40")),), VAT), **terms}
    tariff = Tariff(key=901, tenant="default", name="street", version=1, valid_from=since, currency="EUR", **terms)
    assignment = Assignment(key=902, tenant="default", tariff="street", from_at=since)
    await case.bench.storage.journal.store([tariff, assignment])
    await case.bench.csms.book.load("default")
    await told(case, CostMessages="yes")
    case.client.on("DataTransfer", {"status": "Accepted"})


async def told(case: Case16, **names: str) -> None:
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    learned = {f"can:{name}": value for name, value in names.items()}
    await case.bench.storage.journal.store(
        [Learned(station_key=case.view.key, name=name, value=value) for name, value in learned.items()]
    )
    desk.state = desk.state.with_learned(learned)


async def begun(case: Case16, at: datetime | None = None) -> int:
    """A transaction whose driver has been told the price, and that it costs nothing yet."""
    started: int = (await case.start(meter=1000, at=at))["transactionId"]
    await heard(case, "SetUserPrice")
    await heard(case, "RunningCost")
    return started


async def heard(case: Case16, message_id: str) -> Any:
    """What the next DataTransfer says, which must be this one."""
    asked = await case.client.expect("DataTransfer")
    assert (asked["vendorId"], asked["messageId"]) == (VENDOR, message_id)
    return json.loads(asked["data"])


async def unplugged(case: Case16, **data: Any) -> Any:
    text = json.dumps(data)
    return await case.client.call("DataTransfer", {"vendorId": VENDOR, "messageId": "ConnectorUnplugged", "data": text})


async def test_the_price_follows_the_answer_to_authorize(case: Case16) -> None:
    await priced(case, texts=(Text("en", "40 cents"), Text("de", "40 Cent")))
    await case.client.call("Authorize", {"idTag": TAG})
    assert await heard(case, "SetUserPrice") == {"idToken": TAG, "priceText": "40 cents"}


async def test_a_station_of_many_languages_is_told_in_all_that_there_are(case: Case16) -> None:
    await priced(case, texts=(Text("en", "40 cents"), Text("de", "40 Cent")))
    await told(case, MultiLanguageMessages="yes")
    await case.client.call("Authorize", {"idTag": TAG})
    extra = (await heard(case, "SetUserPrice"))["priceTextExtra"]
    assert [(each["language"], each["content"]) for each in extra] == [("en", "40 cents"), ("de", "40 Cent")]


async def test_a_token_that_was_not_asked_about_is_told_its_price_at_the_start(case: Case16) -> None:
    await priced(case)
    await case.start()
    assert (await heard(case, "SetUserPrice"))["idToken"] == TAG
    await heard(case, "RunningCost")


async def test_a_price_is_not_told_twice(case: Case16) -> None:
    await priced(case)
    await case.client.call("Authorize", {"idTag": TAG})
    await heard(case, "SetUserPrice")
    await case.start()
    await heard(case, "RunningCost")


async def test_the_running_cost_follows_the_start_and_each_meter_value(case: Case16) -> None:
    await priced(
        case,
        charging_time=Component((Price(Decimal("0.02")),), VAT),
        idle_time=Component((Price(Decimal("0.10"), Conditions(min_idle_time_s=900)),), VAT),
    )
    at = case.now() - timedelta(minutes=30)
    started = (await case.start(meter=1000, at=at))["transactionId"]
    await heard(case, "SetUserPrice")
    first = await heard(case, "RunningCost")
    assert first == {
        "transactionId": started,
        "timestamp": first["timestamp"],
        "meterValue": 1000,
        "cost": 0,
        "chargingPrice": {"kWhPrice": 0.5, "hourPrice": 1.5},
        "idlePrice": {"graceMinutes": 15, "hourPrice": 7.5},
        "state": "Charging",
        "triggerMeterValue": {"atPowerkW": 0.1},
    }

    await case.meter_values("3000", at=at + timedelta(minutes=10), transactionId=started)
    second = await heard(case, "RunningCost")
    assert (second["cost"], second["meterValue"]) == (1.25, 3000)  # 2 kWh at 0.50 and ten minutes at 0.025

    await case.meter_values("3000", at=at + timedelta(minutes=20), transactionId=started)
    assert (await heard(case, "RunningCost"))["state"] == "Idle"


async def test_prices_to_come_by_the_clock_are_told_ahead(case: Case16) -> None:
    later = (case.now() + timedelta(hours=3)).strftime("%H:00")
    before = (case.now() + timedelta(hours=4)).strftime("%H:00")
    cheap = Price(Decimal("0.20"), Conditions(from_time=later, to_time=before))
    await priced(case, energy=Component((cheap, Price(Decimal("0.40"))), VAT))
    await case.start()
    await heard(case, "SetUserPrice")
    following = (await heard(case, "RunningCost"))["nextPeriod"]
    assert following["chargingPrice"] == {"kWhPrice": 0.25}
    assert following["atTime"][11:16] == later


async def test_the_total_follows_the_stop(case: Case16) -> None:
    await priced(case)
    at = case.now() - timedelta(minutes=30)
    started = await begun(case, at)
    await case.stop(started, meter=6000)
    assert await heard(case, "FinalCost") == {
        "transactionId": started,
        "cost": 2.5,
        "priceText": "2.50 EUR: 5.0 kWh, 30 min (energy 2.00, tax 0.50)",
    }
    (command,) = [each for each in await case.view.told("CommandChanged") if each.data["kind"] == "TellFinalCost"][-1:]
    assert command.data["state"] in ("sent", "accepted")


async def test_a_total_that_comes_long_after_the_end_is_told_to_nobody(case: Case16) -> None:
    await priced(case)
    long_ago = case.now() - timedelta(hours=5)
    started = await begun(case, long_ago)
    await case.stop(started, meter=6000, at=long_ago + timedelta(hours=1))
    await case.client.call("Heartbeat")
    assert case.client.received.empty()


async def test_of_a_transaction_whose_end_is_told_late_no_cost_is_kept_in_mind(case: Case16) -> None:
    await priced(case)
    long_ago = case.now() - timedelta(hours=5)
    started = await begun(case, long_ago)
    key = (await case.view.transaction(str(started))).key
    running = case.bench.csms.costs.running
    assert running.of(key) == 0
    await case.stop(started, meter=6000, at=long_ago + timedelta(hours=1))
    assert running.of(key) is None


async def test_a_cost_limit_stops_a_transaction_whose_station_shows_no_prices(case: Case16) -> None:
    await priced(case)
    await told(case, CostMessages="no")
    case.client.on("RemoteStopTransaction", {"status": "Accepted"})
    at = case.now() - timedelta(minutes=30)
    started = (await case.start(meter=1000, at=at))["transactionId"]
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    transaction = await case.view.transaction(str(started))
    limit = TransactionLimit(max_cost=Decimal(1))
    await desk.settle(partial(wished, transaction=transaction, limit=limit, source="prepaid"))
    watch = case.bench.csms.limit_watch

    await case.meter_values("2900", at=at + timedelta(minutes=10), transactionId=started)  # 0.95
    await watch.look()
    assert case.client.received.empty()
    await case.meter_values("3000", at=at + timedelta(minutes=20), transactionId=started)
    await watch.look()

    assert await case.client.expect("RemoteStopTransaction") == {"transactionId": started}


async def test_the_total_waits_for_the_car_where_idling_costs_after_the_stop(case: Case16) -> None:
    await priced(case, idle_time=Component((Price(Decimal("0.10")),)), after_stop="idle")
    await told(case, IdleFeeAfterStop="yes")
    at = case.now() - timedelta(minutes=30)
    started = await begun(case, at)
    await case.stop(started, meter=6000, at=at + timedelta(minutes=22))
    waiting = await heard(case, "RunningCost")
    assert (waiting["state"], waiting["cost"], waiting["idlePrice"]["hourPrice"]) == ("Idle", 2.5, 6)
    assert waiting["chargingPrice"] == {}

    left = moment(at + timedelta(minutes=30))
    assert await unplugged(case, transactionId=started, timestamp=left) == {"status": "Accepted"}

    assert (await heard(case, "FinalCost"))["cost"] == 3.3
    assert await unplugged(case, transactionId=started, timestamp=left) == {"status": "Accepted"}  # a repeat


@pytest.mark.parametrize("waits", ["yes", "no"])
async def test_a_car_that_left_before_the_stop_was_told_is_on_the_bill_all_the_same(case: Case16, waits: str) -> None:
    await priced(case, idle_time=Component((Price(Decimal("0.10")),)), after_stop="idle")
    await told(case, IdleFeeAfterStop=waits)
    at = case.now() - timedelta(minutes=30)
    started = await begun(case, at)
    await unplugged(case, transactionId=started, timestamp=moment(at + timedelta(minutes=30)))
    await case.stop(started, meter=6000, at=at + timedelta(minutes=22))
    assert (await heard(case, "FinalCost"))["cost"] == 3.3


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"transactionId": 999, "timestamp": "2026-01-01T00:00:00Z"}, "Rejected"),
        ({"transactionId": 1}, "Rejected"),
        ({"transactionId": "x", "timestamp": "2030-01-01T00:00:00Z"}, "Rejected"),
    ],
)
async def test_a_car_of_nobody_or_without_a_time_is_rejected(case: Case16, data: Any, status: str) -> None:
    assert (await unplugged(case, **data))["status"] == status


async def test_a_car_that_is_said_to_have_left_in_the_far_future_is_not_believed(case: Case16) -> None:
    await priced(case, idle_time=Component((Price(Decimal("0.10")),)), after_stop="idle")
    started = await begun(case)
    await case.stop(started, meter=6000)
    far = moment(case.now() + timedelta(days=365))
    assert (await unplugged(case, transactionId=started, timestamp=far))["status"] == "Rejected"


async def test_a_cost_that_grows_with_time_is_told_although_nothing_is_heard(case: Case16) -> None:
    await priced(case, charging_time=Component((Price(Decimal("0.60")),)))
    started = await begun(case)
    await case.bench.csms.costs.watch.look(case.now() + timedelta(minutes=10))
    later = await heard(case, "RunningCost")
    assert later["transactionId"] == started


async def test_a_message_of_this_vendor_that_nobody_knows_is_told_so(case: Case16) -> None:
    said = await case.client.call("DataTransfer", {"vendorId": VENDOR, "messageId": "Sing", "data": "{}"})
    assert said == {"status": "UnknownMessageId"}


async def test_a_station_that_shows_no_prices_is_told_nothing(case: Case16) -> None:
    await priced(case)
    await told(case, CostMessages="no")
    await case.client.call("Authorize", {"idTag": TAG})
    started = (await case.start())["transactionId"]
    await case.stop(started, meter=6000)
    await case.client.call("Heartbeat")
    assert case.client.received.empty()
