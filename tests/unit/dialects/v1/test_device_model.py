"""GetConfiguration and ChangeConfiguration of 1.6, in the words of the device model."""

from typing import Any

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import NoAnswer, Unsupported
from stationmaster.dialects.v1.configuration_keys import KEYS, canonical, key_named, key_of
from stationmaster.domain.device_model.addresses import (
    CONFIGURATION_KEY,
    NO_ANSWER,
    Attribute,
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
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

FACTS = StationFacts(version="1.6")
DIALECT = dialect_for("1.6")
INTERVAL = key_named("HeartbeatInterval").ref
VENDOR = key_named("VendorKey").ref


def driven(request: Any, *answers: Any, facts: StationFacts = FACTS) -> tuple[list[Any], Any]:
    """What was called, and what came of the answers."""
    exchange, calls = DIALECT.outgoing[type(request)](facts, request), []
    response: Any = None
    waiting = list(answers)
    try:
        while True:
            calls.append(exchange.send(response).message)
            response = waiting.pop(0)
    except StopIteration as done:
        return calls, done.value


def told(*items: tuple[str, str | None, bool], unknown: tuple[str, ...] = ()) -> wire.GetConfigurationResponse:
    values = tuple(wire.KeyValue(key=key, value=value, readonly=readonly) for key, value, readonly in items)
    return wire.GetConfigurationResponse(configuration_key=values, unknown_key=unknown)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_standard_key_is_found_by_its_variable_and_by_its_name_in_any_case(key: Any) -> None:
    assert key_of(key.ref) is key
    assert key_named(key.name.upper()) is key
    assert all(key_of(other) is key for other in key.also)
    by_name = VariableRef(component=Component(name=CONFIGURATION_KEY), variable=Variable(name=key.name.lower()))
    assert canonical(by_name) == key.ref


def test_a_vendor_s_key_is_kept_as_it_is_spelled() -> None:
    assert key_of(VENDOR) == key_named("VendorKey")
    assert (VENDOR.component.name, VENDOR.variable.name) == ("ConfigurationKey", "VendorKey")


def test_variables_are_read_by_their_keys_and_what_has_none_is_answered_at_once() -> None:
    strange = VariableRef(component=Component(name="EVSE", evse=Evse(1)), variable=Variable(name="Power"))
    target = VariableRef(component=INTERVAL.component, variable=INTERVAL.variable, attribute="Target")
    calls, answer = driven(
        GetVariables(variables=(INTERVAL, strange, VENDOR, target)),
        told(("heartbeatinterval", "300", False), unknown=("VENDORKEY",)),
    )
    assert calls == [v16.GetConfigurationRequest(key=("HeartbeatInterval", "VendorKey"))]
    assert [(result.ref, result.status, result.value) for result in answer.results] == [
        (INTERVAL, "Accepted", "300"),
        (strange, "UnknownVariable", None),
        (VENDOR, "UnknownVariable", None),
        (target, "NotSupportedAttributeType", None),
    ]
    assert (answer.status, answer.results[0].mutability) == ("Partial", "ReadWrite")


def test_a_key_in_neither_list_is_not_answered_and_one_without_a_value_is_empty() -> None:
    _, answer = driven(GetVariables(variables=(INTERVAL, VENDOR)), told(("HeartbeatInterval", None, True)))
    assert [(result.status, result.value) for result in answer.results] == [("Accepted", ""), (NO_ANSWER, None)]
    assert answer.results[0].mutability == "ReadOnly"


def test_a_write_only_key_is_rejected_whatever_the_station_tells() -> None:
    _, answer = driven(
        GetVariables(variables=(key_named("AuthorizationKey").ref,)), told(("AuthorizationKey", "00ff", False))
    )
    (result,) = answer.results
    assert (result.status, result.reason, result.value, result.mutability) == (
        "Rejected",
        "WriteOnly",
        None,
        "WriteOnly",
    )


def test_as_many_keys_go_in_one_call_as_the_station_takes() -> None:
    facts = StationFacts(version="1.6", limits={"items:GetVariables": 1})
    calls, answer = driven(
        GetVariables(variables=(INTERVAL, VENDOR)),
        told(("HeartbeatInterval", "1", False)),
        told(("VendorKey", "2", False)),
        facts=facts,
    )
    assert [call.key for call in calls] == [("HeartbeatInterval",), ("VendorKey",)]
    assert [result.value for result in answer.results] == ["1", "2"]


def settings(*items: tuple[VariableRef, str]) -> SetVariables:
    return SetVariables(settings=tuple(VariableSetting(ref=ref, value=value) for ref, value in items))


def test_each_setting_is_one_change_and_each_has_its_result() -> None:
    second = key_named("MeterValueSampleInterval").also[0]
    calls, answer = driven(
        settings((INTERVAL, "60"), (second, "9"), (VENDOR, "x")),
        wire.ChangeConfigurationResponse(status="RebootRequired"),
        wire.ChangeConfigurationResponse(status="NotSupported"),
    )
    assert [(call.key, call.value) for call in calls] == [("HeartbeatInterval", "60"), ("VendorKey", "x")]
    assert [result.status for result in answer.results] == ["RebootRequired", "Rejected", "UnknownVariable"]
    assert "MeterValueSampleInterval" in (answer.results[1].info or "")


def test_after_silence_no_further_key_is_changed() -> None:
    calls, answer = driven(
        settings((INTERVAL, "60"), (VENDOR, "x"), (VENDOR, "y")),
        wire.ChangeConfigurationResponse(status="Accepted"),
        NoAnswer(None, "no answer in time"),
    )
    assert len(calls) == 2
    assert [result.status for result in answer.results] == ["Accepted", NO_ANSWER, NO_ANSWER]


def test_the_first_call_s_failure_is_the_command_s() -> None:
    with pytest.raises(TimeoutError):
        driven(settings((INTERVAL, "60")), NoAnswer(None, "no answer in time", TimeoutError()))


def test_a_value_longer_than_1_6_takes_is_refused_before_anything_is_set() -> None:
    with pytest.raises(Unsupported, match="500"):
        driven(settings((INTERVAL, "1"), (VENDOR, "x" * 501)))


def test_words_of_a_value_are_translated_both_ways() -> None:
    unit = key_named("ChargingScheduleAllowedChargingRateUnit")
    assert (unit.lift("Current, Power"), unit.lower("A,W")) == ("A,W", "Current,Power")


WHOLE = told(("HeartbeatInterval", "300", False), ("NumberOfConnectors", "2", True), ("AuthorizationKey", "x", False))


def test_a_full_inventory_is_the_whole_configuration_in_the_answer() -> None:
    calls, answer = driven(GetBaseReport(report_base="FullInventory", request_id=5), WHOLE)
    assert calls == [v16.GetConfigurationRequest()]
    found = {item.variable.name: item.attributes[0] for item in answer.report}
    assert {name: (a.value, a.mutability) for name, a in found.items()} == {
        "HeartbeatInterval": ("300", "ReadWrite"),
        "NumberOfConnectors": ("2", "ReadOnly"),
        "AuthorizationKey": (None, "WriteOnly"),
    }


def test_other_reports_are_what_of_it_was_asked_for() -> None:
    _, configuration = driven(GetBaseReport(report_base="ConfigurationInventory"), WHOLE)
    assert [item.variable.name for item in configuration.report] == ["HeartbeatInterval", "AuthorizationKey"]
    question = ComponentVariable(component=Component(name="ConfigurationKey"))
    _, custom = driven(GetReport(component_variables=(question,)), WHOLE)
    assert [item.variable.name for item in custom.report] == ["NumberOfConnectors", "AuthorizationKey"]
    nothing = ComponentVariable(component=Component(name="EVSE"))
    assert driven(GetReport(component_variables=(nothing,)), WHOLE)[1].status == "EmptyResultSet"


@pytest.mark.parametrize(
    "request_",
    [
        GetBaseReport(report_base="SummaryInventory"),
        GetReport(criteria=("Problem",)),
        NotifyReport(request_id=1, seq_no=0),
    ],
)
def test_what_1_6_has_no_words_for_is_refused_with_the_reason(request_: Any) -> None:
    with pytest.raises(Unsupported):
        driven(request_)


# As the station hears it ────────────────────────────────────────────────────────────────────────────────────────


def test_a_station_is_asked_for_keys_and_answers_those_it_knows() -> None:
    row = DIALECT.incoming["GetConfiguration"]
    keys = ("heartbeatINTERVAL", "AuthorizationKey", "VendorKey")
    request = row.read(FACTS, wire.GetConfigurationRequest(key=keys))
    assert request == GetVariables(variables=(INTERVAL, key_named("AuthorizationKey").ref, VENDOR))
    results = (
        VariableResult(ref=INTERVAL, status="Accepted", value="300", mutability="ReadOnly"),
        VariableResult(ref=request.variables[1], status="Rejected", reason="WriteOnly"),
        VariableResult(ref=VENDOR, status="UnknownVariable"),
    )
    assert row.write(
        FACTS, request, VariablesAnswer(status="Rejected", results=results)
    ) == v16.GetConfigurationResponse(
        configuration_key=(
            v16.KeyValue(key="HeartbeatInterval", readonly=True, value="300"),
            v16.KeyValue(key="AuthorizationKey", readonly=False),
        ),
        unknown_key=("VendorKey",),
    )


def test_a_station_that_is_asked_for_no_key_tells_all_that_1_6_has_words_for() -> None:
    row = DIALECT.incoming["GetConfiguration"]
    request = row.read(FACTS, wire.GetConfigurationRequest())
    assert request == GetBaseReport(report_base="FullInventory")

    def data(ref: VariableRef, value: str) -> ReportData:
        attribute = Attribute(value=value, mutability="ReadOnly")
        return ReportData(component=ref.component, variable=ref.variable, attributes=(attribute,))

    power = VariableRef(component=Component(name="EVSE", evse=Evse(1)), variable=Variable(name="Power"))
    second = key_named("ClockAlignedDataInterval").also[0]
    report = (data(INTERVAL, "300"), data(power, "7"), data(second, "0"), data(VENDOR, "x"))
    answer = row.write(FACTS, request, ReportAnswer(status="Accepted", report=report))
    assert [(item.key, item.value) for item in answer.configuration_key] == [
        ("HeartbeatInterval", "300"),
        ("VendorKey", "x"),
    ]


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["Accepted", "Accepted"], "Accepted"),
        (["Accepted", "RebootRequired"], "RebootRequired"),
        (["UnknownVariable", "Accepted"], "NotSupported"),
        (["Accepted", "UnknownVariable"], "Accepted"),
        (["Accepted", "Rejected"], "Rejected"),
        (["Rejected", "Accepted"], "Rejected"),
    ],
)
def test_one_key_sets_all_that_it_stands_for_and_is_answered_once(statuses: list[str], said: str) -> None:
    row = DIALECT.incoming["ChangeConfiguration"]
    request = row.read(FACTS, wire.ChangeConfigurationRequest(key="MeterValueSampleInterval", value="30"))
    assert [(s.ref.variable.name, s.value) for s in request.settings] == [
        ("TxUpdatedInterval", "30"),
        ("TxEndedInterval", "30"),
    ]
    results = tuple(
        VariableResult(ref=setting.ref, status=status)
        for setting, status in zip(request.settings, statuses, strict=True)
    )
    worst = next((s for s in statuses if s not in ("Accepted", "RebootRequired")), statuses[-1])
    assert row.write(FACTS, request, VariablesAnswer(status=worst, results=results)).status == said
