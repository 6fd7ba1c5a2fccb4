"""A prepaid card charges at a station of each kind; its account pays the bill, and what is corrected of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
from rest_desk import RestDesk, open_desk

from stationmaster.ocpp.version import Version
from stationmaster.testing.script import moment

PRICES = {"currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}, "fixed": {"prices": [{"amount": 1}]}}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.send("POST", "/tariffs", {"name": "street", **PRICES})
        await made.send("POST", "/tariff-assignments", {"tariff": "street"})
        yield made


async def _account(desk: RestDesk, currency: str = "EUR") -> str:
    account = await desk.send("POST", "/accounts", {"name": "Ms A", "currency": currency})
    await desk.send("POST", "/tokens", {"value": "CARD", "account": account["key"]})
    path = f"/accounts/{account['key']}"
    await desk.send("POST", f"{path}/top-ups", {"amount": "20", "reference": "P-1"})
    return path


async def _charge(desk: RestDesk) -> int:
    client = await desk.bench.boot("OLD", Version.V16)
    begun = desk.bench.clock.now() + timedelta(seconds=1)  # once the tariff is in force
    start = {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": moment(begun)}
    answer = await client.call("StartTransaction", start)
    assert answer["idTagInfo"]["status"] == "Accepted"
    stop = {
        "transactionId": answer["transactionId"],
        "meterStop": 4000,
        "timestamp": moment(begun + timedelta(hours=1)),
    }
    await client.call("StopTransaction", stop)
    key: int = (await desk.get("/transactions"))["items"][0]["key"]
    return key


async def test_the_bill_is_paid_and_nothing_is_held_any_more(desk: RestDesk) -> None:
    path = await _account(desk)
    key = await _charge(desk)

    funds = await desk.until(path, lambda funds: funds["held"] == "0")

    assert (funds["balance"], funds["available"]) == ("17", "17")
    (charge, top_up) = (await desk.get(f"{path}/entries"))["items"]
    assert (charge["kind"], charge["amount"], charge["transaction"], charge["by"]) == ("charge", "-3", key, "billing")
    assert top_up["kind"] == "top_up"


async def test_what_is_corrected_of_a_bill_is_paid_back(desk: RestDesk) -> None:
    path = await _account(desk)
    key = await _charge(desk)
    await desk.until(path, lambda funds: funds["balance"] == "17")
    await desk.send("POST", f"/transactions/{key}/corrections", {"kind": "waive", "reason": "goodwill"})
    await desk.until(path, lambda funds: funds["balance"] == "20")
    entries = (await desk.get(f"{path}/entries"))["items"]
    assert [(each["kind"], Decimal(each["amount"])) for each in entries[:2]] == [("correction", 3), ("charge", -3)]


async def test_a_bill_of_another_currency_is_left_to_an_operator(desk: RestDesk) -> None:
    path = await _account(desk, "SEK")
    key = await _charge(desk)
    await desk.until(f"/transactions/{key}/bill", lambda bill: bill["version"] == 1)
    await asyncio.sleep(0.1)
    assert (await desk.get(path))["held"] == "20"
    charge = {"transaction": key, "amount": "33", "reference": "BY HAND"}
    assert (await desk.send("POST", f"{path}/charges", charge))["held"] == "0"
