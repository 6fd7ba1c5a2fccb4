"""H Reservation: EVSEs that are kept for somebody, whichever of them it will be.

What the CSMS reserves is written down before it is told so. Which EVSEs are kept follows from one rule
(`domain.reserved_places`), looked at again whenever something happens at an EVSE. An EVSE stays kept while a stranger's
cable is in (G01.FR.09). A reservation is used up when its driver is let charge, not when the card is shown: a card that
is refused must not cost it.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from stationmaster.clock.timeouts import within
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Answer, CommandAnswer, Request
from stationmaster.domain.reservation.reservations import (
    CancelReservation,
    ReservationStatusUpdate,
    ReserveNow,
    Wish,
    is_for,
    wish_of,
)
from stationmaster.domain.reservation.reserved_places import has_room, kept
from stationmaster.station import display
from stationmaster.station.admission import ADMITTED, Admission
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Clock, EvseDescription, Memory
from stationmaster.station.settings import Configuration

TOLD = (ReservationStatusUpdate,)
MAX_HELD = 100
LONGEST_SLEEP_S = 3600.0
_KEY = "reservations"


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    reservation_id: int
    wish: Wish


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What survives a loss of power. ``blocked``: kept EVSEs with the cable of somebody who may not charge there.
    ``since``: when they were asked for."""

    held: tuple[Held, ...] = ()
    blocked: tuple[int, ...] = ()
    since: dict[int, datetime] = {}


class Reservations:
    """An observer of the EVSEs. ``group_of``: the group of a token, as far as it is known here (H03.FR.07)."""

    def __init__(
        self,
        evses: Sequence[EvseDescription],
        transactions: Transactions,
        availability: Availability,
        memory: Memory,
        clock: Clock,
        configuration: Configuration,
        tell: Callable[[Request], None],
    ) -> None:
        self._types = {evse.id: frozenset(connector.type for connector in evse.connectors) for evse in evses}
        self._transactions = transactions
        self._availability = availability
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._tell = tell
        self.group_of: Callable[[IdToken], IdToken | None] = lambda id_token: None
        stored = memory.get(_KEY)
        before = _Kept() if stored is None else msgspec.json.decode(stored, type=_Kept)
        self._held = {each.reservation_id: each.wish for each in before.held}
        self._blocked = set(before.blocked)
        self._plugged = {evse_id: self._is_plugged(evse_id) for evse_id in self._types}
        self._used: dict[int, int] = {}
        self._since = dict(before.since)
        self._news = asyncio.Event()
        self._kept = self._find_kept()

    # Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def held(self) -> tuple[Held, ...]:
        return tuple(Held(number, wish) for number, wish in self._held.items())

    def reserved(self, evse_id: int) -> bool:
        """Whether it is kept for somebody now."""
        return evse_id in self._kept

    def text(self, evse_id: int) -> str:
        """What stands on the display of a kept EVSE."""
        named = [wish.expires_at for wish in self._held.values() if wish.evse_id == evse_id]
        return display.reserved_until(named[0], self._configuration.now.time_offset) if named else display.RESERVED

    def since(self, reservation_id: int) -> datetime | None:
        """When the CSMS asked for one that is kept, or has just been used up (I12.FR.07)."""
        return self._since.get(reservation_id)

    def admit(self, evse_id: int, id_token: IdToken, group: IdToken | None) -> Admission:
        """F01.FR.21, .22, F02.FR.23, .24, H03.FR.01-.06."""
        if not self._enabled or not self._held:
            return ADMITTED
        group = group or self.group_of(id_token)
        mine = [number for number, wish in self._held.items() if is_for(wish, id_token, group)]
        for number in sorted(mine, key=lambda number: self._held[number].evse_id is None):
            if evse_id in self._fitting(self._held[number]):
                others = [self._fitting(wish) for other, wish in self._held.items() if other != number]
                if evse_id not in kept(others, self._free()):
                    return Admission(True, number)
        return Admission(evse_id not in self._kept)

    @property
    def _enabled(self) -> bool:
        return self._configuration.now.reservation_enabled

    def _fitting(self, wish: Wish) -> frozenset[int]:
        return frozenset(
            evse_id
            for evse_id, types in self._types.items()
            if wish.evse_id in (None, evse_id) and (wish.connector_type is None or wish.connector_type in types)
        )

    def _free(self) -> frozenset[int]:
        """Those that could be had but for the reservations."""
        return frozenset(filter(self._is_free, self._types))

    def _is_free(self, evse_id: int) -> bool:
        state = self._transactions.state(evse_id)
        used = state.situation.authorized or state.situation.finished or state.transaction_stopped
        in_the_way = state.situation.connector is not None and evse_id not in self._blocked
        cable = self._transactions.cables.kept(evse_id)
        return self._availability.usable(evse_id) and not used and not in_the_way and cable is None

    def _is_plugged(self, evse_id: int) -> bool:
        return self._transactions.state(evse_id).situation.connector is not None

    # Commands ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def reserve(self, request: ReserveNow) -> Answer:
        """H01; with a number that is known the new one takes the old one's place (H01.FR.02)."""
        wish = wish_of(request)
        reason = self._objection(wish)
        if reason is not None:
            return CommandAnswer(status="Rejected", reason=reason)
        others = {number: each for number, each in self._held.items() if number != request.reservation_id}
        if len(others) >= MAX_HELD:
            return CommandAnswer(status="Rejected", reason="TooManyElements")
        fitting = self._fitting(wish)
        if not has_room([self._fitting(each) for each in others.values()], self._free(), fitting):
            return CommandAnswer(status=self._why_not(fitting))
        self._held = {**others, request.reservation_id: wish}
        self._since.setdefault(request.reservation_id, self._clock.now())
        self._changed()
        return CommandAnswer(status="Accepted")

    async def cancel(self, request: CancelReservation) -> Answer:
        """H02."""
        if request.reservation_id not in self._held:
            return CommandAnswer(status="Rejected")  # H02.FR.01
        self._let_go(request.reservation_id)
        return CommandAnswer(status="Accepted")

    def _objection(self, wish: Wish) -> str | None:
        settings = self._configuration.now
        if not settings.reservation_enabled:  # H01.FR.01
            return "NotEnabled"
        if wish.evse_id is None and not settings.reservation_non_evse_specific:  # H01.FR.19
            return "NotEnabled"
        if wish.expires_at <= self._clock.now():
            return "InvalidValue"
        if wish.evse_id is not None and wish.evse_id not in self._types:
            return "UnknownEvse"
        return None if self._fitting(wish) else "UnknownConnectorType"

    def _why_not(self, fitting: frozenset[int]) -> str:
        """H01.FR.11, .12, .14; of several, what may change soonest."""
        statuses = set(map(self._hindrance, fitting))
        return next(status for status in ("Occupied", "Faulted", "Unavailable") if status in statuses)

    def _hindrance(self, evse_id: int) -> str:
        if self._availability.faulted(evse_id):
            return "Faulted"
        return "Occupied" if self._availability.usable(evse_id) else "Unavailable"

    # What happens ─────────────────────────────────────────────────────────────────────────────────────────────────

    def on_evse(self, evse_id: int) -> None:
        """A driver came or went."""
        state, plugged = self._transactions.state(evse_id), self._is_plugged(evse_id)
        blocked = set(self._blocked)
        if not plugged or state.situation.authorized:
            blocked.discard(evse_id)
        elif not self._plugged[evse_id] and evse_id in self._kept:
            blocked.add(evse_id)
        self._plugged[evse_id] = plugged
        if blocked != self._blocked:
            self._blocked = blocked
            self._save()
        self._follow_driver(evse_id)
        self.look()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """It changes nothing here."""

    def begin(self) -> None:
        """At the start of the program: cables may have come and gone without it."""
        self._plugged = {evse_id: self._is_plugged(evse_id) for evse_id in self._types}
        self._blocked = {evse_id for evse_id in self._blocked if self._plugged[evse_id]}
        self.look()

    def look(self) -> None:
        """Find out anew which EVSEs are kept, and tell who shows it."""
        for number, wish in tuple(self._held.items()):
            if not any(map(self._availability.usable, self._fitting(wish))):  # H01.FR.16, .17
                self._end(number, "Removed")
        before, self._kept = self._kept, self._find_kept()
        for evse_id in before ^ self._kept:
            self._availability.on_evse(evse_id)

    def _find_kept(self) -> frozenset[int]:
        """A cable is in nobody's way any more where another EVSE does for the reservation. Such EVSEs are let go one by
        one: of two that do for the same reservation, the one that is left must stay kept (H01.FR.07)."""
        if not self._enabled:
            return frozenset()
        held = [self._fitting(wish) for wish in self._held.values()]
        found = kept(held, self._free())
        while not self._blocked <= found:
            self._blocked.remove(min(self._blocked - found))
            found = kept(held, self._free())
        return found

    def _follow_driver(self, evse_id: int) -> None:
        state = self._transactions.state(evse_id)
        grant = state.grant if state.situation.authorized else None
        number = None if grant is None else grant.reservation_id
        if number is not None and number in self._held:  # H03.FR.09, .10
            self._used[evse_id] = number
            self._let_go(number)
        elif grant is not None and not self._enabled:  # somebody charges where nothing was kept
            for each, wish in tuple(self._held.items()):
                if wish.evse_id == evse_id:
                    self._end(each, "Removed")
        if evse_id not in self._used or (state.transaction is None and state.situation.authorized):
            return
        used = self._used.pop(evse_id)
        if state.transaction is None:  # H03.FR.11
            self._tell(ReservationStatusUpdate(reservation_id=used, status="NoTransaction"))

    # Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """End what is over (H04), until cancelled."""
        while True:
            self._news.clear()
            self.expire(self._clock.now())
            ends = [wish.expires_at for wish in self._held.values()]
            left_s = LONGEST_SLEEP_S
            if ends:
                left_s = min(left_s, (min(ends) - self._clock.now()).total_seconds())
            with suppress(TimeoutError):
                await within(self._clock, max(0.0, left_s), self._news.wait())

    def expire(self, now: datetime) -> None:
        """H04.FR.01-.03."""
        over = [number for number, wish in self._held.items() if wish.expires_at <= now]
        for number in over:
            self._end(number, "Expired")
        if over:
            self.look()

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _end(self, number: int, status: str) -> None:
        """Over, for another reason than its driver; whoever calls looks afterwards what that frees."""
        del self._held[number]
        self._save()
        self._tell(ReservationStatusUpdate(reservation_id=number, status=status))

    def _let_go(self, number: int) -> None:
        del self._held[number]
        self._changed()

    def _changed(self) -> None:
        self._save()
        self._news.set()
        self.look()

    def _save(self) -> None:
        known = {*self._held, *self._used.values()}
        self._since = {number: since for number, since in self._since.items() if number in known}
        self._memory.put(_KEY, msgspec.json.encode(_Kept(self.held, tuple(sorted(self._blocked)), self._since)))
