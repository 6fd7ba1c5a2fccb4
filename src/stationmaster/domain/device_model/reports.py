"""Reports that come in parts: how they are put together, in whatever order the parts come.

asked ──> open ──> complete          (open: the station agreed, or began)
  │         └────> incomplete ──> complete   (a late part may still fill the gap)
  ├──────────────> empty       (EmptyResultSet)
  └──────────────> refused

A part is known by its sequence number. ``to_be_continued`` false tells the last one; the report is complete when all
up to it are there.
"""

from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.transactions.transaction import Span, has_number, with_number

ReportKind = Literal["base", "custom", "monitoring"]
ReportState = Literal["asked", "open", "complete", "incomplete", "empty", "refused"]
PartOutcome = Literal["new", "repeat", "conflict"]

Subject = Literal["variables", "monitors"]
ReportAddress = tuple[Subject, int | None]
"""What a part says of the report that it belongs to: what it tells of, and its requestId."""

TWO_ENDS = "report_two_ends"
COUNTS_FROM_ONE = "report_counts_from_one"
CONFLICT = "report_conflict"


class OpenReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A report, also once it is closed; storage keeps it as it is.

    ``request_id`` None: 2.0 may leave it out. ``command_key`` None: nobody here asked for it. ``asked`` is the report
    base of a base report, and "filtered" where criteria or variables were named. ``seen`` holds the sequence numbers
    as spans, ``last`` that of the part which said to be the last. ``flags`` name what is odd about it.
    """

    key: int
    station_key: int
    kind: ReportKind
    opened_at: datetime
    updated_at: datetime
    state: ReportState = "asked"
    request_id: int | None = None
    command_key: int | None = None
    asked: str | None = None
    generated_at: datetime | None = None
    first_part_at: datetime | None = None
    seen: tuple[Span, ...] = ()
    last: int | None = None
    flags: tuple[str, ...] = ()

    @property
    def subject(self) -> Subject:
        return "monitors" if self.kind == "monitoring" else "variables"

    @property
    def address(self) -> ReportAddress:
        return self.subject, self.request_id

    @property
    def is_open(self) -> bool:
        return self.state in ("asked", "open")


class ReportPart(msgspec.Struct, frozen=True, kw_only=True):
    """One part as it was received: the evidence. ``body`` is the domain request as JSON, without secrets; ``digest``
    tells a repeat from a conflict. Unique by report and sequence number: the first one holds."""

    report_key: int
    station_key: int
    seq_no: int
    received_at: datetime
    digest: int
    body: bytes


class ReportFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``inventory``: complete full inventories only. Newest first."""

    tenant: str
    station_key: int | None = None
    subject: Subject | None = None
    state: ReportState | None = None
    inventory: bool = False


def take_part(
    report: OpenReport, seq_no: int, to_be_continued: bool, same: bool | None = None
) -> tuple[OpenReport, PartOutcome, bool]:
    """The report with one more part, what the part is to it, and whether the report is complete by now.

    ``same``: whether a part of this number that was seen before had the same content; None where none was seen.
    """
    if has_number(report.seen, seq_no) and same is not None:
        flags = report.flags if same else _flagged(report.flags, CONFLICT)
        return msgspec.structs.replace(report, flags=flags), "repeat" if same else "conflict", is_complete(report)
    last, flags = report.last, report.flags
    if not to_be_continued:
        if last not in (None, seq_no):
            flags = _flagged(flags, TWO_ENDS)
        last = seq_no if last is None else max(last, seq_no)
    if seq_no == 0:
        flags = tuple(flag for flag in flags if flag != COUNTS_FROM_ONE)
    taken = msgspec.structs.replace(report, seen=with_number(report.seen, seq_no), last=last, flags=flags, state="open")
    if not is_complete(taken):
        return taken, "new", False
    if not has_number(taken.seen, 0):
        taken = msgspec.structs.replace(taken, flags=_flagged(taken.flags, COUNTS_FROM_ONE))
    return msgspec.structs.replace(taken, state="complete"), "new", True


def is_complete(report: OpenReport) -> bool:
    """Whether every part up to the last is there. Some stations count from one, though 0 is the rule (B07.FR.10).

    Such a report may still turn out to lack its part 0; that one is then taken as late.
    """
    if report.last is None:
        return False
    return any(low <= 1 and high >= report.last for low, high in report.seen[:1])


def missing(report: OpenReport) -> tuple[Span, ...]:
    """The numbers of the parts that are known to be lacking, as spans."""
    gaps: list[Span] = []
    due = 0
    for low, high in report.seen:
        if low > due:
            gaps.append((due, low - 1))
        due = high + 1
    if report.last is not None and due <= report.last:
        gaps.append((due, report.last))
    return tuple(gaps) if not is_complete(report) else ()


def _flagged(flags: tuple[str, ...], flag: str) -> tuple[str, ...]:
    return flags if flag in flags else tuple(sorted((*flags, flag)))
