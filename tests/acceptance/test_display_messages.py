"""Display messages from the API to the display of a simulated station and back, in every version."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Station
from stationmaster.testing.script import moment

FIRST, SECOND = ([version for version in JSON_VERSIONS if version.family == family] for family in (1, 2))


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token("04A1B2C3", "ISO14443")
        yield made


async def put(desk: RestDesk, key: int, text: str, status: int = 201, **more: Any) -> Any:
    body = {"message": {"content": text}, "priority": "AlwaysFront", **more}
    return await desk.send("POST", f"/stations/{key}/display-messages", body, status, wait=10)


def display(station: Station) -> str:
    assert isinstance(station.hardware, SimulatedHardware)
    return station.hardware.display(1)


@pytest.mark.parametrize("version", SECOND)
async def test_a_message_is_set_read_replaced_and_cleared(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        path = f"/stations/{key}/display-messages"
        made = await put(desk, key, "Closed from noon")
        assert (made["command"]["type"], made["command"]["state"]) == ("SetDisplayMessage", "accepted")
        assert display(station) == "Closed from noon"
        (known,) = await desk.get(path)
        assert (known["id"], known["standing"], known["command"]) == (made["id"], "shown", made["command"]["key"])

        new = {"message": {"content": "Closed from one"}, "priority": "AlwaysFront"}
        await desk.send("PUT", f"{path}/{made['id']}", new, wait=10)
        assert display(station) == "Closed from one"
        assert [each["message"]["content"] for each in await desk.get(path)] == ["Closed from one"]

        cleared = await desk.send("DELETE", f"{path}/{made['id']}", wait=10)
        assert cleared["status"] == "Accepted"
        assert display(station) != "Closed from one"
        assert await desk.get(path) == []


@pytest.mark.parametrize("version", SECOND)
async def test_a_list_finds_what_nobody_here_knew_of(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        path = f"/stations/{key}/display-messages"
        made = await put(desk, key, "Hello")
        await desk.bench.storage.journal.run(lambda writing: writing.connection.execute("DELETE FROM display_messages"))
        assert await desk.get(path) == []
        asked = await desk.send("POST", f"{path}/refresh", {}, wait=10)
        assert asked["status"] == "Accepted"
        (known,) = await desk.until(path, lambda found: len(found) == 1)
        assert (known["id"], known["message"]["content"]) == (made["id"], "Hello")
        where = f"/stations/{key}/commands/{asked['key']}"
        await desk.until(where, lambda command: command["state"] == "effect_seen")


@pytest.mark.parametrize("version", SECOND)
async def test_a_message_goes_with_its_transaction(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
        station.hardware.present(IdToken("04A1B2C3", "ISO14443"), 1)  # type: ignore[attr-defined]
        found = await desk.until("/transactions", lambda page: any(tx["token"] for tx in page["items"]), station=key)
        transaction = found["items"][0]["key"]

        await put(desk, key, "Good evening", transaction=transaction)
        assert display(station) == "Good evening"
        (known,) = await desk.get(f"/stations/{key}/display-messages")
        assert known["transaction"] == transaction

        await desk.command(key, "RequestStopTransaction", transaction=transaction)
        station.hardware.unplug(1)  # type: ignore[attr-defined]
        await desk.until(f"/transactions/{transaction}", lambda seen: seen["ended_at"] is not None)
        (known,) = await desk.get(f"/stations/{key}/display-messages")
        assert known["standing"] == "over"
        assert display(station) != "Good evening"
        problem = await put(desk, key, "Too late", 422, transaction=transaction)
        assert problem["errors"] == [{"path": "body.transaction", "detail": "the transaction has ended"}]


async def test_times_and_states_wait_and_end(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        now = desk.bench.clock.now()
        soon, end = moment(now + timedelta(seconds=0.5)), moment(now + timedelta(seconds=1.5))
        await put(desk, key, "For a second", **{"from": soon, "to": end})
        (known,) = await desk.get(f"/stations/{key}/display-messages")
        assert known["standing"] == "waiting"
        assert display(station) != "For a second"
        async with asyncio.timeout(5):
            while display(station) != "For a second":
                await asyncio.sleep(0.05)
            while display(station) == "For a second":
                await asyncio.sleep(0.05)
        (known,) = await desk.get(f"/stations/{key}/display-messages")
        assert known["standing"] == "over"
        crossed = await put(desk, key, "Never", 422, **{"from": end, "to": soon})
        assert crossed["errors"][0]["path"] == "body.to"


@pytest.mark.parametrize(
    ("more", "status"),
    [({"message": {"content": "<b>", "format": "HTML"}}, "NotSupportedMessageFormat"), ({"transaction": 0}, None)],
)
async def test_what_a_station_refuses_is_told(desk: RestDesk, more: Any, status: str | None) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        if status is None:
            await put(desk, key, "Hello", 422, **more)
            return
        made = await put(desk, key, "Hello", **more)
        assert (made["command"]["state"], made["command"]["status"]) == ("rejected", status)
        assert await desk.get(f"/stations/{key}/display-messages") == []


async def test_what_2_0_1_has_no_words_for_is_not_sent(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        welcome = {"content": "Willkommen", "language": "de"}
        english = {"content": "Welcome", "language": "en"}
        for more, word in (
            ({"message": english, "extra": [welcome]}, "one language"),
            ({"state": "Suspended"}, "Suspended"),
            ({"message": {"content": "x" * 600}}, "512"),
        ):
            made = await put(desk, key, "Hello", **more)
            assert made["command"]["state"] == "unsupported"
            assert word in made["command"]["detail"]


@pytest.mark.parametrize("version", FIRST)
async def test_1_x_has_no_display_messages_and_the_command_says_so(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        for command in (
            (await put(desk, key, "Hello"))["command"],
            await desk.command(key, "GetDisplayMessages"),
            await desk.command(key, "ClearDisplayMessage", id=1),
        ):
            assert command["state"] == "unsupported"
            assert "OCPP 1.x has no display messages" in command["detail"]


async def test_a_command_sets_a_message_by_the_id_that_a_client_gives(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        made = await desk.command(key, "SetDisplayMessage", id=5, message={"content": "Hi"}, priority="InFront")
        assert made["state"] == "accepted"
        assert display(station) == "Hi"
        assert [each["id"] for each in await desk.get(f"/stations/{key}/display-messages")] == [5]


async def test_one_message_goes_to_many_and_all_displays_are_seen_together(desk: RestDesk) -> None:
    async with (
        running_station(desk, Version.V201, "A") as (one, first),
        running_station(desk, Version.V21, "B") as (
            other,
            second,
        ),
    ):
        body = {"message": {"content": "Closed from noon"}, "priority": "AlwaysFront", "stations": [second, first]}
        made = await desk.send("POST", "/display-messages", body)
        assert [each["command"]["station"] for each in made["items"]] == [second, first]
        for each in made["items"]:
            command = each["command"]
            done = await desk.get(f"/stations/{command['station']}/commands/{command['key']}", wait=10)
            assert done["state"] == "accepted"
        assert display(one) == display(other) == "Closed from noon"
        page = await desk.get("/display-messages")
        assert [each["station"] for each in page["items"]] == sorted([first, second])
        assert {each["message"]["content"] for each in page["items"]} == {"Closed from noon"}
        assert [each["station"] for each in (await desk.get("/display-messages", limit=1))["items"]] == [first]
        assert (await desk.get("/display-messages", text="NOON", station=second))["items"][0]["station"] == second
        assert (await desk.get("/display-messages", text="midnight"))["items"] == []
        wrong = await desk.send("POST", "/display-messages", body | {"stations": [first, 999_999]}, 422)
        assert wrong["errors"][0]["path"] == "body.stations[1]"
        await desk.send("POST", "/display-messages", body | {"transaction": 1}, 422)
        assert len((await desk.get("/display-messages"))["items"]) == 2
        await desk.send("DELETE", f"/stations/{first}/display-messages/{made['items'][1]['id']}", wait=10)
        assert [each["station"] for each in (await desk.get("/display-messages"))["items"]] == [second]
