"""Addresses and commands of the device model as a client writes them."""

from typing import Any

import msgspec
import pytest

from stationmaster.api.commands.command_drafts import CommandDraft
from stationmaster.api.http.problems import ProblemError
from stationmaster.domain.device_model.addresses import (
    Component,
    ComponentVariable,
    GetBaseReport,
    GetReport,
    GetVariables,
    SetVariables,
    Variable,
    VariableRef,
    VariableSetting,
)
from stationmaster.domain.identity import Evse

POWER = {"component": "EVSE", "instance": "left", "evse_id": 1, "connector_id": 2, "variable": "Power"}
POWER_REF = VariableRef(
    component=Component(name="EVSE", instance="left", evse=Evse(1, 2)),
    variable=Variable(name="Power", instance="L1"),
    attribute="Target",
)
KEY = {"component": "ConfigurationKey", "variable": "heartbeatinterval"}
INTERVAL = VariableRef(component=Component(name="OCPPCommCtrlr"), variable=Variable(name="HeartbeatInterval"))


def request_of(**body: Any) -> Any:
    return msgspec.convert(body, CommandDraft).request()  # type: ignore[union-attr, call-overload]


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (
            {"type": "GetVariables", "variables": [{**POWER, "variable_instance": "L1", "attribute": "Target"}, KEY]},
            GetVariables(variables=(POWER_REF, INTERVAL)),
        ),
        (
            {"type": "SetVariables", "settings": [{**KEY, "value": ""}]},
            SetVariables(settings=(VariableSetting(ref=INTERVAL, value=""),)),
        ),
        ({"type": "GetBaseReport", "report_base": "FullInventory"}, GetBaseReport(report_base="FullInventory")),
        (
            {"type": "GetReport", "criteria": ["Problem", "Problem"], "component_variables": [{"component": "EVSE"}]},
            GetReport(
                criteria=("Problem",), component_variables=(ComponentVariable(component=Component(name="EVSE")),)
            ),
        ),
    ],
    ids=lambda part: part["type"] if isinstance(part, dict) else "",
)
def test_a_command_is_what_its_draft_says(body: dict[str, Any], request_: Any) -> None:
    assert request_of(**body) == request_


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"type": "GetVariables", "variables": [{**POWER, "evse_id": None}]}, "body.variables[0].connector_id"),
        (
            {"type": "SetVariables", "settings": [{**KEY, "value": "1"}, {**KEY, "value": "2"}]},
            "body.settings[1]",
        ),
        ({"type": "GetReport"}, "body"),
        (
            {"type": "GetReport", "component_variables": [{"component": "C", "connector_id": 1}]},
            "body.component_variables[0].connector_id",
        ),
    ],
)
def test_B05_FR_13_what_makes_no_sense_is_refused_where_it_stands(body: dict[str, Any], path: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        request_of(**body)
    assert [error.path for error in refusal.value.errors] == [path]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "GetVariables", "variables": []},
        {"type": "GetVariables", "variables": [{"component": "C" * 51, "variable": "V"}]},
        {"type": "GetVariables", "variables": [{"component": "C", "variable": "V", "evse_id": 0}]},
        {"type": "SetVariables", "settings": [{"component": "C", "variable": "V", "value": "x" * 2501}]},
        {"type": "GetBaseReport", "report_base": "Everything"},
        {"type": "GetReport", "criteria": ["Broken"]},
    ],
)
def test_what_no_version_could_carry_is_no_draft(body: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, CommandDraft)  # type: ignore[call-overload]
