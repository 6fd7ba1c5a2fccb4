"""Stations of MobilityHouse's `ocpp` are read, set and inventoried over our REST API."""

from typing import Any

import pytest
from mobilityhouse_station import NOON, text
from node_rest import NodeRest, booted

from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)

INTERVAL = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
LIMIT = {"component": "EVSE", "evse_id": 1, "variable": "Power", "attribute": "MaxSet"}
STRANGE = {"component": "Toaster", "variable": "Browning", "variable_instance": "left"}
VENDOR_KEY = {"component": "ConfigurationKey", "variable": "LightIntensity"}


def results(payload: dict[str, Any], asked: str, *outcomes: dict[str, Any]) -> list[dict[str, Any]]:
    """One result for each item, with its address, in another order than was asked for."""
    made = []
    for item, outcome in zip(payload[asked], outcomes, strict=True):
        address = {name: item[name] for name in ("component", "variable", "attribute_type") if name in item}
        made.append({**address, **outcome})
    return made[::-1]


@NEWER
async def test_variables_are_read_each_with_its_own_result(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says(
            "GetVariables",
            lambda asked: {
                "get_variable_result": results(
                    asked,
                    "get_variable_data",
                    {"attribute_status": "Accepted", "attribute_value": "300"},
                    {"attribute_status": "NotSupportedAttributeType"},
                    {"attribute_status": "UnknownComponent", "attribute_status_info": {"reason_code": "NotFound"}},
                )
            },
        )
        read = await rest.command(key, "GetVariables", variables=[INTERVAL, LIMIT, STRANGE])
        (asked,) = station.heard.all("GetVariables")

    assert asked["get_variable_data"] == [
        {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}},
        {
            "component": {"name": "EVSE", "evse": {"id": 1}},
            "variable": {"name": "Power"},
            "attribute_type": "MaxSet",
        },
        {"component": {"name": "Toaster"}, "variable": {"name": "Browning", "instance": "left"}},
    ]
    told = [(each["status"], each.get("value"), each.get("reason")) for each in read["answer"]["results"]]
    assert told == [
        ("Accepted", "300", None),
        ("NotSupportedAttributeType", None, None),
        ("UnknownComponent", None, "NotFound"),
    ]
    assert (read["state"], read["status"]) == ("accepted", "Partial")
    (known,) = (await rest.get(f"/stations/{key}/variables"))["items"]
    assert (known["variable"], known["attributes"][0]["value"], known["source"]) == ("HeartbeatInterval", "300", "get")


@NEWER
async def test_a_setting_that_waits_for_a_restart_is_told_from_those_that_hold(
    rest: NodeRest, version: Version
) -> None:
    async with booted(rest, version) as (station, key):
        station.says(
            "SetVariables",
            lambda asked: {
                "set_variable_result": results(
                    asked,
                    "set_variable_data",
                    {"attribute_status": "Accepted"},
                    {"attribute_status": "RebootRequired"},
                )
            },
        )
        settings = [{**INTERVAL, "value": "60"}, {**LIMIT, "value": "11000"}]
        written = await rest.command(key, "SetVariables", settings=settings)
        (asked,) = station.heard.all("SetVariables")

    assert [(item["variable"]["name"], item["attribute_value"]) for item in asked["set_variable_data"]] == [
        ("HeartbeatInterval", "60"),
        ("Power", "11000"),
    ]
    assert [each["status"] for each in written["answer"]["results"]] == ["Accepted", "RebootRequired"]
    assert (written["state"], written["status"]) == ("accepted", "RebootRequired")


@NEWER
async def test_settings_that_are_refused_say_which_and_why(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says(
            "SetVariables",
            lambda asked: {
                "set_variable_result": results(
                    asked,
                    "set_variable_data",
                    {"attribute_status": "Accepted"},
                    {"attribute_status": "Rejected", "attribute_status_info": {"reason_code": "ReadOnly"}},
                    {"attribute_status": "UnknownVariable"},
                )
            },
        )
        settings = [{**address, "value": "60"} for address in (INTERVAL, LIMIT, STRANGE)]
        written = await rest.command(key, "SetVariables", settings=settings)
    told = [(each["status"], each.get("reason")) for each in written["answer"]["results"]]
    assert told == [("Accepted", None), ("Rejected", "ReadOnly"), ("UnknownVariable", None)]
    assert (written["state"], written["status"]) == ("accepted", "Partial")
    (known,) = (await rest.get(f"/stations/{key}/variables"))["items"]
    assert (known["variable"], known["attributes"][0]["value"]) == ("HeartbeatInterval", "60")


def reported(component: str, variable: str, value: str) -> dict[str, Any]:
    return {
        "component": {"name": component, "evse": {"id": 1}},
        "variable": {"name": variable},
        "variable_attribute": [{"type": "Actual", "value": value, "mutability": "ReadWrite"}],
        "variable_characteristics": {"unit": "W", "data_type": "integer", "supports_monitoring": True},
    }


@NEWER
@pytest.mark.parametrize("kind", ["GetBaseReport", "GetReport"])
async def test_a_report_is_put_together_from_its_parts_in_any_order(
    rest: NodeRest, version: Version, kind: str
) -> None:
    async with booted(rest, version) as (station, key):
        station.says(kind, {"status": "Accepted"})
        wanted: dict[str, Any] = {"report_base": "FullInventory"}
        if kind == "GetReport":
            wanted = {"criteria": ["Problem"], "component_variables": [{"component": "EVSE", "evse_id": 1}]}
        command = await rest.command(key, kind, **wanted)
        (asked,) = station.heard.all(kind)
        if kind == "GetReport":
            assert asked["component_criteria"] == ["Problem"]
            assert asked["component_variable"] == [{"component": {"name": "EVSE", "evse": {"id": 1}}}]
        else:
            assert asked["report_base"] == "FullInventory"

        path = f"/stations/{key}/reports/{command['key']}"
        for seq_no, name in ((0, "A"), (2, "C")):
            await tell_part(station, asked["request_id"], seq_no, name)
        missing = await rest.get(path)
        assert (missing["report"]["state"], missing["report"]["missing"]) == ("open", [{"first": 1, "last": 1}])
        await tell_part(station, asked["request_id"], 1, "B")
        whole = await rest.get(path)
        assert (whole["report"]["state"], whole["report"]["missing"]) == ("complete", [])
        assert [(item["component"], item["evse_id"]) for item in whole["variables"]] == [("A", 1), ("B", 1), ("C", 1)]
        assert (await rest.get(f"/stations/{key}/commands/{command['key']}"))["state"] == "effect_seen"


@NEWER
async def test_a_report_with_nothing_in_it_is_an_answer(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("GetReport", {"status": "EmptyResultSet"})
        command = await rest.command(key, "GetReport", criteria=["Problem"])
        whole = await rest.get(f"/stations/{key}/reports/{command['key']}")
    assert (command["state"], command["status"]) == ("effect_seen", "EmptyResultSet")
    assert (whole["report"]["state"], whole["variables"]) == ("empty", [])


async def tell_part(station: Any, request_id: int, seq_no: int, component: str) -> None:
    await station.tell(
        "NotifyReport",
        request_id=request_id,
        generated_at=text(NOON),
        seq_no=seq_no,
        tbc=seq_no < 2,
        report_data=[reported(component, "Power", "1")],
    )


@NEWER
async def test_a_network_profile_is_set(rest: NodeRest, version: Version) -> None:
    draft = {"csms_url": "wss://other.example/ocpp", "security_profile": 2, "message_timeout_s": 40}
    async with booted(rest, version) as (station, key):
        path = f"/stations/{key}/network-profiles/2"
        station.says("SetNetworkProfile", {"status": "Rejected", "status_info": {"reason_code": "InvalidNetworkConf"}})
        refused = await rest.send("PUT", path, draft, wait=10)
        assert (refused["state"], refused["answer"]["reason"]) == ("rejected", "InvalidNetworkConf")
        assert await rest.get(f"/stations/{key}/network-profiles") == []

        station.says("SetNetworkProfile", {"status": "Accepted"})
        assert (await rest.send("PUT", path, draft, wait=10))["state"] == "accepted"
        asked = station.heard.all("SetNetworkProfile")[1]
        (kept,) = await rest.get(f"/stations/{key}/network-profiles")

    assert asked["configuration_slot"] == 2
    sent = asked["connection_data"]
    assert (sent["ocpp_csms_url"], sent["security_profile"]) == ("wss://other.example/ocpp", 2)
    assert (sent["message_timeout"], sent["ocpp_interface"]) == (40, "Wired0")
    assert (kept["slot"], kept["csms_url"]) == (2, "wss://other.example/ocpp")


async def test_1_6_keys_are_read_and_those_it_does_not_know_are_named(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        station.says(
            "GetConfiguration",
            {
                "configuration_key": [
                    {"key": "heartbeatinterval", "readonly": False, "value": "300"},
                    {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
                ],
                "unknown_key": ["LightIntensity"],
            },
        )
        number = {"component": "ConfigurationKey", "variable": "NumberOfConnectors"}
        read = await rest.command(key, "GetVariables", variables=[INTERVAL, VENDOR_KEY, number])
        (asked,) = station.heard.all("GetConfiguration")
    assert asked == {"key": ["HeartbeatInterval", "LightIntensity", "NumberOfConnectors"]}
    told = [(each["status"], each.get("value"), each.get("mutability")) for each in read["answer"]["results"]]
    assert told == [
        ("Accepted", "300", "ReadWrite"),
        ("UnknownVariable", None, None),
        ("Accepted", "2", "ReadOnly"),
    ]
    assert (read["state"], read["status"]) == ("accepted", "Partial")


@pytest.mark.parametrize(
    ("word", "status", "state"),
    [
        ("Accepted", "Accepted", "accepted"),
        ("RebootRequired", "RebootRequired", "accepted"),
        ("Rejected", "Rejected", "rejected"),
        ("NotSupported", "UnknownVariable", "rejected"),
    ],
)
async def test_every_answer_of_1_6_to_a_change_is_understood(
    rest: NodeRest, word: str, status: str, state: str
) -> None:
    async with booted(rest, Version.V16) as (station, key):
        station.says("ChangeConfiguration", {"status": word})
        written = await rest.command(key, "SetVariables", settings=[{**VENDOR_KEY, "value": "50"}])
        assert station.heard.all("ChangeConfiguration") == [{"key": "LightIntensity", "value": "50"}]
    assert (written["state"], written["answer"]["results"][0]["status"]) == (state, status)


async def test_1_6_s_whole_configuration_is_its_inventory(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        keys = [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "LightIntensity", "readonly": False},
        ]
        station.says("GetConfiguration", {"configuration_key": keys})
        command = await rest.command(key, "GetBaseReport", report_base="FullInventory")
        assert station.heard.all("GetConfiguration") == [{}]
        listed = {item["key"]: item for item in (await rest.get(f"/stations/{key}/configuration"))["items"]}
        whole = await rest.get(f"/stations/{key}/reports/{command['key']}")
    assert (whole["report"]["state"], len(whole["variables"])) == ("complete", 2)
    assert listed["HeartbeatInterval"]["counterpart"] == "OCPPCommCtrlr.HeartbeatInterval"
    assert (listed["LightIntensity"]["value"], listed["LightIntensity"]["counterpart"]) == ("", None)


async def test_1_6_has_no_network_profiles_and_says_so(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (_, key):
        draft = {"csms_url": "wss://other.example/ocpp", "security_profile": 2}
        refused = await rest.send("PUT", f"/stations/{key}/network-profiles/2", draft, wait=10)
    assert refused["state"] == "unsupported"
    assert "OCPP 1" in refused["detail"]
