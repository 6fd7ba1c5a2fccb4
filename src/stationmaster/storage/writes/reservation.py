"""How reservations are written."""

from typing import Any

import msgspec

from stationmaster.domain.reservation.reservations import Reservation
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.reservation import reservations
from stationmaster.storage.statements import Write, upsert

_encode = msgspec.json.Encoder().encode


def reservation_row(reservation: Reservation) -> tuple[Any, ...]:
    wish = reservation.wish
    return (
        reservation.key,
        reservation.tenant,
        reservation.station_key,
        reservation.reservation_id,
        wish.evse_id,
        wish.connector_id or 0,
        reservation.state,
        wish.id_token.key,
        micros(reservation.asked_at),
        max(micros(each.expires_at) for each in reservation.wishes),
        _encode(reservation).decode(),
    )


WRITES: dict[type, tuple[Write, ...]] = {
    Reservation: (Write(upsert(reservations, ("key",), keep=("tenant", "station_key", "asked_at")), reservation_row),),
}
