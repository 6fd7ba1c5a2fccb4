"""H Reservation: an EVSE, one with a kind of connector, or any, kept for a token until a moment.

                     ┌──> refused, failed
queued ──> asked ────┼──> active ──────┬──> used ──> no_transaction
                     └──> unknown ─────┼──> cancelled, expired, removed, no_transaction
                                       └──> unknown  (a change of it was not answered)

A reservation has the key of the command that asked for it; ``reservation_id`` is its number on the wire. Asking once
more with the same number changes it (H01.FR.02).
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from stationmaster.domain.command import Command, CommandState
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import Request

ReservationState = Literal[
    "queued",
    "asked",
    "active",
    "refused",
    "failed",
    "unknown",
    "used",
    "cancelled",
    "expired",
    "removed",
    "no_transaction",
]
_OPEN_STATES: tuple[ReservationState, ...] = ("asked", "active", "unknown")
OPEN_STATES: frozenset[ReservationState] = frozenset(_OPEN_STATES)
"""Those in which a station may be keeping a place."""
_ENDS: frozenset[ReservationState] = frozenset({"used", "cancelled", "expired", "removed", "no_transaction"})

TRANSITIONS: dict[ReservationState, frozenset[ReservationState]] = {
    "queued": frozenset({"asked", "failed"}),
    "asked": frozenset({"active", "refused", "failed", "unknown", *_ENDS}),
    "active": frozenset({"active", "unknown", *_ENDS}),
    "unknown": frozenset({"active", "unknown", *_ENDS}),
    "expired": frozenset({"used"}),  # by our clock; the station had it longer
    "removed": frozenset({"used"}),  # as we saw it; the station did not
    "used": frozenset({"no_transaction"}),
    "refused": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "no_transaction": frozenset(),
}
UNANSWERED: frozenset[CommandState] = frozenset({"failed", "unsupported", "timed_out", "unknown"})
"""How a command may have ended without an answer."""
GRACE = timedelta(seconds=60)
"""After its end a station is given so long to tell of it."""
CLOCKS_APART = timedelta(seconds=60)
"""How far a station's clock may be off for what it tells to be taken as later than what it was asked."""


class IllegalTransition(Exception):
    """A reservation cannot go from the one state to the other."""


class ReserveNow(Request, frozen=True, kw_only=True, omit_defaults=True):
    """H01. Status: Accepted, Faulted, Occupied, Rejected, Unavailable. Without ``evse``: whichever is free, with
    ``connector_type`` one that has such a connector."""

    id_token: IdToken
    expires_at: datetime
    reservation_id: int = 0
    group: IdToken | None = None
    evse: Evse | None = None
    connector_type: str | None = None


class CancelReservation(Request, frozen=True, kw_only=True, omit_defaults=True):
    """H02. Status: Accepted, Rejected."""

    reservation_id: int


class ReservationStatusUpdate(Request, frozen=True, kw_only=True, omit_defaults=True):
    """H01.FR.16, .17, H03.FR.11, H04.FR.01. ``status``: Expired, Removed, NoTransaction (2.1)."""

    reservation_id: int
    status: str


class Wish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For whom, what and until when. ``connector_id`` only where 1.x has several at one EVSE."""

    id_token: IdToken
    expires_at: datetime
    group: IdToken | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    connector_type: str | None = None


class Reservation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``command``: the newest one that asked for it. ``change``: what it was asked to become, until that is answered.
    ``status``: the station's word for it.

    ``inferred``: its end was not told by the station but seen from something else. ``replaced``: how often it was
    changed. ``kept_from``: when the station agreed to it first; from then on it may cost something (I12.FR.07).
    """

    key: int
    tenant: str
    station_key: int
    reservation_id: int
    wish: Wish
    state: ReservationState
    command: int
    asked_at: datetime
    changed_at: datetime
    change: Wish | None = None
    status: str | None = None
    reason: str | None = None
    transaction_key: int | None = None
    inferred: bool = False
    replaced: int = 0
    requested_by: str | None = None
    kept_from: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """All that the station may be keeping for it."""
        return (self.wish,) if self.change is None else (self.wish, self.change)


class ReservationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``token`` is a token's value, however spelled. ``open``: not over yet. ``from_at`` <= asked < ``to_at``. Newest
    first."""

    tenant: str
    station_key: int | None = None
    state: ReservationState | None = None
    open: bool | None = None
    token: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


def wish_of(request: ReserveNow) -> Wish:
    evse = request.evse
    named = evse is not None and evse.id != 0
    return Wish(
        id_token=request.id_token,
        expires_at=request.expires_at,
        group=request.group,
        evse_id=evse.id if evse is not None and named else None,
        connector_id=evse.connector_id if evse is not None and named else None,
        connector_type=request.connector_type,
    )


def advance(reservation: Reservation, state: ReservationState, at: datetime, **changes: object) -> Reservation:
    """The reservation in its next state; an unlisted transition is an error."""
    if state not in TRANSITIONS[reservation.state]:
        raise IllegalTransition(f"reservation {reservation.key}: {reservation.state} -> {state}")
    if state == "active" and reservation.kept_from is None:
        changes["kept_from"] = at
    return msgspec.structs.replace(reservation, state=state, changed_at=at, **changes)


def is_for(wish: Wish, id_token: IdToken, group: IdToken | None) -> bool:
    """H03.FR.01-.08: the reserved token, or one of the reserved group."""
    if wish.id_token.key in id_token.keys or id_token.key in wish.id_token.keys:
        return None in (wish.id_token.type, id_token.type) or wish.id_token.type == id_token.type
    return wish.group is not None and group is not None and wish.group.key == group.key


def overlap(one: Wish, other: Wish) -> bool:
    """Whether both name the same place."""
    if one.evse_id is None or one.evse_id != other.evse_id:
        return False
    return None in (one.connector_id, other.connector_id) or one.connector_id == other.connector_id


def concluded(reservation: Reservation, command: Command, at: datetime) -> Reservation | None:
    """The reservation once its newest command ended without an answer; None: that says nothing of it."""
    if reservation.command != command.key or command.state not in UNANSWERED:
        return None
    never_sent = command.state in ("failed", "unsupported") or command.sent_at is None
    if reservation.change is not None:
        if never_sent:
            return msgspec.structs.replace(reservation, change=None, changed_at=at, reason=command.detail)
        # The station may keep either place now.
        return None if reservation.state == "unknown" else advance(reservation, "unknown", at, reason=command.detail)
    if reservation.state not in ("queued", "asked"):
        return None
    asked = reservation if reservation.state == "asked" else advance(reservation, "asked", at)
    return advance(asked, "failed" if never_sent else "unknown", at, reason=command.detail)


def has_lapsed(reservation: Reservation, at: datetime) -> bool:
    """Whether its time is over, and nobody told so."""
    return reservation.is_open and all(wish.expires_at + GRACE <= at for wish in reservation.wishes)
