"""Prices and costs for drivers at stations of 1.6: from a tariff in the API to the text on the display."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

CARD = IdToken("04A1B2C3", "ISO14443")
TAXES = [{"name": "VAT", "percent": 25}]
STREET = {
    "name": "street",
    "currency": "EUR",
    "energy": {"prices": [{"amount": 0.4}], "taxes": TAXES},
    "fixed": {"prices": [{"amount": 2}], "taxes": TAXES},
    "idle_time": {"prices": [{"amount": 0.2, "when": {"min_idle_time_s": 600}}], "taxes": TAXES},
    "texts": [{"language": "en", "content": "40 cents and tax"}, {"language": "de", "content": "40 Cent und Steuer"}],
    "free_without_energy": False,
}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        await made.send("POST", "/tariffs", STREET)
        await made.send("POST", "/tariff-assignments", {"tariff": "street"})
        yield made


async def reads(station: Station, text: str) -> str:
    """The display once it says that."""
    async with asyncio.timeout(10):
        while text not in station.hardware.display(1):  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
    return str(station.hardware.display(1))  # type: ignore[attr-defined]


async def announced(desk: RestDesk, key: int) -> None:
    """The node has asked what the station can show."""
    told = await desk.command(key, "GetBaseReport", report_base="FullInventory")
    assert told["state"] in ("accepted", "effect_seen"), told


def amount(display: str) -> float:
    found = re.search(r"([0-9.]+) EUR", display)
    assert found is not None, display
    return float(found[1])


def hardware(station: Station) -> Any:
    return station.hardware


async def test_a_driver_reads_the_price_the_running_cost_and_the_total(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16, tx_updated_interval_s=1) as (station, key):
        await announced(desk, key)
        hardware(station).present(CARD, 1)
        await reads(station, "40 cents and tax")
        hardware(station).plug(1, EV(ev_model("Compact 58"), 0.5))
        await reads(station, "2.50 EUR")
        hardware(station).unplug(1)
        await reads(station, "2.50 EUR: 0.0 kWh, 0 min (start 2.00, tax 0.50)")
        (command,) = [c for c in (await desk.get(f"/stations/{key}/commands"))["items"] if c["type"] == "TellFinalCost"]
        assert (command["state"], command["requested_by"]) == ("accepted", "cost")


async def test_a_driver_reads_it_in_the_language_of_the_display(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16, display_language="de") as (station, key):
        await announced(desk, key)
        hardware(station).present(CARD, 1)
        await reads(station, "40 Cent und Steuer")


async def test_a_station_that_does_not_say_that_it_shows_prices_is_told_nothing(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16, display_cost_and_price=False) as (station, key):
        await announced(desk, key)
        hardware(station).present(CARD, 1)
        hardware(station).plug(1, EV(ev_model("Compact 58"), 0.5))
        await desk.until("/transactions", lambda page: page["items"], station=key)
        await asyncio.sleep(0.1)
        sent = (await desk.get("/messages", station=key, action="DataTransfer"))["items"]
        assert sent == []


async def test_an_operator_tells_the_running_cost(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16, tx_updated_interval_s=0) as (station, key):
        await announced(desk, key)
        hardware(station).plug(1, EV(ev_model("Compact 58"), 0.5))
        await asyncio.sleep(1)
        hardware(station).present(CARD, 1)
        await reads(station, "2.50 EUR")
        (transaction,) = (await desk.get("/transactions"))["items"]
        told = await desk.command(key, "CostUpdated", transaction=transaction["key"])
        assert told["state"] == "accepted", told


async def test_what_idling_costs_after_the_stop_is_in_the_total_once_the_car_has_left(desk: RestDesk) -> None:
    after_stop = {**STREET, "name": "stay", "after_stop": "idle"}
    await desk.send("POST", "/tariffs", after_stop)
    await desk.send("POST", "/tariff-assignments", {"tariff": "stay", "priority": 1})
    async with running_station(desk, Version.V16, idle_fee_after_stop=True) as (station, key):
        await announced(desk, key)
        hardware(station).plug(1, EV(ev_model("Compact 58"), 0.5))
        await asyncio.sleep(1)
        hardware(station).present(CARD, 1)
        await reads(station, "2.50 EUR")
        await asyncio.sleep(120)  # half a kilowatt-hour or so
        hardware(station).present(CARD, 1)
        await reads(station, "unplug")
        await asyncio.sleep(20 * 60)  # ten minutes are free, ten cost 2.50
        standing = await reads(station, "EUR")
        hardware(station).unplug(1)
        total = await reads(station, "idle ")
        (transaction,) = (await desk.get("/transactions"))["items"]
        bill = await desk.get(f"/transactions/{transaction['key']}/bill")
        assert bill["content"]["total"] in total
        assert float(bill["content"]["total"]) > 5
        assert abs(amount(standing) - float(bill["content"]["total"])) < 0.3, standing


async def test_the_station_carries_the_cost_on_between_two_messages(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16, tx_updated_interval_s=600) as (station, key):
        await announced(desk, key)
        hardware(station).plug(1, EV(ev_model("Compact 58"), 0.5))
        await asyncio.sleep(1)
        hardware(station).present(CARD, 1)
        await reads(station, "2.50 EUR")
        await asyncio.sleep(590)
        own = amount(await reads(station, "EUR"))
        await asyncio.sleep(30)
        told = amount(await reads(station, "EUR"))
        assert 2.5 < own <= told < own + 0.2
