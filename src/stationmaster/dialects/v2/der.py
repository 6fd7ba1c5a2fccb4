"""R DER control, which came with 2.1."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stationmaster.dialects.moments import utc_or
from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.newest import with_21
from stationmaster.dialects.v2.parts import read_answer, read_status_info, write_status_info
from stationmaster.dialects.words import clip, words
from stationmaster.domain.der.controls import (
    SETTING_OF,
    ClearDERControl,
    DERAnswer,
    DERControl,
    GetDERControl,
    NotifyDERAlarm,
    NotifyDERStartStop,
    ReportDERControl,
    SetDERControl,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_TYPES: Mapping[str, v21.DERControlEnumType] = words(v21.DERControlEnumType)
_STATUSES: Mapping[str, v21.DERControlStatusEnumType] = words(v21.DERControlStatusEnumType)
_FAULTS: Mapping[str, v21.GridEventFaultEnumType] = words(v21.GridEventFaultEnumType)
_MAX_SUPERSEDED = 24


class _Form(msgspec.Struct, frozen=True):
    """How a setting stands in the messages: the member's field, its type, the type of a report's entry, and the field
    of the setting in that entry. ``type``: the type of control, None for curves, which name it themselves."""

    field: str
    setting: type[msgspec.Struct]
    entry: type[msgspec.Struct]
    inner: str
    type: str | None


_FORMS: Mapping[str, _Form] = {
    "curve": _Form("curve", v21.DERCurveType, v21.DERCurveGetType, "curve", None),
    "enterService": _Form(
        "enter_service", v21.EnterServiceType, v21.EnterServiceGetType, "enter_service", "EnterService"
    ),
    "fixedPFAbsorb": _Form("fixed_pf_absorb", v21.FixedPFType, v21.FixedPFGetType, "fixed_pf", "FixedPFAbsorb"),
    "fixedPFInject": _Form("fixed_pf_inject", v21.FixedPFType, v21.FixedPFGetType, "fixed_pf", "FixedPFInject"),
    "fixedVar": _Form("fixed_var", v21.FixedVarType, v21.FixedVarGetType, "fixed_var", "FixedVar"),
    "freqDroop": _Form("freq_droop", v21.FreqDroopType, v21.FreqDroopGetType, "freq_droop", "FreqDroop"),
    "gradient": _Form("gradient", v21.GradientType, v21.GradientGetType, "gradient", "Gradients"),
    "limitMaxDischarge": _Form(
        "limit_max_discharge",
        v21.LimitMaxDischargeType,
        v21.LimitMaxDischargeGetType,
        "limit_max_discharge",
        "LimitMaxDischarge",
    ),
}
"""By the member's name on the wire."""


def read_set(facts: StationFacts, message: wire.SetDERControlRequest) -> SetDERControl:
    if message.control_id is None or message.control_type is None or message.is_default is None:
        raise Unattributable("controlId" if message.control_id is None else "controlType or isDefault")
    given = {name: getattr(message, form.field) for name, form in _FORMS.items()}
    return SetDERControl(
        id=message.control_id,
        type=message.control_type,
        is_default=message.is_default,
        settings={name: _whole(name, part) for name, part in given.items() if part is not None},
    )


def _whole(name: str, part: Any) -> Any:
    """A setting that can be executed, kept and reported; one that lacks a member is none."""
    plain = plain_of(part)
    try:
        _setting(_FORMS[name], plain)
    except Unsupported as lacking:
        raise Unattributable(f"{name} ({lacking})") from None
    return plain


def write_set_answer(facts: StationFacts, request: SetDERControl, answer: DERAnswer) -> v21.SetDERControlResponse:
    return v21.SetDERControlResponse(
        status=_STATUSES.get(answer.status, "Rejected"),
        status_info=write_status_info(answer),
        superseded_ids=answer.superseded[:_MAX_SUPERSEDED],
    )


def write_set(facts: StationFacts, request: SetDERControl) -> v21.SetDERControlRequest:
    settings: dict[str, Any] = {}
    for name, setting in request.settings.items():
        form = _FORMS.get(name)
        if form is None:
            raise Unsupported(f"OCPP 2.1 has no setting {name[:50]} of a DER control")
        settings[form.field] = _setting(form, setting)
    return v21.SetDERControlRequest(
        is_default=request.is_default,
        control_id=request.id,
        control_type=_known(request.type),
        **settings,
    )


def read_set_answer(facts: StationFacts, request: SetDERControl, answer: wire.SetDERControlResponse) -> DERAnswer:
    reason, info = read_status_info(answer.status_info)
    return DERAnswer(
        status=answer.status or "Rejected", reason=reason, info=info, superseded=tuple(answer.superseded_ids)
    )


def read_get(facts: StationFacts, message: wire.GetDERControlRequest) -> GetDERControl:
    if message.request_id is None:
        raise Unattributable("requestId")
    return GetDERControl(
        request_id=message.request_id,
        is_default=message.is_default,
        type=message.control_type,
        id=message.control_id,
    )


def write_get_answer(facts: StationFacts, request: GetDERControl, answer: CommandAnswer) -> v21.GetDERControlResponse:
    return v21.GetDERControlResponse(
        status=_STATUSES.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_get(facts: StationFacts, request: GetDERControl) -> v21.GetDERControlRequest:
    return v21.GetDERControlRequest(
        request_id=request.request_id,
        is_default=request.is_default,
        control_type=None if request.type is None else _known(request.type),
        control_id=request.id,
    )


def read_clear(facts: StationFacts, message: wire.ClearDERControlRequest) -> ClearDERControl:
    if message.is_default is None:
        raise Unattributable("isDefault")
    return ClearDERControl(is_default=message.is_default, type=message.control_type, id=message.control_id)


def write_clear_answer(
    facts: StationFacts, request: ClearDERControl, answer: CommandAnswer
) -> v21.ClearDERControlResponse:
    return v21.ClearDERControlResponse(
        status=_STATUSES.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_clear(facts: StationFacts, request: ClearDERControl) -> v21.ClearDERControlRequest:
    return v21.ClearDERControlRequest(
        is_default=request.is_default,
        control_type=None if request.type is None else _known(request.type),
        control_id=request.id,
    )


def read_report(facts: StationFacts, message: wire.ReportDERControlRequest) -> ReportDERControl:
    if message.request_id is None:
        raise Unattributable("requestId")
    found = [
        control
        for form in _FORMS.values()
        for entry in getattr(message, form.field)
        if (control := _read_entry(form, entry)) is not None
    ]
    return ReportDERControl(request_id=message.request_id, controls=tuple(found), to_be_continued=bool(message.tbc))


def _read_entry(form: _Form, entry: Any) -> DERControl | None:
    """EnterService and Gradients do not say so, but are defaults that count."""
    setting, kind = getattr(entry, form.inner), form.type or entry.curve_type
    if entry.id is None or setting is None or kind is None:
        return None
    return DERControl(
        id=entry.id,
        type=kind,
        is_default=bool(getattr(entry, "is_default", True)),
        setting=plain_of(setting),
        superseded=bool(getattr(entry, "is_superseded", False)),
    )


def write_report(facts: StationFacts, request: ReportDERControl) -> v21.ReportDERControlRequest:
    entries: dict[str, list[Any]] = {}
    for control in request.controls:
        form = _FORMS[SETTING_OF[control.type]]
        entries.setdefault(form.field, []).append(_write_entry(form, control))
    return v21.ReportDERControlRequest(
        request_id=request.request_id,
        tbc=request.to_be_continued or None,
        **{field: tuple(parts) for field, parts in entries.items()},  # type: ignore[arg-type]
    )


def _write_entry(form: _Form, control: DERControl) -> Any:
    given: dict[str, Any] = {
        "id": control.id,
        form.inner: _setting(form, control.setting),
        "curve_type": control.type,
        "is_default": control.is_default,
        "is_superseded": control.superseded,
    }
    return form.entry(**{name: value for name, value in given.items() if name in form.entry.__struct_fields__})


def write_report_answer(
    facts: StationFacts, request: ReportDERControl, answer: Acknowledged
) -> v21.ReportDERControlResponse:
    return v21.ReportDERControlResponse()


def read_start_stop(facts: StationFacts, message: wire.NotifyDERStartStopRequest) -> NotifyDERStartStop:
    if message.control_id is None or message.started is None:
        raise Unattributable("controlId" if message.control_id is None else "started")
    return NotifyDERStartStop(
        id=message.control_id,
        started=message.started,
        timestamp=utc_or(message.timestamp),
        superseded=tuple(message.superseded_ids),
    )


def write_start_stop(facts: StationFacts, request: NotifyDERStartStop) -> v21.NotifyDERStartStopRequest:
    return v21.NotifyDERStartStopRequest(
        control_id=request.id,
        started=request.started,
        timestamp=request.timestamp,
        superseded_ids=request.superseded[:_MAX_SUPERSEDED],
    )


def write_start_stop_answer(
    facts: StationFacts, request: NotifyDERStartStop, answer: Acknowledged
) -> v21.NotifyDERStartStopResponse:
    return v21.NotifyDERStartStopResponse()


def read_alarm(facts: StationFacts, message: wire.NotifyDERAlarmRequest) -> NotifyDERAlarm:
    if message.control_type is None:
        raise Unattributable("controlType")
    return NotifyDERAlarm(
        type=message.control_type,
        timestamp=utc_or(message.timestamp),
        fault=message.grid_event_fault,
        ended=bool(message.alarm_ended),
        extra=message.extra_info,
    )


def write_alarm(facts: StationFacts, request: NotifyDERAlarm) -> v21.NotifyDERAlarmRequest:
    return v21.NotifyDERAlarmRequest(
        control_type=_known(request.type),
        timestamp=request.timestamp,
        grid_event_fault=_FAULTS.get(request.fault or ""),
        alarm_ended=request.ended or None,
        extra_info=clip(request.extra, 200),
    )


def write_alarm_answer(
    facts: StationFacts, request: NotifyDERAlarm, answer: Acknowledged
) -> v21.NotifyDERAlarmResponse:
    return v21.NotifyDERAlarmResponse()


def _acknowledged(facts: StationFacts, request: Any, answer: Any) -> Acknowledged:
    return ACKNOWLEDGED


def _setting(form: _Form, setting: Any) -> Any:
    try:
        return struct_of(setting, form.setting)
    except msgspec.ValidationError as error:
        raise Unsupported(f"not a setting of a DER control of OCPP 2.1: {error}") from error


def _known(kind: str) -> v21.DERControlEnumType:
    found = _TYPES.get(kind)
    if found is None:
        raise Unsupported(f"OCPP 2.1 has no DER control {kind[:50]}")
    return found


def _rows() -> Iterator[tuple[type[Request], Outgoing]]:
    yield SetDERControl, one_call("SetDERControl", write_set, read_set_answer)
    yield GetDERControl, one_call("GetDERControl", write_get, read_answer)
    yield ClearDERControl, one_call("ClearDERControl", write_clear, read_answer)
    yield ReportDERControl, one_call("ReportDERControl", write_report, _acknowledged)
    yield NotifyDERStartStop, one_call("NotifyDERStartStop", write_start_stop, _acknowledged)
    yield NotifyDERAlarm, one_call("NotifyDERAlarm", write_alarm, _acknowledged)


INCOMING: Mapping[str, Incoming] = {
    "SetDERControl": Incoming(read_set, write_set_answer),
    "GetDERControl": Incoming(read_get, write_get_answer),
    "ClearDERControl": Incoming(read_clear, write_clear_answer),
    "ReportDERControl": Incoming(read_report, write_report_answer),
    "NotifyDERStartStop": Incoming(read_start_stop, write_start_stop_answer),
    "NotifyDERAlarm": Incoming(read_alarm, write_alarm_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {kind: with_21("DER control", row) for kind, row in _rows()}
