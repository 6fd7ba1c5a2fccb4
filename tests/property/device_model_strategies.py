"""Requests about the device model and their answers, as far as a version can carry them, at random."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from stationmaster.dialects.v1.configuration_keys import KEYS, key_named
from stationmaster.domain import messages as m
from stationmaster.domain.device_model import addresses as d
from stationmaster.domain.identity import Evse


def text(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=shortest, max_size=longest)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(strategy: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=1, max_size=most).map(tuple)


numbers = st.integers(0, 2**31 - 1)
components = st.builds(
    d.Component,
    name=text(50),
    instance=maybe(text(50)),
    evse=maybe(st.builds(Evse, st.integers(1, 9), maybe(st.integers(1, 9)))),
)
variables = st.builds(d.Variable, name=text(50), instance=maybe(text(50)))
questions = st.builds(d.ComponentVariable, component=components, variable=maybe(variables))
attributes = st.builds(
    d.Attribute,
    type=st.sampled_from(["Actual", "Target", "MinSet", "MaxSet"]),
    value=maybe(text(99, 0)),
    mutability=st.sampled_from(["ReadOnly", "WriteOnly", "ReadWrite"]),
    persistent=st.booleans(),
    constant=st.booleans(),
)
characteristics = st.builds(
    d.Characteristics,
    data_type=st.sampled_from(["string", "decimal", "OptionList", "MemberList"]),
    supports_monitoring=st.booleans(),
    unit=maybe(text(16)),
    min_limit=maybe(st.decimals(-99, 99, places=2)),
    max_limit=maybe(st.decimals(100, 999, places=2)),
    values_list=maybe(some(text(9))),
)
told = st.builds(
    d.ReportData,
    component=components,
    variable=variables,
    attributes=some(attributes, 4),
    characteristics=maybe(characteristics),
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)

# An answer must fit its question, and the two are drawn apart: so the questions are always these.
KEY, VENDOR_KEY = key_named("HeartbeatInterval").ref, key_named("VendorKey").ref
POWER = d.VariableRef(
    component=d.Component(name="EVSE", instance="left", evse=Evse(1, 2)),
    variable=d.Variable(name="Power", instance="L1"),
    attribute="Target",
)


def got(ref: d.VariableRef, statuses: list[str], **fields: Any) -> st.SearchStrategy[d.VariableResult]:
    accepted = st.builds(d.VariableResult, ref=st.just(ref), status=st.just("Accepted"), value=text(99), **fields)
    refused = st.builds(d.VariableResult, ref=st.just(ref), status=st.sampled_from(statuses))
    return accepted | refused


def answered(*results: st.SearchStrategy[d.VariableResult]) -> st.SearchStrategy[d.VariablesAnswer]:
    return st.tuples(*results).map(lambda found: d.VariablesAnswer(status=d.overall(found), results=found))


_known = {"mutability": st.sampled_from(["ReadOnly", "ReadWrite"])}
_refusals = ["Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"]
_reports = st.builds(
    d.ReportAnswer,
    status=st.sampled_from(["Accepted", "Rejected", "NotSupported", "EmptyResultSet"]),
    reason=maybe(text(20)),
)
_key_reports = st.lists(
    st.sampled_from([key for key in KEYS if not key.is_write_only and not key.lifted]),
    min_size=1,
    unique_by=lambda key: key.name,
).flatmap(
    lambda keys: st.tuples(
        *[
            st.builds(
                d.ReportData,
                component=st.just(key.ref.component),
                variable=st.just(key.ref.variable),
                attributes=st.tuples(st.builds(d.Attribute, value=text(500), persistent=st.just(True), **_known)),
                characteristics=st.just(key.characteristics),
            )
            for key in keys
        ]
    )
)

V1_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    d.GetVariables: st.just(d.GetVariables(variables=(KEY, VENDOR_KEY))),
    d.SetVariables: st.builds(
        lambda value: d.SetVariables(settings=(d.VariableSetting(ref=KEY, value=value),)), text(500, 0)
    ),
    d.GetBaseReport: st.just(d.GetBaseReport(report_base="FullInventory")),
}
V1_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    d.GetVariables: answered(got(KEY, ["UnknownVariable"], **_known), got(VENDOR_KEY, ["UnknownVariable"], **_known)),
    d.SetVariables: answered(
        st.builds(
            d.VariableResult,
            ref=st.just(KEY),
            status=st.sampled_from(["Accepted", "RebootRequired", "Rejected", "UnknownVariable"]),
        )
    ),
    d.GetBaseReport: st.builds(d.ReportAnswer, status=st.just("Accepted"), report=_key_reports),
}
V2_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    d.GetVariables: st.just(d.GetVariables(variables=(KEY, POWER))),
    d.SetVariables: st.builds(
        lambda first, second: d.SetVariables(
            settings=(d.VariableSetting(ref=KEY, value=first), d.VariableSetting(ref=POWER, value=second))
        ),
        text(999, 0),
        text(999, 0),
    ),
    d.GetBaseReport: st.builds(
        d.GetBaseReport,
        report_base=st.sampled_from(["FullInventory", "ConfigurationInventory", "SummaryInventory"]),
        request_id=numbers,
    ),
    d.GetReport: st.builds(
        d.GetReport,
        request_id=numbers,
        criteria=st.lists(st.sampled_from(["Active", "Available", "Enabled", "Problem"]), max_size=4, unique=True).map(
            tuple
        ),
        component_variables=st.lists(questions, max_size=3).map(tuple),
    ),
    d.NotifyReport: st.builds(
        d.NotifyReport,
        request_id=numbers,
        seq_no=numbers,
        generated_at=moments,
        to_be_continued=st.booleans(),
        report=st.lists(told, max_size=3).map(tuple),
    ),
}
V2_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    d.GetVariables: answered(got(KEY, _refusals), got(POWER, _refusals)),
    d.SetVariables: answered(
        *[
            st.builds(
                d.VariableResult,
                ref=st.just(ref),
                status=st.sampled_from(["Accepted", "RebootRequired", *_refusals]),
                reason=maybe(text(20)),
            )
            for ref in (KEY, POWER)
        ]
    ),
    d.GetBaseReport: _reports,
    d.GetReport: _reports,
    d.NotifyReport: st.just(m.ACKNOWLEDGED),
}
NOT_IN_V1 = {d.GetReport, d.NotifyReport}
"""1.x asks for everything and chooses itself, and tells everything in the answer."""
