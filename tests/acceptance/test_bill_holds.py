"""Which oddities make bills wait for somebody is each tenant's own word."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import one_of_each

from stationmaster.domain.cost.bill import HOLDING_FLAGS
from stationmaster.domain.cost.bill_flags import FLAGS
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

CARD = IdToken("04A1B2C3", "ISO14443")


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token(CARD.value, CARD.type)
        await made.send("POST", "/tariffs", {"name": "t", "currency": "EUR", "energy": {"prices": [{"amount": 0.4}]}})
        yield made


async def charged(desk: RestDesk, station: Station, key: int) -> str:
    """The path of a transaction that is over; no tariff is assigned to it."""
    hardware: Any = station.hardware
    known = len((await desk.get("/transactions", station=key))["items"])
    hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
    hardware.present(CARD, 1)
    page = await desk.until("/transactions", lambda page: len(page["items"]) > known, station=key)
    path = f"/transactions/{page['items'][0]['key']}"
    await asyncio.sleep(5)
    hardware.present(CARD, 1)
    await asyncio.sleep(5)
    hardware.unplug(1)
    await desk.until(path, lambda seen: seen["ended_at"] is not None)
    return path


async def holding(desk: RestDesk) -> set[str]:
    return {each["flag"] for each in (await desk.get("/bill-holds"))["flags"] if each["holds"]}


@one_of_each
async def test_a_tenant_says_what_holds_its_bills_from_now_on(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        before = await charged(desk, station, key)
        assert (await desk.get(f"{before}/bill"))["state"] == "held", "no tariff was assigned"

        told = await desk.send("PUT", "/bill-holds", {"flags": ["meter_jump", "gap"]}, status=200)
        assert told["own"] is True
        assert await holding(desk) == {"meter_jump", "gap"}

        after = await desk.get(f"{await charged(desk, station, key)}/bill")
        assert (after["state"], "no_tariff" in after["content"]["flags"]) == ("issued", True)
        assert (await desk.send("POST", f"/bills/{after['key']}/recompute", status=200))["same"] is True
        assert (await desk.get(f"{before}/bill"))["state"] == "held", "what was made before stays"

        await desk.send("DELETE", "/bill-holds", status=204)
        assert await holding(desk) == set(HOLDING_FLAGS)
        assert (await desk.get("/bill-holds"))["own"] is False


async def test_a_flag_that_there_is_not_is_refused_with_its_place(desk: RestDesk) -> None:
    problem = await desk.send("PUT", "/bill-holds", {"flags": ["gap", "bad_weather"]}, status=422)
    assert [each["path"] for each in problem["errors"]] == ["body.flags[1]"]
    assert await holding(desk) == set(HOLDING_FLAGS)
    assert all(FLAGS[flag] for flag in HOLDING_FLAGS)


async def test_what_a_tenant_said_is_known_after_a_restart_even_without_a_tariff() -> None:
    async with open_desk() as desk:
        await desk.send("PUT", "/bill-holds", {"flags": []}, status=200)
        await desk.bench.csms.book.start()
        assert await holding(desk) == set()
        assert "default" in await desk.bench.storage.reads.book_tenants()
