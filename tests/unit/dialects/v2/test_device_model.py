"""B05-B08 in 2.x."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import NoAnswer, Unattributable, Unsupported
from stationmaster.domain.device_model.addresses import (
    NO_ANSWER,
    Attribute,
    Characteristics,
    Component,
    ComponentVariable,
    GetBaseReport,
    GetReport,
    GetVariables,
    NotifyReport,
    ReportAnswer,
    ReportData,
    SetVariables,
    Variable,
    VariableRef,
    VariableResult,
    VariablesAnswer,
    VariableSetting,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.ocpp import codec
from stationmaster.ocpp.v21 import lenient as wire
from stationmaster.ocpp.version import Version

VERSIONS = ("2.0", "2.0.1", "2.1")
POWER = VariableRef(
    component=Component(name="EVSE", instance="left", evse=Evse(1, 2)),
    variable=Variable(name="Power", instance="L1"),
    attribute="Target",
)
INTERVAL = VariableRef(component=Component(name="OCPPCommCtrlr"), variable=Variable(name="HeartbeatInterval"))


def converse(facts: StationFacts, request: Any, answer: Any) -> tuple[list[Any], Any]:
    """Both ends of an exchange over the version's bytes: what was heard, and what came back."""
    version, dialect = Version(facts.version), dialect_for(facts.version)
    exchange, heard, response = dialect.outgoing[type(request)](facts, request), [], None
    try:
        while True:
            call = exchange.send(response)
            row = dialect.incoming[call.action]
            reading = codec.read_request(version, call.action, codec.write_request(version, call.action, call.message))
            assert reading.violations == ()
            heard.append(row.read(facts, reading.message))
            said = answer(heard[-1]) if callable(answer) else answer
            raw = codec.write_response(version, call.action, row.write(facts, heard[-1], said))
            response = codec.read_response(version, call.action, raw).message
    except StopIteration as stop:
        return heard, stop.value


def got(request: GetVariables) -> VariablesAnswer:
    results = tuple(VariableResult(ref=ref, status="Accepted", value="1") for ref in reversed(request.variables))
    return VariablesAnswer(status="Accepted", results=results)


@pytest.mark.parametrize("version", VERSIONS)
def test_B06_FR_01_every_question_has_its_result_whatever_the_order_of_the_answer(version: str) -> None:
    request = GetVariables(variables=(POWER, INTERVAL))
    heard, answer = converse(StationFacts(version=version), request, got)
    assert heard == [request]
    assert [result.ref for result in answer.results] == [POWER, INTERVAL]
    assert (answer.status, answer.results[0].value) == ("Accepted", "1")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"])
def test_B06_FR_06_to_09_a_refusal_says_why(version: str, status: str) -> None:
    refusal = VariableResult(ref=INTERVAL, status=status)
    said = VariablesAnswer(status=status, results=(refusal,))
    _, answer = converse(StationFacts(version=version), GetVariables(variables=(INTERVAL,)), said)
    assert answer == said


def test_B06_FR_05_more_than_the_station_takes_goes_in_several_calls() -> None:
    facts = StationFacts(version="2.0.1", limits={"items:GetVariables": 4})
    refs = tuple(
        VariableRef(component=Component(name="C"), variable=Variable(name=f"V{number}")) for number in range(5)
    )
    heard, answer = converse(facts, GetVariables(variables=refs), got)
    assert [len(request.variables) for request in heard] == [4, 1]
    assert [result.ref for result in answer.results] == list(refs)


def test_a_question_that_the_answer_leaves_out_and_one_asked_twice_have_their_own_results() -> None:
    def half(request: GetVariables) -> VariablesAnswer:
        return VariablesAnswer(
            status="Accepted", results=(VariableResult(ref=request.variables[0], status="Accepted", value="1"),)
        )

    _, answer = converse(StationFacts(version="2.1"), GetVariables(variables=(INTERVAL, INTERVAL)), half)
    assert [result.status for result in answer.results] == ["Accepted", NO_ANSWER]
    assert answer.status == "Partial"


def test_a_call_that_is_not_answered_leaves_its_items_unanswered() -> None:
    facts = StationFacts(version="2.1", limits={"items:SetVariables": 1})
    settings = tuple(VariableSetting(ref=ref, value="1") for ref in (INTERVAL, POWER))
    exchange = dialect_for("2.1").outgoing[SetVariables](facts, SetVariables(settings=settings))
    first = next(exchange)
    item = wire.SetVariableResultType(
        attribute_status="Accepted",
        component=wire.ComponentType(name="OCPPCommCtrlr"),
        variable=wire.VariableType(name="HeartbeatInterval"),
    )
    assert first.may_fail
    exchange.send(wire.SetVariablesResponse(set_variable_result=(item,)))
    with pytest.raises(StopIteration) as done:
        exchange.send(NoAnswer(None, "no answer in time"))
    assert [result.status for result in done.value.value.results] == ["Accepted", NO_ANSWER]


@pytest.mark.parametrize("version", VERSIONS)
def test_B05_settings_are_said_and_answered_one_by_one(version: str) -> None:
    request = SetVariables(settings=(VariableSetting(ref=INTERVAL, value="60"), VariableSetting(ref=POWER, value="")))
    results = (
        VariableResult(ref=INTERVAL, status="RebootRequired"),
        VariableResult(ref=POWER, status="Rejected"),
    )
    said = VariablesAnswer(status="Partial", results=results)
    assert converse(StationFacts(version=version), request, said) == ([request], said)


@pytest.mark.parametrize(("version", "longest"), [("2.0", 1000), ("2.0.1", 1000), ("2.1", 2500)])
def test_a_value_too_long_for_the_version_is_refused_before_anything_is_set(version: str, longest: int) -> None:
    def exchange(length: int) -> Any:
        settings = (VariableSetting(ref=INTERVAL, value="1"), VariableSetting(ref=POWER, value="x" * length))
        return dialect_for(version).outgoing[SetVariables](
            StationFacts(version=version), SetVariables(settings=settings)
        )

    next(exchange(longest))
    with pytest.raises(Unsupported, match=str(longest)):
        next(exchange(longest + 1))


@pytest.mark.parametrize("version", VERSIONS)
def test_B07_a_base_report_is_asked_for(version: str) -> None:
    request = GetBaseReport(report_base="FullInventory", request_id=7)
    said = ReportAnswer(status="NotSupported")
    assert converse(StationFacts(version=version), request, said) == ([request], said)


def test_B07_FR_02_a_report_base_that_nobody_knows_reaches_the_station_s_answer() -> None:
    read = dialect_for("2.1").incoming["GetBaseReport"].read
    message = wire.GetBaseReportRequest(request_id=1, report_base="Nonsense")
    assert read(StationFacts(version="2.1"), message) == GetBaseReport(report_base="Nonsense", request_id=1)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_B08_a_custom_report_is_asked_for_with_its_wildcards(version: str) -> None:
    request = GetReport(
        request_id=7,
        criteria=("Available", "Problem"),
        component_variables=(
            ComponentVariable(component=Component(name="EVSE", evse=Evse(1))),
            ComponentVariable(component=POWER.component, variable=POWER.variable),
        ),
    )
    said = ReportAnswer(status="EmptyResultSet")
    assert converse(StationFacts(version=version), request, said) == ([request], said)


def test_B08_FR_06_more_questions_than_the_station_takes_are_no_one_report() -> None:
    facts = StationFacts(version="2.1", limits={"items:GetReport": 1})
    request = GetReport(component_variables=(ComponentVariable(component=Component(name="C")),) * 2)
    with pytest.raises(Unsupported, match="several reports"):
        next(dialect_for("2.1").outgoing[GetReport](facts, request))


def test_B08_FR_18_neither_are_longer_ones() -> None:
    request = GetReport(component_variables=(ComponentVariable(component=Component(name="C" * 50)),))
    fits, row = StationFacts(version="2.1", limits={"bytes:GetReport": 150}), dialect_for("2.1").outgoing[GetReport]
    assert next(row(fits, request)).action == "GetReport"
    with pytest.raises(Unsupported, match="99 bytes"):
        next(row(StationFacts(version="2.1", limits={"bytes:GetReport": 99}), request))


ITEM = ReportData(
    component=POWER.component,
    variable=POWER.variable,
    attributes=(
        Attribute(value="7", mutability="ReadOnly"),
        Attribute(type="Target", value="", persistent=True),
    ),
    characteristics=Characteristics(
        data_type="OptionList", unit="W", max_limit=Decimal("22000.5"), values_list=("A", "B"), supports_monitoring=True
    ),
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("last", [True, False])
def test_B07_a_part_of_a_report_is_told_whole(version: str, last: bool) -> None:
    request = NotifyReport(
        request_id=7,
        seq_no=3,
        to_be_continued=not last,
        generated_at=datetime(2030, 1, 1, tzinfo=UTC),
        report=(ITEM,),
    )
    heard, _ = converse(StationFacts(version=version), request, None)
    assert heard == [request]


def test_what_names_no_variable_is_left_out_and_the_part_is_kept() -> None:
    read = dialect_for("2.1").incoming["NotifyReport"].read
    good = wire.ReportDataType(component=wire.ComponentType(name="C"), variable=wire.VariableType(name="V"))
    bad = wire.ReportDataType(component=wire.ComponentType(name="C"))
    part = read(StationFacts(version="2.1"), wire.NotifyReportRequest(request_id=1, report_data=(bad, good)))
    assert [item.variable.name for item in part.report] == ["V"]


def test_only_2_0_may_leave_out_which_report_a_part_belongs_to() -> None:
    read = dialect_for("2.1").incoming["NotifyReport"].read
    assert read(StationFacts(version="2.0"), wire.NotifyReportRequest(seq_no=1)).request_id is None
    with pytest.raises(Unattributable):
        read(StationFacts(version="2.0.1"), wire.NotifyReportRequest(seq_no=1))
