"""H Reservation in 1.6.

It names a connector, or with connector 0 leaves it open; it has no kinds of connectors. A station does not tell how a
reservation ended: the status of its connector shows it.
"""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.moments import utc
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.v1.tokens import read_token, write_optional_token, write_token
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, CommandAnswer, Request
from stationmaster.domain.reservation.reservations import CancelReservation, ReservationStatusUpdate, ReserveNow
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_RESERVED: Mapping[str, v16.ReservationStatus] = words(v16.ReservationStatus)
_CANCELLED: Mapping[str, v16.CancelReservationStatus] = words(v16.CancelReservationStatus)


def read_reserve(facts: StationFacts, message: wire.ReserveNowRequest) -> ReserveNow:
    token, expires_at = read_token(message.id_tag), utc(message.expiry_date)
    if message.reservation_id is None:
        raise Unattributable("reservationId")
    if token is None or expires_at is None:
        raise Unattributable("idTag" if token is None else "expiryDate")
    return ReserveNow(
        reservation_id=message.reservation_id,
        expires_at=expires_at,
        id_token=token,
        group=read_token(message.parent_id_tag),
        evse=facts.evse_of(message.connector_id) if message.connector_id else None,
    )


def write_reserve_answer(facts: StationFacts, request: ReserveNow, answer: CommandAnswer) -> v16.ReserveNowResponse:
    return v16.ReserveNowResponse(status=_RESERVED.get(answer.status, "Rejected"))


def write_reserve(facts: StationFacts, request: ReserveNow) -> v16.ReserveNowRequest:
    if request.connector_type is not None:
        raise Unsupported("OCPP 1.x cannot reserve a kind of connector; name one")
    return v16.ReserveNowRequest(
        connector_id=facts.connector_of(request.evse),
        expiry_date=request.expires_at,
        id_tag=write_token(request.id_token),
        parent_id_tag=_parent(request),
        reservation_id=request.reservation_id,
    )


def _parent(request: ReserveNow) -> str | None:
    """Left out, the group could not use it."""
    parent = write_optional_token(request.group)
    if request.group is not None and parent is None:
        raise Unsupported("OCPP 1.x carries a group of 1 to 20 characters")
    return parent


def read_cancel(facts: StationFacts, message: wire.CancelReservationRequest) -> CancelReservation:
    if message.reservation_id is None:
        raise Unattributable("reservationId")
    return CancelReservation(reservation_id=message.reservation_id)


def write_cancel_answer(
    facts: StationFacts, request: CancelReservation, answer: CommandAnswer
) -> v16.CancelReservationResponse:
    return v16.CancelReservationResponse(status=_CANCELLED.get(answer.status, "Rejected"))


def write_cancel(facts: StationFacts, request: CancelReservation) -> v16.CancelReservationRequest:
    return v16.CancelReservationRequest(reservation_id=request.reservation_id)


def _told_by_the_status(facts: StationFacts, request: Any) -> Exchange:
    yield from ()
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "ReserveNow": Incoming(read_reserve, write_reserve_answer),
    "CancelReservation": Incoming(read_cancel, write_cancel_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    ReserveNow: one_call("ReserveNow", write_reserve, read_answer),
    CancelReservation: one_call("CancelReservation", write_cancel, read_answer),
    ReservationStatusUpdate: _told_by_the_status,
}
