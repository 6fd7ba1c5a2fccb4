"""People of a running CSMS: signed in while they are there, and written down."""

import asyncio
from http.cookies import SimpleCookie

import httpx
import msgspec
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.ocpp.version import Version

HOUR_S = 3600


async def signed_in(desk: RestDesk, name: str, password: str) -> httpx.AsyncClient:
    """A client with the session's cookie, as a browser has it; the desk's own key stays out of it."""
    answer = await desk.http.post("/api/v1/session", json={"name": name, "password": password})
    assert answer.status_code == 201, answer.text
    token = SimpleCookie(answer.headers["set-cookie"])["stationmaster_session"].value
    transport = desk.http._transport
    headers = {"Cookie": f"stationmaster_session={token}", "Sec-Fetch-Site": "same-origin"}
    return httpx.AsyncClient(transport=transport, base_url="http://csms.test", headers=headers)


async def a_person(desk: RestDesk, name: str, role: str) -> httpx.AsyncClient:
    made = (await desk.http.post("/api/v1/people", json={"name": name, "role": role})).json()
    return await signed_in(desk, name, made["password"])


async def test_a_session_lasts_while_it_is_used_and_is_over_eight_hours_later() -> None:
    async with open_desk() as desk:
        busy, idle = await a_person(desk, "busy", "viewer"), await a_person(desk, "idle", "viewer")
        for _ in range(3):
            await asyncio.sleep(6 * HOUR_S)
            assert (await busy.get("/api/v1/session")).status_code == 200
        assert (await idle.get("/api/v1/session")).status_code == 401
        assert len(await desk.bench.storage.reads.all_sessions()) == 2  # they go when somebody signs in
        await a_person(desk, "third", "viewer")
        assert len(await desk.bench.storage.reads.all_sessions()) == 2


async def test_what_a_person_asks_of_a_station_bears_their_name_in_the_command_and_in_the_log() -> None:
    async with open_desk() as desk, running_station(desk, Version.V201) as (_, key):
        person = await a_person(desk, "jo", "operator")
        body = {"type": "TriggerMessage", "requested": "Heartbeat"}
        answer = await person.post(f"/api/v1/stations/{key}/commands?wait=5", json=body)
        assert answer.json()["requested_by"] == "jo"
        entries = (await desk.get("/audit", station=key))["items"]
        assert [(entry["actor"], entry["operation"], entry["status"]) for entry in entries] == [
            ("jo", "give_command", answer.status_code)
        ]
        assert msgspec.json.decode(entries[0]["detail"])["type"] == "TriggerMessage"


async def test_an_erased_drivers_token_leaves_the_audit_log_too() -> None:
    async with open_desk() as desk:
        token = (await desk.http.post("/api/v1/tokens", json={"value": "04A1B2C3", "type": "ISO14443"})).json()
        assert "04A1B2C3" in (await desk.get("/audit", operation="create_token"))["items"][0]["detail"]
        asked = await desk.http.post("/api/v1/erasures", json={"tokens": [token["key"]], "stations": False})
        assert asked.status_code < 300, asked.text
        await desk.until("/audit", lambda page: "04A1B2C3" not in page["items"][0]["detail"], operation="create_token")
