from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.dialects.table import NoAnswer, Unsupported
from stationmaster.dialects.v1.monitoring import OUTGOING as OUTGOING_1X
from stationmaster.dialects.v2.monitoring import INCOMING, OUTGOING
from stationmaster.dialects.v2.monitoring_report import INCOMING as REPORTS
from stationmaster.dialects.v2.monitoring_report import OUTGOING as REPORTING
from stationmaster.domain.device_model.addresses import Component, ComponentVariable, Variable
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.monitoring.event_streams import StreamParams
from stationmaster.domain.monitoring.monitors import (
    ClearMonitoringAnswer,
    ClearResult,
    ClearVariableMonitoring,
    GetMonitoringReport,
    Monitor,
    MonitoringAnswer,
    MonitorResult,
    MonitorSetting,
    NotifyMonitoringReport,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.ocpp import codec
from stationmaster.ocpp.v21 import lenient as wire
from stationmaster.ocpp.version import Version

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVSE = Component(name="EVSE", instance="left", evse=Evse(1))
POWER = Variable(name="Power")
VERSIONS = ["2.0", "2.0.1", "2.1"]


def setting(**changes: Any) -> MonitorSetting:
    fields: dict[str, Any] = {"component": EVSE, "variable": POWER, "type": "UpperThreshold", "value": Decimal("7.5")}
    return MonitorSetting(**fields | changes)


def result(monitor: MonitorSetting, status: str = "Accepted", monitor_id: int | None = None) -> MonitorResult:
    return MonitorResult(
        component=monitor.component,
        variable=monitor.variable,
        type=monitor.type,
        severity=monitor.severity,
        status=status,
        id=monitor_id,
    )


def carried(version: str, request: Request, rows: Any = INCOMING, out: Any = OUTGOING) -> Any:
    """A request over the wire and back, in a version's own words."""
    facts = StationFacts(version=version)
    call = next(out[type(request)](facts, request))
    raw = codec.write_request(Version(version), call.action, call.message)
    reading = codec.read_request(Version(version), call.action, raw)
    assert reading.violations == ()
    return rows[call.action].read(facts, reading.message)


def answered(version: str, request: Request, answer: Any, rows: Any = INCOMING, out: Any = OUTGOING) -> Any:
    """What the asker reads of an answer, over the wire in a version's own words."""
    facts = StationFacts(version=version)
    exchange = out[type(request)](facts, request)
    action = next(exchange).action
    raw = codec.write_response(Version(version), action, rows[action].write(facts, request, answer))
    reading = codec.read_response(Version(version), action, raw)
    assert reading.violations == ()
    with pytest.raises(StopIteration) as done:
        exchange.send(reading.message)
    return done.value.value


@pytest.mark.parametrize("version", VERSIONS)
def test_n04_monitors_are_set_in_every_version_and_each_learns_what_became_of_it(version: str) -> None:
    request = SetVariableMonitoring(monitors=(setting(transaction=True, severity=3), setting(id=7, type="Delta")))
    assert carried(version, request) == request
    results = (result(request.monitors[0], "Rejected"), result(request.monitors[1], monitor_id=7))
    answer = answered(version, request, MonitoringAnswer(status="Rejected", results=results))
    assert (answer.status, answer.results) == ("Partial", results)


@pytest.mark.parametrize("version", VERSIONS)
def test_n06_monitors_are_cleared_in_every_version(version: str) -> None:
    request = ClearVariableMonitoring(ids=(3, 4))
    results = (ClearResult(id=3, status="Accepted"), ClearResult(id=4, status="NotFound"))
    assert carried(version, request) == request
    answer = answered(version, request, ClearMonitoringAnswer(status="NotFound", results=results))
    assert (answer.status, answer.results) == ("Partial", results)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("base", ["All", "FactoryDefault", "HardWiredOnly"])
def test_n03_bases_mean_the_same_in_every_version(version: str, base: str) -> None:
    assert carried(version, SetMonitoringBase(base=base)) == SetMonitoringBase(base=base)
    assert answered(version, SetMonitoringBase(base=base), CommandAnswer(status="Accepted")).status == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
def test_n05_levels_are_carried_by_every_version(version: str) -> None:
    assert carried(version, SetMonitoringLevel(severity=4)) == SetMonitoringLevel(severity=4)
    assert answered(version, SetMonitoringLevel(severity=4), CommandAnswer(status="Rejected")).status == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
def test_n02_a_report_is_asked_for_by_criteria_and_variables(version: str) -> None:
    request = GetMonitoringReport(
        request_id=9,
        criteria=("DeltaMonitoring",),
        component_variables=(ComponentVariable(component=EVSE, variable=POWER),),
    )
    assert carried(version, request, REPORTS, REPORTING) == request
    assert answered(version, request, CommandAnswer(status="NotSupported"), REPORTS, REPORTING).status == "NotSupported"


def test_n02_2_0_cannot_ask_for_a_whole_component() -> None:
    request = GetMonitoringReport(request_id=9, component_variables=(ComponentVariable(component=EVSE),))
    assert carried("2.0.1", request, REPORTS, REPORTING) == request
    with pytest.raises(Unsupported, match="whole component"):
        carried("2.0", request, REPORTS, REPORTING)


@pytest.mark.parametrize(("version", "origin"), [("2.0", None), ("2.0.1", None), ("2.1", "PreconfiguredMonitor")])
def test_n02_a_part_of_a_report_says_where_a_monitor_comes_from_since_2_1(version: str, origin: Any) -> None:
    monitor = Monitor(
        id=5,
        component=EVSE,
        variable=POWER,
        type="Periodic",
        value=Decimal(60),
        severity=8,
        origin="PreconfiguredMonitor",
    )
    request = NotifyMonitoringReport(request_id=9, seq_no=1, generated_at=AT, to_be_continued=True, monitors=(monitor,))
    (told,) = (read := carried(version, request, REPORTS, REPORTING)).monitors
    assert (read.request_id, read.seq_no, read.to_be_continued, read.generated_at) == (9, 1, True, AT)
    assert (told.id, told.component, told.type, told.value, told.severity, told.origin) == (
        5,
        EVSE,
        "Periodic",
        60,
        8,
        origin,
    )


@pytest.mark.parametrize("version", ["2.0", "2.0.1"])
def test_what_came_with_2_1_is_refused_before_anything_is_sent(version: str) -> None:
    request = SetVariableMonitoring(monitors=(setting(), setting(type="TargetDelta")))
    with pytest.raises(Unsupported, match="TargetDelta"):
        next(OUTGOING[SetVariableMonitoring](StationFacts(version=version), request))
    assert carried("2.1", request) == request


def test_n04_fr_09_no_message_holds_more_monitors_than_the_station_takes(drive: Any) -> None:
    facts = StationFacts(version="2.0.1", limits={"items:SetVariableMonitoring": 2})
    request = SetVariableMonitoring(monitors=tuple(setting(severity=severity) for severity in range(3)))
    calls, answer = drive(
        OUTGOING[SetVariableMonitoring],
        facts,
        request,
        wire.SetVariableMonitoringResponse(),
        NoAnswer("InternalError", "out of order"),
    )
    assert [len(call.message.set_monitoring_data) for call in calls] == [2, 1]
    assert [each.status for each in answer.results] == ["NoAnswer"] * 3
    assert [each.info for each in answer.results][1:] == ["the answer says nothing of it", "out of order"]


def test_results_find_their_monitors_in_whatever_order_they_come(drive: Any) -> None:
    request = SetVariableMonitoring(monitors=(setting(severity=1), setting(severity=2)))
    facts = StationFacts(version="2.0.1")
    row = INCOMING["SetVariableMonitoring"]
    results = tuple(result(each, monitor_id=each.severity) for each in reversed(request.monitors))
    response: Any = row.write(facts, request, MonitoringAnswer(status="Accepted", results=results))
    _, answer = drive(OUTGOING[SetVariableMonitoring], facts, request, response)
    assert [each.id for each in answer.results] == [1, 2]


def test_a_part_keeps_the_monitors_that_can_be_named() -> None:
    told = wire.MonitoringDataType(
        variable_monitoring=(wire.VariableMonitoringType(), wire.VariableMonitoringType(id=3, type="Delta"))
    )
    message = wire.NotifyMonitoringReportRequest(monitor=(told,))
    read: Any = REPORTS["NotifyMonitoringReport"].read(StationFacts(version="2.0"), message)
    assert (read.request_id, read.seq_no, [monitor.id for monitor in read.monitors]) == (None, 0, [3])


@pytest.mark.parametrize("request_type", sorted(OUTGOING_1X, key=lambda kind: kind.__name__))
def test_1_x_says_why_it_has_none_of_it(drive: Any, request_type: type[Request]) -> None:
    with pytest.raises(Unsupported, match=r"OCPP 1\.x has no monitors"):
        drive(OUTGOING_1X[request_type], StationFacts(version="1.6"), None)


@pytest.mark.parametrize("params", [StreamParams(interval_s=60), StreamParams(values=10, interval_s=0), StreamParams()])
def test_n11_a_stream_goes_with_its_monitor_over_the_wire_in_2_1(params: StreamParams) -> None:
    streamed = SetVariableMonitoring(monitors=(setting(type="Periodic", stream=params), setting(type="Delta")))
    assert carried("2.1", streamed) == streamed


@pytest.mark.parametrize("version", ["2.0", "2.0.1"])
def test_n11_a_stream_is_refused_before_2_1_and_none_of_the_monitors_goes(version: str) -> None:
    both = SetVariableMonitoring(monitors=(setting(), setting(type="Periodic", stream=StreamParams(values=10))))
    with pytest.raises(Unsupported, match=r"stream needs OCPP 2\.1"):
        next(OUTGOING[SetVariableMonitoring](StationFacts(version=version), both))
