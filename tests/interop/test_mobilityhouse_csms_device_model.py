"""CSMS of MobilityHouse's `ocpp` read, set and inventory our station, and move it to another CSMS."""

from typing import Any

import ocpp.v201.datatypes as wire
import pytest
from mobilityhouse_csms import foreign_csms
from our_station import connected, running

from stationmaster.ocpp.version import Version

NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)


def variable(component: str, name: str, **evse: int) -> dict[str, Any]:
    return {"component": {"name": component, **({"evse": evse} if evse else {})}, "variable": {"name": name}}


INTERVAL = variable("OCPPCommCtrlr", "HeartbeatInterval")
STATE = variable("EVSE", "AvailabilityState", id=2)
UNKNOWN_COMPONENT = variable("Toaster", "Browning")
UNKNOWN_VARIABLE = variable("OCPPCommCtrlr", "Browning")


@NEWER
async def test_variables_are_told_each_with_its_own_result(version: Version) -> None:
    asked = [INTERVAL, {**STATE, "attribute_type": "MaxSet"}, STATE, UNKNOWN_COMPONENT, UNKNOWN_VARIABLE]
    async with connected(version) as (csms, _):
        answer = await csms.tell("GetVariables", get_variable_data=asked)
    results = answer.get_variable_result
    assert [{name: each[name] for name in ("component", "variable")} for each in results] == [
        {name: each[name] for name in ("component", "variable")} for each in asked
    ]
    assert [(each["attribute_status"], each.get("attribute_value")) for each in results] == [
        ("Accepted", "300"),
        ("NotSupportedAttributeType", None),
        ("Accepted", "Available"),
        ("UnknownComponent", None),
        ("UnknownVariable", None),
    ]


@NEWER
async def test_settings_hold_or_say_why_they_do_not(version: Version) -> None:
    priority = variable("OCPPCommCtrlr", "NetworkConfigurationPriority")
    settings = [
        {**INTERVAL, "attribute_value": "77"},
        {**INTERVAL, "attribute_value": "often"},
        {**STATE, "attribute_value": "Occupied"},
        {**priority, "attribute_value": "2"},
        {**UNKNOWN_COMPONENT, "attribute_value": "1"},
    ]
    async with connected(version) as (csms, _):
        answer = await csms.tell("SetVariables", set_variable_data=settings)
        again = await csms.tell("GetVariables", get_variable_data=[INTERVAL])
    told = [
        (each["attribute_status"], each.get("attribute_status_info", {}).get("reason_code"))
        for each in answer.set_variable_result
    ]
    assert told == [
        ("Accepted", None),
        ("Rejected", "InvalidValue"),
        ("Rejected", "ReadOnly"),
        ("Rejected", "InvalidNetworkConf"),
        ("UnknownComponent", "NotFound"),
    ]
    assert again.get_variable_result[0]["attribute_value"] == "77"


async def reported(csms: Any, action: str, request_id: int, **criteria: Any) -> list[dict[str, Any]]:
    """What a report tells; its parts are numbered without a gap."""
    answer = await csms.tell(action, request_id=request_id, **criteria)
    assert answer.status == "Accepted"
    parts = await csms.heard.whole("NotifyReport")
    assert [part["seq_no"] for part in parts] == list(range(len(parts)))
    assert {part["request_id"] for part in parts} == {request_id}
    csms.heard.calls.clear()
    return [item for part in parts for item in part["report_data"]]


def named(items: list[dict[str, Any]]) -> list[tuple[str, int | None, str]]:
    return [
        (item["component"]["name"], item["component"].get("evse", {}).get("id"), item["variable"]["name"])
        for item in items
    ]


@NEWER
async def test_base_reports_tell_all_or_what_can_be_set(version: Version) -> None:
    async with connected(version) as (csms, _):
        full = await reported(csms, "GetBaseReport", 1, report_base="FullInventory")
        settable = await reported(csms, "GetBaseReport", 2, report_base="ConfigurationInventory")
    interval = ("OCPPCommCtrlr", None, "HeartbeatInterval")
    assert {interval, ("EVSE", 2, "AvailabilityState"), ("ChargingStation", None, "Model")} <= set(named(full))
    assert interval in named(settable)
    assert len(named(settable)) < len(named(full))
    assert all(item["variable_characteristics"]["data_type"] for item in full)


@NEWER
async def test_custom_reports_tell_what_was_asked_for_or_that_there_is_nothing(version: Version) -> None:
    async with connected(version) as (csms, _):
        asked = [{"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "AvailabilityState"}}]
        one = await reported(csms, "GetReport", 3, component_variable=asked)
        nothing = await csms.tell("GetReport", request_id=4, component_criteria=["Problem"])
        toaster = await csms.tell("GetReport", request_id=5, component_variable=[{"component": {"name": "Toaster"}}])
    assert named(one) == [("EVSE", 2, "AvailabilityState")]
    assert one[0]["variable_attribute"][0]["value"] == "Available"
    assert (nothing.status, toaster.status) == ("EmptyResultSet", "EmptyResultSet")


@NEWER
async def test_it_is_moved_to_another_csms(version: Version) -> None:
    profile = {
        "ocpp_version": "OCPP20" if version is Version.V201 else "OCPP21",
        "ocpp_transport": "JSON",
        "message_timeout": 600,
        "security_profile": 0,
        "ocpp_interface": "Wired0",
    }
    priority = variable("OCPPCommCtrlr", "NetworkConfigurationPriority")
    async with running(version) as (csms, _), foreign_csms(version) as (elsewhere, arrived):
        data = wire.NetworkConnectionProfileType(ocpp_csms_url=elsewhere, **profile)
        answer = await csms.tell("SetNetworkProfile", configuration_slot=2, connection_data=data)
        assert answer.status == "Accepted"
        bad = wire.NetworkConnectionProfileType(ocpp_csms_url=elsewhere, **{**profile, "security_profile": 3})
        refused = await csms.tell("SetNetworkProfile", configuration_slot=3, connection_data=bad)
        assert refused.status == "Rejected"
        setting = await csms.tell("SetVariables", set_variable_data=[{**priority, "attribute_value": "2,1"}])
        assert setting.set_variable_result[0]["attribute_status"] == "RebootRequired"
        assert (await csms.tell("Reset", type="OnIdle")).status == "Accepted"
        there = await arrived
        assert (await there.heard.first("BootNotification"))["reason"] in ("RemoteReset", "ScheduledReset")
        active = variable("OCPPCommCtrlr", "ActiveNetworkProfile")
        told = await there.tell("GetVariables", get_variable_data=[active])
        assert told.get_variable_result[0]["attribute_value"] == "2"


async def test_1_6_keys_are_told_and_those_it_does_not_know_are_named() -> None:
    async with connected(Version.V16) as (csms, _):
        some = await csms.tell("GetConfiguration", key=["heartbeatInterval", "LightIntensity", "NumberOfConnectors"])
        everything = await csms.tell("GetConfiguration")
    assert some.configuration_key == [
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
        {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
    ]
    assert some.unknown_key == ["LightIntensity"]
    names = [item["key"] for item in everything.configuration_key]
    assert len(names) == len(set(names)) > 20
    assert {"HeartbeatInterval", "MeterValueSampleInterval", "SupportedFeatureProfiles"} <= set(names)


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("HeartbeatInterval", "77", "Accepted"),
        ("HeartbeatInterval", "often", "Rejected"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("LightIntensity", "50", "NotSupported"),
    ],
)
async def test_1_6_keys_are_set_or_say_why_not(key: str, value: str, status: str) -> None:
    async with connected(Version.V16) as (csms, _):
        assert (await csms.tell("ChangeConfiguration", key=key, value=value)).status == status
        after = await csms.tell("GetConfiguration", key=["HeartbeatInterval"])
    assert after.configuration_key[0]["value"] == ("77" if status == "Accepted" else "300")
