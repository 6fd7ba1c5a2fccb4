"""What the page of a transaction asks the API for: a chart's points, a timeline, and the cost so far."""

import asyncio

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV

_PRICES = {"currency": "EUR", "energy": {"prices": [{"amount": 0.4321}]}, "fixed": {"prices": [{"amount": 1}]}}


async def priced(desk: RestDesk) -> None:
    await desk.send("POST", "/tariffs", {"name": "street", **_PRICES})
    await desk.send("POST", "/tariff-assignments", {"tariff": "street"})


@pytest.mark.parametrize("version", [Version.V16, Version.V201], ids=str)
async def test_a_running_transaction_is_drawn_listed_and_priced(version: Version) -> None:
    async with open_desk() as desk, running_station(desk, version, tx_updated_interval_s=30) as (station, key):
        await desk.bench.add_token("CARD", "ISO14443")
        await priced(desk)
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.2))  # type: ignore[attr-defined]
        await desk.command(key, "RequestStartTransaction", id_token={"value": "CARD", "type": "ISO14443"}, evse_id=1)
        (transaction,) = (await desk.until("/transactions", lambda page: page["items"], station=key))["items"]
        path = f"/transactions/{transaction['key']}"
        (before,) = (await desk.get("/transactions/running", keys=f"{transaction['key']},987654321"))["items"]
        await asyncio.sleep(3600)
        drawn = await desk.get(f"{path}/series", points=20)
        assert len(drawn["points"]) == 20
        energies = [point["energy_wh"] for point in drawn["points"] if point["energy_wh"] is not None]
        assert energies == sorted(energies)
        assert energies[-1] > 3000
        (now,) = (await desk.get("/transactions/running", keys=str(transaction["key"])))["items"]
        exact = await desk.get(f"{path}/running-cost")
        cheap = await desk.get(f"{path}/running-cost", parts="false")
        assert now["total"] == exact["content"]["total"] == cheap["content"]["total"] != before["total"]
        assert now["currency"] == "EUR"
        assert [line["amount"] for line in cheap["content"]["lines"]] == [
            line["amount"] for line in exact["content"]["lines"]
        ]
        await desk.command(key, "RequestStopTransaction", transaction=transaction["key"])
        await desk.until(path, lambda found: not found["open"])
        assert (await desk.get("/transactions/running", keys=str(transaction["key"])))["items"] == []
        events = (await desk.get(f"{path}/timeline", limit=1000))["items"]
        assert [event["event_type"] for event in events][:: len(events) - 1] == ["Started", "Ended"]
        assert all(not event["missing_before"] and not event["contradicted_by"] for event in events)
        newest_first = (await desk.get(f"{path}/timeline", sort="-timestamp", limit=1000))["items"]
        assert newest_first == events[::-1]


async def test_what_is_asked_wrong_is_said() -> None:
    async with open_desk() as desk:
        for keys in ("", "1,", "x", ",".join(["1"] * 101)):
            await desk.send("GET", "/transactions/running", None, 422, keys=keys)
        await desk.send("GET", "/transactions/7/series", None, 404)
        await desk.send("GET", "/transactions/7/timeline", None, 404)
        await desk.send("GET", "/transactions/7/series", None, 422, points=1)
