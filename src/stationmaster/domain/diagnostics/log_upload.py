"""N01 Logs, and 1.x's diagnostics: a file that a station is asked to bring, followed to its end.

queued ──> requested ──> accepted ──> uploading ──> uploaded
               │             └────────────┴───────> failed <──> uploading   (another attempt)
               ├──────────────────────────────────> canceled   (a newer request took its place)
               └──────────────────────────────────> rejected

The file itself comes by another way than the messages that tell of it (see ``transfer``), before or after them, or
without them; a station may also never say more. :func:`standing` puts together what is known at a moment.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from stationmaster.domain.command import Command
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.transfer import ReceivedFile

LogType = Literal["DiagnosticsLog", "SecurityLog", "DataCollectorLog"]
LogStatus = Literal[
    "Idle",
    "Uploading",
    "Uploaded",
    "UploadFailure",
    "BadMessage",
    "PermissionDenied",
    "NotSupportedOperation",
    "AcceptedCanceled",
]
UploadState = Literal["queued", "requested", "accepted", "uploading", "uploaded", "failed", "rejected", "canceled"]
Standing = Literal[UploadState, "silent", "unsupported"]

TRANSITIONS: Mapping[UploadState, frozenset[UploadState]] = {
    "queued": frozenset({"requested"}),
    "requested": frozenset({"accepted", "rejected", "uploading", "uploaded", "failed", "canceled"}),
    "accepted": frozenset({"uploading", "uploaded", "failed", "canceled"}),
    "uploading": frozenset({"uploading", "uploaded", "failed", "canceled"}),
    "failed": frozenset({"uploading", "uploaded", "failed"}),
    "uploaded": frozenset({"uploaded"}),
    "rejected": frozenset(),
    "canceled": frozenset({"canceled"}),
}
FINAL: frozenset[UploadState] = frozenset({"uploaded", "failed", "rejected", "canceled"})
_STATES: Mapping[str, UploadState] = {
    "Uploading": "uploading",
    "Uploaded": "uploaded",
    "UploadFailure": "failed",
    "BadMessage": "failed",
    "PermissionDenied": "failed",
    "NotSupportedOperation": "failed",
    "AcceptedCanceled": "canceled",
}
WITHOUT_A_WORD = timedelta(seconds=60)
"""How long after a whole file has come its station may still say so; then it counts as uploaded all the same."""
PATIENCE = timedelta(hours=1)
"""How long a station may say nothing of an upload."""
GRACE = timedelta(minutes=10)
"""How long after it was told that all of it is there a file may be brought again: an answer of ours may be lost."""


class GetLog(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N01. ``location`` empty: our own file server, by ``protocol`` (None: the usual one); the address with its
    credentials is put in when it is sent. ``request_id`` None: asked by 1.x's GetDiagnostics, which has none.
    ``extended``: asked by 1.6's security extension."""

    log_type: str = "DiagnosticsLog"
    request_id: int | None = 0
    location: str = ""
    protocol: str | None = None
    oldest_at: datetime | None = None
    latest_at: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None


class GetLogAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """Status: Accepted, Rejected, AcceptedCanceled. ``extended``: whether 1.6's security extension was there to carry
    the request; None where that was not seen."""

    filename: str | None = None
    extended: bool | None = None


class LogStatusNotification(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N01. ``status`` is a LogStatus, or what a station says in its place. ``extended``: see GetLog."""

    status: str
    request_id: int | None = None
    reason: str | None = None
    info: str | None = None
    extended: bool = False


class LogUpload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request for a log as a resource; its key is its command's.

    ``filename``: what the station said it would call it. ``status``: the last word that it told, at ``heard_at``.
    ``own_server``: the file comes to us, else to a place that the operator named.
    """

    key: int
    tenant: str
    station_key: int
    request_id: int | None
    log_type: str
    created_at: datetime
    own_server: bool = True
    state: UploadState = "queued"
    filename: str | None = None
    status: str | None = None
    detail: str | None = None
    heard_at: datetime | None = None


class UnexpectedStatus(Exception):
    """A station told what cannot be at this point."""


def heard(upload: LogUpload, told: LogStatusNotification, at: datetime) -> LogUpload:
    """The upload once its station told this of it. Raises UnexpectedStatus where that cannot be; Idle changes nothing
    but when it was heard."""
    state = _STATES.get(told.status, upload.state)
    if (upload.state, state) == ("canceled", "failed"):
        state = "canceled"  # as versions say it that lack the word AcceptedCanceled
    if state != upload.state and state not in TRANSITIONS[upload.state]:
        raise UnexpectedStatus(f"{told.status} of an upload that is {upload.state}")
    detail = ": ".join(filter(None, (told.reason, told.info))) or None
    return msgspec.structs.replace(upload, state=state, status=told.status, detail=detail, heard_at=at)


def answered(upload: LogUpload, answer: GetLogAnswer, at: datetime) -> LogUpload:
    """The upload once its request was answered; what was told of it before stays."""
    taken = answer.status != "Rejected"
    state: UploadState = upload.state
    if upload.state in ("queued", "requested"):
        state = "accepted" if taken else "rejected"
    detail = ": ".join(filter(None, (answer.reason, answer.info))) or None
    changes = {"state": state, "filename": answer.filename or upload.filename, "heard_at": at}
    return msgspec.structs.replace(upload, **changes, detail=upload.detail or detail)


def addressed(uploads: tuple[LogUpload, ...], told: LogStatusNotification) -> LogUpload | None:
    """Which of a station's uploads, oldest first, a status speaks of: the one with its requestId; without one, the
    newest that is under way."""
    if told.request_id is not None:
        return next((each for each in reversed(uploads) if each.request_id == told.request_id), None)
    return next((each for each in reversed(uploads) if each.state not in FINAL), None)


def standing(
    upload: LogUpload, command: Command | None, file: ReceivedFile | None, at: datetime
) -> tuple[Standing, str | None]:
    """How it stands with an upload at a moment, and why."""
    if upload.state in ("queued", "requested") and command is not None and command.state in _NEVER_BEGUN:
        return "unsupported" if command.state == "unsupported" else "failed", command.detail
    if upload.state in FINAL:
        return upload.state, upload.detail
    if file is not None and at - file.received_at >= WITHOUT_A_WORD:
        return "uploaded", "the file came; the station did not say so"
    last = max(upload.created_at, upload.heard_at or upload.created_at)
    last = max(last, file.received_at) if file is not None else last
    if upload.state != "queued" and at - last >= PATIENCE:
        return "silent", "the station says no more of it"
    return upload.state, upload.detail


_NEVER_BEGUN = frozenset({"failed", "timed_out", "unsupported"})


class LogUploadView(msgspec.Struct, frozen=True, kw_only=True):
    """An upload with all that is stored beside it."""

    upload: LogUpload
    command: Command | None
    file: ReceivedFile | None


class LogUploadFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int
