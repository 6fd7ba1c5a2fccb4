"""N Diagnostics: monitors, their reports, and events."""

from decimal import Decimal
from typing import Any

import pytest
from csms_case import Case

from stationmaster.domain.device_model.addresses import Component, ComponentVariable, Variable
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Request
from stationmaster.domain.monitoring.monitors import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    MonitorSetting,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.domain.records import Learned
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

STATE: Payload = {
    "component": {"name": "EVSE", "evse": {"id": 1}},
    "variable": {"name": "AvailabilityState"},
}
EVSE = Component(name="EVSE", evse=Evse(1))
AVAILABILITY = Variable(name="AvailabilityState")
DELTA = MonitorSetting(component=EVSE, variable=AVAILABILITY, type="Delta", value=Decimal(1), severity=8)
CRITERIA = ("ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring")
QUESTION = ComponentVariable(component=EVSE, variable=AVAILABILITY)


def _told(monitor_id: int, kind: str = "Delta", version: str = "2.0.1") -> Payload:
    monitor = {"id": monitor_id, "transaction": False, "value": 1, "type": kind, "severity": 8}
    if version == "2.1":
        monitor["eventNotificationType"] = "CustomMonitor"
    return {**STATE, "variableMonitoring": [monitor]}


async def _part(case: Case, request_id: int, seq_no: int, *monitors: Payload, more: bool = False) -> None:
    part: Payload = {"requestId": request_id, "seqNo": seq_no, "generatedAt": moment(case.station.now()), "tbc": more}
    assert await case.station.say("NotifyMonitoringReport", part | {"monitor": list(monitors)}) == {}


async def _reported_after(case: Case, request: Request) -> Payload:
    """First nothing matches; then two parts come, and what is in them is known."""
    _, none = await case.commanded(request, "GetMonitoringReport", "EmptyResultSet")
    assert (none.state, none.status) == ("effect_seen", "EmptyResultSet")

    asked, command = await case.commanded(request, "GetMonitoringReport")
    version = str(case.station.client.version)
    await _part(case, asked["requestId"], 0, _told(1, version=version), more=True)
    await _part(case, asked["requestId"], 1, _told(2, "Periodic", version=version))
    assert [(monitor.id, monitor.type) for monitor in await case.view.monitors()] == [(1, "Delta"), (2, "Periodic")]
    await case.took_effect(command)
    assert asked["requestId"] > 0
    return asked


async def test_TC_N_01_CSMS_monitors_are_reported_by_criteria(newer_case: Case) -> None:
    asked = await _reported_after(newer_case, GetMonitoringReport(criteria=CRITERIA))

    assert asked["monitoringCriteria"] == list(CRITERIA)
    assert "componentVariable" not in asked


async def test_TC_N_02_CSMS_monitors_are_reported_by_variable(newer_case: Case) -> None:
    asked = await _reported_after(newer_case, GetMonitoringReport(component_variables=(QUESTION,)))

    assert asked["componentVariable"] == [STATE]
    assert "monitoringCriteria" not in asked


async def test_TC_N_03_CSMS_monitors_are_reported_by_criteria_and_variable(newer_case: Case) -> None:
    request = GetMonitoringReport(criteria=("DeltaMonitoring",), component_variables=(QUESTION,))

    asked = await _reported_after(newer_case, request)

    assert (asked["monitoringCriteria"], asked["componentVariable"]) == (["DeltaMonitoring"], [STATE])


async def test_TC_N_60_CSMS_monitors_are_reported_by_lists_of_criteria_and_variables(newer_case: Case) -> None:
    other = ComponentVariable(component=Component(name="ChargingStation"))
    request = GetMonitoringReport(criteria=CRITERIA[:2], component_variables=(QUESTION, other))

    asked = await _reported_after(newer_case, request)

    assert asked["monitoringCriteria"] == list(CRITERIA[:2])
    assert asked["componentVariable"] == [STATE, {"component": {"name": "ChargingStation"}}]


async def test_TC_N_47_CSMS_all_monitors_are_reported(newer_case: Case) -> None:
    asked = await _reported_after(newer_case, GetMonitoringReport())

    assert set(asked) == {"requestId"}


@pytest.mark.parametrize("base", ["All", "FactoryDefault", "HardWiredOnly"])
async def test_TC_N_05_CSMS_a_monitoring_base_is_set(newer_case: Case, base: str) -> None:
    asked, command = await newer_case.commanded(SetMonitoringBase(base=base), "SetMonitoringBase")

    assert asked == {"monitoringBase": base}
    assert command.state == "accepted"


async def _set(case: Case, settings: tuple[MonitorSetting, ...], answer: Any) -> tuple[Payload, str]:
    case.station.answer("SetVariableMonitoring", answer)
    command = await case.view.ask(SetVariableMonitoring(monitors=settings))
    asked = await case.station.asked("SetVariableMonitoring")
    return asked, (await case.view.outcome(command)).state


def _accepting(asked: Payload) -> Payload:
    results = [
        {name: data[name] for name in ("component", "variable", "type", "severity")}
        | {"status": "Accepted", "id": 70 + number}
        for number, data in enumerate(asked["setMonitoringData"])
    ]
    return {"setMonitoringResult": results[::-1]}


async def test_TC_N_08_CSMS_one_monitor_is_set_and_known(newer_case: Case) -> None:
    asked, state = await _set(newer_case, (DELTA,), _accepting)

    assert asked == {"setMonitoringData": [{**STATE, "type": "Delta", "value": 1, "severity": 8}]}
    assert state == "accepted"
    (known,) = await newer_case.view.monitors()
    assert (known.id, known.component, known.severity, known.origin) == (70, EVSE, 8, "CustomMonitor")


async def test_TC_N_09_CSMS_two_monitors_are_set_in_one_request(newer_case: Case) -> None:
    station = MonitorSetting(
        component=Component(name="ChargingStation"), variable=AVAILABILITY, type="Delta", value=Decimal(1), severity=8
    )

    asked, _ = await _set(newer_case, (DELTA, station), _accepting)

    assert [data["component"]["name"] for data in asked["setMonitoringData"]] == ["EVSE", "ChargingStation"]
    known = await newer_case.view.monitors()
    assert [(monitor.id, monitor.component.name) for monitor in known] == [(70, "EVSE"), (71, "ChargingStation")]


async def test_TC_N_16_CSMS_a_monitoring_level_is_set(newer_case: Case) -> None:
    asked, command = await newer_case.commanded(SetMonitoringLevel(severity=4), "SetMonitoringLevel")

    assert asked == {"severity": 4}
    assert command.state == "accepted"


async def test_TC_N_17_CSMS_a_monitoring_level_is_refused(newer_case: Case) -> None:
    _, command = await newer_case.commanded(SetMonitoringLevel(severity=4), "SetMonitoringLevel", "Rejected")

    assert (command.state, command.status) == ("rejected", "Rejected")


async def test_TC_N_18_CSMS_more_monitors_than_one_message_takes_are_cleared_in_several(case_201: Case) -> None:
    case = case_201
    desk = case.bench.csms.directory.get(case.view.key)
    assert desk is not None
    learned = {"most:items:ClearVariableMonitoring": "2"}
    desk.state = desk.state.with_learned(learned)
    await case.bench.storage.journal.store(
        [Learned(station_key=case.view.key, name=name, value=value) for name, value in learned.items()]
    )
    case.station.answer(
        "ClearVariableMonitoring",
        lambda asked: {"clearMonitoringResult": [{"status": "Accepted", "id": each} for each in asked["id"]]},
    )

    command = await case.view.ask(ClearVariableMonitoring(ids=(1, 2, 3)))

    assert (await case.station.asked("ClearVariableMonitoring"))["id"] == [1, 2]
    assert (await case.station.asked("ClearVariableMonitoring"))["id"] == [3]
    assert (await case.view.outcome(command)).state == "accepted"


async def test_TC_N_44_CSMS_a_monitor_that_cannot_be_cleared_is_still_known(newer_case: Case) -> None:
    await _set(newer_case, (DELTA,), _accepting)
    newer_case.station.answer("ClearVariableMonitoring", {"clearMonitoringResult": [{"status": "Rejected", "id": 70}]})

    command = await newer_case.view.ask(ClearVariableMonitoring(ids=(70,)))

    done = await newer_case.view.outcome(command)
    assert (done.state, done.status) == ("rejected", "Rejected")
    assert [monitor.id for monitor in await newer_case.view.monitors()] == [70]


async def _event(case: Case, **changes: Any) -> None:
    event = {
        "eventId": 1,
        "timestamp": moment(case.station.now()),
        "trigger": "Alerting",
        "actualValue": "17",
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variable": {"name": "Power"},
        "eventNotificationType": "CustomMonitor",
    }
    message = {"generatedAt": moment(case.station.now()), "seqNo": 0, "tbc": False, "eventData": [event | changes]}
    assert await case.station.say("NotifyEvent", message) == {}


async def test_TC_N_21_CSMS_a_hardwired_notification_is_kept_and_raises_an_alarm(newer_case: Case) -> None:
    await _event(
        newer_case,
        component={"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        variable={"name": "Problem"},
        actualValue="true",
        eventNotificationType="HardWiredNotification",
    )

    kept = (await newer_case.view.station_events())[-1]
    assert (kept.event.variable, kept.event.actual_value) == ("Problem", "true")
    (alarm,) = await newer_case.view.alarms(is_open=True)
    assert (alarm.subject.component.name, alarm.key) == ("ConnectorPlugRetentionLock", kept.alarm_key)


async def test_TC_N_24_CSMS_a_periodic_event_is_kept_and_raises_no_alarm(newer_case: Case) -> None:
    await _event(newer_case, trigger="Periodic", variable={"name": "AvailabilityState"}, actualValue="Available")

    assert (await newer_case.view.station_events())[-1].event.trigger == "Periodic"
    assert await newer_case.view.alarms() == []


async def test_TC_N_50_CSMS_periodic_events_are_each_kept(newer_case: Case) -> None:
    for number in (1, 2):
        await _event(newer_case, eventId=number, trigger="Periodic", actualValue=str(number))

    kept = (await newer_case.view.station_events())[-2:]
    assert [record.event.actual_value for record in kept] == ["1", "2"]


async def test_TC_N_48_CSMS_an_event_without_a_value_is_taken(newer_case: Case) -> None:
    await _event(
        newer_case,
        trigger="Delta",
        component={"name": "SecurityCtrlr"},
        variable={"name": "BasicAuthPassword"},
        actualValue="",
    )

    assert (await newer_case.view.station_events())[-1].event.actual_value == ""


async def test_TC_N_49_CSMS_an_event_that_is_cleared_ends_its_alarm(newer_case: Case) -> None:
    await _event(newer_case, variableMonitoringId=5)
    assert [alarm.is_open for alarm in await newer_case.view.alarms()] == [True]

    await _event(newer_case, eventId=2, variableMonitoringId=5, actualValue="3", cleared=True)

    (alarm,) = await newer_case.view.alarms()
    assert (alarm.is_open, alarm.ending) == (False, "cleared")
