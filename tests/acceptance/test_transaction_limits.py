"""Limits and closings from the API to a station and back, in every version."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import every_version

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.app import Station

STATION_KEEPS = (Version.V21,)
TELLS_NO_REASON = (Version.V12, Version.V15)
"""A transaction that ends without a card has ended for another reason, that is all."""
OTHERS = tuple(version for version in VERSIONS if version not in STATION_KEEPS)


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


@pytest.mark.parametrize("version", STATION_KEEPS)
async def test_a_station_of_2_1_is_told_confirms_and_keeps_it(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version, tx_stop_point=("EVConnected",), tx_updated_interval_s=1) as (
        station,
        key,
    ):
        begun = await charging(desk, station, key)
        path = f"/transactions/{begun['key']}"

        answer = await desk.send("PUT", f"{path}/limit", {"max_time_s": 2, "max_energy_wh": 50000}, status=202)

        assert answer == {"limit_state": "wished", "limit_enforced_by": "station"}
        seen = await desk.until(path, lambda tx: tx["limit_state"] == "reached")
        assert (seen["limit_reached"], seen["limit_enforced_by"], seen["open"]) == ("time", "station", True)
        assert seen["charging_state"] == "SuspendedEVSE"
        assert (seen["limit_max_time_s"], seen["limit_max_energy_wh"]) == (2, 50000)


@pytest.mark.parametrize("version", OTHERS)
async def test_the_transaction_of_any_other_is_stopped_here(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        begun = await charging(desk, station, key)
        path = f"/transactions/{begun['key']}"

        answer = await desk.send("PUT", f"{path}/limit", {"max_time_s": 0}, status=202)
        await desk.bench.csms.limit_watch.look()

        assert answer == {"limit_state": "not_supported", "limit_enforced_by": "csms"}
        seen = await desk.until(path, lambda tx: not tx["open"])
        assert (seen["limit_state"], seen["limit_reached"]) == ("reached", "time")
        assert seen["stopped_reason"] == ("Other" if version in TELLS_NO_REASON else "Remote")
        (command,) = [
            c for c in (await desk.get(f"/stations/{key}/commands"))["items"] if c["type"] == "RequestStopTransaction"
        ]
        assert command["requested_by"] == "limit"


@every_version
async def test_a_remote_start_with_a_limit_begins_a_transaction_with_it(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        station.hardware.plug(1, EV(ev_model("Compact 58"), 0.5))  # type: ignore[attr-defined]
        await asyncio.sleep(0.1)
        where = {} if version is Version.V12 else {"evse_id": 1}  # 1.2 cannot name it
        start = {"id_token": {"value": "04A1B2C3"}, "limit": {"max_energy_wh": 5000}, **where}

        await desk.command(key, "RequestStartTransaction", **start)

        found = await desk.until("/transactions", lambda page: any(tx["limit_state"] for tx in page["items"]))
        (begun,) = [tx for tx in found["items"] if tx["limit_state"]]
        by = "station" if version in STATION_KEEPS else "csms"
        assert (begun["limit_max_energy_wh"], begun["limit_enforced_by"]) == (5000, by)


async def test_a_limit_needs_a_kind_and_a_transaction_that_goes_on(desk: RestDesk) -> None:
    async with running_station(desk, Version.V21) as (station, key):
        begun = await charging(desk, station, key)
        path = f"/transactions/{begun['key']}/limit"
        await desk.send("PUT", path, {}, status=422)
        await desk.send("PUT", path, {"max_soc_pct": 101}, status=422)
        await desk.send("PUT", "/transactions/1/limit", {"max_time_s": 1}, status=404)
        station.hardware.unplug(1)  # type: ignore[attr-defined]
        await desk.until(f"/transactions/{begun['key']}", lambda tx: not tx["open"])
        problem = await desk.send("PUT", path, {"max_time_s": 1}, status=409)
        assert problem["type"].endswith("transaction-ended")


@every_version
async def test_an_operator_closes_one_and_its_next_word_opens_it_again(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        begun = await charging(desk, station, key)
        path = f"/transactions/{begun['key']}"

        closed = await desk.send("POST", f"{path}/close", {"detail": "the station was dug up"}, status=200)

        assert (closed["open"], closed["ended_at"], closed["closed_reason"]) == (False, None, "operator")
        assert closed["closed_detail"] == "the station was dug up"
        assert "closed_by_policy" in closed["anomalies"]
        (listed,) = (await desk.get("/transactions", closed=True))["items"]
        assert listed["key"] == begun["key"]
        await desk.send("POST", f"{path}/close", {"detail": "again"}, status=409)

        station.hardware.unplug(1)  # type: ignore[attr-defined]
        seen = await desk.until(path, lambda tx: tx["ended_at"] is not None)
        assert (seen["closed_at"], seen["anomalies"]) == (None, ["reopened"])
        assert (await desk.get("/transactions", closed=True))["items"] == []
