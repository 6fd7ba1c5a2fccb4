"""R DER control: what we want of a station's inverter beside what the station says of it.

A control is known from the moment it is sent. The station's own word counts from then on: its answers name what is
superseded, its notifications what begins and ends, its reports what is there at all.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from stationmaster.csms.commands.hooks import CommandHook, Hooks
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.der.controls import (
    ClearDERControl,
    ControlForgotten,
    DERAlarm,
    DERAlarmEnded,
    DERAnswer,
    DERControl,
    DERState,
    GetDERControl,
    KnownControl,
    KnownState,
    Malformed,
    NotifyDERAlarm,
    NotifyDERStartStop,
    OpenDERReport,
    ReportDERControl,
    SetDERControl,
    control_of,
)
from stationmaster.domain.der.ledger import select
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState

MAX_KNOWN = 500
"""Of one station; what it reports beyond is not kept."""


# What we ask ────────────────────────────────────────────────────────────────────────────────────────────────────────


def objection(state: StationState, request: SetDERControl) -> str | None:
    """R04.FR.12, .14, .16."""
    try:
        control_of(request)
    except Malformed as malformed:
        return str(malformed)
    known = state.der.controls
    return "too many controls are known of the station" if len(known) >= MAX_KNOWN and request.id not in known else None


def is_sent(state: StationState, at: datetime, *, request: SetDERControl, command: Command) -> Decision:
    known = KnownControl(station_key=state.key, control=control_of(request), state="sent", desired=True, changed_at=at)
    return _decided(state, [known], at)


def is_set(
    state: StationState, at: datetime, *, request: SetDERControl, answer: DERAnswer, command: Command
) -> Decision | None:
    """What the station names is superseded from now on, the new control itself too (R04.FR.03, .06, .08)."""
    known = state.der.controls.get(request.id)
    if known is None:
        return None
    if answer.status != "Accepted":
        return _decided(state, [_now(known, "rejected", at, desired=False)], at)
    now: KnownState = "superseded" if request.id in answer.superseded else "waiting"
    begun = known.state != "sent"  # it may have told so before it answered
    changes = [] if begun and now == "waiting" else [_now(known, now, at)]
    return _decided(state, [*changes, *_superseded(state, answer.superseded, at, but=request.id)], at)


def is_not_set(
    state: StationState, at: datetime, *, request: SetDERControl, command: Command, outcome: str
) -> Decision | None:
    """What never reached the station is not wanted of it any more; of the rest its report will tell."""
    known = state.der.controls.get(request.id)
    if known is None or known.state != "sent" or outcome not in ("unsupported", "failed"):
        return None
    return _decided(state, [_now(known, "rejected", at, desired=False)], at)


def is_asked(state: StationState, at: datetime, *, request: GetDERControl, command: Command) -> Decision:
    whole = request.is_default is None and request.type is None and request.id is None
    return Decision(state=_with(state, reports={request.request_id: OpenDERReport(whole=whole)}))


def is_answered(
    state: StationState, at: datetime, *, request: GetDERControl, answer: CommandAnswer, command: Command
) -> Decision | None:
    """No report follows a refusal; NotFound says that there is nothing (R04.FR.30)."""
    opened = state.der.reports.get(request.request_id)
    if answer.status == "Accepted" or opened is None:
        return None
    left = {number: report for number, report in state.der.reports.items() if number != request.request_id}
    state = _with(state, reports=left)
    if answer.status != "NotFound" or not opened.whole:
        return Decision(state=state)
    return _reconciled(state, frozenset(), at)


def is_cleared(
    state: StationState, at: datetime, *, request: ClearDERControl, answer: CommandAnswer, command: Command
) -> Decision | None:
    """NotFound tells that it is not there either (R04.FR.41-.46)."""
    if answer.status not in ("Accepted", "NotFound"):
        return None
    controls = [known.control for known in state.der.controls.values()]
    gone = {control.id for control in select(controls, request.is_default, request.type, request.id)}
    return _decided(state, [], at, forgotten=gone)


HOOKS: Hooks = {
    SetDERControl: CommandHook(objection=objection, before=is_sent, after=is_set, unanswered=is_not_set),
    GetDERControl: CommandHook(before=is_asked, after=is_answered),
    ClearDERControl: CommandHook(after=is_cleared),
}


# What the station tells ─────────────────────────────────────────────────────────────────────────────────────────────


def report(state: StationState, request: ReportDERControl, at: datetime) -> Decision:
    """R04.FR.31-.35: each part is taken as it comes; the last one of a whole report says what is not there."""
    room = MAX_KNOWN - len(state.der.controls)
    new = [control for control in request.controls if control.id not in state.der.controls][: max(0, room)]
    known = [control for control in request.controls if control.id in state.der.controls]
    changes = [_reported(state, control, at) for control in (*known, *new)]
    opened = state.der.reports.get(request.request_id)
    if opened is None:
        return _decided(state, changes, at)
    seen = opened.seen | {control.id for control in request.controls}
    if request.to_be_continued:
        opened = msgspec.structs.replace(opened, seen=seen)
        return _decided(_with(state, reports={**state.der.reports, request.request_id: opened}), changes, at)
    left = {number: other for number, other in state.der.reports.items() if number != request.request_id}
    taken = _decided(_with(state, reports=left), changes, at)
    assert taken.state is not None
    return _reconciled(taken.state, seen, at, taken) if opened.whole else taken


def start_stop(state: StationState, request: NotifyDERStartStop, at: datetime) -> Decision:
    """R04.FR.20-.22."""
    event = _event(state, "DERStartStop", msgspec.to_builtins(request), at)
    known = state.der.controls.get(request.id)
    changes = [] if known is None else [_now(known, "active" if request.started else "ended", at, told=True)]
    decision = _decided(state, [*changes, *_superseded(state, request.superseded, at, but=request.id)], at)
    return msgspec.structs.replace(decision, events=(event, *decision.events))


def alarm(state: StationState, request: NotifyDERAlarm, at: datetime) -> Decision:
    """R05."""
    record: DERAlarm | DERAlarmEnded = DERAlarm(
        station_key=state.key,
        type=request.type,
        fault=request.fault,
        started_at=request.timestamp,
        received_at=at,
        extra=request.extra,
    )
    if request.ended:
        record = DERAlarmEnded(station_key=state.key, fault=request.fault, ended_at=request.timestamp)
    return Decision(records=(record,), events=(_event(state, "DERAlarm", msgspec.to_builtins(request), at),))


def is_der_report_awaited(state: StationState, request: Request) -> bool:
    """Whether we asked a station for this report (B02.FR.02)."""
    return isinstance(request, ReportDERControl) and request.request_id in state.der.reports


# How it is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _reported(state: StationState, control: DERControl, at: datetime) -> KnownControl:
    before = state.der.controls.get(control.id)
    seen: KnownState = "superseded" if control.superseded else "waiting"
    if before is None:
        return KnownControl(
            station_key=state.key, control=control, state=seen, desired=False, changed_at=at, reported_at=at
        )
    if before.state == "active" and seen == "waiting":
        seen = "active"
    return msgspec.structs.replace(_now(before, seen, at, told=True), control=control)


def _reconciled(state: StationState, there: frozenset[str], at: datetime, taken: Decision | None = None) -> Decision:
    """Everything that a whole report did not have: what we want is missing, the rest is forgotten. What is being set
    may have come too late for the report."""
    absent = [known for name, known in state.der.controls.items() if name not in there and known.state != "sent"]
    missing = [_now(known, "missing", at) for known in absent if known.desired and known.state != "ended"]
    wanted = {known.control.id for known in missing}
    gone = {known.control.id for known in absent} - wanted
    decision = _decided(state, missing, at, forgotten=gone)
    if taken is None:
        return decision
    return msgspec.structs.replace(
        decision, records=(*taken.records, *decision.records), events=(*taken.events, *decision.events)
    )


def _superseded(state: StationState, names: Iterable[str], at: datetime, *, but: str) -> list[KnownControl]:
    controls = state.der.controls
    return [_now(controls[name], "superseded", at, told=True) for name in names if name in controls and name != but]


def _now(
    known: KnownControl, state: KnownState, at: datetime, *, told: bool = False, desired: bool | None = None
) -> KnownControl:
    return msgspec.structs.replace(
        known,
        state=state,
        desired=known.desired if desired is None else desired,
        changed_at=known.changed_at if known.state == state else at,
        reported_at=at if told else known.reported_at,
    )


def _decided(
    state: StationState, changes: Iterable[KnownControl], at: datetime, *, forgotten: Iterable[str] = ()
) -> Decision:
    """The changes stored, told, and in the aggregate."""
    changed = tuple(changes)
    gone = tuple(sorted(forgotten))
    controls = {**state.der.controls, **{known.control.id: known for known in changed}}
    records = tuple(ControlForgotten(station_key=state.key, id=name) for name in gone)
    told = [{"id": known.control.id, "type": known.control.type, "state": known.state} for known in changed]
    told += [{"id": name, "type": controls[name].control.type, "state": "removed"} for name in gone]
    left = {name: known for name, known in controls.items() if name not in gone}
    return Decision(
        records=(*changed, *records),
        events=(_event(state, "DERControlsChanged", {"controls": told}, at),) if told else (),
        state=_with(state, controls=left),
    )


def _with(state: StationState, **changes: object) -> StationState:
    der: DERState = msgspec.structs.replace(state.der, **changes)
    return msgspec.structs.replace(state, der=der)


def _event(state: StationState, kind: str, data: dict[str, object], at: datetime) -> Event:
    return Event(kind=kind, tenant=state.tenant, station_key=state.key, at=at, data=data)
