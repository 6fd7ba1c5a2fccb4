"""B05 SetVariables and B06 GetVariables in 2.x: as many calls as the station's limits ask for."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stationmaster.dialects.batches import ask_in_batches, for_station
from stationmaster.dialects.table import Exchange, Incoming, NoAnswer, Outgoing, Unattributable, Unsupported, WireCall
from stationmaster.dialects.v2.components import read_component, read_variable, write_component, write_variable
from stationmaster.dialects.v2.parts import UNSPECIFIED, read_status_info
from stationmaster.dialects.words import clip, words
from stationmaster.domain.device_model.addresses import (
    NO_ANSWER,
    AttributeType,
    GetVariables,
    SetVariables,
    VariableRef,
    VariableResult,
    VariablesAnswer,
    VariableSetting,
    overall,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_ATTRIBUTES: Mapping[str, AttributeType] = words(AttributeType)
_GOT: Mapping[str, v21.GetVariableStatusEnumType] = words(v21.GetVariableStatusEnumType)
_SET: Mapping[str, v21.SetVariableStatusEnumType] = words(v21.SetVariableStatusEnumType)
_LONGEST: Mapping[str, int] = {"2.0": 1000, "2.0.1": 1000, "2.1": 2500}
"""Of a value that is set, in characters."""


# What a station reads and answers ───────────────────────────────────────────────────────────────────────────────


def read_get(facts: StationFacts, message: wire.GetVariablesRequest) -> GetVariables:
    return GetVariables(variables=tuple([_asked(item) for item in message.get_variable_data]))


def read_set(facts: StationFacts, message: wire.SetVariablesRequest) -> SetVariables:
    return SetVariables(
        settings=tuple(
            [VariableSetting(ref=_asked(item), value=item.attribute_value or "") for item in message.set_variable_data]
        )
    )


def _asked(item: wire.GetVariableDataType | wire.SetVariableDataType) -> VariableRef:
    """A missing attribute type means Actual (B05.FR.12, B06.FR.11); one that nobody knows cannot be repeated."""
    attribute = _ATTRIBUTES.get(item.attribute_type or "Actual")
    if attribute is None:
        raise Unattributable("attributeType")
    return VariableRef(
        component=read_component(item.component), variable=read_variable(item.variable), attribute=attribute
    )


def write_get_answer(facts: StationFacts, request: GetVariables, answer: VariablesAnswer) -> v21.GetVariablesResponse:
    return v21.GetVariablesResponse(
        get_variable_result=tuple(
            [
                v21.GetVariableResultType(
                    attribute_status=_GOT.get(result.status, "Rejected"),
                    attribute_status_info=_status_info(result),
                    attribute_type=result.ref.attribute,
                    attribute_value=result.value,
                    component=write_component(result.ref.component),
                    variable=write_variable(result.ref.variable),
                )
                for result in answer.results
            ]
        )
    )


def write_set_answer(facts: StationFacts, request: SetVariables, answer: VariablesAnswer) -> v21.SetVariablesResponse:
    return v21.SetVariablesResponse(
        set_variable_result=tuple(
            [
                v21.SetVariableResultType(
                    attribute_type=result.ref.attribute,
                    attribute_status=_SET.get(result.status, "Rejected"),
                    attribute_status_info=_status_info(result),
                    component=write_component(result.ref.component),
                    variable=write_variable(result.ref.variable),
                )
                for result in answer.results
            ]
        )
    )


def _status_info(result: VariableResult) -> v21.StatusInfoType | None:
    if result.reason is None and result.info is None:
        return None
    return v21.StatusInfoType(reason_code=(result.reason or UNSPECIFIED)[:20], additional_info=clip(result.info, 512))


# What a CSMS asks, and makes of the answers ─────────────────────────────────────────────────────────────────────


def get_variables(facts: StationFacts, request: GetVariables) -> Exchange:
    portions = for_station(facts, "GetVariables", request.variables, lambda ref: _size(_question(ref)))
    told = yield from ask_in_batches(portions, _call_get)
    results = [
        result for refs, answer in told for result in _results(refs, answer, _members(answer, "get_variable_result"))
    ]
    return VariablesAnswer(status=overall(results), results=tuple(results))


def _call_get(refs: tuple[VariableRef, ...]) -> WireCall:
    items = tuple([_question(ref) for ref in refs])
    return WireCall("GetVariables", v21.GetVariablesRequest(get_variable_data=items), may_fail=True)


def _question(ref: VariableRef) -> v21.GetVariableDataType:
    return v21.GetVariableDataType(
        attribute_type=_written_attribute(ref),
        component=write_component(ref.component),
        variable=write_variable(ref.variable),
    )


def set_variables(facts: StationFacts, request: SetVariables) -> Exchange:
    _check_lengths(facts, request)
    portions = for_station(facts, "SetVariables", request.settings, lambda setting: _size(_setting(setting)))
    told = yield from ask_in_batches(portions, _call_set)
    results = [
        result
        for settings, answer in told
        for result in _results([setting.ref for setting in settings], answer, _members(answer, "set_variable_result"))
    ]
    return VariablesAnswer(status=overall(results), results=tuple(results))


def _call_set(settings: tuple[VariableSetting, ...]) -> WireCall:
    items = tuple([_setting(setting) for setting in settings])
    return WireCall("SetVariables", v21.SetVariablesRequest(set_variable_data=items), may_fail=True)


def _setting(setting: VariableSetting) -> v21.SetVariableDataType:
    return v21.SetVariableDataType(
        attribute_type=_written_attribute(setting.ref),
        attribute_value=setting.value,
        component=write_component(setting.ref.component),
        variable=write_variable(setting.ref.variable),
    )


def _check_lengths(facts: StationFacts, request: SetVariables) -> None:
    """Before the first call: what was set in an earlier one could not be taken back."""
    longest = _LONGEST.get(facts.version, max(_LONGEST.values()))
    for setting in request.settings:
        if len(setting.value) > longest:
            name = setting.ref.variable.name
            raise Unsupported(f"OCPP {facts.version} sets values of up to {longest} characters; {name} is longer")


def _written_attribute(ref: VariableRef) -> v21.AttributeEnumType | None:
    return None if ref.attribute == "Actual" else ref.attribute


def _size(item: msgspec.Struct) -> int:
    return len(msgspec.json.encode(item))


def _members(answer: Any, name: str) -> Sequence[wire.GetVariableResultType | wire.SetVariableResultType]:
    return () if isinstance(answer, NoAnswer) else getattr(answer, name)


def _results(
    refs: Sequence[VariableRef],
    answer: Any,
    members: Sequence[wire.GetVariableResultType | wire.SetVariableResultType],
) -> list[VariableResult]:
    """One result for each question, in the order of the questions: stations answer in an order of their own.

    What nobody asked for is left out; a question that is not answered has a result of ours.
    """
    code, detail = (answer.code, answer.detail) if isinstance(answer, NoAnswer) else (None, _LEFT_OUT)
    found: dict[tuple[object, ...], list[VariableResult]] = {}
    for member in reversed(members):
        result = _read_result(member)
        found.setdefault(_address(result.ref), []).append(result)
    results = []
    for ref in refs:
        same = found.get(_address(ref))
        results.append(
            msgspec.structs.replace(same.pop(), ref=ref)
            if same
            else VariableResult(ref=ref, status=NO_ANSWER, reason=code, info=detail)
        )
    return results


_LEFT_OUT = "the station's answer leaves it out"


def _read_result(item: wire.GetVariableResultType | wire.SetVariableResultType) -> VariableResult:
    reason, info = read_status_info(item.attribute_status_info)
    return VariableResult(
        ref=VariableRef(
            component=read_component(item.component),
            variable=read_variable(item.variable),
            attribute=_ATTRIBUTES.get(item.attribute_type or "", "Actual"),
        ),
        status=item.attribute_status or "Rejected",
        value=getattr(item, "attribute_value", None),
        reason=reason,
        info=info,
    )


def _address(ref: VariableRef) -> tuple[object, ...]:
    """What a question and its answer have in common."""
    component, variable = ref.component, ref.variable
    evse = component.evse
    place = (evse.id, evse.connector_id or 0) if evse is not None else (0, 0)
    return component.name, component.instance or "", place, variable.name, variable.instance or "", ref.attribute


INCOMING: Mapping[str, Incoming] = {
    "GetVariables": Incoming(read_get, write_get_answer),
    "SetVariables": Incoming(read_set, write_set_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {GetVariables: get_variables, SetVariables: set_variables}
