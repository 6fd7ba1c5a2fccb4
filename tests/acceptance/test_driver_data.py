"""A driver's data from the API: told whole, and erased here and on the stations, in every version."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.storage.tables import metadata

VALUE = "04A1B2C3"


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def session(desk: RestDesk, station: Station, key: int) -> int:
    """A whole transaction of the driver's; our key of it."""
    hardware: Any = station.hardware
    hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
    hardware.present(IdToken(VALUE, "ISO14443"), 1)
    found = await desk.until("/transactions", lambda page: any(tx["token"] for tx in page["items"]), station=key)
    transaction: int = found["items"][0]["key"]
    hardware.present(IdToken(VALUE, "ISO14443"), 1)
    await asyncio.sleep(0.2)
    hardware.unplug(1)
    await desk.until(f"/transactions/{transaction}", lambda seen: seen["ended_at"] is not None)
    return transaction


async def everything(storage: SQLiteStorage) -> dict[str, int]:
    """How often the token still stands in each table."""

    def look(writing: Any) -> dict[str, int]:
        found = {}
        for table in metadata.sorted_tables:
            text = repr(writing.connection.execute(f'SELECT * FROM "{table.name}"').fetchall())
            if VALUE.casefold() in text.casefold():
                found[table.name] = text.casefold().count(VALUE.casefold())
        return found

    return await storage.journal.run(look)


async def erased(desk: RestDesk, token: int, **more: Any) -> Any:
    begun = await desk.send("POST", "/erasures", {"tokens": [token], "reason": "asked to", **more}, 202)
    async with asyncio.timeout(30):
        while (seen := await desk.get(f"/erasures/{begun['key']}"))["state"] != "done":
            await asyncio.sleep(0.1)
    return seen


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_an_erased_driver_stands_nowhere_but_the_transaction_and_its_bill_stay(
    desk: RestDesk, version: Version
) -> None:
    token = await desk.bench.add_token(VALUE, "ISO14443", note="Jane")
    async with running_station(desk, version) as (station, key):
        transaction = await session(desk, station, key)
        before = await everything(desk.bench.storage)
        assert {"tokens", "transactions", "transaction_events"} <= before.keys()

        seen = await erased(desk, token.key)

        assert await everything(desk.bench.storage) == {}
        (pseudonym,) = seen["pseudonyms"]
        kept = await desk.get(f"/transactions/{transaction}")
        assert kept["token"] == pseudonym
        assert kept["energy_wh"] is not None
        assert seen["changed"]["transactions"] == 1
        assert {each["what"]: each["count"] for each in seen["remains"]}["transactions"] == 1
        (asked,) = seen["stations"]
        if version.family == 1:
            assert asked["command_key"] is None and "OCPP 1.x" in asked["why"]
            assert f"station {key}" in {each["what"] for each in seen["remains"]}
        else:
            command = await desk.get(f"/stations/{key}/commands/{asked['command_key']}")
            assert (command["type"], command["state"]) == ("CustomerInformation", "accepted")
            assert f"station {key}" not in {each["what"] for each in seen["remains"]}
        await desk.send("POST", "/erasures", {"tokens": [token.key]}, 404)


async def test_a_driver_is_told_everything_and_then_only_what_was_put_together(desk: RestDesk) -> None:
    token = await desk.bench.add_token(VALUE, "ISO14443", note="Jane")
    other = await desk.bench.add_token("04FFFFFF", "ISO14443")
    async with running_station(desk, Version.V201) as (station, key):
        transaction = await session(desk, station, key)
        made = await desk.send("POST", "/driver-exports", {"tokens": [token.key]})
        assert await desk.get(f"/driver-exports/{made['key']}") == made
        told = made["data"]
        assert [each["note"] for each in told["tokens"]] == ["Jane"]
        assert [each["key"] for each in told["transactions"]] == [transaction]
        assert told["transactions"][0]["body"]["id_token"]["value"] == VALUE
        assert told["transaction_events"] and made["cut"] == []
        nobody = await desk.send("POST", "/driver-exports", {"tokens": [other.key]})
        assert set(nobody["data"]) == {"tokens"}


async def test_nobody_is_erased_while_charging(desk: RestDesk) -> None:
    token = await desk.bench.add_token(VALUE, "ISO14443")
    async with running_station(desk, Version.V201) as (station, key):
        hardware: Any = station.hardware
        hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
        hardware.present(IdToken(VALUE, "ISO14443"), 1)
        await desk.until("/transactions", lambda page: any(tx["token"] for tx in page["items"]), station=key)
        problem = await desk.send("POST", "/erasures", {"tokens": [token.key]}, 409)
        assert problem["detail"] == "A transaction is under way on one of the tokens: it must end first."


async def test_a_station_that_does_not_answer_is_waited_for_and_the_token_is_blocked_meanwhile(desk: RestDesk) -> None:
    token = await desk.bench.add_token(VALUE, "ISO14443")
    async with running_station(desk, Version.V201) as (station, key):
        await session(desk, station, key)
    begun = await desk.send("POST", "/erasures", {"tokens": [token.key]}, 202)
    await desk.until(f"/erasures/{begun['key']}", lambda seen: seen["state"] == "asking")
    assert (await desk.get(f"/tokens/{token.key}"))["status"] == "Blocked"
    again = await desk.send("POST", "/erasures", {"tokens": [token.key]}, 409)
    assert again["detail"] == "A token of these is being erased already."
    left = await everything(desk.bench.storage)
    assert left.keys() == {"tokens", "commands"}
    async with running_station(desk, Version.V201):
        async with asyncio.timeout(30):
            while (await desk.get(f"/erasures/{begun['key']}"))["state"] != "done":
                await asyncio.sleep(0.1)
    assert await everything(desk.bench.storage) == {}


async def test_stations_are_left_alone_where_they_are_not_to_be_asked(desk: RestDesk) -> None:
    token = await desk.bench.add_token(VALUE, "ISO14443")
    async with running_station(desk, Version.V21) as (station, key):
        await session(desk, station, key)
        seen = await erased(desk, token.key, stations=False)
        assert seen["stations"] == []
        assert [event.data for event in await desk.bench.view("CS-1").told("DriverErased")] == []
