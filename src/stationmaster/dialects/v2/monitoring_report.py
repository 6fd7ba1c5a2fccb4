"""N02 Reports of monitors in 2.x: asked for, and told in parts."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from msgspec import UNSET

from stationmaster.dialects.moments import UNKNOWN_TIME, utc
from stationmaster.dialects.table import Incoming, Outgoing, Unsupported, one_call
from stationmaster.dialects.v2.components import (
    read_component,
    read_question,
    read_variable,
    write_component,
    write_question,
    write_variable,
)
from stationmaster.dialects.v2.monitoring import DEVICE_MODEL, TYPES
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.device_model.addresses import ComponentVariable
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.domain.monitoring.monitors import (
    DEFAULT_SEVERITY,
    GetMonitoringReport,
    Monitor,
    NotifyMonitoringReport,
    Origin,
)
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_CRITERIA: Mapping[str, v21.MonitoringCriterionEnumType] = words(v21.MonitoringCriterionEnumType)
_ORIGINS: Mapping[str | None, Origin] = words(Origin)


def read_get(facts: StationFacts, message: wire.GetMonitoringReportRequest) -> GetMonitoringReport:
    return GetMonitoringReport(
        request_id=message.request_id or 0,
        criteria=tuple(message.monitoring_criteria),
        component_variables=tuple([read_question(question) for question in message.component_variable]),
    )


def write_get_answer(
    facts: StationFacts, request: GetMonitoringReport, answer: CommandAnswer
) -> v21.GetMonitoringReportResponse:
    return v21.GetMonitoringReportResponse(
        status=DEVICE_MODEL.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_get(facts: StationFacts, request: GetMonitoringReport) -> v21.GetMonitoringReportRequest:
    unknown = [criterion for criterion in request.criteria if criterion not in _CRITERIA]
    if unknown:
        raise Unsupported(f"OCPP 2.x has no monitoring criterion {unknown[0]!r}")
    return v21.GetMonitoringReportRequest(
        request_id=request.request_id,
        monitoring_criteria=tuple([_CRITERIA[criterion] for criterion in request.criteria]),
        component_variable=tuple([_write_question(facts, question) for question in request.component_variables]),
    )


def _write_question(facts: StationFacts, question: ComponentVariable) -> v21.ComponentVariableType:
    if question.variable is None and facts.version == "2.0":
        raise Unsupported("OCPP 2.0 asks for monitors of a variable, not of a whole component")
    return write_question(question)


def read_notify(facts: StationFacts, message: wire.NotifyMonitoringReportRequest) -> NotifyMonitoringReport:
    return NotifyMonitoringReport(
        request_id=message.request_id,
        seq_no=message.seq_no or 0,
        generated_at=utc(message.generated_at),
        to_be_continued=bool(message.tbc),
        monitors=tuple([monitor for data in message.monitor for monitor in _read_monitors(data)]),
    )


def _read_monitors(data: wire.MonitoringDataType) -> Iterable[Monitor]:
    """One without an id cannot be spoken of; the part is kept without it."""
    component, variable = read_component(data.component), read_variable(data.variable)
    for told in data.variable_monitoring:
        if told.id is None:
            continue
        yield Monitor(
            id=told.id,
            component=component,
            variable=variable,
            type=told.type or "",
            value=told.value if told.value is not None else Decimal(0),
            severity=told.severity if told.severity is not None else DEFAULT_SEVERITY,
            transaction=bool(told.transaction),
            origin=_ORIGINS.get(told.event_notification_type),
        )


def write_notify_answer(
    facts: StationFacts, request: NotifyMonitoringReport, answer: Acknowledged
) -> v21.NotifyMonitoringReportResponse:
    return v21.NotifyMonitoringReportResponse()


def write_notify(facts: StationFacts, request: NotifyMonitoringReport) -> v21.NotifyMonitoringReportRequest:
    monitors = groupby(request.monitors, lambda monitor: (monitor.component, monitor.variable))
    return v21.NotifyMonitoringReportRequest(
        request_id=request.request_id or 0,
        seq_no=request.seq_no,
        generated_at=request.generated_at or UNKNOWN_TIME,
        tbc=request.to_be_continued or None,
        monitor=tuple(
            [
                v21.MonitoringDataType(
                    component=write_component(component),
                    variable=write_variable(variable),
                    variable_monitoring=tuple([_write_monitor(facts, monitor) for monitor in same]),
                )
                for (component, variable), same in monitors
            ]
        ),
    )


def _write_monitor(facts: StationFacts, monitor: Monitor) -> v21.VariableMonitoringType:
    kind = TYPES.get(monitor.type)
    if kind is None:
        raise Unsupported(f"OCPP 2.x has no monitors of the type {monitor.type}")
    # New in 2.1, and required there.
    origin: Any = (monitor.origin or "CustomMonitor") if facts.version == "2.1" else UNSET
    return v21.VariableMonitoringType(
        id=monitor.id,
        transaction=monitor.transaction,
        value=monitor.value,
        type=kind,
        severity=monitor.severity,
        event_notification_type=origin,
    )


def read_notify_answer(facts: StationFacts, request: NotifyMonitoringReport, answer: Any) -> Acknowledged:
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "GetMonitoringReport": Incoming(read_get, write_get_answer),
    "NotifyMonitoringReport": Incoming(read_notify, write_notify_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    GetMonitoringReport: one_call("GetMonitoringReport", write_get, read_answer),
    NotifyMonitoringReport: one_call("NotifyMonitoringReport", write_notify, read_notify_answer),
}
