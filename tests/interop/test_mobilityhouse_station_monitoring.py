"""Monitors and alarms of stations of MobilityHouse's `ocpp`, over our REST API; 1.6's errors are in the same list."""

from typing import Any

import pytest
from mobilityhouse_station import at, text
from node_rest import NodeRest, booted

from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEWER = pytest.mark.parametrize("version", [Version.V201, Version.V21], ids=str)

POWER = {"component": "EVSE", "evse_id": 1, "variable": "Power", "type": "UpperThreshold", "severity": 2}
PLACE = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}


def results(asked: dict[str, Any], *outcomes: dict[str, Any]) -> dict[str, Any]:
    """One result for each monitor, with what names it."""
    made = []
    for item, outcome in zip(asked["set_monitoring_data"], outcomes, strict=True):
        made.append({**{name: item[name] for name in ("component", "variable", "type", "severity")}, **outcome})
    return {"set_monitoring_result": made}


async def monitored(rest: NodeRest, station: Any, key: int) -> None:
    """A threshold of 11 kW, number 70."""
    station.says("SetVariableMonitoring", lambda asked: results(asked, {"status": "Accepted", "id": 70}))
    placed = await rest.command(key, "SetVariableMonitoring", monitors=[{**POWER, "value": 11000.5}])
    assert (placed["state"], placed["answer"]["results"][0]["id"]) == ("accepted", 70)


async def alert(station: Any, minute: int, **fields: Any) -> None:
    event = {
        "event_id": minute,
        "timestamp": text(at(minute)),
        "trigger": "Alerting",
        "actual_value": "12000",
        "event_notification_type": "CustomMonitor",
        "variable_monitoring_id": 70,
        **PLACE,
        **fields,
    }
    await station.tell("NotifyEvent", generated_at=text(at(minute)), seq_no=0, event_data=[event])


@NEWER
async def test_monitors_are_set_each_with_its_own_result(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says(
            "SetVariableMonitoring",
            lambda asked: results(
                asked,
                {"status": "Accepted", "id": 70},
                {"status": "UnsupportedMonitorType"},
                {"status": "Duplicate", "status_info": {"reason_code": "DuplicateRequestId"}},
            ),
        )
        monitors = [
            {**POWER, "value": 11000.5, "transaction": True},
            {**POWER, "type": "Delta", "value": 5},
            {**POWER, "value": 3},
        ]
        placed = await rest.command(key, "SetVariableMonitoring", monitors=monitors)
        (asked,) = station.heard.all("SetVariableMonitoring")
        known = await rest.get(f"/stations/{key}/monitors")
    first = asked["set_monitoring_data"][0]
    assert (first["value"], first["type"], first["severity"], first["transaction"]) == (
        11000.5,
        "UpperThreshold",
        2,
        True,
    )
    assert {name: first[name] for name in PLACE} == PLACE
    assert (placed["state"], placed["status"]) == ("accepted", "Partial")
    assert [each["status"] for each in placed["answer"]["results"]] == [
        "Accepted",
        "UnsupportedMonitorType",
        "Duplicate",
    ]
    assert [(each["id"], each["value"], each["severity"]) for each in known] == [(70, 11000.5, 2)]


@NEWER
async def test_an_event_is_an_alarm_of_its_monitor_s_severity_until_it_is_cleared(
    rest: NodeRest, version: Version
) -> None:
    async with booted(rest, version) as (station, key):
        await monitored(rest, station, key)
        await alert(station, 1, tech_code="E17", tech_info="too much")
        (alarm,) = (await rest.get(f"/stations/{key}/alarms"))["items"]
        assert (alarm["open"], alarm["severity"], alarm["monitor"], alarm["value"]) == (True, 2, 70, "12000")
        assert (alarm["component"], alarm["evse_id"], alarm["variable"]) == ("EVSE", 1, "Power")
        assert (alarm["code"], alarm["info"]) == ("E17", "too much")

        seen = await rest.send("POST", f"/alarms/{alarm['key']}/acknowledge", {"note": "on my way"}, status=200)
        assert (seen["note"], seen["open"]) == ("on my way", True)

        await alert(station, 2, cleared=True, actual_value="9000")
        over = await rest.get(f"/alarms/{alarm['key']}")
        assert (over["open"], over["ending"], over["count"], over["note"]) == (False, "cleared", 1, "on my way")
        history = (await rest.get(f"/alarms/{alarm['key']}/events"))["items"]
        assert [(event["event_id"], event["cleared"]) for event in history] == [(2, True), (1, False)]


@NEWER
async def test_monitors_are_reported_in_parts_and_cleared_one_by_one(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        await monitored(rest, station, key)
        await alert(station, 1)
        station.says("GetMonitoringReport", {"status": "Accepted"})
        command = await rest.command(key, "GetMonitoringReport")
        (asked,) = station.heard.all("GetMonitoringReport")
        assert set(asked) == {"request_id"}
        for seq_no, number in enumerate((70, 71)):
            await report_monitor(station, version, asked["request_id"], seq_no, number)
        told = await rest.get(f"/stations/{key}/monitors")
        assert [(each["id"], each["type"]) for each in told] == [(70, "UpperThreshold"), (71, "UpperThreshold")]
        assert (await rest.get(f"/stations/{key}/commands/{command['key']}"))["state"] == "effect_seen"

        station.says(
            "ClearVariableMonitoring",
            {"clear_monitoring_result": [{"status": "Accepted", "id": 70}, {"status": "NotFound", "id": 99}]},
        )
        cleared = await rest.command(key, "ClearVariableMonitoring", ids=[70, 99])
        assert station.heard.all("ClearVariableMonitoring") == [{"id": [70, 99]}]
        assert (cleared["state"], cleared["status"]) == ("accepted", "Partial")
        assert [each["status"] for each in cleared["answer"]["results"]] == ["Accepted", "NotFound"]
        assert [each["id"] for each in await rest.get(f"/stations/{key}/monitors")] == [71]
        (alarm,) = (await rest.get(f"/stations/{key}/alarms"))["items"]
        assert (alarm["open"], alarm["ending"]) == (False, "removed")


async def report_monitor(station: Any, version: Version, request_id: int, seq_no: int, number: int) -> None:
    monitor: dict[str, Any] = {
        "id": number,
        "transaction": False,
        "value": 11000.5,
        "type": "UpperThreshold",
        "severity": 2,
    }
    if version is Version.V21:
        monitor["event_notification_type"] = "CustomMonitor"
    await station.tell(
        "NotifyMonitoringReport",
        request_id=request_id,
        seq_no=seq_no,
        generated_at=text(at(2)),
        tbc=seq_no == 0,
        monitor=[{**PLACE, "variable_monitoring": [monitor]}],
    )


@NEWER
async def test_base_and_level_are_set(rest: NodeRest, version: Version) -> None:
    async with booted(rest, version) as (station, key):
        station.says("SetMonitoringBase", {"status": "Accepted"})
        station.says("SetMonitoringLevel", {"status": "Rejected", "status_info": {"reason_code": "ValueOutOfRange"}})
        base = await rest.command(key, "SetMonitoringBase", base="HardWiredOnly")
        level = await rest.command(key, "SetMonitoringLevel", severity=4)
        assert station.heard.calls[-2:] == [
            ("SetMonitoringBase", {"monitoring_base": "HardWiredOnly"}),
            ("SetMonitoringLevel", {"severity": 4}),
        ]
    assert (base["state"], base["status"]) == ("accepted", "Accepted")
    assert (level["state"], level["answer"]["reason"]) == ("rejected", "ValueOutOfRange")


async def test_errors_of_1_6_are_alarms_until_the_status_is_well_again(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (station, key):
        fault = {"error_code": "GroundFailure", "status": "Faulted", "vendor_id": "House", "vendor_error_code": "E17"}
        weak = {"error_code": "WeakSignal", "status": "Charging", "info": "-110 dBm"}
        await status(station, 1, 1, **fault)
        await status(station, 2, 2, **weak)
        await status(station, 2, 3, **weak)
        first, second = (await rest.get(f"/stations/{key}/alarms", open="true"))["items"]
        assert (first["code"], first["severity"], first["evse_id"]) == ("GroundFailure", 3, 1)
        assert (first["vendor_id"], first["vendor_error_code"]) == ("House", "E17")
        assert (second["code"], second["severity"], second["info"]) == ("WeakSignal", 6, "-110 dBm")
        assert (first["raised_at"], second["raised_at"]) == (text(at(1)), text(at(2)))

        await status(station, 1, 4, error_code="NoError", status="Available")
        over = await rest.get(f"/alarms/{first['key']}")
        assert (over["open"], over["ended_at"], over["ending"]) == (False, text(at(4)), "cleared")
        (left,) = (await rest.get(f"/stations/{key}/alarms", open="true"))["items"]
        assert left["key"] == second["key"]


async def status(station: Any, connector_id: int, minute: int, **fields: Any) -> None:
    await station.tell("StatusNotification", connector_id=connector_id, timestamp=text(at(minute)), **fields)


async def test_a_fault_of_a_2_0_1_connector_is_an_alarm_too(rest: NodeRest) -> None:
    async with booted(rest, Version.V201) as (station, key):
        for minute, word in ((1, "Faulted"), (2, "Available")):
            await station.tell(
                "StatusNotification", timestamp=text(at(minute)), connector_status=word, evse_id=2, connector_id=1
            )
            (alarm,) = (await rest.get(f"/stations/{key}/alarms"))["items"]
            assert (alarm["evse_id"], alarm["connector_id"], alarm["open"]) == (2, 1, word == "Faulted")


async def test_1_6_has_no_monitors_and_says_so(rest: NodeRest) -> None:
    async with booted(rest, Version.V16) as (_, key):
        refused = await rest.command(key, "SetVariableMonitoring", monitors=[{**POWER, "value": 1}])
    assert refused["state"] == "unsupported"
    assert "OCPP 1.x has no monitors" in refused["detail"]
