"""How one station stands to the templates that take it in."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_desk import RestDesk, open_desk

from stationmaster.ocpp.version import Version

ADDRESS = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk() as made:
        yield made


async def template(desk: RestDesk, name: str, value: str, **stations: Any) -> int:
    settings = [{**ADDRESS, "value": value}]
    body = {"name": name, "settings": settings, "stations": stations}
    key: int = (await desk.send("POST", "/setting-templates", body))["key"]
    return key


async def test_only_templates_that_take_the_station_in_are_told_with_what_is_not_in_line(desk: RestDesk) -> None:
    client = await desk.bench.boot("CS-1", Version.V201)
    key = desk.bench.station("CS-1").key
    client.on(
        "GetVariables",
        lambda request: {
            "getVariableResult": [
                {"attributeStatus": "Accepted", "attributeValue": "60", **{n: i[n] for n in ("component", "variable")}}
                for i in request["getVariableData"]
            ]
        },
    )
    differs = await template(desk, "B slow", "300", stations=[key])
    await template(desk, "C elsewhere", "300", vendor="Nobody")
    (before,) = (await desk.get(f"/stations/{key}/setting-templates"))["items"]
    assert (before["template"], before["state"], before["settings"]) == (differs, "unknown", 1)

    await desk.command(key, "GetVariables", variables=[ADDRESS])
    in_line = await template(desk, "A all", "60")
    told = (await desk.get(f"/stations/{key}/setting-templates"))["items"]
    assert [(each["template"], each["state"]) for each in told] == [(in_line, "in_line"), (differs, "differs")]
    (item,) = told[1]["items"]
    assert (item["variable"], item["wanted"], item["actual"]) == ("HeartbeatInterval", "300", "60")
    assert told[0]["items"] == []


async def test_keys_of_1_6_tell_their_type_where_the_specification_knows_them(desk: RestDesk) -> None:
    client = await desk.bench.boot("CS-16", Version.V16)
    key = desk.bench.station("CS-16").key
    keys = [{"key": name, "readonly": False, "value": "1"} for name in ("HeartbeatInterval", "VendorsOwn")]
    client.on("GetConfiguration", {"configurationKey": keys})
    await desk.command(key, "GetBaseReport", report_base="FullInventory")
    told = {each["key"]: each for each in (await desk.get(f"/stations/{key}/configuration"))["items"]}
    assert (told["HeartbeatInterval"]["data_type"], told["HeartbeatInterval"]["unit"]) == ("integer", "s")
    assert (told["VendorsOwn"]["data_type"], told["VendorsOwn"]["unit"]) == (None, None)
