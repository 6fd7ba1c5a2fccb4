"""R DER control, as a station: the ledger of controls, put in force on the station's clock (R04), and alarms (R05).

What is in force is handed to the executors (`der_execution`), whose inverters do it.

The ledger and the alarm that holds on are kept in memory (R03.FR.02), so a restart goes on where the station stood.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.domain.der.controls import (
    ALWAYS_DEFAULT,
    ClearDERControl,
    DERAnswer,
    DERControl,
    GetDERControl,
    Malformed,
    NotifyDERAlarm,
    NotifyDERStartStop,
    ReportDERControl,
    SetDERControl,
    control_of,
)
from stationmaster.domain.der.grid import JUDGED
from stationmaster.domain.der.ledger import Ledger, advance, all_active, clear, next_change, place, select
from stationmaster.domain.der.service import Cause
from stationmaster.domain.messages import Answer, CommandAnswer, Request
from stationmaster.station.blocks.der_execution import Inverters
from stationmaster.station.ports import Clock, Line, Memory, NotTold, Spawn

log = structlog.get_logger(__name__)

TOLD = (NotifyDERStartStop, NotifyDERAlarm)
"""What the station tells of it by itself."""
PER_REPORT = 20
"""Controls in one report; the wire takes 24 of a kind."""
GRID_LOOK_S = 1.0
"""How often the grid is looked at while a control goes by it."""
LONGEST_WAIT_S = 60.0
"""The clock may be set meanwhile."""
_CONTROLS, _ALARM = "der_controls", "der_alarm"
_WATCHED = JUDGED | ALWAYS_DEFAULT | {"LimitMaxDischarge"}
"""Types of which it takes a look at the grid, or at the power, to know whether something deviates."""
_NOT_SUPPORTED = CommandAnswer(status="NotSupported")
_encode = msgspec.json.Encoder(decimal_format="number").encode


class DERControls:
    """``put`` sends what must arrive. Fulfils ``transactions.Observer``, as cars bring inverters of their own."""

    def __init__(
        self,
        inverters: Inverters,
        memory: Memory,
        line: Line,
        clock: Clock,
        put: Callable[[Request], None],
        spawn: Spawn,
    ) -> None:
        self._inverters = inverters
        self.modes = inverters.modes
        """The types of control that the station takes."""
        self._memory = memory
        self._line = line
        self._clock = clock
        self._put = put
        self._spawn = spawn
        self._changed = asyncio.Event()
        kept, alarm = memory.get(_CONTROLS), memory.get(_ALARM)
        self._ledger: Ledger = () if kept is None else msgspec.json.decode(kept, type=tuple[DERControl, ...])
        self._alarm = None if alarm is None else msgspec.json.decode(alarm, type=Cause | None)
        inverters.begin(self._alarm)
        self.handlers: Mapping[type[Request], Callable[[Any], Awaitable[Answer]]] = {
            SetDERControl: self.set,
            GetDERControl: self.get,
            ClearDERControl: self.clear,
        }

    @property
    def active(self) -> Ledger:
        """What is executed now."""
        return all_active(self._ledger)

    async def set(self, request: SetDERControl) -> Answer:
        """R04.FR.01-.17."""
        if request.type not in self.modes:
            return DERAnswer(status="NotSupported")
        try:
            control = control_of(request)
        except Malformed as malformed:
            return DERAnswer(status="Rejected", reason=malformed.reason, info=str(malformed))
        placed = place(self._ledger, control, self._clock.now())
        self._keep(placed.ledger)
        return DERAnswer(status=placed.status, reason=placed.reason, superseded=placed.superseded)

    async def get(self, request: GetDERControl) -> Answer:
        """R04.FR.30-.37: the answer, then the report."""
        if request.type is not None and request.type not in self.modes:
            return _NOT_SUPPORTED  # R04.FR.36
        found = select(self._ledger, request.is_default, request.type, request.id)
        if not found:
            return CommandAnswer(status="NotFound")
        self._spawn(self._report(request.request_id, found))
        return CommandAnswer(status="Accepted")

    async def clear(self, request: ClearDERControl) -> Answer:
        """R04.FR.41-.46."""
        if request.type is not None and request.type not in self.modes:
            return _NOT_SUPPORTED
        left, gone = clear(self._ledger, request.is_default, request.type, request.id)
        if not gone and not (request.type is None and request.id is None):
            return CommandAnswer(status="NotFound")
        now = self._clock.now()
        for control in gone:
            if control.started and not control.superseded:
                self._put(NotifyDERStartStop(id=control.id, started=False, timestamp=now))
        self._keep(left)
        return CommandAnswer(status="Accepted")

    def on_evse(self, evse_id: int) -> None:
        """A car may have come or gone."""
        self._inverters.on_evse(evse_id)
        self._changed.set()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """Nothing to do with DER control."""

    async def run(self) -> None:
        """Execute the ledger, until cancelled."""
        while self.modes:
            self._look()
            wait_s = self._wait_s()
            try:
                await within(self._clock, wait_s, self._changed.wait())
            except TimeoutError:
                continue
            self._changed.clear()

    def _wait_s(self) -> float:
        if any(control.type in _WATCHED for control in self.active):
            return GRID_LOOK_S
        change = next_change(self._ledger)
        if change is None:
            return LONGEST_WAIT_S
        return min(LONGEST_WAIT_S, max(0.0, (change - self._clock.now()).total_seconds()))

    def _look(self) -> None:
        now = self._clock.now()
        ledger, happened = advance(self._ledger, now)
        if ledger != self._ledger:
            self._ledger = ledger
            self._memory.put(_CONTROLS, _encode(ledger))
        for each in happened:
            told = NotifyDERStartStop(
                id=each.control.id, started=each.started, timestamp=now, superseded=each.superseded
            )
            self._put(told)
        self._judge(now)

    def _keep(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._memory.put(_CONTROLS, _encode(ledger))
        self._changed.set()

    async def _report(self, request_id: int, found: Ledger) -> None:
        parts = [found[first : first + PER_REPORT] for first in range(0, len(found), PER_REPORT)]
        for number, part in enumerate(parts, 1):
            more = number < len(parts)
            try:
                await self._line.perform(
                    ReportDERControl(request_id=request_id, controls=part, to_be_continued=more), triggered=True
                )
            except NotTold as failure:
                log.warning("report of DER controls not taken", failure=str(failure))
                return

    # Alarms ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _judge(self, now: datetime) -> None:
        """R05.FR.01-.04: one alarm at a time; where another control takes over, the first is not told to end."""
        alarm = self._inverters.follow(self.active, now)
        if alarm == self._alarm:
            return
        before, self._alarm = self._alarm, alarm
        self._memory.put(_ALARM, msgspec.json.encode(alarm))
        if alarm is not None:
            self._put(NotifyDERAlarm(type=alarm.type, fault=alarm.fault, timestamp=now))
        elif before is not None:
            self._put(NotifyDERAlarm(type=before.type, fault=before.fault, timestamp=now, ended=True))
