"""Alarms, events and monitors over the API of a real node."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from test_api import ROOT, Desk, opened

from stationmaster.ocpp.version import Version
from stationmaster.testing import ScriptedStation
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload, WireClient


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened() as made:
        yield made


async def booted(desk: Desk, version: Version = Version.V201, identity: str = "CS-1") -> tuple[int, ScriptedStation]:
    key, client = await desk.admit_and_dial(identity, version)
    station = ScriptedStation(client, desk.bench.clock.now)
    await station.boot()
    return key, station


async def booted_16(desk: Desk, identity: str = "CP-16") -> tuple[int, WireClient]:
    key, client = await desk.admit_and_dial(identity, Version.V16)
    await client.call("BootNotification", {"chargePointVendor": "Maker", "chargePointModel": "Model"})
    return key, client


async def status_16(client: WireClient, **changes: Any) -> None:
    told = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    assert await client.call("StatusNotification", told | changes) == {}


async def alert(desk: Desk, station: ScriptedStation, number: int = 1, **changes: Any) -> None:
    event: Payload = {
        "eventId": number,
        "timestamp": moment(desk.bench.clock.now()),
        "trigger": "Alerting",
        "actualValue": "17",
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variable": {"name": "Power"},
        "eventNotificationType": "CustomMonitor",
        "variableMonitoringId": 70,
        **changes,
    }
    await station.say("NotifyEvent", {"generatedAt": moment(desk.bench.clock.now()), "seqNo": 0, "eventData": [event]})


def accepting(asked: Payload) -> Payload:
    data = asked["setMonitoringData"][0]
    names = ("component", "variable", "type", "severity")
    return {"setMonitoringResult": [{name: data[name] for name in names} | {"status": "Accepted", "id": 70}]}


async def test_a_monitor_is_set_alerts_is_acknowledged_and_is_taken_away(desk: Desk):
    key, station = await booted(desk)
    station.answer("SetVariableMonitoring", accepting)
    draft = {"component": "EVSE", "evse_id": 1, "variable": "Power", "type": "UpperThreshold", "value": 11000.5}
    command = {"type": "SetVariableMonitoring", "monitors": [draft | {"severity": 2}]}
    given = await desk.post(f"/stations/{key}/commands", command, wait=5)
    assert (given["state"], given["answer"]["results"][0]["id"]) == ("accepted", 70)
    (monitor,) = await desk.get(f"/stations/{key}/monitors")
    assert (monitor["id"], monitor["evse_id"], monitor["value"], monitor["severity"]) == (70, 1, 11000.5, 2)

    await alert(desk, station)
    (alarm,) = (await desk.get("/alarms"))["items"]
    assert (alarm["severity"], alarm["open"], alarm["monitor"], alarm["station_identity"]) == (2, True, 70, "CS-1")

    seen = await desk.post(f"/alarms/{alarm['key']}/acknowledge", {"note": "on my way"}, status=200)
    assert (seen["acknowledged_by"], seen["note"], seen["open"]) == ("first administrator", "on my way", True)
    again = await desk.http.post(f"{ROOT}/alarms/{alarm['key']}/acknowledge", json={})
    assert (again.status_code, again.json()["type"].rsplit(":", 1)[-1]) == (409, "already-acknowledged")

    station.answer("ClearVariableMonitoring", {"clearMonitoringResult": [{"id": 70, "status": "Accepted"}]})
    await desk.post(f"/stations/{key}/commands", {"type": "ClearVariableMonitoring", "ids": [70]}, wait=5)
    over = await desk.get(f"/alarms/{alarm['key']}")
    assert (over["open"], over["ending"], over["note"]) == (False, "removed", "on my way")
    assert await desk.get(f"/stations/{key}/monitors") == []
    told = [event.event.kind for event in await desk.bench.storage.outbox.after(0, limit=1000)]
    assert [kind for kind in told if kind.startswith("Alarm")] == ["AlarmRaised", "AlarmAcknowledged", "AlarmEnded"]


async def test_a_station_of_16_has_alarms_by_its_error_codes(desk: Desk):
    key, client = await booted_16(desk)
    await status_16(client, errorCode="WeakSignal", info="-110 dBm")
    await status_16(client, connectorId=2, errorCode="GroundFailure", status="Faulted", vendorErrorCode="E17")

    alarms = (await desk.get(f"/stations/{key}/alarms", open="true"))["items"]
    assert [(alarm["code"], alarm["severity"], alarm["connector_id"], alarm["evse_id"]) for alarm in alarms] == [
        ("GroundFailure", 3, 1, 2),
        ("WeakSignal", 6, 1, 1),
    ]
    assert (alarms[0]["vendor_error_code"], alarms[1]["info"]) == ("E17", "-110 dBm")
    assert len((await desk.get("/alarms", severity=3))["items"]) == 1
    told = await desk.get("/alarms", text="DBM", count="true", limit=1)
    assert ([each["info"] for each in told["items"]], told["total"]) == (["-110 dBm"], 1)
    assert (await desk.get("/alarms", to="2020-01-01T00:00:00Z", count="true"))["total"] == 0
    assert (await desk.get("/alarms"))["total"] is None

    await status_16(client, connectorId=2)
    (first, second) = (await desk.get("/alarms"))["items"]
    assert [(alarm["code"], alarm["open"]) for alarm in (first, second)] == [
        ("WeakSignal", True),
        ("GroundFailure", False),
    ]
    history = (await desk.get(f"/alarms/{second['key']}/events"))["items"]
    assert [(event["cleared"], event["actual_value"]) for event in history] == [(True, "Available"), (False, "Faulted")]

    refused = await desk.post(f"/stations/{key}/commands", {"type": "SetMonitoringLevel", "severity": 4}, wait=5)
    assert (refused["state"], "OCPP 1.x has no monitors" in refused["detail"]) == ("unsupported", True)


async def test_events_are_listed_and_filtered(desk: Desk):
    key, station = await booted(desk)
    await alert(desk, station, 1)
    await alert(desk, station, 2, trigger="Delta", component={"name": "ChargingStation"}, variable={"name": "Model"})

    events = (await desk.get(f"/stations/{key}/station-events"))["items"]
    assert [(event["event_id"], event["component"], event["alarm"] is None) for event in events] == [
        (2, "ChargingStation", True),
        (1, "EVSE", False),
    ]
    assert [e["event_id"] for e in (await desk.get(f"/stations/{key}/station-events", variable="Model"))["items"]] == [
        2
    ]


async def test_alarms_survive_a_reconnection_and_end_after_it(desk: Desk):
    key, password = await desk.admit("CS-1")
    client = await desk.bench.dial("CS-1", Version.V201, password=password)
    station = ScriptedStation(client, desk.bench.clock.now)
    await station.boot()
    await alert(desk, station)
    client.connection.cut()
    await client.closed
    again = ScriptedStation(await desk.bench.dial("CS-1", Version.V201, password=password), desk.bench.clock.now)
    await alert(desk, again, 2, cleared=True)
    (alarm,) = (await desk.get(f"/stations/{key}/alarms"))["items"]
    assert (alarm["open"], alarm["ending"]) == (False, "cleared")


async def test_an_alarm_that_is_not_there_is_not_found(desk: Desk):
    assert (await desk.http.get(f"{ROOT}/alarms/4711")).status_code == 404
    assert (await desk.http.post(f"{ROOT}/alarms/4711/acknowledge", json={})).status_code == 404


@pytest.mark.parametrize(
    ("status", "state"), [("NotSupported", "rejected"), ("Rejected", "rejected"), ("EmptyResultSet", "effect_seen")]
)
async def test_a_refused_report_leaves_the_command_in_a_state_that_says_so(desk: Desk, status: str, state: str):
    key, station = await booted(desk)
    station.answer("GetMonitoringReport", {"status": status})
    command = {"type": "GetMonitoringReport", "criteria": ["DeltaMonitoring"]}
    given = await desk.post(f"/stations/{key}/commands", command, wait=5)
    assert (given["state"], given["status"]) == (state, status)
