"""L03, L04: firmware that a local controller offers to its stations."""

from datetime import datetime

import msgspec

from stationmaster.csms.blocks.firmware import OFFERED_FOR, offer
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.firmware.updates import (
    Publication,
    PublicationState,
    PublishFirmware,
    PublishFirmwareStatusNotification,
    UnpublishFirmware,
    publication_heard,
)
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.records import Event, Oddity, Record
from stationmaster.domain.station import StationState

CHANGED = "PublicationChanged"


def publish_status(state: StationState, request: PublishFirmwareStatusNotification, at: datetime) -> Decision:
    """L03.FR.01; without a requestId (2.0) it is about the newest that is open."""
    found = _about(state, request.request_id)
    if found is None:
        if request.status == "Idle":
            return Decision()
        detail = f"{request.status} of requestId {request.request_id}, which is no publication of ours"
        kind, action = "firmware_unknown_request", "PublishFirmwareStatusNotification"
        return Decision(records=(Oddity(station_key=state.key, at=at, kind=kind, action=action, detail=detail),))
    now = publication_heard(found, request, at)
    return Decision() if now is found else _changed(state, now, at)


def asked(request: PublishFirmware, command: Command) -> Publication:
    """The publication that a command asks for."""
    return Publication(
        key=command.key,
        tenant=command.tenant,
        station_key=command.station_key,
        request_id=request.request_id,
        checksum=request.checksum,
        image_key=None if request.image is None else request.image.key,
        created_at=command.created_at,
        updated_at=command.created_at,
    )


def before_publish(state: StationState, at: datetime, *, request: PublishFirmware, command: Command) -> Decision:
    """Known, and to be fetched, before the station hears of it."""
    publication = msgspec.structs.replace(asked(request, command), state="requested", updated_at=at)
    decision = _changed(state, publication, at)
    if request.image is None:
        return decision
    transfer = offer(state, command.key, request.image, at, at + OFFERED_FOR)
    return msgspec.structs.replace(decision, records=(*decision.records, transfer))


def after_publish(
    state: StationState, at: datetime, *, request: PublishFirmware, answer: CommandAnswer, command: Command
) -> Decision | None:
    """The answer, which may come after the first status."""
    found = next((known for known in state.publications if known.key == command.key), None)
    if found is None or found.state != "requested":
        return None
    accepted = answer.status == "Accepted"
    word: PublicationState = "accepted" if accepted else "rejected"
    detail = None if accepted else ": ".join(filter(None, (answer.status, answer.reason, answer.info)))
    return _changed(state, msgspec.structs.replace(found, state=word, updated_at=at, detail=detail), at)


def after_unpublish(
    state: StationState, at: datetime, *, request: UnpublishFirmware, answer: CommandAnswer, command: Command
) -> Decision | None:
    """L04: gone, or never there; while a station fetches it, it stays (L04.FR.04)."""
    if answer.status not in ("Unpublished", "NoFirmware"):
        return None
    records: list[Record] = []
    events: list[Event] = []
    for known in state.publications:
        if known.checksum == request.checksum and known.state in ("published", "accepted", "under_way"):
            gone = msgspec.structs.replace(known, state="unpublished", updated_at=at, detail=answer.status)
            decision = _changed(state, gone, at)
            records += decision.records
            events += decision.events
            state = decision.state or state
    return Decision(records=tuple(records), events=tuple(events), state=state)


def concluded(state: StationState, publication: Publication, at: datetime, detail: str | None) -> Decision | None:
    """After a command that ended without an answer."""
    known = next((one for one in state.publications if one.key == publication.key), publication)
    if known.state not in ("queued", "requested"):
        return None
    return _changed(state, msgspec.structs.replace(known, state="failed", updated_at=at, detail=detail), at)


def _about(state: StationState, request_id: int | None) -> Publication | None:
    newest_first = reversed(state.publications)
    if request_id is not None:
        return next((known for known in newest_first if known.request_id == request_id), None)
    return next((known for known in newest_first if known.is_open), None)


def told(publication: Publication, at: datetime) -> Event:
    data = {"publication": publication.key, "state": publication.state, "status": publication.status}
    return Event(kind=CHANGED, tenant=publication.tenant, station_key=publication.station_key, at=at, data=data)


def _changed(state: StationState, publication: Publication, at: datetime) -> Decision:
    return Decision(records=(publication,), events=(told(publication, at),), state=state.with_publication(publication))
