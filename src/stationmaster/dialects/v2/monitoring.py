"""N02-N06 Monitors in 2.x. NotifyEvent, which they cause, is in ``events``."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from stationmaster.dialects.batches import ask_in_batches, for_station
from stationmaster.dialects.table import Exchange, Incoming, NoAnswer, Outgoing, Unsupported, WireCall, one_call
from stationmaster.dialects.v2.components import read_component, read_variable, write_component, write_variable
from stationmaster.dialects.v2.event_streams import read_params, write_params
from stationmaster.dialects.v2.parts import UNSPECIFIED, read_answer, read_status_info, write_status_info
from stationmaster.dialects.words import clip, words
from stationmaster.domain.device_model.addresses import NO_ANSWER
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.monitoring.monitors import (
    TARGET_TYPES,
    ClearMonitoringAnswer,
    ClearResult,
    ClearVariableMonitoring,
    MonitoringAnswer,
    MonitorResult,
    MonitorSetting,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from stationmaster.domain.statuses import in_one_word
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

TYPES: Mapping[str, v21.MonitorEnumType] = words(v21.MonitorEnumType)
DEVICE_MODEL: Mapping[str, v21.GenericDeviceModelStatusEnumType] = words(v21.GenericDeviceModelStatusEnumType)
_SET: Mapping[str, v21.SetMonitoringStatusEnumType] = words(v21.SetMonitoringStatusEnumType)
_CLEAR: Mapping[str, v21.ClearMonitoringStatusEnumType] = words(v21.ClearMonitoringStatusEnumType)
_BASES: Mapping[str, v21.MonitoringBaseEnumType] = words(v21.MonitoringBaseEnumType)
_GENERIC: Mapping[str, v21.GenericStatusEnumType] = words(v21.GenericStatusEnumType)


def _write_info(result: MonitorResult | ClearResult) -> v21.StatusInfoType | None:
    if result.reason is None and result.info is None:
        return None
    return v21.StatusInfoType(reason_code=(result.reason or UNSPECIFIED)[:20], additional_info=clip(result.info, 512))


def _missing(answer: object) -> tuple[str | None, str | None]:
    """Why an item has no result."""
    return (answer.code, answer.detail) if isinstance(answer, NoAnswer) else (None, "the answer says nothing of it")


# ── N04 Set monitors ────────────────────────────────────────────────────────────────────────────────────────────


def read_set(facts: StationFacts, message: wire.SetVariableMonitoringRequest) -> SetVariableMonitoring:
    return SetVariableMonitoring(monitors=tuple([_read_setting(data) for data in message.set_monitoring_data]))


def _read_setting(data: wire.SetMonitoringDataType) -> MonitorSetting:
    return MonitorSetting(
        component=read_component(data.component),
        variable=read_variable(data.variable),
        type=data.type or "",
        value=data.value if data.value is not None else Decimal(0),
        severity=data.severity if data.severity is not None else -1,  # refused, and echoed as none
        transaction=bool(data.transaction),
        id=data.id,
        stream=None if data.periodic_event_stream is None else read_params(data.periodic_event_stream),
    )


def write_set_answer(
    facts: StationFacts, request: SetVariableMonitoring, answer: MonitoringAnswer
) -> v21.SetVariableMonitoringResponse:
    return v21.SetVariableMonitoringResponse(
        set_monitoring_result=tuple([_write_result(facts, result) for result in answer.results])
    )


def _write_result(facts: StationFacts, result: MonitorResult) -> v21.SetMonitoringResultType:
    return v21.SetMonitoringResultType(
        id=result.id,
        status=_SET.get(result.status, "Rejected"),
        type=TYPES.get(result.type, "Delta"),
        severity=result.severity if facts.version != "2.1" else max(0, result.severity),
        component=write_component(result.component),
        variable=write_variable(result.variable),
        status_info=_write_info(result),
    )


def _set(facts: StationFacts, request: SetVariableMonitoring) -> Exchange:
    for setting in request.monitors:
        _write_setting(facts, setting)  # before the first call: none of it goes if one cannot
    portions = for_station(
        facts,
        "SetVariableMonitoring",
        request.monitors,
        lambda setting: len(msgspec.json.encode(_write_setting(facts, setting))),
    )
    told = yield from ask_in_batches(portions, lambda portion: _call_set(facts, portion))
    results = [result for settings, answer in told for result in _match_results(settings, answer)]
    status = in_one_word(result.status for result in results)
    return MonitoringAnswer(status=status, results=tuple(results))


def _call_set(facts: StationFacts, settings: Sequence[MonitorSetting]) -> WireCall:
    data = tuple([_write_setting(facts, setting) for setting in settings])
    return WireCall("SetVariableMonitoring", v21.SetVariableMonitoringRequest(set_monitoring_data=data), may_fail=True)


def _write_setting(facts: StationFacts, setting: MonitorSetting) -> v21.SetMonitoringDataType:
    kind = TYPES.get(setting.type)
    if kind is None or (setting.type in TARGET_TYPES and facts.version != "2.1"):
        raise Unsupported(f"OCPP {facts.version} has no monitors of the type {setting.type}")
    if setting.stream is not None and facts.version != "2.1":
        raise Unsupported(f"a periodic event stream needs OCPP 2.1, the station speaks {facts.version}")
    return v21.SetMonitoringDataType(
        id=setting.id,
        periodic_event_stream=None if setting.stream is None else write_params(setting.stream),
        transaction=setting.transaction or None,
        value=setting.value,
        type=kind,
        severity=setting.severity,
        component=write_component(setting.component),
        variable=write_variable(setting.variable),
    )


def _match_results(
    settings: Sequence[MonitorSetting], answer: wire.SetVariableMonitoringResponse | NoAnswer
) -> list[MonitorResult]:
    """Each setting with the first result that is about it, in whatever order they came (N04.FR.02)."""
    left = [] if isinstance(answer, NoAnswer) else [_read_result(result) for result in answer.set_monitoring_result]
    matched = []
    for setting in settings:
        found = next((result for result in left if _is_about(result, setting)), None)
        if found is None:
            found = _unanswered(setting, answer)
        else:
            left.remove(found)
        matched.append(found)
    return matched


def _is_about(result: MonitorResult, setting: MonitorSetting) -> bool:
    """By severity too: two monitors of a variable may differ in that alone."""
    return (result.component, result.variable, result.type, result.severity) == (
        setting.component,
        setting.variable,
        setting.type,
        setting.severity,
    )


def _unanswered(setting: MonitorSetting, answer: object) -> MonitorResult:
    reason, info = _missing(answer)
    return MonitorResult(
        component=setting.component,
        variable=setting.variable,
        type=setting.type,
        severity=setting.severity,
        status=NO_ANSWER,
        reason=reason,
        info=info,
    )


def _read_result(result: wire.SetMonitoringResultType) -> MonitorResult:
    reason, info = read_status_info(result.status_info)
    return MonitorResult(
        component=read_component(result.component),
        variable=read_variable(result.variable),
        type=result.type or "",
        severity=result.severity if result.severity is not None else -1,
        status=result.status or NO_ANSWER,
        id=result.id,
        reason=reason,
        info=info,
    )


# ── N06 Clear monitors ──────────────────────────────────────────────────────────────────────────────────────────


def read_clear(facts: StationFacts, message: wire.ClearVariableMonitoringRequest) -> ClearVariableMonitoring:
    return ClearVariableMonitoring(ids=tuple(message.id))


def write_clear_answer(
    facts: StationFacts, request: ClearVariableMonitoring, answer: ClearMonitoringAnswer
) -> v21.ClearVariableMonitoringResponse:
    return v21.ClearVariableMonitoringResponse(
        clear_monitoring_result=tuple(
            [
                v21.ClearMonitoringResultType(
                    id=result.id,
                    status=_CLEAR.get(result.status, "Rejected"),
                    status_info=_write_info(result),
                )
                for result in answer.results
            ]
        )
    )


def _clear(facts: StationFacts, request: ClearVariableMonitoring) -> Exchange:
    ids = tuple(dict.fromkeys(request.ids))
    portions = for_station(facts, "ClearVariableMonitoring", ids, lambda monitor_id: len(str(monitor_id)))
    told = yield from ask_in_batches(portions, _call_clear)
    results = [result for portion, answer in told for result in _match_cleared(portion, answer)]
    return ClearMonitoringAnswer(status=in_one_word(result.status for result in results), results=tuple(results))


def _call_clear(ids: tuple[int, ...]) -> WireCall:
    return WireCall("ClearVariableMonitoring", v21.ClearVariableMonitoringRequest(id=ids), may_fail=True)


def _match_cleared(ids: Sequence[int], answer: wire.ClearVariableMonitoringResponse | NoAnswer) -> list[ClearResult]:
    told = () if isinstance(answer, NoAnswer) else answer.clear_monitoring_result
    found = {result.id: result for result in map(_read_cleared, reversed(told))}
    reason, info = _missing(answer)
    return [
        found.get(monitor_id) or ClearResult(id=monitor_id, status=NO_ANSWER, reason=reason, info=info)
        for monitor_id in ids
    ]


def _read_cleared(result: wire.ClearMonitoringResultType) -> ClearResult:
    reason, info = read_status_info(result.status_info)
    return ClearResult(
        id=result.id if result.id is not None else -1, status=result.status or NO_ANSWER, reason=reason, info=info
    )


# ── N03, N05 Base and level ─────────────────────────────────────────────────────────────────────────────────────


def read_base(facts: StationFacts, message: wire.SetMonitoringBaseRequest) -> SetMonitoringBase:
    return SetMonitoringBase(base=message.monitoring_base or "")


def write_base_answer(
    facts: StationFacts, request: SetMonitoringBase, answer: CommandAnswer
) -> v21.SetMonitoringBaseResponse:
    return v21.SetMonitoringBaseResponse(
        status=DEVICE_MODEL.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_base(facts: StationFacts, request: SetMonitoringBase) -> v21.SetMonitoringBaseRequest:
    base = _BASES.get(request.base)
    if base is None:
        raise Unsupported(f"OCPP 2.x has no monitoring base {request.base!r}")
    return v21.SetMonitoringBaseRequest(monitoring_base=base)


def read_level(facts: StationFacts, message: wire.SetMonitoringLevelRequest) -> SetMonitoringLevel:
    return SetMonitoringLevel(severity=message.severity if message.severity is not None else -1)


def write_level_answer(
    facts: StationFacts, request: SetMonitoringLevel, answer: CommandAnswer
) -> v21.SetMonitoringLevelResponse:
    return v21.SetMonitoringLevelResponse(
        status=_GENERIC.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_level(facts: StationFacts, request: SetMonitoringLevel) -> v21.SetMonitoringLevelRequest:
    return v21.SetMonitoringLevelRequest(severity=request.severity)


INCOMING: Mapping[str, Incoming] = {
    "SetVariableMonitoring": Incoming(read_set, write_set_answer),
    "ClearVariableMonitoring": Incoming(read_clear, write_clear_answer),
    "SetMonitoringBase": Incoming(read_base, write_base_answer),
    "SetMonitoringLevel": Incoming(read_level, write_level_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SetVariableMonitoring: _set,
    ClearVariableMonitoring: _clear,
    SetMonitoringBase: one_call("SetMonitoringBase", write_base, read_answer),
    SetMonitoringLevel: one_call("SetMonitoringLevel", write_level, read_answer),
}
