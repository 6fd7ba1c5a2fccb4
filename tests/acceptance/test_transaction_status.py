"""GetTransactionStatus and ClearCache from the API to a station and back, in every version."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import OLDER, every_version

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

SECOND_GENERATION = tuple(version for version in VERSIONS if version.family == 2)


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        await made.bench.add_token("04A1B2C3", "ISO14443")
        yield made


async def charging(desk: RestDesk, station: Station, key: int) -> Any:
    """The transaction of a car that charges."""
    station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
    station.hardware.present(IdToken("04A1B2C3", "ISO14443"), 1)  # type: ignore[attr-defined]
    found = await desk.until("/transactions", lambda page: any(tx["token"] for tx in page["items"]), station=key)
    return found["items"][0]


@pytest.mark.parametrize("version", SECOND_GENERATION)
async def test_what_a_station_says_of_a_transaction_stands_at_the_transaction(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        begun = await charging(desk, station, key)
        assert (begun["messages_in_queue"], begun["ongoing_at_station"], begun["status_told_at"]) == (None, None, None)

        asked = await desk.command(key, "GetTransactionStatus", transaction=begun["key"])

        assert asked["state"] == "accepted"
        told = asked["answer"]
        seen = await desk.get(f"/transactions/{begun['key']}")
        assert (seen["ongoing_at_station"], seen["messages_in_queue"]) == (True, told["messages_in_queue"])
        assert seen["status_told_at"] is not None
        (listed,) = (await desk.get("/transactions", station=key))["items"]
        assert listed["status_told_at"] == seen["status_told_at"]


@pytest.mark.parametrize("version", SECOND_GENERATION)
async def test_without_a_transaction_the_answer_is_the_command_s_alone(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        asked = await desk.command(key, "GetTransactionStatus")
        assert (asked["state"], asked["answer"]) == ("accepted", {"messages_in_queue": False})


@pytest.mark.parametrize("version", OLDER)
async def test_an_older_station_cannot_be_asked_and_the_command_says_so(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        asked = await desk.command(key, "GetTransactionStatus", transaction_id="7")
        assert asked["state"] == "unsupported"
        assert "cannot ask" in asked["detail"]


async def test_a_transaction_is_named_once_and_is_the_station_s_own(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        for named in ({"transaction": 1, "transaction_id": "x"}, {"transaction": 999_999}):
            body = {"type": "GetTransactionStatus", **named}
            await desk.send("POST", f"/stations/{key}/commands", body, status=422)


@every_version
async def test_a_station_clears_its_cache_unless_it_is_switched_off(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        assert (await desk.command(key, "ClearCache"))["state"] == "accepted"

        station.set_variable("AuthCacheCtrlr.Enabled", "false")
        refused = await desk.command(key, "ClearCache")
        assert (refused["state"], refused["status"]) == ("rejected", "Rejected")
