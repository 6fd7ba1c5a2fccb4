"""B07, B08 as the CSMS sees them: reports are put together from their parts.

A part finds its report by its requestId, in whatever order the parts come; it is always answered. The report is in
memory from the moment its command is sent, and on disk from its first part or the command's answer on.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from stationmaster.csms.blocks.learning import learn
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.csms.ports import Keys, Reports
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import (
    GetBaseReport,
    GetReport,
    NotifyReport,
    ReportAnswer,
    ReportData,
    VariableRef,
)
from stationmaster.domain.device_model.reports import (
    OpenReport,
    ReportAddress,
    ReportPart,
    ReportState,
    Subject,
    take_part,
)
from stationmaster.domain.device_model.variables import (
    REBOOT_REQUIRED,
    VariableReported,
    VariablesForgotten,
    learned_from,
    learned_of_bounds,
    without_secrets,
)
from stationmaster.domain.messages import BootNotification, Request
from stationmaster.domain.metering.readings import digest_of
from stationmaster.domain.records import Conflict, Event, Record
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import has_number

PATIENCE = timedelta(minutes=5)
"""After a report's last part, or its request: what is not complete by then is given up, though a late part counts."""

MAX_OPEN = 20
"""Reports under way of one station; the oldest are given up first."""

FULL = "FullInventory"
INVENTORY_OF = "inventory_of"
"""What was learned of the hardware and firmware that the last full inventory was made for."""

_encode = msgspec.json.Encoder().encode


# Parts of reports ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class NotifyReportBlock:
    """B07, B08: the usual part is decided from memory; one that may have come before is compared with the stored."""

    reports: Reports
    keys: Keys

    def __call__(self, state: StationState, request: NotifyReport, at: datetime) -> Decision | Awaitable[Decision]:
        part = _Part(request, at)
        known = _under_way(state, "variables", request.request_id)
        if known is not None and not has_number(known.seen, request.seq_no):
            return _with_part(state, known, part)
        return self._with_unusual_part(state, known, part)

    async def _with_unusual_part(self, state: StationState, known: OpenReport | None, part: "_Part") -> Decision:
        request = part.request
        if known is None and request.request_id is not None:
            known = await self.reports.find_report(state.key, "variables", request.request_id)
        if known is None or not has_number(known.seen, request.seq_no):
            return _with_part(state, known or self._unasked(state, part), part)
        prior = await self.reports.part_digest(known.key, request.seq_no)
        same = None if prior is None else prior == part.digest
        if same is False and request.seq_no == 0 and known.state == "complete":
            return _with_part(state, self._unasked(state, part), part)  # another report with the same number
        return _with_part(state, known, part, same)

    def _unasked(self, state: StationState, part: "_Part") -> OpenReport:
        return OpenReport(
            key=self.keys.take(),
            station_key=state.key,
            kind="custom",
            request_id=part.request.request_id,
            opened_at=part.at,
            updated_at=part.at,
        )


class _Part:
    """A part as it may be kept: without secrets."""

    __slots__ = ("at", "digest", "request")

    def __init__(self, request: NotifyReport, at: datetime) -> None:
        kept = tuple([without_secrets(item) for item in request.report])
        self.request = msgspec.structs.replace(request, report=kept)
        self.at = at
        self.digest = digest_of(msgspec.structs.replace(self.request, generated_at=None))


def _under_way(state: StationState, subject: Subject, request_id: int | None) -> OpenReport | None:
    """2.0 may leave the number out: then it is the newest one's."""
    found = state.reports.get((subject, request_id))
    if found is None and request_id is None:
        return next((r for r in reversed(tuple(state.reports.values())) if r.subject == subject), None)
    return found


def _with_part(state: StationState, known: OpenReport, part: _Part, same: bool | None = None) -> Decision:
    request, at = part.request, part.at
    report, outcome, complete = take_part(known, request.seq_no, request.to_be_continued, same)
    if outcome == "repeat":
        return Decision()
    report = msgspec.structs.replace(
        report,
        updated_at=at,
        first_part_at=known.first_part_at or at,
        generated_at=known.generated_at or request.generated_at,
    )
    after = state.with_reports(with_report(state.reports, report))
    if outcome == "conflict":
        return Decision(records=(report, _conflict(state, report, part)), state=after)
    taken = ReportPart(
        report_key=report.key,
        station_key=state.key,
        seq_no=request.seq_no,
        received_at=at,
        digest=part.digest,
        body=_encode(request),
    )
    more, told = _of_the_model(after, report, request.report, at)
    events = (_received(after, report, at),) if complete else ()
    return Decision(records=(report, taken, *more), events=events, state=told)


def _conflict(state: StationState, report: OpenReport, part: _Part) -> Conflict:
    return Conflict(
        station_key=state.key,
        transaction_key=None,
        dedupe_key=f"report|{report.key}|{part.request.seq_no}",
        received_at=part.at,
        body=_encode(part.request),
    )


def _of_the_model(
    state: StationState, report: OpenReport, items: Iterable[ReportData], at: datetime
) -> tuple[tuple[Record, ...], StationState]:
    """What a part adds to the known model; the last one of a full inventory ends what it left out."""
    records: list[Record] = []
    learned: dict[str, str] = {}
    for item in items:
        records.append(VariableReported(station_key=state.key, data=item, told_at=at))
        ref = VariableRef(component=item.component, variable=item.variable)
        value = next((a.value for a in item.attributes if a.type == "Actual"), None)
        if value is not None:
            learned |= learned_from(ref, value)
        learned |= learned_of_bounds(ref, item.characteristics)
    if report.state == "complete" and report.asked == FULL:
        records.append(VariablesForgotten(station_key=state.key, before=report.first_part_at or at))
        learned[INVENTORY_OF] = inventory_of(state)
    more, state = learn(state, learned)
    return (*records, *more), state


def inventory_of(state: StationState) -> str:
    """The hardware and firmware of a station, as one text."""
    info = state.station.info
    return "|".join((info.vendor, info.model, info.serial_number or "", info.firmware_version or ""))


def _received(state: StationState, report: OpenReport, at: datetime) -> Event:
    data = {
        "report": report.key,
        "kind": report.kind,
        "asked": report.asked,
        "state": report.state,
        "command": report.command_key,
    }
    return Event(kind="ReportReceived", tenant=state.tenant, station_key=state.key, at=at, data=data)


def with_report(reports: Mapping[ReportAddress, OpenReport], report: OpenReport) -> Mapping[ReportAddress, OpenReport]:
    """The reports under way with this one as it is now, or without it if it is closed."""
    others = {address: other for address, other in reports.items() if other.key != report.key}
    if report.is_open:
        others[report.address] = report
    return dict(tuple(others.items())[-MAX_OPEN:])


# Reports that end without their last part ───────────────────────────────────────────────────────────────────────


def closed(state: StationState, at: datetime, *, all_of_them: bool = False) -> Decision | None:
    """Give up the reports that nothing came of for long, or all of them; None if there is none."""
    over = [report for report in state.reports.values() if all_of_them or at - report.updated_at > PATIENCE]
    if not over:
        return None
    left = {address: report for address, report in state.reports.items() if report not in over}
    records = tuple(
        msgspec.structs.replace(report, state="incomplete", updated_at=at) for report in over if report.state == "open"
    )
    return Decision(records=records, state=state.with_reports(left))


def ends_reports(boot: Callable[[StationState, Any, datetime], Decision]) -> Callable[..., Decision]:
    """The block of BootNotification, which also ends what a restart ends: reports under way, and a restart's need."""

    def block(state: StationState, request: BootNotification, at: datetime) -> Decision:
        decision = boot(state, request, at)
        booted = decision.state or state
        ended = closed(booted, at, all_of_them=True) or Decision()
        more: tuple[Record, ...] = ()
        if booted.learned.get(REBOOT_REQUIRED) == "yes":
            more, booted = learn(booted, {REBOOT_REQUIRED: "no"})
        return msgspec.structs.replace(
            decision, records=(*decision.records, *ended.records, *more), state=booted.with_reports({})
        )

    return block


# What stations are asked for, and answer ────────────────────────────────────────────────────────────────────────


def _report_asked(state: StationState, at: datetime, *, request: Request, command: Command) -> Decision:
    report = OpenReport(
        key=command.key,
        station_key=state.key,
        kind="base" if isinstance(request, GetBaseReport) else "custom",
        request_id=getattr(request, "request_id", None),
        command_key=command.key,
        asked=request.report_base if isinstance(request, GetBaseReport) else None,
        opened_at=at,
        updated_at=at,
    )
    return Decision(state=state.with_reports(with_report(state.reports, report)))


def _report_answered(
    state: StationState, at: datetime, *, request: Request, answer: ReportAnswer, command: Command
) -> Decision | None:
    report = next((r for r in state.reports.values() if r.key == command.key), None)
    if report is None:
        return None  # its parts were quicker than the answer
    if answer.report is not None and answer.report:
        return _told_at_once(state, report, answer.report, at)
    report = msgspec.structs.replace(report, state=_ANSWERED.get(answer.status, "refused"), updated_at=at)
    return Decision(records=(report,), state=state.with_reports(with_report(state.reports, report)))


_ANSWERED: Mapping[str, ReportState] = {"Accepted": "open", "EmptyResultSet": "empty"}


def _told_at_once(state: StationState, report: OpenReport, items: tuple[ReportData, ...], at: datetime) -> Decision:
    """The whole report came with the answer, as in 1.x: it is its own only part."""
    return _with_part(state, report, _Part(NotifyReport(request_id=report.request_id, seq_no=0, report=items), at))


def is_part_awaited(state: StationState, request: Request) -> bool:
    """Whether it is a part of a report under way: a pending station may be asked for one (B02.FR.01)."""
    return isinstance(request, NotifyReport) and _under_way(state, "variables", request.request_id) is not None


def completes(command: Mapping[str, Any], request: Request) -> bool:
    """Whether a part is the last one of the report that a command asked for."""
    return (
        isinstance(request, NotifyReport)
        and not request.to_be_continued
        and request.request_id in (None, command.get("request_id"))
    )


_REPORT = CommandHook(before=_report_asked, after=_report_answered)

HOOKS: Mapping[type[Request], CommandHook] = {GetBaseReport: _REPORT, GetReport: _REPORT}
