"""An operator says where, when, how often and on what money a token may charge.

That stations of every version feel it, and say so, is in test_refusals.py.
"""

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
from stationmaster.testing import CsmsBench


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as desk:
        yield desk


async def _token(desk: RestDesk, **fields: Any) -> Any:
    return await desk.send("POST", "/tokens", {"value": "04A1B2C3", "type": "ISO14443", **fields})


async def test_rules_are_told_back_as_they_were_given(desk: RestDesk) -> None:
    rules = {
        "places": [{"station": 1, "evse_ids": [2]}],
        "kinds": {"currents": ["DC"], "connector_types": ["cCCS2"]},
        "windows": [{"days": ["Monday", "Sunday"], "from": "22:00", "to": "06:00"}],
        "time_zone": "Europe/Berlin",
        "quota": {"starts": 3, "period": "week"},
    }
    token = await _token(desk, rules=rules)
    assert token["rules"] == rules
    changed = await desk.send("PATCH", f"/tokens/{token['key']}", {"rules": None}, 200)
    assert changed["rules"] is None


MEANINGLESS: list[dict[str, Any]] = [
    {"time_zone": "Mars/Olympus"},
    {"time_zone": "../etc"},
    {"windows": [{"days": ["Monday"], "from": "10:00", "to": "10:00"}]},
    {"windows": [{"days": [], "from": "10:00", "to": "11:00"}]},
    {"windows": [{"days": ["Monday"], "from": "24:00", "to": "11:00"}]},
    {"quota": {"starts": 0, "period": "day"}},
]


async def test_rules_that_mean_nothing_are_refused(desk: RestDesk) -> None:
    for rules in MEANINGLESS:
        answer = await desk.http.post("/api/v1/tokens", json={"value": "T", "rules": rules})
        assert answer.status_code == 422, rules


async def test_a_group_is_described_listed_and_forgotten(desk: RestDesk) -> None:
    group = await desk.send("PUT", "/token-groups/FLEET", {"max_concurrent": 2, "note": "vans"}, 200)
    assert group == {"name": "FLEET", "status": "Accepted", "max_concurrent": 2, "is_master": False, "note": "vans"}
    assert await desk.get("/token-groups/fleet") == group
    assert (await desk.get("/token-groups"))["items"] == [group]
    await desk.send("DELETE", "/token-groups/Fleet", status=204)
    await desk.send("GET", "/token-groups/FLEET", status=404)


@every_version
async def test_what_a_stolen_card_charges_is_stopped(desk: RestDesk, version: Version) -> None:
    token = await _token(desk)
    async with running_station(desk, version) as (station, key):
        hardware: Any = station.hardware
        hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
        hardware.present(IdToken("04A1B2C3", "ISO14443"), 1)
        await desk.until("/transactions", lambda page: page["items"], station=key)
        await _until(lambda: hardware.energized(1))

        stops = await desk.send("POST", f"/tokens/{token['key']}/stop", status=202)

        (stop,) = stops["items"]
        assert stop["station"] == key
        await _until(lambda: not hardware.energized(1))
        path = f"/stations/{key}/commands/{stop['command']}"
        await desk.until(path, lambda command: command["state"] in ("accepted", "effect_seen"))
    await desk.send("POST", "/tokens/1/stop", status=404)


async def _until(holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_prepaid_account_holds_and_pays(desk: RestDesk) -> None:
    account = await desk.send("POST", "/accounts", {"name": "Ms A", "currency": "EUR"})
    path = f"/accounts/{account['key']}"
    await desk.send("POST", "/accounts", {"name": "Ms A", "currency": "EUR"}, 409)
    await desk.send("POST", "/tokens", {"value": "T", "account": 123_456}, 404)
    await _token(desk, account=account["key"])
    judged = {"id_token": {"value": "04A1B2C3"}, "purpose": "start"}
    assert (await desk.send("POST", "/tokens/judge", judged, 200))["status"] == "NoCredit"

    funds = await desk.send("POST", f"{path}/top-ups", {"amount": "20.10", "reference": "P-1"})
    assert (funds["balance"], funds["held"], funds["available"]) == ("20.1", "0", "20.1")
    await desk.send("POST", f"{path}/top-ups", {"amount": "20.10", "reference": "P-1"}, 409)
    for amount in ("0", "-1", "NaN", "1e12", "0.0000001"):
        await desk.send("POST", f"{path}/top-ups", {"amount": amount, "reference": "P-2"}, 422)
    verdict = await desk.send("POST", "/tokens/judge", judged, 200)
    assert (verdict["status"], verdict["limit"]["max_cost"]) == ("Accepted", "20.1")
    assert len(verdict["depends_on"]) == 2

    transaction = await _charged(desk)
    funds = await desk.get(path)
    assert (funds["held"], funds["available"]) == ("20.1", "0")
    assert [hold["transaction"] for hold in funds["holds"]] == [transaction]
    charge = {"transaction": transaction, "amount": "3.21", "reference": "BILL-1"}
    funds = await desk.send("POST", f"{path}/charges", charge)
    assert (funds["balance"], funds["held"], funds["holds"]) == ("16.89", "0", [])
    await desk.send("POST", f"{path}/charges", charge, 409)
    await desk.send("POST", f"{path}/charges", {**charge, "transaction": 1, "reference": "X"}, 404)
    entries = (await desk.get(f"{path}/entries"))["items"]
    assert [(each["kind"], each["amount"], each["transaction"]) for each in entries] == [
        ("charge", "-3.21", transaction),
        ("top_up", "20.1", None),
    ]


async def _charged(desk: RestDesk) -> int:
    """A 1.6 station has charged on the card; our key of the transaction."""
    bench: CsmsBench = desk.bench
    client = await bench.boot("OLD", Version.V16)
    start = {"connectorId": 1, "idTag": "04A1B2C3", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
    answer = await client.call("StartTransaction", start)
    assert answer["idTagInfo"]["status"] == "Accepted"
    stop = {"transactionId": answer["transactionId"], "meterStop": 900, "timestamp": "2026-03-01T13:00:00Z"}
    await client.call("StopTransaction", stop)
    page = await desk.get("/transactions")
    key: int = page["items"][0]["key"]
    return key
