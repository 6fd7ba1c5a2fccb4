"""G Availability: the status of every connector, what the operator has switched off, and what is broken.

A status is sent when it differs from the one sent last, after a boot always, and after a long time offline always
(B04). The order of changes is kept: one runner sends, the newest state of each connector is what counts.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

import msgspec
import structlog

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    Answer,
    ChangeAvailability,
    CommandAnswer,
    ConnectorStatus,
    EventData,
    NotifyEvent,
    StatusNotification,
)
from stationmaster.station import display
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Clock, EvseDescription, Line, Memory, NotTold, Offline
from stationmaster.station.screen import Screen
from stationmaster.station.settings import Configuration
from stationmaster.station.situation import Situation, charging_state

log = structlog.get_logger(__name__)

_KEY = "inoperative"
_STATION = Evse(0)
_EV_SIDE = "EV side disconnected"
_LOCK_FAILURE = "ConnectorLockFailure"
_BEST_FIRST: tuple[ConnectorStatus, ...] = ("Available", "Reserved", "Occupied", "Unavailable", "Faulted")


class Availability:
    """Watches the EVSEs and runs as the sender of their statuses. ``reserved``: whether one is kept for somebody."""

    def __init__(
        self,
        screen: Screen,
        evses: Sequence[EvseDescription],
        transactions: Transactions,
        memory: Memory,
        line: Line,
        clock: Clock,
        configuration: Configuration,
    ) -> None:
        self._screen = screen
        self._transactions = transactions
        self._memory = memory
        self._line = line
        self._clock = clock
        self._configuration = configuration
        self.connectors = tuple(Evse(evse.id, connector.id) for evse in evses for connector in evse.connectors)
        kept = memory.get(_KEY)
        self._inoperative: set[Evse] = set() if kept is None else msgspec.json.decode(kept, type=set[Evse])
        # EVSEs where a transaction goes on in spite of it all, until it ends (G03.FR.05).
        self._deferred = {evse_id for evse_id, _ in transactions.running()}
        self._held = False
        self._faults: dict[Evse, tuple[str, str]] = {}
        self._lock_failures: set[int] = set()
        self._sent: dict[Evse, StatusNotification] = {}
        self._news = asyncio.Event()
        self.next_event_id: Callable[[], int] = count(1).__next__
        self.observers: list[Callable[[], None]] = []
        self.reserved: Callable[[int], bool] = lambda evse_id: False
        self.reservation_text: Callable[[int], str] = lambda evse_id: display.RESERVED
        self._problems: list[EventData] = []

    # Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def reported(self) -> tuple[Evse, ...]:
        """Whatever has a status of its own: in 1.6 the station too, as connector 0."""
        station = (_STATION,) if self._configuration.conventions.status_tells_session else ()
        return (*station, *self.connectors)

    def usable(self, evse_id: int) -> bool:
        """Whether somebody may start to charge there: neither switched off, nor broken."""
        mine = [connector for connector in self.connectors if connector.id == evse_id]
        switched_off = all(self._is_off(connector) for connector in mine)
        return not switched_off and not any(connector in self._faults for connector in mine)

    def faulted(self, evse_id: int) -> bool:
        return any(connector.id == evse_id for connector in self._faults)

    def lock_failed(self, evse_id: int) -> bool:
        """Whether a plug there could not be locked, as long as it is in."""
        return evse_id in self._lock_failures

    def status(self, connector: Evse) -> StatusNotification:
        """The connector's status now, without a timestamp; EVSE 0 is the station."""
        told = self._of_connector(connector) if connector.id else self._of_station()
        if told.status == "Occupied" and self._configuration.conventions.occupied_says_all:
            return StatusNotification(evse=connector, status="Occupied", info=told.info)
        return told

    def _of_station(self) -> StatusNotification:
        if _STATION in self._inoperative and not self._deferred:
            return StatusNotification(evse=_STATION, status="Unavailable")
        if not self._configuration.conventions.occupied_says_all:
            return StatusNotification(evse=_STATION, status="Available")
        found = {self._of_connector(connector).status for connector in self.connectors}
        best: ConnectorStatus = next((status for status in _BEST_FIRST if status in found), "Available")
        return StatusNotification(evse=_STATION, status=best, error_code="OtherError" if best == "Faulted" else None)

    def _of_connector(self, connector: Evse) -> StatusNotification:
        fault = self._faults.get(connector)
        if fault is not None:
            return StatusNotification(evse=connector, status="Faulted", error_code=fault[0], info=fault[1] or None)
        if self._is_off(connector):
            return StatusNotification(evse=connector, status="Unavailable")
        if self.reserved(connector.id) and not self._transactions.state(connector.id).situation.authorized:
            return StatusNotification(evse=connector, status="Reserved")  # a cable alone does not change it: G01.FR.09
        return self._in_use(connector)

    def _in_use(self, connector: Evse) -> StatusNotification:
        state = self._transactions.state(connector.id)
        situation = state.situation
        tells_session = self._configuration.conventions.status_tells_session
        if self._waits_for_owner(connector, situation) and not (tells_session and situation.authorized):
            info = _EV_SIDE if tells_session else None
            return StatusNotification(evse=connector, status="Occupied", finishing=tells_session, info=info)
        mine = situation.connector == connector.connector_id
        first = connector.connector_id == 1 and situation.connector is None
        if not mine and not (tells_session and first and situation.authorized):
            return StatusNotification(evse=connector, status="Available")
        if not tells_session:
            return StatusNotification(evse=connector, status="Occupied")
        finishing = situation.finished or (state.transaction_stopped and not situation.authorized)
        if situation.connector is None and state.transaction is not None:  # 1.6 §4.9: unplugged at the car, going on
            return StatusNotification(evse=connector, status="Occupied", charging_state="SuspendedEV", info=_EV_SIDE)
        charging = charging_state(situation)
        if charging == "EVConnected" and not finishing and self._has_charged(connector):
            charging = "SuspendedEV"  # 1.6 §4.9: once it has charged it is never Preparing again
        return StatusNotification(evse=connector, status="Occupied", charging_state=charging, finishing=finishing)

    def _waits_for_owner(self, connector: Evse, situation: Situation) -> bool:
        """Whether the station's end of a cable is still in its socket."""
        kept = self._transactions.cables.kept(connector.id)
        return kept is not None and kept.connector_id == connector.connector_id and situation.connector is None

    def _has_charged(self, connector: Evse) -> bool:
        """Whether the session was last reported as one in which energy had flowed, or could."""
        told = self._sent.get(connector)
        return told is not None and told.charging_state in ("Charging", "SuspendedEV", "SuspendedEVSE")

    def _is_off(self, connector: Evse) -> bool:
        scopes = {_STATION, Evse(connector.id), connector}
        return connector.id not in self._deferred and (self._held or not scopes.isdisjoint(self._inoperative))

    # Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def on_evse(self, evse_id: int) -> None:
        """Something changed at an EVSE: a scheduled change may be due, the status and the display may differ."""
        state = self._transactions.state(evse_id)
        if state.transaction is None:
            self._deferred.discard(evse_id)
        if state.situation.connector is None and evse_id in self._lock_failures:
            self._lock_failures.discard(evse_id)
            for connector in [c for c, fault in self._faults.items() if c.id == evse_id and fault[0] == _LOCK_FAILURE]:
                del self._faults[connector]
        self._show(evse_id)
        self._news.set()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """G05.FR.02, .04; a version without a device model has a fault for it."""
        connector = Evse(evse_id, connector_id)
        self._lock_failures.add(evse_id)
        if self._configuration.conventions.status_tells_session:
            self._faults[connector] = (_LOCK_FAILURE, "")
        else:
            self._problems.append(
                EventData(
                    event_id=self.next_event_id(),
                    timestamp=self._clock.now(),
                    trigger="Alerting",
                    component="ConnectorPlugRetentionLock",
                    variable="Problem",
                    actual_value="true",
                    evse=connector,
                    notification_type="HardWiredNotification",
                )
            )
        self._news.set()

    def set_fault(self, evse_id: int, connector_id: int, error_code: str | None, info: str) -> None:
        """A fault begins, or with None ends, and with it whatever else was wrong with the connector."""
        if error_code is None:
            self._faults.pop(Evse(evse_id, connector_id), None)
        else:
            self._faults[Evse(evse_id, connector_id)] = (error_code, info)
        self._show(evse_id)
        self._news.set()

    async def change(self, request: ChangeAvailability) -> Answer:
        """G03, G04: kept over restarts; a running transaction is left to end first."""
        scope = request.evse or _STATION
        if scope.id and not any(_covers(scope, connector) for connector in self.connectors):
            return CommandAnswer(status="Rejected", reason="UnknownEvse")
        affected = {connector.id for connector in self.connectors if _covers(scope, connector)}
        changes = request.operative == (scope in self._inoperative)
        busy = {evse_id for evse_id, _ in self._transactions.running()} & affected
        if changes:
            (self._inoperative.discard if request.operative else self._inoperative.add)(scope)
            self._memory.put(_KEY, msgspec.json.encode(self._inoperative))
            self._deferred |= set() if request.operative else busy
        for evse_id in affected:
            self._show(evse_id)
        self._news.set()
        waits = changes and busy and not request.operative  # G03.FR.03, .05, G04.FR.04, .06
        return CommandAnswer(status="Scheduled" if waits else "Accepted")

    def hold(self) -> None:
        """Nobody may begin to charge until :meth:`release`, or the end of the program; who charges goes on, and the
        connector is Unavailable from then on (L01.FR.07)."""
        if not self._held:
            self._deferred |= {evse_id for evse_id, _ in self._transactions.running()}
            self._set_held(True)

    def release(self) -> None:
        """What :meth:`hold` held."""
        if self._held:
            self._set_held(False)

    def _set_held(self, held: bool) -> None:
        self._held = held
        for evse_id in {connector.id for connector in self.connectors}:
            self._show(evse_id)
        self._news.set()

    def _show(self, evse_id: int) -> None:
        state = self._transactions.state(evse_id)
        operative = not all(self._is_off(connector) for connector in self.connectors if connector.id == evse_id)
        if evse_id in self._lock_failures:
            self._screen.status(evse_id, display.LOCK_FAILED)
            return
        faulted = self.faulted(evse_id)
        if operative and not faulted and not state.situation.authorized and self.reserved(evse_id):
            self._screen.status(evse_id, self.reservation_text(evse_id))
            return
        self._screen.status(evse_id, display.text_of(state, operative=operative, faulted=faulted))

    # Telling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def report_all(self) -> None:
        """B01.FR.05, B04.FR.01: every connector's status goes out, whatever was sent before."""
        self._sent.clear()
        self._news.set()

    def report_changes(self) -> None:
        """B04.FR.02."""
        self._news.set()

    async def report(self, connector: Evse) -> None:
        """F06: the status of one connector, asked for."""
        await self._line.perform(self._stamped(self.status(connector)), triggered=True)

    async def run(self) -> None:
        """Send what has changed, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            for observer in self.observers:
                observer()
            try:
                await self._send_changes()
            except Offline:
                continue  # report_all or report_changes follows when the line is back

    async def _send_changes(self) -> None:
        for connector in self.reported:
            status = self.status(connector)
            if status != self._sent.get(connector):
                await self._tell(self._stamped(status))
                self._sent[connector] = status
        while self._problems:
            await self._tell(NotifyEvent(events=(self._problems[0],), generated_at=self._clock.now()))
            del self._problems[0]

    async def _tell(self, message: StatusNotification | NotifyEvent) -> None:
        """Refused or unanswered is told all the same: the next change will be sent, this one not again."""
        try:
            await self._line.perform(message)
        except Offline:
            raise
        except NotTold as failure:
            log.warning("status not taken", message=type(message).__name__, failure=str(failure))

    def _stamped(self, status: StatusNotification) -> StatusNotification:
        return msgspec.structs.replace(status, timestamp=self._clock.now())


def _covers(scope: Evse, connector: Evse) -> bool:
    return scope.id in (0, connector.id) and scope.connector_id in (None, connector.connector_id)
