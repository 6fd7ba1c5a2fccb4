"""N02-N06: which monitors a station has, learned from what it answers and reports."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec

from stationmaster.csms.blocks.alarms import without_monitors
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.reports import OpenReport, take_part
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.monitoring.alarms import KnownMonitor, KnownMonitors, OpenMonitoringReport
from stationmaster.domain.monitoring.monitors import (
    STREAMED_TYPES,
    WORST,
    ClearMonitoringAnswer,
    ClearVariableMonitoring,
    GetMonitoringReport,
    Monitor,
    MonitoringAnswer,
    MonitorResult,
    MonitorSetting,
    NotifyMonitoringReport,
    SetMonitoringBase,
    SetVariableMonitoring,
)
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import has_number

MAX_MONITORS = 2000
"""Of one station."""
MAX_REPORTS = 10
"""Of one station, under way at a time; a report that stops in the middle gives way to later ones."""

_BASE_REMOVES: Mapping[str, frozenset[str]] = {
    "FactoryDefault": frozenset({"CustomMonitor"}),
    "HardWiredOnly": frozenset({"CustomMonitor", "PreconfiguredMonitor"}),
}
"""N03.FR.04, .05: which monitors a base takes away."""


# ── What a station reports ──────────────────────────────────────────────────────────────────────────────────────


def notify_monitoring_report(state: StationState, request: NotifyMonitoringReport, at: datetime) -> Decision:
    """N02: one part of a report; also of one that nobody here asked for. A whole one of all monitors tells, too,
    which there are no more."""
    open_report = _report_of(state, request.request_id)
    known = state.watched.monitors
    told = [KnownMonitor(monitor=_remembered(each, known.get(each.id)), told_at=at) for each in request.monitors]
    if open_report is None:
        return _learned(state, told, (), at, request)
    number = request.seq_no
    same = True if has_number(open_report.report.seen, number) else None
    report, _, complete = take_part(open_report.report, number, request.to_be_continued, same)
    complete = complete and has_number(report.seen, 0)  # what a station that counts from one left out is not known
    ids = open_report.told | {monitor.id for monitor in request.monitors}
    reports = dict(state.watched.reports)
    if complete:
        del reports[report.key]
    else:
        report = msgspec.structs.replace(report, updated_at=at)
        reports[report.key] = OpenMonitoringReport(report=report, told=ids)
    whole = complete and report.asked is None
    gone = _older_than(state, report.opened_at, but=ids) if whole else ()
    return _learned(_with_reports(state, reports), told, gone, at, request, complete=complete)


def _report_of(state: StationState, request_id: int | None) -> OpenMonitoringReport | None:
    """The newest that is under way with this number; 2.0 may leave the number out."""
    fitting = [
        known for known in state.watched.reports.values() if request_id is None or known.report.request_id == request_id
    ]
    return max(fitting, key=lambda known: known.report.key, default=None)


def _older_than(state: StationState, opened_at: datetime, but: Collection[int]) -> tuple[int, ...]:
    """Those that a report left out; one that was set while it was on its way may have come too late for it."""
    return tuple(
        monitor_id
        for monitor_id, known in state.watched.monitors.items()
        if monitor_id not in but and known.told_at < opened_at
    )


def is_awaited(state: StationState, request: object) -> bool:
    """Whether it is a part of a report that was asked for: a station that is not accepted yet may send that (B02)."""
    return isinstance(request, NotifyMonitoringReport) and _report_of(state, request.request_id) is not None


# ── What is learned of commands ─────────────────────────────────────────────────────────────────────────────────


def _begin_report(state: StationState, at: datetime, *, request: GetMonitoringReport, command: Command) -> Decision:
    """Before it is asked for: its first part may come before the answer is concluded."""
    report = OpenReport(
        key=command.key,
        station_key=state.key,
        kind="monitoring",
        opened_at=at,
        updated_at=at,
        request_id=request.request_id,
        command_key=command.key,
        asked="filtered" if request.is_filtered else None,
    )
    reports = {**state.watched.reports, report.key: OpenMonitoringReport(report=report)}
    newest = dict(sorted(reports.items())[-MAX_REPORTS:])
    return Decision(state=_with_reports(state, newest))


def _report_answered(
    state: StationState, at: datetime, *, request: GetMonitoringReport, answer: CommandAnswer, command: Command
) -> Decision | None:
    if answer.status == "Accepted":
        return None
    reports = {key: known for key, known in state.watched.reports.items() if key != command.key}
    state = _with_reports(state, reports)
    if answer.status == "EmptyResultSet" and not request.is_filtered:
        return _learned(state, (), tuple(state.watched.monitors), at)
    return Decision(state=state)


def _cannot_stream(state: StationState, request: SetVariableMonitoring) -> str | None:
    """N11.FR.09, and what a stream has no words for."""
    for setting in request.monitors:
        if setting.stream is not None and setting.stream.is_empty:
            return "a stream needs an interval, a number of values, or both"
        if setting.stream is not None and setting.type not in STREAMED_TYPES:
            return f"a stream carries no bounds that are crossed: {setting.type} monitors tell by events"
    return None


def _monitors_set(
    state: StationState, at: datetime, *, request: SetVariableMonitoring, answer: MonitoringAnswer, command: Command
) -> Decision | None:
    told = [
        KnownMonitor(monitor=_made(setting, result, result.id), told_at=at)
        for setting, result in zip(request.monitors, answer.results, strict=False)
        if result.status == "Accepted" and result.id is not None
    ]
    return _learned(state, told, (), at) if told else None


def _made(setting: MonitorSetting, result: MonitorResult, monitor_id: int) -> Monitor:
    return Monitor(
        id=monitor_id,
        component=setting.component,
        variable=setting.variable,
        type=setting.type,
        value=setting.value,
        severity=result.severity if result.severity >= WORST else setting.severity,
        transaction=setting.transaction,
        origin="CustomMonitor",  # N04.FR.15: also one that took the place of another
        stream=setting.stream,
    )


def _monitors_cleared(
    state: StationState,
    at: datetime,
    *,
    request: ClearVariableMonitoring,
    answer: ClearMonitoringAnswer,
    command: Command,
) -> Decision | None:
    gone = [result.id for result in answer.results if result.status in ("Accepted", "NotFound")]
    return _learned(state, (), gone, at) if gone else None


def _base_set(
    state: StationState, at: datetime, *, request: SetMonitoringBase, answer: CommandAnswer, command: Command
) -> Decision | None:
    """Monitors whose origin is not known stay known: a report tells whether they are there."""
    removed = _BASE_REMOVES.get(request.base, frozenset()) if answer.status == "Accepted" else frozenset()
    gone = [key for key, known in state.watched.monitors.items() if known.monitor.origin in removed]
    return _learned(state, (), gone, at) if gone else None


# ── What becomes of what is known ───────────────────────────────────────────────────────────────────────────────


def _learned(
    state: StationState,
    told: Iterable[KnownMonitor],
    gone: Iterable[int],
    at: datetime,
    part: NotifyMonitoringReport | None = None,
    *,
    complete: bool = False,
) -> Decision:
    """Those told of are known from now on, those gone no longer, and their alarms are over."""
    before = state.watched.monitors
    removed = before.keys() & set(gone)
    monitors = {key: known for key, known in before.items() if key not in removed}
    for known in told:
        monitors[known.monitor.id] = known
    kept = dict(list(monitors.items())[:MAX_MONITORS])
    decision = without_monitors(state, removed, at)
    state = decision.state or state
    data: dict[str, object] = {"monitors": len(kept), "removed": len(removed)}
    if part is not None:
        data |= {"request_id": part.request_id, "seq_no": part.seq_no, "told": len(part.monitors), "complete": complete}
    event = Event(kind="MonitorsChanged", tenant=state.tenant, station_key=state.key, at=at, data=data)
    odd = () if len(kept) == len(monitors) else (_too_many(state, at),)
    return Decision(
        records=(KnownMonitors(station_key=state.key, monitors=tuple(kept.values())), *decision.records, *odd),
        events=(event, *decision.events),
        state=msgspec.structs.replace(state, watched=msgspec.structs.replace(state.watched, monitors=kept)),
    )


def _remembered(told: Monitor, before: KnownMonitor | None) -> Monitor:
    """What a report does not say of a monitor, but who set it knows: before 2.1 where it comes from, and its stream."""
    if before is None:
        return told
    known = before.monitor
    same = (known.component, known.variable, known.type) == (told.component, told.variable, told.type)
    return msgspec.structs.replace(told, origin=told.origin or known.origin, stream=known.stream if same else None)


def _with_reports(state: StationState, reports: Mapping[int, OpenMonitoringReport]) -> StationState:
    return msgspec.structs.replace(state, watched=msgspec.structs.replace(state.watched, reports=reports))


def _too_many(state: StationState, at: datetime) -> Oddity:
    detail = f"more than {MAX_MONITORS} monitors; the rest is not remembered"
    return Oddity(station_key=state.key, at=at, kind="too_many_monitors", action=None, detail=detail)


HOOKS: Mapping[type, CommandHook] = {
    GetMonitoringReport: CommandHook(before=_begin_report, after=_report_answered),
    SetVariableMonitoring: CommandHook(objection=_cannot_stream, after=_monitors_set),
    ClearVariableMonitoring: CommandHook(after=_monitors_cleared),
    SetMonitoringBase: CommandHook(after=_base_set),
}
