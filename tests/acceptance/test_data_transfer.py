"""A vendor's message from the API to a station and back, in every version that has room for them."""

from collections.abc import AsyncIterator

import pytest
from rest_desk import RestDesk, open_desk, running_station
from station_ways import having, lacking

from stationmaster.ocpp.version import Version


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


@pytest.mark.parametrize("version", having("DataTransfer"))
async def test_a_message_of_an_unknown_vendor_is_refused_by_the_station_and_listed(
    desk: RestDesk, version: Version
) -> None:
    async with running_station(desk, version) as (_, key):
        sent = await desk.command(key, "DataTransfer", vendor_id="org.nobody", message_id="Hello", data={"n": 1})
        assert (sent["state"], sent["status"]) == ("rejected", "UnknownVendorId")
        (listed,) = (await desk.get(f"/stations/{key}/data-transfers"))["items"]
        assert (listed["direction"], listed["vendor_id"], listed["message_id"]) == ("out", "org.nobody", "Hello")
        assert (listed["status"], listed["data"], listed["answer"]) == ("UnknownVendorId", {"n": 1}, None)


@pytest.mark.parametrize("version", having("DataTransfer"))
async def test_a_station_s_own_message_is_answered_and_listed(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (station, key):
        answer = await station.transfer_data("org.nobody", "Hello", "text")
        assert answer.status == "UnknownVendorId"
        (listed,) = (await desk.get(f"/stations/{key}/data-transfers", direction="in"))["items"]
        assert (listed["status"], listed["data"]) == ("UnknownVendorId", "text")
        assert (await desk.get(f"/stations/{key}/data-transfers", vendor_id="org.other"))["items"] == []


@pytest.mark.parametrize("version", lacking("DataTransfer"))
async def test_where_there_is_no_room_for_it_an_operator_is_told_so(desk: RestDesk, version: Version) -> None:
    async with running_station(desk, version) as (_, key):
        sent = await desk.command(key, "DataTransfer", vendor_id="org.nobody", message_id="Hello", data={"n": 1})
        assert (sent["state"], sent["detail"]) == ("unsupported", f"OCPP {version} has no DataTransfer")


async def test_what_a_vendor_calls_a_password_is_not_shown(desk: RestDesk) -> None:
    async with running_station(desk, Version.V201) as (_, key):
        await desk.command(key, "DataTransfer", vendor_id="org.nobody", data={"password": "hunter2", "n": 1})
        (listed,) = (await desk.get(f"/stations/{key}/data-transfers"))["items"]
        assert listed["data"] == {"password": "***", "n": 1}
