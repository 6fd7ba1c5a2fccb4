"""Drivers who come and go at one station, after a plan: they plug in, show cards, wait, lose patience and leave."""

import asyncio
from collections.abc import Iterator
from math import ceil
from typing import Protocol

from stationmaster.domain.identity import IdToken
from stationmaster.simulator.catalogue import StationModel
from stationmaster.simulator.driver import Act, TimedAct, Visit
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.display import RESERVED
from stationmaster.station.ports import Clock

LOOK_EVERY_S = 20.0
TRY_AGAIN_AFTER_S = 60.0
TRIES = 3
LATE_MIN = 15
"""A reservation lasts so much longer than until the arrival."""
CARD = "ISO14443"


class App(Protocol):
    """The operator's app on a driver's phone."""

    async def start(self, evse_id: int, id_token: IdToken) -> None: ...
    async def stop(self, evse_id: int) -> None: ...
    async def reserve(self, evse_id: int, id_token: IdToken, minutes: int) -> bool:
        """Whether the EVSE is kept for so long."""
        ...


class People:
    """Plays a plan of visits on one station; without an app, whoever would use it shows the card instead.

    ``turned_away``: came and found no free outlet that fits. ``gave_up``: left without having charged. ``reserved``:
    had an EVSE kept before they came.
    """

    def __init__(
        self,
        hardware: SimulatedHardware,
        model: StationModel,
        plan: Iterator[Visit],
        clock: Clock,
        app: App | None = None,
    ) -> None:
        self._hardware = hardware
        self._model = model
        self._plan = plan
        self._clock = clock
        self._app = app
        self._taken: set[int] = set()
        self.arrived = 0
        self.turned_away = 0
        self.reserved = 0
        self.gave_up = 0

    async def run(self) -> None:
        """Until cancelled. The plan's midnight is the last one before now; who came since then is past."""
        now = self._clock.now()
        since_midnight_s = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        midnight = self._clock.monotonic() - since_midnight_s
        async with asyncio.TaskGroup() as visits:
            for visit in self._plan:
                wait_s = midnight + visit.arrival_s - self._clock.monotonic()
                if wait_s < 0:
                    continue
                kept = await self._reserve(visit, wait_s)
                await self._clock.sleep(max(0.0, midnight + visit.arrival_s - self._clock.monotonic()))
                self.arrived += 1
                place = self._find(visit, kept)
                if place is None:
                    self.turned_away += 1
                else:
                    visits.create_task(self._visit(visit, *place))

    async def _reserve(self, visit: Visit, wait_s: float) -> int | None:
        """The EVSE that is kept for a visitor who is to arrive in so many seconds."""
        if self._app is None or visit.reserves_s is None:
            return None
        await self._clock.sleep(max(0.0, wait_s - visit.reserves_s))
        place = self._find(visit)
        minutes = ceil(min(wait_s, visit.reserves_s) / 60) + LATE_MIN
        if place is None or not await self._app.reserve(place[0], IdToken(visit.token, CARD), minutes):
            return None
        self.reserved += 1
        return place[0]

    def _find(self, visit: Visit, kept: int | None = None) -> tuple[int, int] | None:
        """A free EVSE with a connector that fits, where nobody stands: one that is kept for the visitor first, and none
        whose display says that it is reserved."""
        evses = sorted(enumerate(self._model.evses, 1), key=lambda numbered: numbered[0] != kept)
        for evse_id, evse in evses:
            if evse_id in self._taken or self._hardware.plugged(evse_id) is not None:
                continue
            if evse_id != kept and self._hardware.display(evse_id).startswith(RESERVED):
                continue
            for connector_id, kind in enumerate(evse.connectors, 1):
                if kind in visit.ev.connectors:
                    return evse_id, connector_id
        return None

    async def _visit(self, visit: Visit, evse_id: int, connector_id: int) -> None:
        self._taken.add(evse_id)
        try:
            ev = EV(visit.ev, visit.initial_soc, max(visit.charge_limit_soc, visit.initial_soc))
            guest = _Guest(self._hardware, self._clock, self._app, visit, ev, (evse_id, connector_id))
            if not await guest.stay():
                self.gave_up += 1
        finally:
            self._taken.discard(evse_id)


class _Guest:
    """One driver at one EVSE."""

    def __init__(
        self,
        hardware: SimulatedHardware,
        clock: Clock,
        app: App | None,
        visit: Visit,
        ev: EV,
        place: tuple[int, int],
    ) -> None:
        self._hardware = hardware
        self._clock = clock
        self._app = app
        self._visit = visit
        self._ev = ev
        self._evse_id, self._connector_id = place
        self._token = IdToken(visit.token, CARD)

    async def stay(self) -> bool:
        """From arrival to departure; whether the car was charged."""
        arrived = self._clock.monotonic()
        await self._play(self._visit.opening())
        charged = await self._wait(arrived)
        await self._play(self._visit.closing(charged))
        if self._hardware.plugged(self._evse_id) is not None:
            self._hardware.unplug(self._evse_id)
        if self._hardware.locked(self._evse_id):
            self._hardware.present(self._token, self._evse_id)  # nobody leaves without the cable
        self._hardware.leave(self._evse_id)
        return charged

    async def _wait(self, arrived: float) -> bool:
        charged, tries, asked = False, 1, self._clock.monotonic()
        while not self._visit.leave.reached(self._clock.monotonic() - arrived, self._ev.soc, charged):
            await self._clock.sleep(LOOK_EVERY_S)
            charged = charged or self._hardware.drawing(self._evse_id)
            waited_s = self._clock.monotonic() - asked
            if not charged and tries < TRIES and waited_s >= TRY_AGAIN_AFTER_S and self._may_try_again():
                tries, asked = tries + 1, self._clock.monotonic()
                self._hardware.present(self._token, self._evse_id)
        return charged

    def _may_try_again(self) -> bool:
        """A card once more would stop what has been let in."""
        return self._visit.forgets is None and not self._hardware.energized(self._evse_id)

    async def _play(self, acts: tuple[TimedAct, ...]) -> None:
        begun = self._clock.monotonic()
        for act in acts:
            await self._clock.sleep(max(0.0, begun + act.delay_s - self._clock.monotonic()))
            await self._act(act.act)

    async def _act(self, act: Act) -> None:
        if act is Act.PLUG:
            self._hardware.plug(self._evse_id, self._ev, self._connector_id)
        elif act is Act.UNPLUG:
            if self._hardware.plugged(self._evse_id) is not None:
                self._hardware.unplug(self._evse_id)
        elif act is Act.START_IN_APP and self._app is not None:
            await self._app.start(self._evse_id, self._token)
        elif act is Act.STOP_IN_APP and self._app is not None:
            await self._app.stop(self._evse_id)
        else:
            self._hardware.present(self._token, self._evse_id)
