"""CSMS of MobilityHouse's `ocpp` have our station watch itself; in 1.6 its errors are all that there is."""

from typing import Any

import pytest
from mobilityhouse_csms import SYSTEMS
from our_station import connected, plug, said

from stationmaster.ocpp.version import Version

NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)

STATE = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
DELTA = {**STATE, "type": "Delta", "value": 1, "severity": 3}


async def monitored(csms: Any) -> int:
    """A monitor of the first EVSE's state; its id."""
    answer = await csms.tell("SetVariableMonitoring", set_monitoring_data=[DELTA])
    (result,) = answer.set_monitoring_result
    assert result["status"] == "Accepted"
    return int(result["id"])


def of_monitor(csms: Any, number: int) -> list[dict[str, Any]]:
    """The events of a monitor that were told so far."""
    told = [event for call in csms.heard.all("NotifyEvent") for event in call["event_data"]]
    return [event for event in told if event.get("variable_monitoring_id") == number]


@NEWER
async def test_monitors_are_set_or_say_why_not(version: Version) -> None:
    toaster = {**DELTA, "component": {"name": "Toaster"}}
    asked = [DELTA, DELTA, {**DELTA, "type": "UpperThreshold"}, toaster]
    async with connected(version) as (csms, _):
        answer = await csms.tell("SetVariableMonitoring", set_monitoring_data=asked)
    results = answer.set_monitoring_result
    assert [each["status"] for each in results] == [
        "Accepted",
        "Duplicate",
        "UnsupportedMonitorType",
        "UnknownComponent",
    ]
    assert [(each["type"], each["severity"], "id" in each) for each in results] == [
        ("Delta", 3, True),
        ("Delta", 3, False),
        ("UpperThreshold", 3, False),
        ("Delta", 3, False),
    ]


@NEWER
async def test_a_monitor_tells_what_it_sees(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        number = await monitored(csms)
        plug(hardware)
        while not of_monitor(csms, number):
            await csms.heard.first("NotifyEvent", len(csms.heard.all("NotifyEvent")) + 1)
        (event,) = of_monitor(csms, number)
    assert {name: event[name] for name in STATE} == STATE
    assert (event["actual_value"], event["trigger"], event["event_notification_type"]) == (
        "Occupied",
        "Delta",
        "CustomMonitor",
    )
    assert event.get("severity") == (3 if version is Version.V21 else None)


@NEWER
async def test_monitors_are_reported_and_taken_away(version: Version) -> None:
    async with connected(version) as (csms, _):
        number = await monitored(csms)
        assert (await csms.tell("GetMonitoringReport", request_id=9)).status == "Accepted"
        parts = await csms.heard.whole("NotifyMonitoringReport")
        told = {
            each["id"]: (item["component"]["name"], each["type"], each["severity"])
            for part in parts
            for item in part["monitor"]
            for each in item["variable_monitoring"]
        }
        assert {part["request_id"] for part in parts} == {9}
        assert told[number] == ("EVSE", "Delta", 3)

        cleared = await csms.tell("ClearVariableMonitoring", id=[number, 4711])
        assert cleared.clear_monitoring_result == [
            {"status": "Accepted", "id": number},
            {"status": "NotFound", "id": 4711},
        ]
        again = await csms.tell("GetMonitoringReport", request_id=10, component_variable=[STATE])
        assert again.status == "EmptyResultSet"


@NEWER
async def test_what_is_milder_than_the_level_is_not_told(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        number = await monitored(csms)
        assert (await csms.tell("SetMonitoringLevel", severity=2)).status == "Accepted"
        plug(hardware)
        await csms.heard.first("TransactionEvent")
        assert (await csms.tell("SetMonitoringLevel", severity=9)).status == "Accepted"
        hardware.unplug(1)
        while not of_monitor(csms, number):
            await csms.heard.first("NotifyEvent", len(csms.heard.all("NotifyEvent")) + 1)
        assert [event["actual_value"] for event in of_monitor(csms, number)] == ["Available"]
        refused = await csms.tell("SetMonitoringLevel", severity=10)
        assert refused.status == "Rejected"


@NEWER
async def test_a_base_takes_away_what_was_set(version: Version) -> None:
    async with connected(version) as (csms, _):
        number = await monitored(csms)
        assert (await csms.tell("SetMonitoringBase", monitoring_base="FactoryDefault")).status == "Accepted"
        gone = await csms.tell("ClearVariableMonitoring", id=[number])
        assert gone.clear_monitoring_result[0]["status"] == "NotFound"
        assert (await csms.tell("SetMonitoringBase", monitoring_base="HardWiredOnly")).status == "Accepted"
        assert (await csms.tell("GetMonitoringReport", request_id=11)).status == "EmptyResultSet"


@pytest.mark.parametrize("version", SYSTEMS, ids=str)
async def test_a_fault_is_told_and_that_it_is_over(version: Version) -> None:
    async with connected(version) as (csms, hardware):
        for fault, word in (("GroundFailure", "Faulted"), (None, "Available")):
            csms.heard.calls.clear()
            hardware.fail(1, fault)
            told = await said(csms, version, 1, word)
            if version is Version.V16:
                assert told["error_code"] == (fault or "NoError")
