"""N01 Logs: what is asked for is followed as an upload, from the request to the file or the reason why there is none.

Only one upload of a station runs at a time: a station that takes another request cancels the one before (N01.FR.12).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from stationmaster.csms.blocks.security import has_security_extension
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.diagnostics.log_upload import (
    FINAL,
    GRACE,
    GetLog,
    GetLogAnswer,
    LogStatusNotification,
    LogUpload,
    UnexpectedStatus,
    addressed,
    answered,
    heard,
)
from stationmaster.domain.messages import Request
from stationmaster.domain.records import Event, Oddity, Record
from stationmaster.domain.station import StationState
from stationmaster.domain.transfer import Transfer, TransferClosed

Address = Callable[[int, str | None, str | None], str]
"""From a transfer's key, a scheme, and one that is preferred where no other is demanded, to the address with its
credentials; LookupError where there is none."""


def log_status(state: StationState, request: LogStatusNotification, at: datetime) -> Decision:
    """N01.FR.07-.10, and 1.x's DiagnosticsStatusNotification."""
    learned: tuple[Record, ...] = ()
    if request.extended:
        learned, taught = has_security_extension(state)
        state = taught or state
    upload = addressed(state.inquiries.uploads, request)
    if upload is None:
        told = _event("LogStatus", state, at, {"upload": None, **_words(request)})
        return Decision(records=learned, events=(told,), state=state)
    try:
        changed = heard(upload, request, at)
    except UnexpectedStatus as unexpected:
        odd = Oddity(
            station_key=state.key, at=at, kind="log_status_order", action=type(request).__name__, detail=str(unexpected)
        )
        return Decision(records=(*learned, odd), state=state)
    closed = _closed(changed, at)
    event = _event("LogUploadChanged", state, at, {"upload": upload.key, "state": changed.state, **_words(request)})
    return Decision(records=(*learned, changed, *closed), events=(event,), state=_with_uploads(state, changed))


def _words(request: LogStatusNotification) -> dict[str, object]:
    return {
        "status": request.status,
        "request_id": request.request_id,
        "reason": request.reason,
        "info": request.info,
    }


def _closed(upload: LogUpload, at: datetime) -> tuple[TransferClosed, ...]:
    """When the credentials of an upload end, once it is over; a failed one may be tried again."""
    if not upload.own_server or upload.state not in ("uploaded", "canceled", "rejected"):
        return ()
    return (TransferClosed(key=upload.key, closed_at=at + GRACE if upload.state == "uploaded" else at),)


def log_hook(address: Address, max_bytes: int, upload_s: int) -> CommandHook:
    """What a request for a log does beside being sent. ``max_bytes``: of a file; ``upload_s``: see FileSettings."""

    def objection(state: StationState, request: GetLog) -> str | None:
        if request.location:
            return None
        try:
            address(1, request.protocol, None)
        except LookupError as error:
            return str(error)
        return None

    def opens(request: GetLog, command: Command) -> tuple[Record, ...]:
        return (_upload(request, command),)

    def before(state: StationState, at: datetime, *, request: GetLog, command: Command) -> Decision:
        upload = msgspec.structs.replace(_upload(request, command), state="requested")
        transfer = Transfer(
            key=upload.key,
            tenant=upload.tenant,
            station_key=upload.station_key,
            purpose="upload",
            opened_at=at,
            expires_at=at + timedelta(seconds=upload_s + _trying_s(request)),
            max_bytes=max_bytes,
        )
        records = (upload, transfer) if upload.own_server else (upload,)
        return Decision(records=records, state=_with_uploads(state, upload))

    def complete(state: StationState, request: GetLog, command: Command) -> Request:
        if request.location:
            return request
        location = address(command.key, request.protocol, state.abilities.file_scheme)
        return msgspec.structs.replace(request, location=location)

    return CommandHook(objection=objection, opens=opens, before=before, after=_after, complete=complete)


def _after(
    state: StationState, at: datetime, *, request: GetLog, answer: GetLogAnswer, command: Command
) -> Decision | None:
    learned, taught = has_security_extension(state) if answer.extended else ((), None)
    state = taught or state
    upload = next((each for each in state.inquiries.uploads if each.key == command.key), None)
    if upload is None:
        return Decision(records=learned, state=state)
    changed = [answered(upload, answer, at)]
    if answer.status == "AcceptedCanceled":  # N01.FR.12
        others = [each for each in state.inquiries.uploads if each.key != upload.key and each.state not in FINAL]
        detail = "the station canceled it for a newer request"
        changed += [msgspec.structs.replace(each, state="canceled", detail=detail) for each in others]
    closed = [record for each in changed for record in _closed(each, at)]
    events = [_event("LogUploadChanged", state, at, {"upload": c.key, "state": c.state}) for c in changed]
    return Decision(records=(*learned, *changed, *closed), events=tuple(events), state=_with_uploads(state, *changed))


def _upload(request: GetLog, command: Command) -> LogUpload:
    return LogUpload(
        key=command.key,
        tenant=command.tenant,
        station_key=command.station_key,
        request_id=request.request_id,
        log_type=request.log_type,
        created_at=command.created_at,
        own_server=not request.location,
    )


def _trying_s(request: GetLog) -> int:
    """How long the attempts that were asked for may take."""
    return (request.retries or 0) * (request.retry_interval_s or 0)


def _with_uploads(state: StationState, *changed: LogUpload) -> StationState:
    return msgspec.structs.replace(state, inquiries=state.inquiries.with_uploads(*changed))


def _event(kind: str, state: StationState, at: datetime, data: dict[str, object]) -> Event:
    return Event(kind=kind, tenant=state.tenant, station_key=state.key, at=at, data=data)
