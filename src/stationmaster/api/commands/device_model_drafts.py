"""Addresses of the device model, and its commands, as a client writes them."""

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stationmaster.api.commands.draft import Draft
from stationmaster.api.http.parameters import MAX_INT32
from stationmaster.api.http.problems import invalid
from stationmaster.dialects.v1.configuration_keys import canonical
from stationmaster.domain.device_model.addresses import (
    AttributeType,
    Component,
    ComponentVariable,
    GetBaseReport,
    GetReport,
    GetVariables,
    SetVariables,
    Variable,
    VariableRef,
    VariableSetting,
    name_of,
)
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import Request

MAX_ITEMS = 1000

ModelName = Annotated[str, Meta(min_length=1, max_length=50)]
Number = Annotated[int, Meta(ge=1, le=MAX_INT32)]
VariableText = Annotated[str, Meta(max_length=2500)]


class ComponentAddress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without ``evse_id``: of the station itself. A configuration key of 1.x that is no variable of 2.x is the variable
    of that name of the component ConfigurationKey."""

    component: ModelName
    instance: ModelName | None = None
    evse_id: Number | None = None
    connector_id: Number | None = None

    def at(self, path: str) -> Component:
        if self.connector_id is not None and self.evse_id is None:
            raise invalid(f"{path}.connector_id", "a connector needs its evse_id")
        evse = None if self.evse_id is None else Evse(self.evse_id, self.connector_id)
        return Component(name=self.component, instance=self.instance, evse=evse)


class VariableAddress(ComponentAddress, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``attribute`` is Actual where none is given."""

    variable: ModelName
    variable_instance: ModelName | None = None
    attribute: AttributeType = "Actual"

    def ref(self, path: str) -> VariableRef:
        """A 1.x key that has a counterpart is that variable, as it is known by that name."""
        variable = Variable(name=self.variable, instance=self.variable_instance)
        return canonical(VariableRef(component=self.at(path), variable=variable, attribute=self.attribute))


class SettingDraft(VariableAddress, frozen=True, kw_only=True, forbid_unknown_fields=True):
    value: VariableText


class QuestionDraft(ComponentAddress, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stands for all of them: every variable, instance, EVSE or connector."""

    variable: ModelName | None = None
    variable_instance: ModelName | None = None

    def question(self, path: str) -> ComponentVariable:
        variable = None if self.variable is None else Variable(name=self.variable, instance=self.variable_instance)
        return ComponentVariable(component=self.at(path), variable=variable)


class GetVariablesCommand(Draft, frozen=True, kw_only=True, tag="GetVariables"):
    """B06. As many calls are made as the station's limits ask for; in 1.x GetConfiguration."""

    variables: Annotated[tuple[VariableAddress, ...], Meta(min_length=1, max_length=MAX_ITEMS)]

    def request(self) -> Request:
        refs = [address.ref(f"body.variables[{place}]") for place, address in enumerate(self.variables)]
        return GetVariables(variables=tuple(refs))


class SetVariablesCommand(Draft, frozen=True, kw_only=True, tag="SetVariables"):
    """B05. Each setting stands alone; in 1.x one ChangeConfiguration for each."""

    settings: Annotated[tuple[SettingDraft, ...], Meta(min_length=1, max_length=MAX_ITEMS)]

    def request(self) -> Request:
        return SetVariables(settings=settings_of(self.settings))


class GetBaseReportCommand(Draft, frozen=True, kw_only=True, tag="GetBaseReport"):
    """B07. The report is found under the station's reports once it is there; 1.x knows the first two."""

    report_base: Literal["FullInventory", "ConfigurationInventory", "SummaryInventory"]

    def request(self) -> Request:
        return GetBaseReport(report_base=self.report_base)


class GetReportCommand(Draft, frozen=True, kw_only=True, tag="GetReport"):
    """B08. Give criteria, components and variables, or both: then both limit the report. 1.x has no criteria."""

    criteria: Annotated[
        tuple[Literal["Active", "Available", "Enabled", "Problem"], ...], Meta(min_length=1, max_length=4)
    ] = ()
    component_variables: Annotated[tuple[QuestionDraft, ...], Meta(min_length=1, max_length=MAX_ITEMS)] = ()

    def request(self) -> Request:
        if not self.criteria and not self.component_variables:
            raise invalid("body", "give criteria, component_variables or both")
        questions = [q.question(f"body.component_variables[{at}]") for at, q in enumerate(self.component_variables)]
        return GetReport(criteria=tuple(dict.fromkeys(self.criteria)), component_variables=tuple(questions))


def settings_of(drafts: Iterable[SettingDraft]) -> tuple[VariableSetting, ...]:
    """No attribute twice (B05.FR.13); raises a ProblemError of 422."""
    found: dict[VariableRef, VariableSetting] = {}
    for place, draft in enumerate(drafts):
        path = f"body.settings[{place}]"
        ref = draft.ref(path)
        if ref in found:
            raise invalid(path, f"{name_of(ref)} is set twice")
        found[ref] = VariableSetting(ref=ref, value=draft.value)
    return tuple(found.values())
