"""B05-B08 in 1.6: GetConfiguration (§5.8) and ChangeConfiguration (§5.3).

A station's whole configuration comes in one answer, so there are no reports in parts; a base report is a
GetConfiguration without keys. Which key is which variable: see ``configuration_keys``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from stationmaster.dialects.batches import ask_in_batches, for_station
from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import (
    Exchange,
    Incoming,
    NoAnswer,
    Outgoing,
    Unattributable,
    Unsupported,
    WireCall,
)
from stationmaster.dialects.v1.configuration_keys import ConfigurationKey, key_named, key_of, mutability_of
from stationmaster.dialects.words import whole
from stationmaster.domain.device_model.addresses import (
    NO_ANSWER,
    Attribute,
    GetBaseReport,
    GetReport,
    GetVariables,
    NotifyReport,
    ReportAnswer,
    ReportData,
    SetVariables,
    VariableRef,
    VariableResult,
    VariablesAnswer,
    VariableSetting,
    asked_for,
    overall,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Answer, Request
from stationmaster.domain.statuses import worst
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

LONGEST_VALUE = 500
"""Of a configuration value, in characters."""

_NO_KEY = "no configuration key of OCPP 1.6 speaks of this variable"
_ACTUAL_ONLY = "a configuration key of OCPP 1.6 has one value, its actual one"
_KNOWN_BY_ANOTHER = "OCPP 1.6 sets this only together with {}, by the key {}"


# What a station reads and answers ───────────────────────────────────────────────────────────────────────────────


def read_get(facts: StationFacts, message: wire.GetConfigurationRequest) -> GetVariables | GetBaseReport:
    """No keys ask for all of them."""
    if not message.key:
        return GetBaseReport(report_base="FullInventory")
    return GetVariables(variables=tuple([key_named(name).ref for name in message.key]))


def write_get_answer(
    facts: StationFacts, request: GetVariables | GetBaseReport, answer: VariablesAnswer | ReportAnswer
) -> v16.GetConfigurationResponse:
    if isinstance(answer, ReportAnswer):
        return v16.GetConfigurationResponse(configuration_key=tuple(_reported(answer.report or ())))
    known: list[v16.KeyValue] = []
    unknown: list[str] = []
    for result in answer.results:
        key = key_of(result.ref)
        if key is None:
            continue
        if result.status.startswith("Unknown"):
            unknown.append(key.name)
        else:
            value = result.value if result.status == "Accepted" else None
            known.append(_key_value(key, value, readonly=result.mutability == "ReadOnly"))
    return v16.GetConfigurationResponse(configuration_key=tuple(known), unknown_key=tuple(unknown))


def _reported(report: Iterable[ReportData]) -> Iterable[v16.KeyValue]:
    """What 1.6 has keys for, each once."""
    for item in report:
        ref = VariableRef(component=item.component, variable=item.variable)
        key = key_of(ref)
        actual = next((attribute for attribute in item.attributes if attribute.type == "Actual"), None)
        if key is not None and key.ref == ref and actual is not None:
            yield _key_value(key, actual.value, readonly=actual.mutability == "ReadOnly")


def _key_value(key: ConfigurationKey, value: str | None, *, readonly: bool) -> v16.KeyValue:
    shown = None if value is None or key.is_write_only else whole(key.lower(value), LONGEST_VALUE)
    return v16.KeyValue(key=key.name, readonly=readonly, value=shown)


def read_change(facts: StationFacts, message: wire.ChangeConfigurationRequest) -> SetVariables:
    """One key may set several variables."""
    if message.key is None:
        raise Unattributable("key")
    key = key_named(message.key)
    value = key.lift(message.value or "")
    return SetVariables(settings=tuple([VariableSetting(ref=ref, value=value) for ref in (key.ref, *key.also)]))


def write_change_answer(
    facts: StationFacts, request: SetVariables, answer: VariablesAnswer
) -> v16.ChangeConfigurationResponse:
    """The key's own variable tells whether there is such a key; what it sets besides need not be there."""
    besides = [result.status for result in answer.results[1:] if not result.status.startswith("Unknown")]
    word = worst([*(result.status for result in answer.results[:1]), *besides])
    return v16.ChangeConfigurationResponse(status=_LOWERED.get(word, "Rejected"))


_LOWERED: Mapping[str, v16.ConfigurationStatus] = {
    "Accepted": "Accepted",
    "RebootRequired": "RebootRequired",
    "UnknownComponent": "NotSupported",
    "UnknownVariable": "NotSupported",
}
_LIFTED: Mapping[str, str] = {
    "Accepted": "Accepted",
    "RebootRequired": "RebootRequired",
    "NotSupported": "UnknownVariable",
}


# What a CSMS asks, and makes of the answers ─────────────────────────────────────────────────────────────────────


def get_variables(facts: StationFacts, request: GetVariables) -> Exchange:
    """The keys in as many calls as the station takes; what has no key is answered here."""
    asked = [(ref, key_of(ref)) for ref in request.variables]
    names = list(dict.fromkeys([key.name for _, key in asked if key is not None]))
    portions = for_station(facts, "GetVariables", names, lambda name: len(name.encode()) + 3)
    told = yield from ask_in_batches(portions, _call_get)
    known: dict[str, VariableResult] = {}
    for portion, answer in told:
        known |= _read_portion(portion, answer)
    results = tuple(
        [msgspec.structs.replace(known[key.name.lower()], ref=ref) if key else _not_a_key(ref) for ref, key in asked]
    )
    return VariablesAnswer(status=overall(results), results=results)


def _call_get(names: tuple[str, ...]) -> WireCall:
    return WireCall("GetConfiguration", v16.GetConfigurationRequest(key=names), may_fail=True)


def _read_portion(names: Sequence[str], answer: Any) -> dict[str, VariableResult]:
    """By the keys' names in small letters: one result for each that was asked for."""
    if isinstance(answer, NoAnswer):
        return {name.lower(): _unanswered(key_named(name).ref, answer.code, answer.detail) for name in names}
    values = {item.key.lower(): item for item in answer.configuration_key if item.key is not None}
    unknown = {name.lower() for name in answer.unknown_key}
    results: dict[str, VariableResult] = {}
    for name in names:
        key, small = key_named(name), name.lower()
        if small in values:
            results[small] = _read_value(key, values[small])
        elif small in unknown:
            results[small] = VariableResult(ref=key.ref, status="UnknownVariable")
        else:
            results[small] = _unanswered(key.ref, None, "the station's answer leaves it out")
    return results


def _read_value(key: ConfigurationKey, item: wire.KeyValue) -> VariableResult:
    mutability = mutability_of(key, bool(item.readonly))
    if key.is_write_only:
        return VariableResult(ref=key.ref, status="Rejected", reason="WriteOnly", mutability=mutability)
    return VariableResult(ref=key.ref, status="Accepted", value=key.lift(item.value or ""), mutability=mutability)


def _unanswered(ref: VariableRef, code: str | None, detail: str) -> VariableResult:
    return VariableResult(ref=ref, status=NO_ANSWER, reason=code, info=detail)


def _not_a_key(ref: VariableRef) -> VariableResult:
    if ref.attribute != "Actual":
        return VariableResult(ref=ref, status="NotSupportedAttributeType", info=_ACTUAL_ONLY)
    return VariableResult(ref=ref, status="UnknownVariable", info=_NO_KEY)


def set_variables(facts: StationFacts, request: SetVariables) -> Exchange:
    """One call for each key, in order; what no key sets is answered here."""
    _check_lengths(request)
    sent = [setting for setting in request.settings if _is_set_by_a_key(setting.ref)]
    told = yield from ask_in_batches(((setting,) for setting in sent), _call_change)
    answers = iter([answer for _, answer in told])
    results = tuple(
        [
            _read_change_result(setting.ref, next(answers)) if _is_set_by_a_key(setting.ref) else _refused(setting.ref)
            for setting in request.settings
        ]
    )
    return VariablesAnswer(status=overall(results), results=results)


def _call_change(settings: tuple[VariableSetting, ...]) -> WireCall:
    (setting,) = settings
    key = key_of(setting.ref) or key_named(setting.ref.variable.name)
    message = v16.ChangeConfigurationRequest(key=key.name, value=key.lower(setting.value))
    return WireCall("ChangeConfiguration", message, may_fail=True)


def _read_change_result(ref: VariableRef, answer: Any) -> VariableResult:
    if isinstance(answer, NoAnswer):
        return _unanswered(ref, answer.code, answer.detail)
    return VariableResult(ref=ref, status=_LIFTED.get(answer.status or "", "Rejected"))


def _is_set_by_a_key(ref: VariableRef) -> bool:
    """A variable that a key sets beside its own is not: the other would change with it."""
    key = key_of(ref)
    return key is not None and ref not in key.also


def _refused(ref: VariableRef) -> VariableResult:
    key = key_of(ref)
    if key is None:
        return _not_a_key(ref)
    info = _KNOWN_BY_ANOTHER.format(f"{key.ref.component.name}.{key.ref.variable.name}", key.name)
    return VariableResult(ref=ref, status="Rejected", info=info)


def _check_lengths(request: SetVariables) -> None:
    for setting in request.settings:
        if len(setting.value) > LONGEST_VALUE:
            name = setting.ref.variable.name
            raise Unsupported(f"OCPP 1.6 sets values of up to {LONGEST_VALUE} characters; {name} is longer")


def get_base_report(facts: StationFacts, request: GetBaseReport) -> Exchange:
    if request.report_base not in ("FullInventory", "ConfigurationInventory"):
        raise Unsupported("OCPP 1.x has no report of what is wrong with a station's components")
    report = yield from _whole_configuration()
    if request.report_base == "ConfigurationInventory":
        report = tuple([item for item in report if item.attributes[0].mutability != "ReadOnly"])
    return _report_answer(report)


def get_report(facts: StationFacts, request: GetReport) -> Exchange:
    """All of it is asked for, as 1.6 has no wildcards, and what was not wanted is left out."""
    if request.criteria:
        raise Unsupported("OCPP 1.x has no components to filter by a criterion")
    report = yield from _whole_configuration()
    wanted = request.component_variables
    return _report_answer(
        tuple([item for item in report if any(asked_for(q, item.component, item.variable) for q in wanted)])
    )


def _whole_configuration() -> Any:
    answer = yield WireCall("GetConfiguration", v16.GetConfigurationRequest())
    return tuple([_read_item(item) for item in answer.configuration_key if item.key])


def _report_answer(report: tuple[ReportData, ...]) -> Answer:
    return ReportAnswer(status="Accepted" if report else "EmptyResultSet", report=report)


def _read_item(item: wire.KeyValue) -> ReportData:
    key = key_named(item.key or "")
    value = None if key.is_write_only else key.lift(item.value or "")
    return ReportData(
        component=key.ref.component,
        variable=key.ref.variable,
        attributes=(Attribute(value=value, mutability=mutability_of(key, bool(item.readonly)), persistent=True),),
        characteristics=key.characteristics,
    )


INCOMING: Mapping[str, Incoming] = {
    "GetConfiguration": Incoming(read_get, write_get_answer),
    "ChangeConfiguration": Incoming(read_change, write_change_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    GetVariables: get_variables,
    SetVariables: set_variables,
    GetBaseReport: get_base_report,
    GetReport: get_report,
    NotifyReport: unsupported("OCPP 1.x tells the settings in the answer to GetConfiguration"),
}
