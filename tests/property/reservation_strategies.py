"""Reservations as far as 1.6 and 2.0.1 can carry them, and the answers; the rest is in the dialects' own test."""

from typing import Any

from device_model_strategies import maybe, moments, text
from hypothesis import strategies as st

from stationmaster.domain import messages as m
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.reservation.reservations import CancelReservation, ReservationStatusUpdate, ReserveNow

_numbers = st.integers(0, 2**31 - 1)
_plain = st.builds(IdToken, text(20))
_typed = st.builds(IdToken, text(36), st.sampled_from(["ISO14443", "Central"]))
_cancels = st.builds(CancelReservation, reservation_id=_numbers)
V1_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    ReserveNow: st.builds(
        ReserveNow,
        reservation_id=_numbers,
        expires_at=moments,
        id_token=_plain,
        group=maybe(_plain),
        evse=maybe(st.builds(Evse, st.integers(1, 9), st.just(1))),
    ),
    CancelReservation: _cancels,
}
V2_REQUESTS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    ReserveNow: st.builds(
        ReserveNow,
        reservation_id=_numbers,
        expires_at=moments,
        id_token=_typed,
        group=maybe(_typed),
        evse=maybe(st.builds(Evse, st.integers(1, 9))),
        connector_type=maybe(st.sampled_from(["cCCS2", "sType2"])),
    ),
    CancelReservation: _cancels,
    ReservationStatusUpdate: st.builds(
        ReservationStatusUpdate, reservation_id=_numbers, status=st.sampled_from(["Expired", "Removed"])
    ),
}
NOT_IN_V1 = frozenset({ReservationStatusUpdate})
_reserved = st.sampled_from(["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"])
_cancelled = st.sampled_from(["Accepted", "Rejected"])
V1_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    ReserveNow: st.builds(m.CommandAnswer, status=_reserved),
    CancelReservation: st.builds(m.CommandAnswer, status=_cancelled),
}
V2_ANSWERS: dict[type[m.Request], st.SearchStrategy[Any]] = {
    ReserveNow: st.builds(m.CommandAnswer, status=_reserved, reason=maybe(text(20))),
    CancelReservation: st.builds(m.CommandAnswer, status=_cancelled, reason=maybe(text(20))),
    ReservationStatusUpdate: st.just(m.ACKNOWLEDGED),
}
