"""B07 GetBaseReport, B08 GetReport and NotifyReport in 2.x."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.dialects.moments import UNKNOWN_TIME, utc
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.components import (
    read_component,
    read_question,
    read_variable,
    write_component,
    write_question,
    write_variable,
)
from stationmaster.dialects.v2.parts import read_status_info, write_status_info
from stationmaster.dialects.words import clip, words
from stationmaster.domain.device_model.addresses import (
    Attribute,
    AttributeType,
    Characteristics,
    GetBaseReport,
    GetReport,
    Mutability,
    NotifyReport,
    ReportAnswer,
    ReportData,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_ATTRIBUTES: Mapping[str, AttributeType] = words(AttributeType)
_MUTABILITIES: Mapping[str, Mutability] = words(Mutability)
_BASES: Mapping[str, v21.ReportBaseEnumType] = words(v21.ReportBaseEnumType)
_CRITERIA: Mapping[str, v21.ComponentCriterionEnumType] = words(v21.ComponentCriterionEnumType)
_STATUSES: Mapping[str, v21.GenericDeviceModelStatusEnumType] = words(v21.GenericDeviceModelStatusEnumType)
_DATA_TYPES: Mapping[str, v21.DataEnumType] = words(v21.DataEnumType)


def read_base(facts: StationFacts, message: wire.GetBaseReportRequest) -> GetBaseReport:
    """A report base that no version knows is kept: the answer to it is NotSupported (B07.FR.02)."""
    if message.request_id is None:
        raise Unattributable("requestId")
    return GetBaseReport(report_base=message.report_base or "", request_id=message.request_id)


def write_base(facts: StationFacts, request: GetBaseReport) -> v21.GetBaseReportRequest:
    base = _BASES.get(request.report_base)
    if base is None:
        raise Unsupported(f"{request.report_base!r} is no report base of OCPP 2.x")
    return v21.GetBaseReportRequest(request_id=request.request_id, report_base=base)


def write_base_answer(facts: StationFacts, request: GetBaseReport, answer: ReportAnswer) -> v21.GetBaseReportResponse:
    return v21.GetBaseReportResponse(
        status=_STATUSES.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def read_report(facts: StationFacts, message: wire.GetReportRequest) -> GetReport:
    """2.0 may leave the number out, which is read as 0."""
    if message.request_id is None and facts.version != "2.0":
        raise Unattributable("requestId")
    return GetReport(
        request_id=message.request_id or 0,
        criteria=tuple(message.component_criteria),
        component_variables=tuple([read_question(item) for item in message.component_variable]),
    )


def write_report(facts: StationFacts, request: GetReport) -> v21.GetReportRequest:
    strange = next((word for word in request.criteria if word not in _CRITERIA), None)
    if strange is not None:
        raise Unsupported(f"{strange!r} is no criterion of OCPP 2.x")
    message = v21.GetReportRequest(
        request_id=request.request_id,
        component_criteria=tuple([_CRITERIA[word] for word in request.criteria]),
        component_variable=tuple([write_question(item) for item in request.component_variables]),
    )
    _check_limits(facts, message)
    return message


def _check_limits(facts: StationFacts, message: v21.GetReportRequest) -> None:
    """One question is one report with one number (B08.FR.04, .14): what is too much for one call is not cut up."""
    most, most_bytes = facts.limits.get("items:GetReport"), facts.limits.get("bytes:GetReport")
    if most is not None and len(message.component_variable) > most:  # B08.FR.06, .17
        raise Unsupported(
            f"the station takes {most} components and variables in one GetReport; ask for several reports"
        )
    if most_bytes is not None and len(msgspec.json.encode(message)) > most_bytes:  # B08.FR.18
        raise Unsupported(f"the station takes {most_bytes} bytes in one GetReport; ask for several reports")


def write_report_answer(facts: StationFacts, request: GetReport, answer: ReportAnswer) -> v21.GetReportResponse:
    return v21.GetReportResponse(status=_STATUSES.get(answer.status, "Rejected"), status_info=write_status_info(answer))


def read_report_answer(
    facts: StationFacts, request: Any, answer: wire.GetReportResponse | wire.GetBaseReportResponse
) -> ReportAnswer:
    reason, info = read_status_info(answer.status_info)
    return ReportAnswer(status=answer.status or "Rejected", reason=reason, info=info)


def read_notify(facts: StationFacts, message: wire.NotifyReportRequest) -> NotifyReport:
    """What names no variable tells of none and is left out."""
    if message.request_id is None and facts.version != "2.0":
        raise Unattributable("requestId")
    items = [_read_item(item) for item in message.report_data]
    return NotifyReport(
        request_id=message.request_id,
        seq_no=message.seq_no or 0,
        generated_at=utc(message.generated_at),
        to_be_continued=bool(message.tbc),
        report=tuple([item for item in items if item.component.name and item.variable.name]),
    )


def _read_item(item: wire.ReportDataType) -> ReportData:
    return ReportData(
        component=read_component(item.component),
        variable=read_variable(item.variable),
        attributes=tuple([_read_attribute(attribute) for attribute in item.variable_attribute]),
        characteristics=_read_characteristics(item.variable_characteristics),
    )


def _read_attribute(attribute: wire.VariableAttributeType) -> Attribute:
    return Attribute(
        type=_ATTRIBUTES.get(attribute.type or "", "Actual"),
        value=attribute.value,
        mutability=_MUTABILITIES.get(attribute.mutability or "", "ReadWrite"),
        persistent=bool(attribute.persistent),
        constant=bool(attribute.constant),
    )


def _read_characteristics(told: wire.VariableCharacteristicsType | None) -> Characteristics | None:
    if told is None:
        return None
    listed = told.values_list
    return Characteristics(
        data_type=told.data_type or "string",
        supports_monitoring=bool(told.supports_monitoring),
        unit=told.unit,
        min_limit=told.min_limit,
        max_limit=told.max_limit,
        max_elements=told.max_elements,
        values_list=tuple([word.strip() for word in listed.split(",")]) if listed else None,
    )


def write_notify(facts: StationFacts, request: NotifyReport) -> v21.NotifyReportRequest:
    return v21.NotifyReportRequest(
        request_id=request.request_id or 0,
        generated_at=request.generated_at or UNKNOWN_TIME,
        report_data=tuple([_write_item(facts, item) for item in request.report]),
        tbc=request.to_be_continued or None,
        seq_no=request.seq_no,
    )


def _write_item(facts: StationFacts, item: ReportData) -> v21.ReportDataType:
    return v21.ReportDataType(
        component=write_component(item.component),
        variable=write_variable(item.variable),
        variable_attribute=tuple([_write_attribute(attribute) for attribute in item.attributes]),
        variable_characteristics=_write_characteristics(facts, item.characteristics),
    )


def _write_attribute(attribute: Attribute) -> v21.VariableAttributeType:
    return v21.VariableAttributeType(
        type=None if attribute.type == "Actual" else attribute.type,
        value=attribute.value,
        mutability=attribute.mutability,
        persistent=attribute.persistent,
        constant=attribute.constant,
    )


def _write_characteristics(facts: StationFacts, told: Characteristics | None) -> v21.VariableCharacteristicsType | None:
    if told is None:
        return None
    return v21.VariableCharacteristicsType(
        unit=clip(told.unit, 16),
        data_type=_DATA_TYPES.get(told.data_type, "string"),
        min_limit=told.min_limit,
        max_limit=told.max_limit,
        max_elements=told.max_elements if facts.version == "2.1" else None,  # new in 2.1, and no loss without it
        values_list=",".join(told.values_list) if told.values_list else None,
        supports_monitoring=told.supports_monitoring,
    )


def write_notify_answer(facts: StationFacts, request: NotifyReport, answer: Any) -> v21.NotifyReportResponse:
    return v21.NotifyReportResponse()


def read_notify_answer(facts: StationFacts, request: NotifyReport, answer: Any) -> Acknowledged:
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "GetBaseReport": Incoming(read_base, write_base_answer),
    "GetReport": Incoming(read_report, write_report_answer),
    "NotifyReport": Incoming(read_notify, write_notify_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    GetBaseReport: one_call("GetBaseReport", write_base, read_report_answer),
    GetReport: one_call("GetReport", write_report, read_report_answer),
    NotifyReport: one_call("NotifyReport", write_notify, read_notify_answer),
}
