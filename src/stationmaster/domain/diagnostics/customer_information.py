"""N09, N10 Customer information: what a station knows of a person, told or erased.

A person is named by exactly one of an id token, a certificate, or a text that the operator and the station agree upon.
What is told comes in parts of at most 512 characters. It is personal data: kept apart, and not for long.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.certificates import CertificateHash
from stationmaster.domain.command import Command
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Request

MAX_DATA = 512
ReportState = Literal["queued", "requested", "accepted", "complete", "rejected", "failed", "unsupported"]


class CustomerInformation(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N09, N10. Status: Accepted, Rejected, Invalid."""

    request_id: int = 0
    report: bool
    clear: bool
    id_token: IdToken | None = None
    certificate: CertificateHash | None = None
    identifier: str | None = None

    @property
    def named(self) -> int:
        """By how many names the person is called; it must be one (N09.FR.04)."""
        return sum(name is not None for name in (self.id_token, self.certificate, self.identifier))


class NotifyCustomerInformation(Request, frozen=True, kw_only=True, omit_defaults=True):
    """One part. ``request_id`` None: it was not told (2.0)."""

    request_id: int | None
    seq_no: int
    data: str
    generated_at: datetime | None = None
    to_be_continued: bool = False


class CustomerReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request for a person's data, and how far its answer has come; its key is its command's.

    ``command_key`` None: a station told what nobody had asked for. ``asked``: by what the person was named.
    """

    key: int
    tenant: str
    station_key: int
    request_id: int | None
    created_at: datetime
    command_key: int | None = None
    report: bool = True
    clear: bool = False
    asked: str | None = None
    state: ReportState = "queued"
    status: str | None = None
    detail: str | None = None
    completed_at: datetime | None = None


class CustomerReportPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part as it came; the same one told again takes its own place."""

    report_key: int
    seq_no: int
    received_at: datetime
    data: str


class CustomerReportView(msgspec.Struct, frozen=True, kw_only=True):
    """A report with its parts in order."""

    report: CustomerReport
    command: Command | None
    parts: tuple[CustomerReportPart, ...]

    @property
    def text(self) -> str:
        return "".join(part.data for part in self.parts)

    @property
    def gaps(self) -> bool:
        """Whether a part before the last one that came is missing."""
        return [part.seq_no for part in self.parts] != list(range(len(self.parts)))


class CustomerReportFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int


def told_at(report: CustomerReport, command: Command | None) -> tuple[ReportState, str | None]:
    """How it stands with a report, and why."""
    never = command is not None and command.state in ("failed", "timed_out", "unsupported")
    if never and command is not None and report.state in ("queued", "requested"):
        return "unsupported" if command.state == "unsupported" else "failed", command.detail
    return report.state, report.detail


def parts_of(text: str) -> tuple[str, ...]:
    """A text as it is told, in parts; an empty one is one empty part (N09.FR.06)."""
    return tuple(text[at : at + MAX_DATA] for at in range(0, len(text), MAX_DATA)) or ("",)


ANSWERS: Mapping[str, ReportState] = {"Accepted": "accepted", "Rejected": "rejected", "Invalid": "rejected"}
"""The state of a report once its request was answered."""
