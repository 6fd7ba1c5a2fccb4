"""A driver's data from the API: told whole, and erased here and on the stations, in every version."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station
from stationmaster.storage.schema.tables import metadata
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.testing.bench import OPEN

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


async def everything(storage: SQLiteStorage, value: str = VALUE) -> dict[str, int]:
    """How often the token still stands in each table."""

    def look(writing: Any) -> dict[str, int]:
        found = {}
        for table in metadata.sorted_tables:
            text = repr(writing.connection.execute(f'SELECT * FROM "{table.name}"').fetchall())
            if value.casefold() in text.casefold():
                found[table.name] = text.casefold().count(value.casefold())
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


async def test_a_driver_is_named_by_a_contract_and_a_fleet_by_its_group(desk: RestDesk) -> None:
    contract = {"contract_id": "DE-ABC-C12345678-X", "group": "fleet-a"}
    first = await desk.bench.add_token(VALUE, "ISO14443", **contract)
    second = await desk.bench.add_token("04BBBB02", "ISO14443", **contract)
    third = await desk.bench.add_token("04CCCC03", "ISO14443", group="Fleet-A")
    other = await desk.bench.add_token("04DDDD04", "ISO14443", contract_id="DE-ABC-C99999999-X")

    by_contract = await desk.send("POST", "/driver-exports", {"contract_id": "deabcC12345678x"})
    assert set(by_contract["tokens"]) == {first.key, second.key}
    by_group = await desk.send("POST", "/driver-exports", {"group": "fleet-a", "tokens": [other.key]})
    assert set(by_group["tokens"]) == {first.key, second.key, third.key, other.key}

    await desk.send("POST", "/driver-exports", {}, 422)
    await desk.send("POST", "/driver-exports", {"contract_id": "DE-ABC-C00000000-X"}, 404)
    await desk.send("POST", "/erasures", {"group": "nobody"}, 404)


async def test_a_contract_is_erased_where_none_of_its_tokens_stays(desk: RestDesk) -> None:
    contract_id = "DE-ABC-C12345678-X"
    one = await desk.bench.add_token(VALUE, "ISO14443", contract_id=contract_id)
    await desk.bench.add_token("04BBBB02", "ISO14443", contract_id=contract_id)
    await desk.send("POST", "/tariffs", {"name": "t", "currency": "EUR", "energy": {"prices": [{"amount": 0.1}]}})
    await desk.send("POST", "/tariff-assignments", {"tariff": "t", "contract_id": contract_id})

    await erased(desk, one.key)
    (assignment,) = (await desk.get("/tariff-assignments"))["items"]
    assert assignment["contract_id"] == contract_id, "the other card still charges on it"

    begun = await desk.send("POST", "/erasures", {"contract_id": contract_id}, 202)
    await desk.until(f"/erasures/{begun['key']}", lambda seen: seen["state"] == "done")
    assert await everything(desk.bench.storage, "DE-ABC-C12345678-X") == {}
    await desk.until("/tariff-assignments", lambda page: page["items"][0]["contract_id"].startswith("erased-"))
    assert await everything(desk.bench.storage, "04BBBB02") == {}


async def test_what_was_exported_before_goes_with_the_driver(desk: RestDesk) -> None:
    token = await desk.bench.add_token(VALUE, "ISO14443", note="Jane")
    other = await desk.bench.add_token("04BBBB02", "ISO14443")
    mine = await desk.send("POST", "/driver-exports", {"tokens": [token.key]})
    theirs = await desk.send("POST", "/driver-exports", {"tokens": [other.key]})
    await erased(desk, token.key)
    await desk.send("GET", f"/driver-exports/{mine['key']}", status=404)
    assert (await desk.get(f"/driver-exports/{theirs['key']}"))["tokens"] == [other.key]


SIGNS = {"sampled_sign_readings": True, "public_key_with_signed_meter_value": "EveryMeterValue"}


@pytest.mark.parametrize("policy", ["keep", "remove"])
async def test_what_a_meter_signed_is_kept_or_removed_by_policy_and_the_report_says_so(policy: Any) -> None:
    terms = msgspec.structs.replace(OPEN.default_policy, erase_signed_values=policy)
    async with open_desk(msgspec.structs.replace(OPEN, default_policy=terms)) as desk:
        token = await desk.bench.add_token(VALUE, "ISO14443")
        async with running_station(desk, Version.V201, model="Calibrated 2x22", **SIGNS) as (station, key):
            transaction = await session(desk, station, key)
            seen = await erased(desk, token.key, stations=False)
        path = f"/transactions/{transaction}"
        kept = {each["what"]: each["count"] for each in seen["remains"]}
        values = (await desk.get(f"{path}/meter-values"))["items"]
        signed = [value for value in values if any(sample["signed"] for sample in value["samples"])]
        assert bool(signed) is (policy == "keep")
        assert kept.get("signed readings", 0) == len(signed)
        assert values and (await desk.get(path))["energy_wh"] is not None


async def test_local_lists_forget_the_driver_and_a_station_that_is_away_is_named() -> None:
    terms = msgspec.structs.replace(OPEN.default_policy, local_lists="on")
    settings = msgspec.structs.replace(OPEN, default_policy=terms, local_list_delay_s=1.0)
    async with open_desk(settings) as desk:
        body = {"value": VALUE, "type": "ISO14443"}
        token = await desk.send("POST", "/tokens", body)
        await desk.send("POST", "/tokens", {"value": "04BBBB02", "type": "ISO14443"})
        async with running_station(desk, Version.V201, "CS-1", local_list_enabled=True) as (_, here):
            async with running_station(desk, Version.V201, "CS-2", local_list_enabled=True) as (_, away):
                for key in (here, away):
                    await listed(desk, key, VALUE)
                told = await desk.send("POST", "/driver-exports", {"tokens": [token["key"]]})
                assert told["data"]["local_lists"] == [{"station_key": key} for key in (here, away)]
            seen = await erased(desk, token["key"], stations=False)
            await listed(desk, here, "04BBBB02", without=VALUE)
        named = {each["what"] for each in seen["remains"]}
        assert f"station {away}" in named
        assert f"station {here}" not in named


async def listed(desk: RestDesk, key: int, value: str, *, without: str | None = None) -> None:
    """Until a station's list has a token, and not the other."""

    def holds(page: Any) -> bool:
        there = {entry["value"] for entry in page["items"]}
        return value in there and without not in there

    async with asyncio.timeout(120):
        while True:
            answer = await desk.http.get(f"/api/v1/stations/{key}/local-list/entries")
            if answer.status_code == 200 and holds(answer.json()):
                return
            await asyncio.sleep(0.5)
