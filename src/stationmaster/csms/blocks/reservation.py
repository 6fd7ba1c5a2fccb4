"""H Reservation: what became of the places that stations were asked to keep.

Never two for one place: everything that is asked of a station passes its lane, where the reservations it may be
keeping are known; a unique index is the last guard. Stations of 1.x do not tell how a reservation ended: that is
inferred, and marked so.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import msgspec

from stationmaster.csms.commands.hooks import CommandHook, Hooks, Objection
from stationmaster.csms.ports import Reservations
from stationmaster.domain.command import Command, number_of
from stationmaster.domain.decision import Decision, whichever_way, with_more
from stationmaster.domain.device_model.variables import RESERVES
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import CommandAnswer, StatusNotification, TransactionAnswer, TransactionEvent
from stationmaster.domain.records import Event, Oddity, Record, TransactionEventRecord
from stationmaster.domain.reservation.reservations import (
    CLOCKS_APART,
    CancelReservation,
    Reservation,
    ReservationState,
    ReservationStatusUpdate,
    ReserveNow,
    Wish,
    advance,
    is_for,
    overlap,
    wish_of,
)
from stationmaster.domain.reservation.reserved_places import has_room
from stationmaster.domain.station import StationState

CHANGED = "ReservationChanged"
_REFUSALS = {
    "Occupied": "every place that would do is taken or reserved",
    "Faulted": "the place is out of order",
    "Unavailable": "the place is switched off",
    "Rejected": "the station takes no such reservation",
}
"""The words of H01.FR.11-.14 and .19, for an operator."""
_TOLD: dict[str, ReservationState] = {
    "Expired": "expired",
    "Removed": "removed",
    "NoTransaction": "no_transaction",
}


# Commands ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def is_asked_for(request: ReserveNow, command: Command) -> tuple[Record, ...]:
    """It is there from the moment on that the command is; one that is to be changed is there already."""
    if request.reservation_id != number_of(command.key):
        return ()
    return (_new(request, command, "queued", command.created_at),)


def objection(state: StationState, request: ReserveNow) -> str | None:
    return "the station takes no reservations" if state.learned.get(RESERVES) == "no" else None


def is_sent(state: StationState, at: datetime, *, request: ReserveNow, command: Command) -> Decision:
    """In the lane: whatever else was asked of this station is known."""
    wish = wish_of(request)
    if wish.expires_at <= at:
        raise Objection("the reservation's time is over")
    known = _known(state, request.reservation_id)
    others = [each for each in state.reservations if known is None or each.key != known.key]
    _refuse_two_for_one_place(state, wish, others)
    if known is None:
        return decided(state, _new(request, command, "asked", at), at)
    return decided(state, msgspec.structs.replace(known, change=wish, command=command.key, changed_at=at), at)


def is_answered(
    state: StationState, at: datetime, *, request: ReserveNow, answer: CommandAnswer, command: Command
) -> Decision | None:
    known = _known(state, request.reservation_id)
    if known is None or known.command != command.key:
        return None  # over before the answer came
    told: dict[str, Any] = {"status": answer.status, "reason": _words(answer)}
    if answer.status == "Accepted":
        told |= {"wish": known.change, "change": None, "replaced": known.replaced + 1} if known.change else {}
        return decided(state, advance(known, "active", at, **told), at)
    if known.change is not None:  # it stays as it was
        return decided(state, msgspec.structs.replace(known, change=None, changed_at=at, **told), at)
    if known.state != "asked":
        return None
    return decided(state, advance(known, "refused", at, **told), at)


def is_cancelled(
    state: StationState, at: datetime, *, request: CancelReservation, answer: CommandAnswer, command: Command
) -> Decision | None:
    known = _known(state, request.reservation_id)
    if known is None:
        return None
    if answer.status == "Accepted":
        return decided(state, advance(known, "cancelled", at, change=None), at)
    gone = advance(known, "removed", at, change=None, inferred=True, reason="the station does not know it")  # H02.FR.01
    return decided(state, gone, at)


HOOKS: Hooks = {
    ReserveNow: CommandHook(objection=objection, before=is_sent, after=is_answered, opens=is_asked_for),
    CancelReservation: CommandHook(after=is_cancelled),
}


def _new(request: ReserveNow, command: Command, state: ReservationState, at: datetime) -> Reservation:
    return Reservation(
        key=command.key,
        tenant=command.tenant,
        station_key=command.station_key,
        reservation_id=request.reservation_id,
        wish=wish_of(request),
        state=state,
        command=command.key,
        asked_at=command.created_at,
        changed_at=at,
        requested_by=command.requested_by,
    )


def _refuse_two_for_one_place(state: StationState, wish: Wish, others: list[Reservation]) -> None:
    """Raises Objection. Where no connector was ever told of, it is the station that knows its places."""
    taken = clash(wish, others)
    if taken is not None:
        raise Objection(f"{place_of(wish)} is {_until(taken)}")
    evses = {evse_id for evse_id, _ in state.connectors if evse_id}
    held = [each for other in others for each in other.wishes]
    named = {each.evse_id for each in (*held, wish) if each.evse_id is not None}
    fits = [evses if each.evse_id is None else {each.evse_id} for each in held]
    mine = evses if wish.evse_id is None else {wish.evse_id}
    if evses and not has_room(fits, evses | named, mine):
        raise Objection("as many reservations as there are EVSEs are held already")


def clash(wish: Wish, others: list[Reservation]) -> Reservation | None:
    """One that may already hold the place that is named."""
    return next((other for other in others if any(overlap(wish, each) for each in other.wishes)), None)


def place_of(wish: Wish) -> str:
    return f"EVSE {wish.evse_id}"


def _until(reservation: Reservation) -> str:
    until = max(wish.expires_at for wish in reservation.wishes)
    return f"reserved until {until:%Y-%m-%d %H:%M} UTC (reservation {reservation.key})"


def _words(answer: CommandAnswer) -> str | None:
    if answer.status == "Accepted":
        return None
    more = ": ".join(filter(None, (answer.reason, answer.info)))
    words = _REFUSALS.get(answer.status, f"the station answered {answer.status[:50]}")
    return f"{words} ({more})" if more else words


# What stations tell ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ReservationStatusUpdateBlock:
    """H01.FR.16, .17, H03.FR.11, H04.FR.01."""

    reads: Reservations

    def __call__(
        self, state: StationState, request: ReservationStatusUpdate, at: datetime
    ) -> Decision | Awaitable[Decision]:
        known = _known(state, request.reservation_id)
        return self._about_past(state, request, at) if known is None else _ended(state, known, request, at)

    async def _about_past(self, state: StationState, request: ReservationStatusUpdate, at: datetime) -> Decision:
        known = await self.reads.find_reservation(state.key, request.reservation_id)
        if known is None:
            return _odd(
                state, at, "unknown_reservation", f"{request.status[:50]} of reservation {request.reservation_id}"
            )
        if known.state == "used" and request.status == "NoTransaction":
            return _ended(state, known, request, at)
        return Decision()  # a repeat, or what was seen already


def _ended(state: StationState, known: Reservation, request: ReservationStatusUpdate, at: datetime) -> Decision:
    end = _TOLD.get(request.status)
    if end is None:
        return _odd(state, at, "reservation_status", f"{request.status[:50]} of reservation {request.reservation_id}")
    return decided(state, advance(known, end, at, change=None, status=request.status), at)


class TransactionBlock(Protocol):
    def __call__(
        self, state: StationState, event: TransactionEvent, at: datetime, /
    ) -> Decision | Awaitable[Decision]: ...


@dataclass(frozen=True, slots=True)
class MeetsReservations:
    """Around the block of transactions: whose transaction a reservation was for. It costs nothing where there are no
    reservations."""

    block: TransactionBlock
    reads: Reservations

    def __call__(self, state: StationState, event: TransactionEvent, at: datetime) -> Decision | Awaitable[Decision]:
        decision = self.block(state, event, at)
        if not state.reservations and event.reservation_id is None:
            return decision
        known = None if event.reservation_id is None else _known(state, event.reservation_id)
        if isinstance(decision, Decision) and (known is not None or event.reservation_id is None):
            return _with_met(state, event, at, known, decision)
        return self._later(state, event, at, known, decision)

    async def _later(
        self,
        state: StationState,
        event: TransactionEvent,
        at: datetime,
        known: Reservation | None,
        decision: Decision | Awaitable[Decision],
    ) -> Decision:
        decided_on = decision if isinstance(decision, Decision) else await decision
        if known is None and event.reservation_id is not None:
            known = await self.reads.find_reservation(state.key, event.reservation_id)
        return _with_met(state, event, at, known, decided_on)


def _with_met(
    state: StationState, event: TransactionEvent, at: datetime, known: Reservation | None, decision: Decision
) -> Decision:
    """``known`` is what the event names. A repeat stores nothing, and meets nothing."""
    return whichever_way(decision, partial(_met, state, event, at, known))


def _met(
    state: StationState, event: TransactionEvent, at: datetime, known: Reservation | None, decision: Decision
) -> Decision:
    evidence = next((record for record in decision.records if isinstance(record, TransactionEventRecord)), None)
    if evidence is None:
        return decision
    inferred = known is None and event.reservation_id is None
    met = _matching(state, event, decision) if inferred else known
    if met is None or not (met.is_open or (met.inferred and met.state in ("expired", "removed"))):
        return decision
    used = advance(
        met, "used", at, change=None, transaction_key=evidence.transaction_key, inferred=inferred, reason=None
    )
    after = _with(decision.state or state, used)
    more = msgspec.structs.replace(decision, state=after)
    return with_more(more, (used,), (told(used, at),))


def _matching(state: StationState, event: TransactionEvent, decision: Decision) -> Reservation | None:
    """The reservation that a station uses without saying so, as one of 1.x may: its token begins to charge there."""
    id_token, answer = event.id_token, decision.answer
    begins = event.event_type != "Ended" and event.trigger_reason != "StopAuthorized"
    if id_token is None or not begins or not isinstance(answer, TransactionAnswer) or answer.id_token_info is None:
        return None
    if answer.id_token_info.status != "Accepted":
        return None
    group = answer.id_token_info.group
    fitting = [
        each
        for each in state.reservations
        if event.timestamp >= each.asked_at - CLOCKS_APART and _is_its(each, event, id_token, group)
    ]
    return next(iter(sorted(fitting, key=lambda each: each.wish.evse_id is None)), None)


def _is_its(reservation: Reservation, event: TransactionEvent, id_token: IdToken, group: IdToken | None) -> bool:
    wish = reservation.wish
    there = wish.evse_id is None or (event.evse is not None and event.evse.id == wish.evse_id)
    return there and is_for(wish, id_token, group)


StatusBlock = Callable[[StationState, StatusNotification, datetime], Decision]


def frees_reservations(block: StatusBlock) -> StatusBlock:
    """Around the block of StatusNotification: a station of 1.x shows by it that it keeps a place no longer (1.6
    §5.13)."""

    def with_ends(state: StationState, request: StatusNotification, at: datetime) -> Decision:
        decision = block(state, request, at)
        if not state.reservations or not state.abilities.speaks_only_of_connectors:
            return decision
        for known in state.reservations:
            end = _end_by_status(known, request, at)
            if end is not None:
                gone = advance(known, end, at, change=None, inferred=True, reason=f"its place became {request.status}")
                after = _with(decision.state or state, gone)
                decision = with_more(msgspec.structs.replace(decision, state=after), (gone,), (told(gone, at),))
        return decision

    return with_ends


def _end_by_status(known: Reservation, request: StatusNotification, at: datetime) -> ReservationState | None:
    there = request.evse.id in (0, known.wish.evse_id)
    if known.state == "asked" or not there:
        return None
    if request.status in ("Faulted", "Unavailable"):
        return "removed"
    return "expired" if request.status == "Available" and known.wish.expires_at <= at and request.evse.id else None


# Every change ───────────────────────────────────────────────────────────────────────────────────────────────────────


def decided(state: StationState, reservation: Reservation, at: datetime) -> Decision:
    """A decision that stores a reservation as it now is, and tells of it."""
    return Decision(records=(reservation,), events=(told(reservation, at),), state=_with(state, reservation))


def told(reservation: Reservation, at: datetime) -> Event:
    data = {
        "reservation": reservation.key,
        "reservation_id": reservation.reservation_id,
        "state": reservation.state,
        "evse_id": reservation.wish.evse_id,
        "reason": reservation.reason,
        "transaction": reservation.transaction_key,
    }
    return Event(kind=CHANGED, tenant=reservation.tenant, station_key=reservation.station_key, at=at, data=data)


def _known(state: StationState, reservation_id: int) -> Reservation | None:
    return next((each for each in state.reservations if each.reservation_id == reservation_id), None)


def _with(state: StationState, reservation: Reservation) -> StationState:
    others = tuple(each for each in state.reservations if each.key != reservation.key)
    held = (*others, reservation) if reservation.is_open else others
    return msgspec.structs.replace(state, reservations=tuple(sorted(held, key=lambda each: each.key)))


def _odd(state: StationState, at: datetime, kind: str, detail: str) -> Decision:
    odd = Oddity(station_key=state.key, at=at, kind=kind, action="ReservationStatusUpdate", detail=detail)
    return Decision(records=(odd,))
