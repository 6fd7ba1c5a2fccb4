"""The REST API over a real node: real storage, a real CSMS, stations by script, HTTP on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from in_process import application

from stationmaster.api.http.keys import KeyRing
from stationmaster.api.http.server import serve_api
from stationmaster.cli.node import services
from stationmaster.csms.settings import CsmsSettings
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench, ScriptedStation, WireClient, csms_bench
from stationmaster.testing.script import meter_value
from stationmaster.transport.errors import ConnectRefused

ROOT = "/api/v1"


class Desk:
    """An operator at the API of a node."""

    def __init__(self, bench: CsmsBench, ring: KeyRing, http: httpx.AsyncClient) -> None:
        self.bench = bench
        self.ring = ring
        self.http = http

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(ROOT + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: dict[str, Any], status: int = 201, **query: Any) -> Any:
        answer = await self.http.post(ROOT + path, json=body, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def admit(self, identity: str) -> tuple[int, bytes]:
        admitted = await self.post("/stations", {"identity": identity, "generate": True})
        return admitted["station"]["key"], admitted["password"].encode()

    async def admit_and_dial(self, identity: str, version: Version) -> tuple[int, WireClient]:
        key, password = await self.admit(identity)
        return key, await self.bench.dial(identity, version, password=password)

    async def becomes(self, path: str, **expected: Any) -> Any:
        """What is at a path once it has these values."""
        async with asyncio.timeout(5):
            while True:
                found = await self.get(path)
                if all(found[name] == value for name, value in expected.items()):
                    return found
                await asyncio.sleep(0.01)


@asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    async with csms_bench(CsmsSettings()) as bench:
        storage = bench.storage
        ring = KeyRing(storage.reads, storage.journal, storage.keys, bench.bus, bench.clock, b"pepper")
        secret = await ring.ensure_first()
        with application(services(bench.csms, storage, bench.bus, bench.clock, ring)) as app:
            server = await serve_api(app, "127.0.0.1", 0)
            headers = {"Authorization": f"Bearer {secret}"}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=headers) as http:
                yield Desk(bench, ring, http)
            await server.close()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened() as made:
        yield made


async def test_a_caller_nobody_knows_is_listed_then_admitted_then_let_in(desk: Desk):
    with pytest.raises(ConnectRefused):
        await desk.bench.dial("CS-NEW", Version.V201)
    async with asyncio.timeout(5):
        while not (found := await desk.get("/stations/unknown"))["items"]:
            await asyncio.sleep(0.01)
    assert [caller["identity"] for caller in found["items"]] == ["CS-NEW"]
    key, client = await desk.admit_and_dial("CS-NEW", Version.V201)
    await ScriptedStation(client, desk.bench.clock.now).boot()
    told = await desk.becomes(f"/stations/{key}", connected=True, version="2.0.1")
    assert told["info"]["vendor"] == "Maker" and told["booted_at"] is not None
    assert [s["key"] for s in (await desk.get("/stations", connected="true", text="new"))["items"]] == [key]
    assert (await desk.get("/stations", connected="false"))["items"] == []


async def test_a_wrong_password_does_not_open_the_door(desk: Desk):
    await desk.admit("CS-1")
    with pytest.raises(ConnectRefused):
        await desk.bench.dial("CS-1", Version.V201, password=b"0123456789abcdef")


async def test_charging_is_started_watched_stopped_and_billed_over_the_api(desk: Desk):
    await desk.post("/tokens", {"value": "04A1B2C3", "type": "ISO14443", "party_id": "ABC", "contract_issuer": "XYZ"})
    key, client = await desk.admit_and_dial("CS-1", Version.V201)
    station = ScriptedStation(client, desk.bench.clock.now)
    await station.boot()
    await station.report("Occupied")
    connectors = f"/stations/{key}/connectors"
    assert (await desk.get(connectors))[0]["occupancy"] == "plugged_without_authorization"
    named = await desk.http.patch(f"{ROOT}{connectors}/1/1", json={"eid": "DE*ABC*E0001"})
    assert named.status_code == 200, named.text

    station.answer("RequestStartTransaction", {"status": "Accepted"})
    start = {"type": "RequestStartTransaction", "id_token": {"value": "04a1b2c3", "type": "ISO14443"}, "evse_id": 1}
    started = await desk.post(f"/stations/{key}/commands", start, wait=5)
    assert (started["state"], started["status"]) == ("accepted", "Accepted")
    asked = await station.asked("RequestStartTransaction")
    run = station.transaction()
    now = desk.bench.clock.now
    await run.started(
        "RemoteStart",
        token="04A1B2C3",
        evse=(1, 1),
        chargingState="Charging",
        remoteStartId=asked["remoteStartId"],
        values=(meter_value(now(), 1000.5, "Transaction.Begin"),),
    )
    seen = await desk.becomes(f"/stations/{key}/commands/{started['key']}", state="effect_seen")
    bill = f"/transactions/{seen['transaction']}"
    assert (await desk.get(connectors))[0]["occupancy"] == "charging"
    assert (await desk.get("/transactions", open="true", token="04a1b2C3"))["items"][0]["key"] == seen["transaction"]

    await run.updated("MeterValuePeriodic", values=(meter_value(now(), 2000.75),))
    station.answer("RequestStopTransaction", {"status": "Accepted"})
    stop = {"type": "RequestStopTransaction", "transaction": seen["transaction"]}
    stopped = await desk.post(f"/stations/{key}/commands", stop, wait=5)
    assert (await station.asked("RequestStopTransaction"))["transactionId"] == run.id
    await run.ended("RemoteStop", stoppedReason="Remote", values=(meter_value(now(), 3000.75, "Transaction.End"),))
    await desk.becomes(f"/stations/{key}/commands/{stopped['key']}", state="effect_seen")

    told = await desk.get(bill)
    assert (told["station"], told["station_identity"]) == (key, "CS-1")
    assert (told["energy_wh"], told["energy_source"], told["open"]) == (2000.25, "registers", False)
    assert (told["stopped_reason"], told["party_id"], told["anomalies"]) == ("Remote", "ABC", [])
    assert (told["evse_eid"], told["contract_issuer"]) == ("DE*ABC*E0001", "XYZ")
    assert (await desk.get(connectors))[0]["eid"] == "DE*ABC*E0001"
    events = (await desk.get(f"{bill}/events"))["items"]
    assert [(e["event_type"], e["seq_no"]) for e in events] == [("Started", 0), ("Updated", 1), ("Ended", 2)]
    values = (await desk.get(f"{bill}/meter-values"))["items"]
    assert [value["register_wh"] for value in values] == [1000.5, 2000.75, 3000.75]
    rows = (await desk.http.get(f"{ROOT}{bill}/meter-values", headers={"Accept": "text/csv"})).text.splitlines()
    assert len(rows) == 4 and "1000.5" in rows[1]


async def test_a_1_6_station_is_asked_in_its_own_words(desk: Desk):
    key, client = await desk.admit_and_dial("CS-16", Version.V16)
    await client.call("BootNotification", {"chargePointVendor": "Maker", "chargePointModel": "Model"})
    client.on("RemoteStartTransaction", {"status": "Rejected"})
    client.on("GetConfiguration", {"configurationKey": [{"key": "Speed", "readonly": False, "value": "9"}]})
    start = {"type": "RequestStartTransaction", "id_token": {"value": "04A1"}, "evse_id": 2}
    assert (await desk.post(f"/stations/{key}/commands", start, wait=5))["state"] == "rejected"
    assert await client.expect("RemoteStartTransaction") == {"idTag": "04A1", "connectorId": 2}
    told = await desk.post(f"/stations/{key}/calls", {"action": "GetConfiguration", "payload": {}, "wait": 5})
    assert (told["state"], told["error"]) == ("effect_seen", None)
    assert told["answer"]["configurationKey"][0]["value"] == "9"
    refused = await desk.post(f"/stations/{key}/calls", {"action": "GetVariables", "payload": {}}, status=422)
    assert "OCPP 1.6 has no action GetVariables" in refused["errors"][0]["detail"]
    client.on("Reset", lambda _: None)
    silent = await desk.post(f"/stations/{key}/calls", {"action": "Reset", "payload": {"type": "Soft"}, "wait": 0.05})
    assert (silent["state"], silent["answer"], silent["error"]) == ("sent", None, None)


async def test_a_command_waits_for_a_station_that_is_away(desk: Desk):
    key, password = await desk.admit("CS-1")
    reset = {"type": "Reset", "reset_type": "OnIdle", "lifetime_s": 60}
    given = await desk.post(f"/stations/{key}/commands", reset)
    assert given["state"] == "queued"
    client = await desk.bench.dial("CS-1", Version.V201, password=password)
    client.on("Reset", {"status": "Accepted"})
    await ScriptedStation(client, desk.bench.clock.now).boot()
    await desk.becomes(f"/stations/{key}/commands/{given['key']}", status="Accepted")
    assert (await desk.get(f"/stations/{key}/commands", state="queued"))["items"] == []


async def test_tokens_are_unique_and_pages_follow_each_other(desk: Desk):
    for number in range(5):
        await desk.post("/tokens", {"value": f"Tok{number}"})
    await desk.post("/tokens", {"value": "TOK3"}, status=409)
    first = await desk.get("/tokens", limit=3, text="tok")
    rest = await desk.get("/tokens", limit=3, text="tok", cursor=first["next_cursor"])
    assert [t["value"] for t in first["items"] + rest["items"]] == [f"Tok{number}" for number in range(5)]
    assert rest["next_cursor"] is None
    foreign = await desk.http.get(f"{ROOT}/transactions", params={"cursor": first["next_cursor"]})
    assert foreign.status_code == 422 and foreign.json()["errors"][0]["path"] == "query.cursor"


async def test_two_who_make_the_same_token_at_once_get_one_token(desk: Desk):
    answers = await asyncio.gather(*(desk.http.post(f"{ROOT}/tokens", json={"value": "Same"}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert len((await desk.get("/tokens"))["items"]) == 1


async def test_those_who_import_the_same_tokens_at_once_all_succeed(desk: Desk):
    cards = [{"value": f"CARD{number}"} for number in range(20)]
    answers = await asyncio.gather(*[desk.http.post(f"{ROOT}/tokens/import", json=cards) for _ in range(6)])
    assert [answer.status_code for answer in answers] == [200] * 6
    listed = (await desk.get("/tokens", limit=100))["items"]
    assert sorted(token["value"] for token in listed) == sorted(card["value"] for card in cards)
    for token in listed:
        assert await desk.get(f"/tokens/{token['key']}") == token


async def test_the_message_log_shows_what_went_over_the_wire(desk: Desk):
    key, client = await desk.admit_and_dial("CS-1", Version.V201)
    await ScriptedStation(client, desk.bench.clock.now).boot()
    await desk.bench.csms.message_log.flush()
    found = (await desk.get("/messages", station=key, action="BootNotification", direction="in"))["items"]
    assert len(found) == 1 and msgspec.json.decode(found[0]["frame"])[2] == "BootNotification"
    assert (await desk.get("/messages", text="no such text"))["items"] == []


async def test_an_event_stream_goes_on_where_it_broke(desk: Desk):
    async def heard(last: str | None, until: str) -> list[tuple[str | None, str]]:
        found: list[tuple[str | None, str]] = []
        number: str | None = None
        headers = {} if last is None else {"Last-Event-ID": last}
        async with asyncio.timeout(5), desk.http.stream("GET", f"{ROOT}/events", headers=headers) as answer:
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                number = value if name == "id" else number
                if name == "event":
                    found.append((number, value))
                    number = None
                    if value == until:
                        return found
        return found

    _, client = await desk.admit_and_dial("CS-1", Version.V201)
    station = ScriptedStation(client, desk.bench.clock.now)
    await station.boot()
    first = await heard("0", "StationBooted")
    await station.report("Occupied")  # nobody listens
    rest = await heard(first[-1][0], "ConnectorStatusChanged")
    assert "StationBooted" not in [kind for _, kind in rest]
    numbers = [int(number) for number, _ in first + rest if number]
    assert numbers == sorted(set(numbers))


async def test_tenants_see_nothing_of_each_other(desk: Desk):
    key, client = await desk.admit_and_dial("CS-1", Version.V201)
    station = ScriptedStation(client, desk.bench.clock.now)
    await station.boot()
    await station.report("Available")
    await station.transaction().started("CablePluggedIn", evse=(1, 1))
    await desk.bench.csms.message_log.flush()
    transaction = (await desk.get("/transactions"))["items"][0]["key"]
    _, secret = await desk.ring.make("other", "theirs", "administrator")
    theirs = {"Authorization": f"Bearer {secret}"}
    for path in ("stations", "stations/unknown", "tokens", "transactions", "messages"):
        answer = await desk.http.get(f"{ROOT}/{path}", headers=theirs)
        assert answer.json() | {"total": None} == {"items": [], "next_cursor": None, "total": None}, path
    for path in (
        f"stations/{key}",
        f"stations/{key}/connectors",
        f"stations/{key}/oddities",
        f"stations/{key}/commands",
        f"transactions/{transaction}",
        f"transactions/{transaction}/events",
        f"transactions/{transaction}/meter-values",
    ):
        assert (await desk.http.get(f"{ROOT}/{path}", headers=theirs)).status_code == 404, path


async def test_metrics_tell_who_is_connected(desk: Desk):
    await desk.admit("CS-AWAY")
    _, client = await desk.admit_and_dial("CS-1", Version.V201)
    await ScriptedStation(client, desk.bench.clock.now).boot()
    text = (await desk.http.get("/metrics")).text
    assert "stationmaster_stations_known 2.0" in text
    assert "stationmaster_stations_connected 1.0" in text


async def test_keys_outlive_a_restart(tmp_path):
    path = str(tmp_path / "node.db")
    async with csms_bench(path=path) as bench:
        storage = bench.storage
        ring = KeyRing(storage.reads, storage.journal, storage.keys, bench.bus, bench.clock, b"pepper")
        secret = await ring.ensure_first()
        assert secret is not None
    async with csms_bench(path=path) as bench:
        storage = bench.storage
        ring = KeyRing(storage.reads, storage.journal, storage.keys, bench.bus, bench.clock, b"pepper")
        assert await ring.ensure_first() is None
        found = ring.find(secret)
        assert found is not None and found.role == "administrator"
