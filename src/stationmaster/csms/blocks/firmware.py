"""L Firmware: what stations tell of their updates, and what their answers and boots make of them.

Whatever is odd about a status is recorded and answered: a station is never made to retry for our reasons.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.firmware.updates import (
    FirmwareStatusNotification,
    FirmwareStatusRecord,
    FirmwareUpdate,
    ImageRef,
    UpdateFirmware,
    UpdateFirmwareAnswer,
    about,
    answered,
    booted,
    ended,
    heard,
    opened,
    requested,
)
from stationmaster.domain.messages import BootNotification, CommandAnswer, Request
from stationmaster.domain.records import Event, Learned, Oddity, Record
from stationmaster.domain.station import StationState
from stationmaster.domain.transfer import Transfer, TransferClosed

CHANGED = "FirmwareStatusChanged"
SECURITY_EXTENSION = "can:SecurityExtension"
OFFERED_FOR = timedelta(days=7)
"""How long after it is due an image may be fetched, if nothing ends the update before that."""
_MAX_DETAIL = 500


def firmware_status(state: StationState, request: FirmwareStatusNotification, at: datetime) -> Decision:
    """L01.FR.01. A status that belongs to no update of ours is evidence all the same."""
    update = about(state.updates, request.request_id) if request.status != "Idle" else None
    learned = _learned(state, "yes") if request.extended else ()
    state = state.with_learned({record.name: record.value for record in learned})
    if update is None:
        oddities = _unattributed(state, request, at)
        record = _record(state, None, request, at, in_order=request.status == "Idle")
        return Decision(records=(record, *oddities, *learned), events=(_told(state, request, at),), state=state)
    now, in_order = heard(update, request, at)
    records: list[Record] = [_record(state, now, request, at, in_order=in_order), *learned]
    if not in_order:
        records.append(_odd(state, at, "firmware_order", f"{request.status} after {update.status or update.state}"))
    decision = changed(state, (now,), at) if now is not update else Decision(state=state)
    return _with(decision, records)


def is_status_awaited(state: StationState, request: Request) -> bool:
    """Whether it tells of an update that a station was asked for before its registration was accepted (B02.FR.02)."""
    if not isinstance(request, FirmwareStatusNotification):
        return False
    update = about(state.updates, request.request_id)
    return update is not None and update.is_open and update.state != "queued"


def concludes_updates(boot: Callable[[StationState, Any, datetime], Decision]) -> Callable[..., Decision]:
    """The block of BootNotification, which also shows which firmware runs."""

    def block(state: StationState, request: BootNotification, at: datetime) -> Decision:
        decision = boot(state, request, at)
        after = decision.state or state
        version = request.station.firmware_version
        moved = tuple(now for known in after.updates if (now := booted(known, version, at)) is not known)
        if not moved:
            return decision
        more = changed(after, moved, at)
        return msgspec.structs.replace(
            decision,
            records=(*decision.records, *more.records),
            events=(*decision.events, *more.events),
            state=more.state,
        )

    return block


def before_update(state: StationState, at: datetime, *, request: UpdateFirmware, command: Command) -> Decision:
    """The update is known, and its image can be fetched, before the station hears of it."""
    update = opened(
        request,
        key=command.key,
        tenant=state.tenant,
        station_key=state.key,
        at=command.created_at,
        from_version=state.station.info.firmware_version,
    )
    decision = changed(state, (requested(update, at),), at)
    if request.image is None:
        return decision
    due = max(at, request.firmware.retrieve_at, request.firmware.install_at or at)
    return _with(decision, [offer(state, command.key, request.image, at, due + OFFERED_FOR)])


def offer(state: StationState, key: int, image: ImageRef, at: datetime, until: datetime) -> Transfer:
    """The right of one station to fetch an image."""
    return Transfer(
        key=key,
        tenant=state.tenant,
        station_key=state.key,
        purpose="firmware",
        opened_at=at,
        expires_at=until,
        blob=image.blob,
        name=image.file_name,
    )


def after_update(
    state: StationState, at: datetime, *, request: UpdateFirmware, answer: CommandAnswer, command: Command
) -> Decision | None:
    """The answer, and what a newer request makes of an older update (L01.FR.24)."""
    update = next((known for known in state.updates if known.key == command.key), None)
    if update is None:
        return None
    moved = [answered(update, answer, at)]
    signed = answer.signed if isinstance(answer, UpdateFirmwareAnswer) else None
    learned = () if signed is None else _learned(state, "yes" if signed else "no")
    if answer.status == "AcceptedCanceled" or (signed is False and answer.status == "Accepted"):
        moved += [
            ended(known, "superseded", at, "a newer request took its place")
            for known in state.updates
            if known.key < update.key and known.is_open and known.state != "queued"
        ]
    state = state.with_learned({record.name: record.value for record in learned})
    return _with(changed(state, moved, at), learned)


def changed(state: StationState, updates: Iterable[FirmwareUpdate], at: datetime) -> Decision:
    """A decision that stores updates in their new states, tells of them, and closes what nobody will fetch any more."""
    records: list[Record] = []
    events: list[Event] = []
    for update in updates:
        state = state.with_update(update)
        records.append(update)
        if update.ended_at is not None and update.status != "DownloadFailed":
            records.append(TransferClosed(key=update.key, closed_at=at))
        events.append(told(update, at))
    return Decision(records=tuple(records), events=tuple(events), state=state)


def told(update: FirmwareUpdate, at: datetime) -> Event:
    """The event of an update's new state."""
    data = {
        "update": update.key,
        "request_id": update.request_id,
        "state": update.state,
        "status": update.status,
        "campaign": update.campaign_key,
        "detail": update.detail,
    }
    return Event(kind=CHANGED, tenant=update.tenant, station_key=update.station_key, at=at, data=data)


def _told(state: StationState, request: FirmwareStatusNotification, at: datetime) -> Event:
    data = {"update": None, "request_id": request.request_id, "state": None, "status": request.status}
    return Event(kind=CHANGED, tenant=state.tenant, station_key=state.key, at=at, data=data)


def _record(
    state: StationState,
    update: FirmwareUpdate | None,
    request: FirmwareStatusNotification,
    at: datetime,
    *,
    in_order: bool,
) -> FirmwareStatusRecord:
    info = ": ".join(filter(None, (request.reason, request.info)))[:_MAX_DETAIL] or None
    return FirmwareStatusRecord(
        station_key=state.key,
        update_key=None if update is None else update.key,
        status=request.status,
        request_id=request.request_id,
        at=at,
        in_order=in_order,
        info=info,
    )


def _unattributed(state: StationState, request: FirmwareStatusNotification, at: datetime) -> tuple[Oddity, ...]:
    if request.status == "Idle":
        return ()
    what = "without a requestId" if request.request_id is None else f"of requestId {request.request_id}"
    return (_odd(state, at, "firmware_unknown_request", f"{request.status} {what}, which is no update of ours"),)


def _odd(state: StationState, at: datetime, kind: str, detail: str) -> Oddity:
    return Oddity(station_key=state.key, at=at, kind=kind, action="FirmwareStatusNotification", detail=detail)


def _learned(state: StationState, value: str) -> tuple[Learned, ...]:
    if state.learned.get(SECURITY_EXTENSION) == value:
        return ()
    return (Learned(station_key=state.key, name=SECURITY_EXTENSION, value=value),)


def _with(decision: Decision, records: Iterable[Record]) -> Decision:
    return msgspec.structs.replace(decision, records=(*decision.records, *records))
