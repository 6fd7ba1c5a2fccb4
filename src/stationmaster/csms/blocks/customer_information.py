"""N09, N10 Customer information: a person's data put together from the parts in which a station tells it."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.csms.ports import Keys
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.diagnostics.customer_information import (
    ANSWERS,
    CustomerInformation,
    CustomerReport,
    CustomerReportPart,
    NotifyCustomerInformation,
)
from stationmaster.domain.diagnostics.log_upload import LogStatusNotification, addressed
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.records import Event, Record
from stationmaster.domain.station import StationState


@dataclass(frozen=True, slots=True)
class NotifyCustomerInformationBlock:
    """N09.FR.05. What nobody asked for is kept too, as a report of its own. No event carries the data itself."""

    keys: Keys

    def __call__(self, state: StationState, request: NotifyCustomerInformation, at: datetime) -> Decision:
        report = _asked_for(state, request.request_id) or self._unasked(state, request, at)
        part = CustomerReportPart(report_key=report.key, seq_no=request.seq_no, received_at=at, data=request.data)
        if request.to_be_continued:
            changed = msgspec.structs.replace(report, state="accepted")
            return Decision(records=(changed, part), state=_with_report(state, changed))
        changed = msgspec.structs.replace(report, state="complete", completed_at=at)
        events = (_told(state, changed, at),)
        return Decision(records=(changed, part), events=events, state=_with_report(state, changed))

    def _unasked(self, state: StationState, request: NotifyCustomerInformation, at: datetime) -> CustomerReport:
        return CustomerReport(
            key=self.keys.take(),
            tenant=state.tenant,
            station_key=state.key,
            request_id=request.request_id,
            created_at=at,
            detail="nobody had asked for it",
        )


def _asked_for(state: StationState, request_id: int | None) -> CustomerReport | None:
    """The report with the requestId; without one (2.0), the newest that is not complete."""
    newest_first = reversed(state.inquiries.reports)
    if request_id is None:
        return next((each for each in newest_first if each.state in ("requested", "accepted")), None)
    return next((each for each in newest_first if each.request_id == request_id), None)


def is_inquiry_awaited(state: StationState, request: Request) -> bool:
    """Whether it tells of a log or of a person's data that was asked for."""
    if isinstance(request, NotifyCustomerInformation):
        return _asked_for(state, request.request_id) is not None
    return isinstance(request, LogStatusNotification) and addressed(state.inquiries.uploads, request) is not None


def customer_hook() -> CommandHook:
    """What a request for a person's data does beside being sent."""

    def objection(state: StationState, request: CustomerInformation) -> str | None:
        if request.named != 1:
            return "exactly one of id token, certificate and identifier must name the customer (N09.FR.04)"
        if not (request.report or request.clear):
            return "neither a report nor an erasure is asked for (N09.FR.07)"
        return None

    def opens(request: CustomerInformation, command: Command) -> tuple[Record, ...]:
        return (_report(request, command),)

    def before(state: StationState, at: datetime, *, request: CustomerInformation, command: Command) -> Decision:
        report = msgspec.structs.replace(_report(request, command), state="requested")
        return Decision(records=(report,), state=_with_report(state, report))

    def after(
        state: StationState, at: datetime, *, request: CustomerInformation, answer: CommandAnswer, command: Command
    ) -> Decision | None:
        report = next((each for each in state.inquiries.reports if each.key == command.key), None)
        if report is None:
            return None
        told = ANSWERS.get(answer.status, "rejected")
        changed = msgspec.structs.replace(
            report,
            state=report.state if report.state == "complete" else told,
            status=answer.status,
            detail=": ".join(filter(None, (answer.reason, answer.info))) or None,
        )
        return Decision(records=(changed,), state=_with_report(state, changed))

    return CommandHook(objection=objection, opens=opens, before=before, after=after)


def _report(request: CustomerInformation, command: Command) -> CustomerReport:
    names = {"id_token": request.id_token, "certificate": request.certificate, "identifier": request.identifier}
    return CustomerReport(
        key=command.key,
        tenant=command.tenant,
        station_key=command.station_key,
        request_id=request.request_id,
        created_at=command.created_at,
        command_key=command.key,
        report=request.report,
        clear=request.clear,
        asked=next((name for name, value in names.items() if value is not None), None),
    )


def _with_report(state: StationState, report: CustomerReport) -> StationState:
    return msgspec.structs.replace(state, inquiries=state.inquiries.with_report(report))


def _told(state: StationState, report: CustomerReport, at: datetime) -> Event:
    data = {"report": report.key, "request_id": report.request_id, "cleared": report.clear}
    return Event(kind="CustomerInformationReceived", tenant=state.tenant, station_key=state.key, at=at, data=data)
