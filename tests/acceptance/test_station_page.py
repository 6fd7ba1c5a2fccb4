"""What the page of a station asks the API for: all that goes on there, and what is to be entered in the station."""

import asyncio

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV

_PRICES = {"currency": "EUR", "energy": {"prices": [{"amount": 0.5}]}}
_CARD = {"value": "CARD", "type": "ISO14443"}


async def open_evse(desk: RestDesk, key: int, number: int = 1) -> dict[str, object]:
    now = await desk.get(f"/stations/{key}/now")
    return next(evse for evse in now["evses"] if evse["evse_id"] == number)


@pytest.mark.parametrize("version", [Version.V16, Version.V201], ids=str)
async def test_what_goes_on_at_a_station_is_told_in_one_answer(version: Version) -> None:
    async with open_desk() as desk, running_station(desk, version, tx_updated_interval_s=30) as (station, key):
        await desk.bench.add_token("CARD", "ISO14443")
        await desk.send("POST", "/tariffs", {"name": "street", **_PRICES})
        await desk.send("POST", "/tariff-assignments", {"tariff": "street"})
        await desk.until(f"/stations/{key}/now", lambda now: {1, 2} <= {evse["evse_id"] for evse in now["evses"]})
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.2))  # type: ignore[attr-defined]
        await desk.command(key, "RequestStartTransaction", id_token=_CARD, evse_id=1)
        await desk.until("/transactions", lambda page: page["items"], station=key)
        await asyncio.sleep(1800)
        now = await desk.get(f"/stations/{key}/now")
        assert now["station"] == key
        assert now["connected"]
        busy = next(evse for evse in now["evses"] if evse["evse_id"] == 1)
        free = next(evse for evse in now["evses"] if evse["evse_id"] == 2)
        assert [each["occupancy"] for each in busy["connectors"]] == ["charging"]
        assert [each["occupancy"] for each in free["connectors"]] == ["available"]
        assert free["transactions"] == []
        (running,) = busy["transactions"]
        known = await desk.get(f"/transactions/{running['key']}")
        same = ("transaction_id", "token", "authorization", "charging_state", "energy_wh", "connector_id")
        assert {name: running[name] for name in same} == {name: known[name] for name in same}
        assert running["power_w"] > 1000
        assert running["energy_wh"] > 1000
        assert running["currency"] == "EUR"
        cost = await desk.get(f"/transactions/{running['key']}/running-cost")
        assert running["total"] == cost["content"]["total"]
        await desk.command(key, "RequestStopTransaction", transaction=running["key"])
        await desk.until(f"/transactions/{running['key']}", lambda found: not found["open"])
        assert (await open_evse(desk, key))["transactions"] == []


async def test_a_reservation_is_told_where_it_is() -> None:
    async with open_desk() as desk, running_station(desk, Version.V201) as (_, key):
        await desk.bench.add_token("CARD", "ISO14443")
        await desk.send(
            "POST", f"/stations/{key}/reservations", {"id_token": _CARD, "minutes": 30, "evse_id": 2}, wait=10
        )
        (kept,) = (await open_evse(desk, key, 2))["reservations"]  # type: ignore[misc]
        assert (kept["token"], kept["state"]) == ("CARD", "active")
        assert (await open_evse(desk, key, 1))["reservations"] == []


async def test_a_station_that_told_nothing_has_nothing_going_on() -> None:
    async with open_desk() as desk:
        made = await desk.send("POST", "/stations", {"identity": "NEW-1", "password": "0123456789abcdef"})
        key = made["station"]["key"]
        assert await desk.get(f"/stations/{key}/now") == {"station": key, "connected": False, "evses": []}
        await desk.send("GET", f"/stations/{key + 1}/now", None, 404)
        await desk.send("GET", f"/stations/{key + 1}/address", None, 404)
        address = await desk.get(f"/stations/{key}/address")
        assert address.pop("soap")["1.5"] == "http://csms.test:9001/soap/v1.5"
    assert address == {"url": "/NEW-1", "base_url": "", "username": "NEW-1", "has_password": True}
