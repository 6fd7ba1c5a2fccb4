"""Meters from one transaction to the next: what does not fit is seen by whoever looks, in every version."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import every_version

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

CARD = IdToken("04A1B2C3", "ISO14443")
BY_CARD = {"tx_start_point": ("Authorized",), "tx_stop_point": ("Authorized",)}
"""Where a cable is enough for a transaction of 2.x, there is none without one."""
TARIFF = {"name": "street", "currency": "EUR", "energy": {"prices": [{"amount": 0.4}]}}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        yield made


async def charged(desk: RestDesk, station: Station, key: int, *, before_s: float = 0) -> Any:
    """A transaction; ``before_s``: for so long the contactor sticks before it, with a car that takes what it gets."""
    hardware: Any = station.hardware
    known = len((await desk.get("/transactions", station=key))["items"])
    hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
    if before_s:
        hardware.set_contactor(1, True)
        await asyncio.sleep(before_s)
        hardware.set_contactor(1, False)
    hardware.present(CARD, 1)
    page = await desk.until(
        "/transactions", lambda page: len(page["items"]) > known and page["items"][0]["token"], station=key
    )
    transaction = page["items"][0]["key"]
    await asyncio.sleep(30)
    hardware.present(CARD, 1)
    await asyncio.sleep(5)
    hardware.unplug(1)
    return await desk.until(f"/transactions/{transaction}", lambda seen: seen["ended_at"] is not None)


async def oddities(desk: RestDesk, key: int) -> list[str]:
    page = await desk.get(f"/stations/{key}/oddities")
    return [each["kind"] for each in page["items"] if each["kind"].startswith("register_")]


@every_version
async def test_energy_that_is_on_no_transaction_is_told_everywhere_and_on_the_bill(
    desk: RestDesk, version: Version
) -> None:
    await desk.send("POST", "/tariffs", TARIFF)
    await desk.send("POST", "/tariff-assignments", {"tariff": "street"})
    async with running_station(desk, version, **BY_CARD) as (station, key):
        fine = await charged(desk, station, key)
        fine_again = await charged(desk, station, key)
        assert (fine["anomalies"], fine_again["anomalies"], await oddities(desk, key)) == ([], [], [])

        odd = await charged(desk, station, key, before_s=60)

        (place,) = (await desk.get(f"/stations/{key}/registers"))["items"]
        gap = place["gap"]
        assert (place["evse_id"], place["transaction"], place["open"]) == (1, odd["key"], False)
        assert abs(place["register_wh"] - odd["meter_stop_wh"]) < 0.001
        assert (gap["kind"], gap["before"], gap["transaction"]) == ("register_gap", fine_again["key"], odd["key"])
        assert gap["wh"] == pytest.approx(odd["meter_start_wh"] - fine_again["meter_stop_wh"], abs=1)
        assert gap["wh"] > 100
        assert odd["anomalies"] == ["register_gap"]
        assert await oddities(desk, key) == ["register_gap"]
        told = [
            each.event.data for each in await desk.bench.storage.outbox.after(0) if each.event.kind == "RegisterOdd"
        ]
        assert [(each["evse_id"], each["kind"]) for each in told] == [(1, "register_gap")]
        bill = await desk.get(f"/transactions/{odd['key']}/bill")
        assert (bill["state"], bill["content"]["flags"]) == ("issued", ["register_gap"])
        assert bill["content"]["energy_wh"] == odd["energy_wh"], "what was counted before is on no bill"
        explained = await desk.get(f"/bills/{bill['key']}/explanation")
        assert any("energy between the transaction before and this one" in each for each in explained["sentences"])


async def test_a_meter_that_begins_anew_ran_backwards(desk: RestDesk) -> None:
    async with running_station(desk, Version.V16) as (station, key):
        before = await charged(desk, station, key)
    async with running_station(desk, Version.V16) as (station, key):  # its hardware is new, and the meter at 0
        after = await charged(desk, station, key)
        (place,) = (await desk.get(f"/stations/{key}/registers"))["items"]
        assert place["gap"]["kind"] == "register_backwards"
        assert place["gap"]["wh"] == pytest.approx(after["meter_start_wh"] - before["meter_stop_wh"], abs=1)
        assert (after["anomalies"], await oddities(desk, key)) == (["register_backwards"], ["register_backwards"])
        assert (await charged(desk, station, key))["anomalies"] == [], "it is told once"


async def test_more_than_the_evse_can_deliver_is_a_jump(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201, **BY_CARD) as (station, key):
        await charged(desk, station, key)
        await desk.send("PUT", f"/stations/{key}/places/1", {"max_power_w": 10}, status=200)
        odd = await charged(desk, station, key, before_s=60)
        assert odd["anomalies"] == ["register_jump"]
        assert await oddities(desk, key) == ["register_jump"]


@pytest.mark.parametrize("version", [Version.V16, Version.V21])
async def test_a_meter_that_counts_while_nobody_charges_is_noticed_before_anybody_comes(
    desk: RestDesk, version: Version
) -> None:
    async with running_station(desk, version, aligned_interval_s=60, **BY_CARD) as (station, key):
        hardware: Any = station.hardware
        await charged(desk, station, key)
        await asyncio.sleep(120)
        assert await oddities(desk, key) == []
        hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
        hardware.set_contactor(1, True)
        await asyncio.sleep(150)
        assert set(await oddities(desk, key)) == {"register_gap"}
        assert [event.data["transaction"] for event in await desk.bench.view("CS-1").told("RegisterOdd")][:1] == [None]


async def test_registers_of_a_station_that_is_not_yours_are_not_told(desk: RestDesk) -> None:
    await desk.send("GET", "/stations/999/registers", status=404)
