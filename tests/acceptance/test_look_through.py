"""What operators look through over the API: lists as CSV, how a station gets along, and its messages."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from rest_desk import ROOT, RestDesk, open_desk, running_station

from stationmaster.ocpp.version import Version
from stationmaster.testing.bench import BOOTS


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token("04A1B2C3", "ISO14443")
        yield made


async def table(desk: RestDesk, path: str, **query: Any) -> list[dict[str, str]]:
    answer = await desk.http.get(ROOT + path, params={"format": "csv", **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_what_happened_at_a_station_can_be_looked_through_as_tables(desk: RestDesk) -> None:
    tariff = {"name": "day", "currency": "EUR", "energy": {"prices": [{"amount": "0.50"}]}}
    await desk.send("POST", "/tariffs", tariff)
    await desk.send("POST", "/tariff-assignments", {"tariff": "day"})
    station = await desk.bench.boot("CS-1", Version.V16)
    key = (await desk.get("/stations"))["items"][0]["key"]
    started = await station.call(
        "StartTransaction",
        {"connectorId": 1, "idTag": "04A1B2C3", "meterStart": 1000, "timestamp": "2026-12-01T10:00:10Z"},
    )
    (running,) = await table(desk, "/transactions", open="true", text="cs-")
    assert (running["station_identity"], running["cost"]) == ("CS-1", "")
    stop = {"transactionId": started["transactionId"], "meterStop": 3000, "timestamp": "2026-12-01T10:30:00Z"}
    await station.call("StopTransaction", stop)
    await station.call("StatusNotification", {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted"})

    (over,) = await table(desk, "/transactions", energy="true", transaction_id=str(started["transactionId"]))
    assert (over["energy_wh"], over["cost"], over["currency"]) == ("2000", "1.00", "EUR")
    (bill,) = await table(desk, "/bills")
    assert (bill["key"], bill["total"], bill["energy_wh"]) == (over["bill"], "1.00", "2000")
    (alarm,) = await table(desk, "/alarms", open="true")
    assert (alarm["station_identity"], alarm["code"]) == ("CS-1", "GroundFailure")
    assert [each["value"] for each in await table(desk, "/tokens")] == ["04A1B2C3"]
    counted = await desk.get("/transactions", count="true", limit=1)
    assert (counted["total"], counted["items"][0]["cost"]) == (1, "1.00")
    assert (await desk.get("/transactions"))["total"] is None
    assert (await desk.get("/transactions", count="true", energy="false"))["total"] == 0
    assert (await desk.get(f"/stations/{key}/health"))["open_alarms"] == 1


async def test_reservations_come_as_a_table(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        body = {"id_token": {"value": "04A1B2C3", "type": "ISO14443"}, "minutes": 30, "evse_id": 1}
        made = await desk.send("POST", f"/stations/{key}/reservations", body, wait=10)
        (row,) = await table(desk, "/reservations", state="active")
        assert (row["key"], row["token"], row["evse_id"]) == (str(made["key"]), "04A1B2C3", "1")
        assert await table(desk, "/reservations", state="used") == []


async def test_health_tells_of_connections_clocks_and_oddities(desk: RestDesk) -> None:
    for _ in range(3):
        station = await desk.bench.boot("CS-1", Version.V16)
        station.connection.close()
        await asyncio.sleep(60)
    key = (await desk.get("/stations"))["items"][0]["key"]
    away = await desk.get(f"/stations/{key}/health")
    assert (away["connected"], away["connections"]) == (False, 3)
    assert (away["reconnects_day"], away["reconnects_week"]) == (2, 2)
    assert 175 <= away["offline_s"] <= 185
    assert (away["schema_violations"], away["open_alarms"], away["worst_alarm"]) == (0, 0, None)

    station = await desk.bench.boot("CS-1", Version.V16)
    await station.call("BootNotification", BOOTS[1] | {"chargePointModel": "x" * 30})
    told = await desk.until(f"/stations/{key}/health", lambda health: health["schema_violations"])
    assert told["newest_oddities"][0]["kind"] == "schema_violation"
    assert [each["kind"] for each in told["oddities"]] == ["schema_violation"]
    assert (told["connected"], told["reconnects_day"]) == (True, 3)
    await desk.send("GET", "/stations/999999/health", status=404)


async def test_a_stations_messages_are_followed_explained_and_exported(desk: RestDesk) -> None:
    station = await desk.bench.boot("CS-1", Version.V201)
    key = (await desk.get("/stations"))["items"][0]["key"]
    await desk.bench.csms.message_log.flush()
    begun = await desk.get("/messages/tail", station=key)
    assert [each["action"] for each in begun["items"]] == ["BootNotification", "BootNotification"]
    await station.call("Heartbeat", {})
    await desk.bench.csms.message_log.flush()
    more = await desk.get("/messages/tail", station=key, after=begun["position"])
    assert [each["kind"] for each in more["items"]] == ["call", "result"]
    assert (await desk.get("/messages/tail", station=key, after=more["position"]))["items"] == []

    exchange = await desk.get(f"/messages/{begun['items'][0]['key']}")
    assert exchange["answer"]["message"]["key"] == begun["items"][1]["key"]
    names = [line["name"] for line in exchange["call"]["lines"]]
    assert names == ["chargingStation", "model", "vendorName", "reason"]
    found = await desk.get("/messages", message_id=exchange["call"]["message"]["message_id"])
    assert len(found["items"]) == 2
    assert (await desk.get("/messages", error="true"))["items"] == []

    answer = await desk.http.get(f"{ROOT}/messages/export", params={"station": key})
    header, *lines, end = [msgspec.json.decode(line) for line in answer.content.splitlines()]
    assert (header["station"]["identity"], header["station"]["version"]) == ("CS-1", "2.0.1")
    assert [line["kind"] for line in lines] == ["call", "result", "call", "result"]
    assert end == {"line": "end", "messages": 4, "complete": True}
