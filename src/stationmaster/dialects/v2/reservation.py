"""H Reservation in 2.x. It reserves EVSEs, not single connectors of them; 2.0 only an EVSE that is named."""

from collections.abc import Mapping

from stationmaster.dialects.moments import utc
from stationmaster.dialects.table import (
    Exchange,
    Incoming,
    Outgoing,
    Unattributable,
    Unsupported,
    WireCall,
    one_call,
)
from stationmaster.dialects.v2.parts import (
    read_answer,
    read_token,
    write_optional_token,
    write_status_info,
    write_token,
)
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.domain.reservation.reservations import CancelReservation, ReservationStatusUpdate, ReserveNow
from stationmaster.ocpp import v21, v201
from stationmaster.ocpp.v21 import lenient as wire

_RESERVED: Mapping[str, v21.ReserveNowStatusEnumType] = words(v21.ReserveNowStatusEnumType)
_CANCELLED: Mapping[str, v21.CancelReservationStatusEnumType] = words(v21.CancelReservationStatusEnumType)
_UPDATES: Mapping[str, v21.ReservationUpdateStatusEnumType] = words(v21.ReservationUpdateStatusEnumType)
_SINCE_21 = frozenset({"NoTransaction"})
_CLOSED_TYPES: Mapping[str, v201.ConnectorEnumType] = words(v201.ConnectorEnumType)
"""The kinds of connectors before 2.1, which left the list open."""


def read_reserve(facts: StationFacts, message: wire.ReserveNowRequest) -> ReserveNow:
    token, expires_at = read_token(message.id_token), utc(message.expiry_date_time)
    if message.id is None:
        raise Unattributable("id")
    if token is None or expires_at is None:
        raise Unattributable("idToken" if token is None else "expiryDateTime")
    return ReserveNow(
        reservation_id=message.id,
        expires_at=expires_at,
        id_token=token,
        group=read_token(message.group_id_token),
        evse=Evse(message.evse_id) if message.evse_id else None,
        connector_type=message.connector_type,
    )


def write_reserve_answer(facts: StationFacts, request: ReserveNow, answer: CommandAnswer) -> v21.ReserveNowResponse:
    return v21.ReserveNowResponse(
        status=_RESERVED.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_reserve(facts: StationFacts, request: ReserveNow) -> v21.ReserveNowRequest:
    evse_id = request.evse.id or None if request.evse is not None else None
    if request.evse is not None and request.evse.connector_id is not None:
        raise Unsupported("OCPP 2.x reserves an EVSE, not one of its connectors")
    if evse_id is None and facts.version == "2.0":
        raise Unsupported("OCPP 2.0 reserves a named EVSE only")
    kind = request.connector_type
    if kind is not None and (len(kind) > 20 or (facts.version != "2.1" and kind not in _CLOSED_TYPES)):
        raise Unsupported(f"OCPP {facts.version} does not know the kind of connector {kind[:50]}")
    return v21.ReserveNowRequest(
        id=request.reservation_id,
        expiry_date_time=request.expires_at,
        connector_type=kind,
        id_token=write_token(request.id_token),
        evse_id=evse_id,
        group_id_token=write_optional_token(request.group),
    )


def read_cancel(facts: StationFacts, message: wire.CancelReservationRequest) -> CancelReservation:
    if message.reservation_id is None:
        raise Unattributable("reservationId")
    return CancelReservation(reservation_id=message.reservation_id)


def write_cancel_answer(
    facts: StationFacts, request: CancelReservation, answer: CommandAnswer
) -> v21.CancelReservationResponse:
    return v21.CancelReservationResponse(
        status=_CANCELLED.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_cancel(facts: StationFacts, request: CancelReservation) -> v21.CancelReservationRequest:
    return v21.CancelReservationRequest(reservation_id=request.reservation_id)


def read_update(facts: StationFacts, message: wire.ReservationStatusUpdateRequest) -> ReservationStatusUpdate:
    if message.reservation_id is None:
        raise Unattributable("reservationId")
    return ReservationStatusUpdate(
        reservation_id=message.reservation_id, status=message.reservation_update_status or ""
    )


def write_update_answer(
    facts: StationFacts, request: ReservationStatusUpdate, answer: Acknowledged
) -> v21.ReservationStatusUpdateResponse:
    return v21.ReservationStatusUpdateResponse()


def tell_update(facts: StationFacts, request: ReservationStatusUpdate) -> Exchange:
    """What a version has no word for stays untold."""
    status = _UPDATES.get(request.status)
    if status is None:
        raise Unsupported(f"OCPP 2.x has no reservationUpdateStatus {request.status[:50]}")
    if status not in _SINCE_21 or facts.version == "2.1":
        update = v21.ReservationStatusUpdateRequest(
            reservation_id=request.reservation_id, reservation_update_status=status
        )
        yield WireCall("ReservationStatusUpdate", update)
    return ACKNOWLEDGED


INCOMING: Mapping[str, Incoming] = {
    "ReserveNow": Incoming(read_reserve, write_reserve_answer),
    "CancelReservation": Incoming(read_cancel, write_cancel_answer),
    "ReservationStatusUpdate": Incoming(read_update, write_update_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    ReserveNow: one_call("ReserveNow", write_reserve, read_answer),
    CancelReservation: one_call("CancelReservation", write_cancel, read_answer),
    ReservationStatusUpdate: tell_update,
}
