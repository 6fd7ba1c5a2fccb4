"""Sees to it that a reservation comes to an end although its command failed, or nothing more is heard of it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.blocks.reservation import decided
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import CommittedEvent
from stationmaster.domain.reservation.reservations import GRACE, UNANSWERED, Reservation, advance, concluded, has_lapsed
from stationmaster.domain.station import StationState

log = structlog.get_logger(__name__)

EVERY_S = 60.0
End = Callable[[Reservation, datetime], Reservation | None]


class ReservationWatch:
    """Of one node."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, directory: Directory) -> None:
        self._commands = store.reads
        self._rows = store.reads
        self._bus = bus
        self._clock = clock
        self._directory = directory

    def start(self, background: Background) -> None:
        """Until the background ends."""
        background.start(kept_up(self._follow, self._clock))
        background.start(kept_up(self._sweep, self._clock))

    async def _follow(self) -> None:
        """Commands that ended without an answer."""
        async for message in self._bus.subscribe(subjects.events("CommandChanged")):
            event = msgspec.json.decode(message.body, type=CommittedEvent).event
            if event.data.get("kind") == "ReserveNow" and event.data.get("state") in UNANSWERED:
                command = await self._commands.load_command(event.data["command"])
                if command is not None:
                    await self._conclude(command)

    async def _conclude(self, command: Command) -> None:
        number = command.request.get("reservation_id")
        if not isinstance(number, int):
            return
        known = await self._rows.find_reservation(command.station_key, number)
        if known is not None and concluded(known, command, self._clock.now()) is not None:
            await self._settle(known, _unanswered(command))

    async def _sweep(self) -> None:
        """At the start, and now and then: what nobody told of."""
        while True:
            try:
                for reservation in await self._rows.unsettled_reservations():
                    command = await self._commands.load_command(reservation.command)
                    if command is not None:
                        await self._settle(reservation, _unanswered(command))
                for reservation in await self._rows.lapsing_reservations(self._clock.now() - GRACE):
                    await self._settle(reservation, _lapsed)
            except StorageFailed as failed:
                log.error("reservations not looked at", reason=str(failed))
            await self._clock.sleep(EVERY_S)

    async def _settle(self, reservation: Reservation, end: End) -> None:
        desk = self._directory.get(reservation.station_key)
        if desk is None:
            return
        try:
            await desk.settle(partial(_ended, desk, reservation, end))
        except StorageFailed as failed:
            log.error("the end of a reservation is not stored", reservation=reservation.key, reason=str(failed))


def _ended(desk: Desk, stored: Reservation, end: End, state: StationState, at: datetime) -> Decision | None:
    """In the lane. What was read before may be over by now; what waits for its station stands in no memory."""
    known = next((each for each in state.reservations if each.key == stored.key), None)
    if known is None and stored.is_open and desk.is_loaded:
        return None
    now = end(known or stored, at)
    return None if now is None else decided(state, now, at)


def _lapsed(reservation: Reservation, at: datetime) -> Reservation | None:
    if not has_lapsed(reservation, at):
        return None
    return advance(reservation, "expired", at, change=None, inferred=True, reason="by our clock")


def _unanswered(command: Command) -> End:
    return lambda reservation, at: concluded(reservation, command, at)
