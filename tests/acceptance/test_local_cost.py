"""A tariff published over REST, a station of 2.1 that reckons with it by itself, and a bill that agrees."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

CARD = IdToken("04A1B2C3", "ISO14443")
VAT = [{"name": "VAT", "percent": 19}]
STREET = {
    "currency": "EUR",
    "fixed": {"prices": [{"amount": 0.35}], "taxes": VAT},
    "energy": {
        "prices": [{"amount": 0.31, "when": {"from_time": "10:00", "to_time": "10:40"}}, {"amount": 0.47}],
        "taxes": VAT,
    },
    "idle_time": {"prices": [{"amount": 0.11, "when": {"min_idle_time_s": 300}}], "taxes": VAT},
}
"""The price rises in the midst of a session that begins at ten."""


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        await made.send("POST", "/tariffs", {"name": "street", **STREET})
        await made.send("POST", "/tariffs", {"name": "dear", **STREET, "fixed": None})
        await made.send("POST", "/tariff-assignments", {"tariff": "street"})
        yield made


async def published(desk: RestDesk, key: int) -> str:
    """The tariff's id at the station, which has told that it reckons."""
    enabled = {"component": "TariffCostCtrlr", "variable": "Enabled", "variable_instance": "Tariff"}
    asked = await desk.command(key, "GetVariables", variables=[enabled])
    assert asked["state"] == "accepted", asked
    said = await desk.send("POST", "/tariffs/street/publish", {"stations": [key]}, status=200)
    for command in said["stations"][0]["commands"]:
        await desk.until(
            f"/stations/{key}/commands/{command}", lambda done: done["state"] in ("accepted", "effect_seen")
        )
    told = await desk.command(key, "GetTariffs")
    (tariff,) = told["answer"]["tariffs"]
    assert (tariff["kind"], tariff["evse_ids"]) == ("DefaultTariff", [1, 2])
    return str(tariff["tariff_id"])


def begin(station: Station, room: float = 1.0) -> None:
    station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
    station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5, room))  # type: ignore[attr-defined]


async def end(desk: RestDesk, station: Station) -> dict[str, Any]:
    """The bill."""
    station.hardware.present(CARD, 1)  # type: ignore[attr-defined]
    await asyncio.sleep(5)
    station.hardware.unplug(1)  # type: ignore[attr-defined]
    page = await desk.until("/bills", lambda page: page["items"])
    return dict(page["items"][0])


async def test_the_station_shows_the_price_reckons_by_it_and_the_bill_agrees(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        tariff_id = await published(desk, key)
        begin(station, 0.62)
        await asyncio.sleep(3)
        shown = {station.hardware.display(1)}  # type: ignore[attr-defined]
        for _ in range(60):
            await asyncio.sleep(60)
            shown.add(station.hardware.display(1))  # type: ignore[attr-defined]
        bill = await end(desk, station)
        cost = await desk.get(f"/transactions/{bill['transaction']}/station-cost")

    assert sum("EUR" in text for text in shown) > 20, shown
    assert (cost["differs"], Decimal(cost["difference"])) == (False, 0)
    assert (cost["total"], cost["net"], cost["bill"]) == (cost["bill_total"], cost["bill_net"], bill["key"])
    assert cost["total"] == bill["content"]["total"]
    assert [period["tariff_id"] for period in cost["periods"]] == [tariff_id] * len(cost["periods"])
    assert {"fixed", "energy", "idle_time"} == set(cost["parts"])
    assert sum(Decimal(part["total"]) for part in cost["parts"].values()) == Decimal(cost["total"])
    assert (await desk.get(f"/stations/{key}/oddities", kind="station_cost_differs"))["items"] == []


async def test_another_tariff_counts_from_its_moment_on_both_sides(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        await published(desk, key)
        begin(station)
        await asyncio.sleep(1200)
        page = await desk.get("/transactions", station=key)
        transaction = page["items"][0]["key"]
        changed = await desk.command(key, "ChangeTransactionTariff", transaction=transaction, tariff="dear")
        assert changed["state"] in ("accepted", "effect_seen"), changed
        await asyncio.sleep(1200)
        await end(desk, station)
        cost = await desk.get(f"/transactions/{transaction}/station-cost")

    assert (cost["differs"], Decimal(cost["difference"])) == (False, 0)
    assert len({period["tariff_id"] for period in cost["periods"]}) == 2


async def test_a_driver_is_sold_to_by_the_tariff_that_comes_with_the_card(desk: RestDesk) -> None:
    await desk.send("POST", "/tariff-assignments", {"tariff": "dear", "priority": 9})
    async with running_station(desk, Version.V21) as (station, key):
        await published(desk, key)
        begin(station)
        await asyncio.sleep(600)
        told = (await desk.command(key, "GetTariffs"))["answer"]["tariffs"]
        bill = await end(desk, station)
        cost = await desk.get(f"/transactions/{bill['transaction']}/station-cost")

    (mine,) = [tariff for tariff in told if tariff["kind"] == "DriverTariff"]
    assert mine["tariff_id"].startswith("dear.")
    assert (mine["evse_ids"], mine["id_tokens"]) == ([1], [CARD.value])
    assert {period["tariff_id"] for period in cost["periods"]} == {mine["tariff_id"]}
    assert (cost["differs"], Decimal(cost["difference"])) == (False, 0)


async def test_a_price_by_power_agrees_though_the_station_told_no_power_on_the_way(desk: RestDesk) -> None:
    by_power = {"prices": [{"amount": 0.6, "when": {"min_power_w": 5000}}, {"amount": 0.2}], "taxes": VAT}
    await desk.send("POST", "/tariffs", {"name": "fast", "currency": "EUR", "energy": by_power})
    await desk.send("POST", "/tariff-assignments", {"tariff": "fast", "priority": 9})
    registers = ("Energy.Active.Import.Register",)
    async with running_station(desk, Version.V21, tx_updated_measurands=registers) as (station, key):
        assert (await desk.command(key, "SetDefaultTariff", tariff="fast"))["state"] == "accepted"
        begin(station, 0.9)
        await asyncio.sleep(2400)
        bill = await end(desk, station)
        cost = await desk.get(f"/transactions/{bill['transaction']}/station-cost")

    assert (cost["differs"], Decimal(cost["difference"])) == (False, 0)
    energy = {Decimal(line["price"]): Decimal(line["quantity"]) for line in bill["content"]["lines"] if line["unit"]}
    assert energy[Decimal("0.6")] > 5  # what nobody was told of would have been cheap


async def test_a_reservation_is_on_the_bill_and_in_the_stations_sum(desk: RestDesk) -> None:
    terms = {"reservation_time": {"prices": [{"amount": 0.1}]}, "reservation_fixed": {"prices": [{"amount": 2}]}}
    await desk.send("POST", "/tariffs", {"name": "kept", **STREET, **terms})
    await desk.send("POST", "/tariff-assignments", {"tariff": "kept", "priority": 9})
    async with running_station(desk, Version.V21) as (station, key):
        assert (await desk.command(key, "SetDefaultTariff", tariff="kept"))["state"] == "accepted"
        token = {"value": CARD.value, "type": CARD.type}
        wanted = {"id_token": token, "evse_id": 1, "minutes": 60}
        await desk.send("POST", f"/stations/{key}/reservations", wanted, wait=10)
        await asyncio.sleep(1200)
        begin(station)
        await asyncio.sleep(1200)
        bill = await end(desk, station)
        cost = await desk.get(f"/transactions/{bill['transaction']}/station-cost")

    kinds = {line["kind"]: line["amount"] for line in bill["content"]["lines"]}
    assert (kinds["reservation_fixed"], kinds["reservation_time"]) == ("2.00", "2.00")
    assert (cost["differs"], Decimal(cost["difference"])) == (False, 0)


async def test_a_transaction_whose_station_reckons_nothing_has_no_cost_of_the_stations(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (station, _):
        begin(station)
        await asyncio.sleep(600)
        bill = await end(desk, station)
        answer = await desk.http.get(f"/api/v1/transactions/{bill['transaction']}/station-cost")
        assert answer.status_code == 404
