"""Local authorization lists: tokens made known over REST come to be on the lists of stations, in every version
that has them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import having, lacking, one_of_each

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.ocpp.version import Version
from stationmaster.station.app import Station
from stationmaster.station.blocks.local_list import Kept

KEEPING = CsmsSettings(default_policy=TenantPolicy(registration="open", local_lists="on"), local_list_delay_s=0.1)
has_lists = pytest.mark.parametrize("version", having("SendLocalList"))


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk(KEEPING) as made:
        yield made


def kept(station: Station) -> dict[str, str]:
    """What the station has in its memory: values and statuses."""
    body = station._memory.get("local_list")
    entries = () if body is None else msgspec.json.decode(body, type=Kept).entries
    return {entry.id_token.value: entry.info.status for entry in entries if entry.info is not None}


async def has(station: Station, **wanted: str) -> None:
    """Until the station has exactly these."""
    async with asyncio.timeout(10):
        while kept(station) != wanted:
            await asyncio.sleep(0.01)


async def made(desk: RestDesk, value: str, **fields: Any) -> int:
    token = await desk.send("POST", "/tokens", {"value": value, "type": "ISO14443", **fields})
    return int(token["key"])


async def in_sync(desk: RestDesk, key: int, entries: int) -> Any:
    return await desk.until(
        f"/stations/{key}/local-list", lambda seen: (seen["state"], seen["entries"]) == ("in_sync", entries)
    )


@has_lists
async def test_a_station_gets_the_list_when_it_boots_and_what_changes_later(desk: RestDesk, version: Version) -> None:
    first = await made(desk, "A1")
    await made(desk, "B2", status="Blocked")
    async with running_station(desk, version) as (station, key):
        await has(station, A1="Accepted", B2="Blocked")
        seen = await in_sync(desk, key, 2)
        assert seen["version"] == 1

        await made(desk, "C3")
        await desk.send("PATCH", f"/tokens/{first}", {"status": "Blocked"}, status=200)
        await has(station, A1="Blocked", B2="Blocked", C3="Accepted")
        await desk.send("DELETE", f"/tokens/{first}", status=204)
        await has(station, B2="Blocked", C3="Accepted")
        await in_sync(desk, key, 2)
        page = await desk.get(f"/stations/{key}/local-list/entries")
        assert [(entry["value"], entry["status"]) for entry in page["items"]] == [("B2", "Blocked"), ("C3", "Accepted")]
        (listed,) = (await desk.get("/local-lists", state="in_sync"))["items"]
        assert (listed["station"], listed["entries"]) == (key, 2)


@has_lists
async def test_a_list_longer_than_a_message_comes_in_portions(desk: RestDesk, version: Version) -> None:
    values = {f"T{number:03}": "Accepted" for number in range(120)}
    drafts = [{"value": value, "type": "ISO14443"} for value in values]
    await desk.send("POST", "/tokens/import", drafts, status=200)
    async with running_station(desk, version) as (station, key):
        await has(station, **values)
        assert (await in_sync(desk, key, 120))["version"] == 3  # 50 in a message
        page = await desk.get(f"/stations/{key}/local-list/entries", limit=100)
        rest = await desk.get(f"/stations/{key}/local-list/entries", limit=100, cursor=page["next_cursor"])
        assert [entry["value"] for entry in (*page["items"], *rest["items"])] == list(values)


@has_lists
async def test_a_list_sent_by_hand_is_put_right_again(desk: RestDesk, version: Version) -> None:
    await made(desk, "A1")
    async with running_station(desk, version) as (station, key):
        await in_sync(desk, key, 1)
        await asyncio.sleep(0.4)  # the token has been left alone for long enough: nobody looks again
        entries = [{"value": "X9", "type": "ISO14443"}]
        sent = await desk.command(key, "SendLocalList", update="Full", entries=entries)
        assert (sent["state"], sent["answer"]["version"]) == ("accepted", 2)
        assert (await desk.get(f"/stations/{key}/local-list"))["state"] == "stale"
        await has(station, X9="Accepted")
        told = await desk.command(key, "GetLocalListVersion")
        assert told["answer"]["version"] == 2

        shown = await desk.send("POST", f"/stations/{key}/local-list/sync", {}, status=202, wait=10)
        assert (shown["state"], shown["version"]) == ("in_sync", 3)
        assert kept(station) == {"A1": "Accepted"}


@one_of_each
async def test_a_full_list_can_be_asked_for(desk: RestDesk, version: Version) -> None:
    await made(desk, "A1")
    async with running_station(desk, version) as (_, key):
        await in_sync(desk, key, 1)
        path = f"/stations/{key}/local-list/sync"
        assert (await desk.send("POST", path, {}, status=202, wait=10))["version"] == 1
        assert (await desk.send("POST", path, {"full": True}, status=202, wait=10))["version"] == 2


@has_lists
async def test_a_station_whose_list_is_switched_off_says_so(desk: RestDesk, version: Version) -> None:
    await made(desk, "A1")
    async with running_station(desk, version, local_list_enabled=False) as (station, key):
        await desk.until(f"/stations/{key}/local-list", lambda seen: seen["state"] == "unsupported")
        problem = await desk.send("POST", f"/stations/{key}/local-list/sync", {}, status=409, wait=10)
        assert "local-list-unsupported" in problem["type"]
        refused = await desk.command(key, "SendLocalList", update="Full", version=7)
        assert (refused["state"], refused["status"]) == (
            "rejected",
            "NotSupported" if version.family == 1 else "Failed",
        )
        assert kept(station) == {}


@one_of_each
async def test_an_operator_decides_which_stations_lists_are_kept(desk: RestDesk, version: Version) -> None:
    await made(desk, "A1")
    async with running_station(desk, version) as (station, key):
        await in_sync(desk, key, 1)
        shown = await desk.send("PUT", f"/stations/{key}/local-list", {"kept": False}, status=200)
        assert shown["kept"] is False
        await desk.until(f"/stations/{key}/local-list", lambda seen: seen["state"] == "off")
        problem = await desk.send("POST", f"/stations/{key}/local-list/sync", {}, status=409)
        assert "local-lists-off" in problem["type"]
        await made(desk, "B2")
        await desk.send("PUT", f"/stations/{key}/local-list", {"kept": None}, status=200)
        await has(station, A1="Accepted", B2="Accepted")


@pytest.mark.parametrize("version", lacking("SendLocalList"))
async def test_where_there_are_no_lists_nobody_asks_and_an_operator_is_told_so(
    desk: RestDesk, version: Version
) -> None:
    await made(desk, "A1")
    async with running_station(desk, version) as (_, key):
        await asyncio.sleep(60)
        assert (await desk.get(f"/stations/{key}/commands"))["items"] == []
        assert (await desk.get(f"/stations/{key}/local-list"))["state"] == "unsupported"
        problem = await desk.send("POST", f"/stations/{key}/local-list/sync", {}, status=409, wait=10)
        assert "local-list-unsupported" in problem["type"]
        told = await desk.command(key, "GetLocalListVersion")
        assert (told["state"], told["detail"]) == ("unsupported", f"OCPP {version} has no GetLocalListVersion")


async def test_a_token_twice_on_a_list_is_refused(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        entries = [{"value": "A1"}, {"value": "a1"}]
        body = {"type": "SendLocalList", "update": "Full", "entries": entries}
        await desk.send("POST", f"/stations/{key}/commands", body, status=422)
        body = {"type": "SendLocalList", "update": "Full", "entries": [{"value": "A1", "remove": True}]}
        await desk.send("POST", f"/stations/{key}/commands", body, status=422)
