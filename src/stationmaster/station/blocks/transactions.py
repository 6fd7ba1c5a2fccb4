"""E Transactions: one state per EVSE, driven by the table in `situation`, told to the CSMS through the queue.

Every change is made in one go: decide from the table, write state and event to memory together, then act on
contactor and lock. Nothing here waits, so nothing can come between.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import EventType, TransactionEvent
from stationmaster.domain.metering.values import MeterValue
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.station.cables import Cables
from stationmaster.station.metering.readings import energy_wh, whole_wh
from stationmaster.station.metering.session_readings import SessionReadings
from stationmaster.station.metering.signed_values import tells_key, with_keys
from stationmaster.station.ports import Clock, Hardware, Memory, Spawn
from stationmaster.station.records import (
    EvseState,
    Grant,
    LocalTransaction,
    deauthorized,
    decoded,
    encoded,
    first_trigger,
    limited,
    state_key,
    with_collected,
)
from stationmaster.station.settings import Configuration, TxPoint
from stationmaster.station.situation import (
    HAPPENINGS,
    Hold,
    Name,
    Situation,
    after,
    charging_state,
    event_type,
    start_trigger,
)


class Outbox(Protocol):
    """Where what must not be lost goes, together with the state that it leaves behind."""

    def add(self, event: TransactionEvent, values: dict[str, bytes]) -> None: ...


class Observer(Protocol):
    """Who wants to know what becomes of an EVSE."""

    def on_evse(self, evse_id: int) -> None: ...
    def on_lock_failure(self, evse_id: int, connector_id: int) -> None: ...


class Transactions:
    """The transactions of a station, one per EVSE at most (E01.FR.14)."""

    def __init__(
        self,
        hardware: Hardware,
        memory: Memory,
        clock: Clock,
        configuration: Configuration,
        outbox: Outbox,
        new_id: Callable[[], str],
        spawn: Spawn,
    ) -> None:
        self._hardware = hardware
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._outbox = outbox
        self._new_id = new_id
        self._spawn = spawn
        self.cables = Cables(hardware, memory)
        self._states = {evse.id: decoded(memory.get(state_key(evse.id))) for evse in hardware.describe().evses}
        self._waits = dict.fromkeys(self._states, 0)
        self._readings = SessionReadings(hardware, configuration)
        self.observers: list[Observer] = []
        self.may_start: Callable[[int], bool] = lambda evse_id: True
        self.found: Callable[[int, int], None] = lambda evse_id, connector: self.happen(
            evse_id, "plugged", connector=connector
        )
        """What to make of a plug that is found at an EVSE after a start."""
        self.delay_s: Callable[[float], float] = lambda most_s: 0.0
        """How long energy waits after an interruption, of so many seconds at most (E17.FR.18)."""
        self.more: Callable[[int, TransactionEvent], tuple[TransactionEvent, dict[str, bytes]]] = _nothing_more
        """What else an event of an EVSE tells, and what is to be kept together with it (I12)."""
        self.started = 0
        self.ended = 0

    # Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def evse_ids(self) -> tuple[int, ...]:
        return tuple(self._states)

    def state(self, evse_id: int) -> EvseState:
        """Raises KeyError for an EVSE that is not there."""
        return self._states[evse_id]

    def running(self) -> Iterator[tuple[int, LocalTransaction]]:
        """The running transactions with their EVSEs."""
        for evse_id, state in self._states.items():
            if state.transaction is not None:
                yield evse_id, state.transaction

    def evse_of(self, transaction_id: str) -> int | None:
        """Where a transaction runs, None: nowhere."""
        return next((evse_id for evse_id, running in self.running() if running.id == transaction_id), None)

    def can_sign(self, evse_id: int) -> bool:
        """Whether the meter there signs its register."""
        return self._readings.can_sign(evse_id)

    # Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def recover(self, alive_at: datetime | None = None, *, powered: bool = False) -> None:
        """Go on after a start of the program: what ran before it ends, or resumes (E17). ``alive_at``: when the station
        is known to have been at work last; ``powered``: it was no loss of power that it was restarted for."""
        for evse_id, state in self._states.items():
            plugged = self._hardware.plugged(evse_id)
            if state.transaction is not None and self._may_resume(state.transaction, alive_at):
                self.resume(evse_id)
                continue
            if state.transaction is not None:
                self.happen(evse_id, "rebooted" if powered else "power lost")  # E17.FR.21, .22
            was = self._states[evse_id].situation
            if plugged is not None and was.connector is not None:
                left = Situation(connector=was.connector, finished=was.finished, parked=self._parked(evse_id))
            else:
                left = Situation(parked=self._parked(evse_id))
            self._states[evse_id] = EvseState(situation=left)
            if plugged is not None and left.connector is None:
                self.found(evse_id, plugged)
            else:
                self._save(evse_id)

    def interrupt(self, evse_id: int) -> None:
        """B13.FR.04, .10, .20: no energy during a reset; the transaction goes on after it, however long it took."""
        state = self._states[evse_id]
        assert state.transaction is not None
        interrupted = msgspec.structs.replace(state.transaction, interrupted=True)
        self._states[evse_id] = msgspec.structs.replace(state, transaction=interrupted)
        self._put(evse_id, self._event(evse_id, interrupted, "Updated", "ResetCommand", ()))
        self._hardware.set_contactor(evse_id, False)
        self.cables.free(evse_id, state.situation.connector)

    def resume(self, evse_id: int) -> None:
        """Go on with what was interrupted (B13.FR.12, .22-.25, .30; E17)."""
        state = self._states[evse_id]
        assert state.transaction is not None
        was, plugged = state.situation, self._hardware.plugged(evse_id)
        planned = state.transaction.interrupted
        going_on = msgspec.structs.replace(state.transaction, interrupted=False)
        self._states[evse_id] = msgspec.structs.replace(state, transaction=going_on)
        if was.connector is not None and plugged != was.connector:
            self._resume_without_car(evse_id)
        else:
            self._resume_with_car(evse_id, planned=planned)
        now = self._states[evse_id]
        if plugged is not None and now.situation.connector is None:
            self.found(evse_id, plugged)
        if now.transaction is not None and now.situation.parked != self._parked(evse_id):
            self.happen(evse_id, "parked" if self._parked(evse_id) else "departed")

    def keep(self, evse_id: int, **changes: object) -> None:
        """Keep more with a running transaction: fields of its record."""
        state = self._states[evse_id]
        if state.transaction is not None:
            kept = msgspec.structs.replace(state.transaction, **changes)
            self._states[evse_id] = msgspec.structs.replace(state, transaction=kept)
            self._save(evse_id)

    def grant(self, evse_id: int, granted: Grant) -> None:
        """Let somebody charge; the next event of a transaction carries the token, remoteStartId and reservationId
        (E01.FR.13), and how far it may go (C18.FR.06)."""
        self._states[evse_id] = msgspec.structs.replace(self._states[evse_id], grant=granted)
        self.happen(evse_id, "authorized" if granted.remote_start_id is None else "remotely started")

    def insert(self, evse_id: int, connector: int, id_token: IdToken) -> None:
        """A battery was put into a slot, and is charged at once for this token (S04)."""
        self._states[evse_id] = msgspec.structs.replace(self._states[evse_id], grant=Grant(id_token=id_token))
        self.happen(evse_id, "battery inserted", connector=connector)

    def happen(
        self,
        evse_id: int,
        name: Name,
        *,
        connector: int | None = None,
        id_token: IdToken | None = None,
        reason: str | None = None,
        hold: Hold | None = None,
        limit: TransactionLimit | None = None,
    ) -> None:
        """Take in one happening. ``id_token``: who stopped; ``reason``: a stoppedReason better than the table's;
        ``hold``: what is allowed or disallowed; ``limit``: what the event tells of it."""
        state = self._states[evse_id]
        before, now = state.situation, self._after(evse_id, name, connector, hold)
        start_points = self._start_points(evse_id)
        kind = self._event_type(evse_id, name, now)
        if state.transaction is not None and before.authorized and not now.authorized:
            state = deauthorized(state, reason or HAPPENINGS[name].stopped_reason)
        self._states[evse_id] = msgspec.structs.replace(state, situation=now)
        if kind is None:
            self._save(evse_id)
        else:
            usual = HAPPENINGS[name].trigger if kind != "Started" else start_trigger(name, before, now, start_points)
            self._tell(evse_id, kind, usual, before, id_token, reason or HAPPENINGS[name].stopped_reason, limit)
        self._act(evse_id, name, before, state.grant)
        self._await_driver(evse_id, before)
        for observer in self.observers:
            observer.on_evse(evse_id)

    def update(self, evse_id: int, trigger: str, value: MeterValue | None) -> None:
        """Tell how a running transaction goes on, with meter values or without (J02.FR.11, F06.FR.07)."""
        state = self._states[evse_id]
        if state.transaction is not None:
            values = () if value is None else (value,)
            self._put(evse_id, self._event(evse_id, state.transaction, "Updated", trigger, values))

    def collect(self, evse_id: int, value: MeterValue) -> None:
        """Keep a value for the Ended event (SampledDataCtrlr.TxEndedInterval, AlignedDataCtrlr.TxEndedInterval)."""
        state = self._states[evse_id]
        if state.transaction is not None:
            kept = with_collected(state.transaction, value)
            self._states[evse_id] = msgspec.structs.replace(state, transaction=kept)
            self._save(evse_id)

    def free_cable(self, evse_id: int, connector_id: int | None = None) -> bool:
        """Unlock a connector and what is kept there; whether it came free."""
        free = self.cables.free(evse_id, connector_id)
        for observer in self.observers:
            observer.on_evse(evse_id)
        return free

    def learn_group(self, evse_id: int, group: IdToken) -> None:
        """The CSMS named the group of the token that charges (C09.FR.12)."""
        state = self._states[evse_id]
        if state.grant is not None:
            self._states[evse_id] = msgspec.structs.replace(
                state, grant=msgspec.structs.replace(state.grant, group=group)
            )
            self._save(evse_id)

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _may_resume(self, transaction: LocalTransaction, alive_at: datetime | None) -> bool:
        """E17.FR.02, .10."""
        last = max(alive_at or transaction.last_event_at, transaction.last_event_at)
        longest_s = self._configuration.now.tx_resumption_timeout_s
        in_time = longest_s > 0 and (self._clock.now() - last).total_seconds() <= longest_s
        return transaction.interrupted or in_time

    def _resume_with_car(self, evse_id: int, *, planned: bool) -> None:
        """E17.FR.11-.13, .18; B13.FR.12-.14: energy flows again only where that is allowed and, unless the
        interruption was ``planned``, not everywhere at once."""
        state = self._states[evse_id]
        was_held = "resumed" in state.situation.held
        free = msgspec.structs.replace(state.situation, held=tuple(h for h in state.situation.held if h != "resumed"))
        settings = self._configuration.now
        waits = not planned and (was_held or free.drawing)
        delay_s = self.delay_s(settings.energy_resumption_random_range_s) if waits else 0.0
        held = free.path_closed and (delay_s > 0 or not settings.tx_allow_energy_resumption)
        situation = msgspec.structs.replace(free, held=(*free.held, "resumed"), drawing=None) if held else free
        self._states[evse_id] = msgspec.structs.replace(state, situation=situation)
        self.happen(evse_id, "resumed")
        if situation.connector is not None and situation.authorized:
            self.cables.lock(evse_id, situation.connector)  # B13.FR.22
        self._act(evse_id, "resumed", Situation(), state.grant)
        self._await_driver(evse_id, Situation())
        if held and settings.tx_allow_energy_resumption:
            self._spawn(self._let_flow(evse_id, delay_s))

    def _resume_without_car(self, evse_id: int) -> None:
        """E17.FR.16, .17: the car left meanwhile."""
        for_good = self._configuration.now.stop_tx_on_ev_side_disconnect
        name: Name = "unplugged for good" if for_good else "unplugged"
        if self._event_type(evse_id, name, self._after(evse_id, name)) != "Ended":
            name = "resumed, unplugged for good" if for_good else "resumed, unplugged"
        self.happen(evse_id, name)

    async def _let_flow(self, evse_id: int, delay_s: float) -> None:
        await self._clock.sleep(delay_s)
        if "resumed" in self._states[evse_id].situation.held:
            self.happen(evse_id, "allowed", hold="resumed")

    def _after(self, evse_id: int, name: Name, connector: int | None = None, hold: Hold | None = None) -> Situation:
        now = after(self._states[evse_id].situation, name, connector, hold)
        signed = self._readings.signs(evse_id) and now.connector is not None and now.authorized
        return msgspec.structs.replace(now, signed=signed)

    def _start_points(self, evse_id: int) -> tuple[TxPoint, ...]:
        wanted = self._configuration.now.tx_start_point
        return self._readings.attainable(evse_id, wanted) if self.may_start(evse_id) else ()

    def _event_type(self, evse_id: int, name: Name, now: Situation) -> EventType | None:
        state = self._states[evse_id]
        return event_type(
            name,
            state.situation,
            now,
            running=state.transaction is not None,
            start_points=self._start_points(evse_id),
            stop_points=self._readings.attainable(evse_id, self._configuration.now.tx_stop_point),
        )

    def _parked(self, evse_id: int) -> bool | None:
        """What a detector of the bay says at the start of the program."""
        watched = any(evse.detects_cars for evse in self._hardware.describe().evses if evse.id == evse_id)
        return self._hardware.parked(evse_id) if watched else None

    def _tell(
        self,
        evse_id: int,
        kind: EventType,
        usual: str,
        before: Situation,
        id_token: IdToken | None,
        reason: str | None,
        limit: TransactionLimit | None,
    ) -> None:
        state, now = self._states[evse_id], self._clock.now()
        transaction, limit = limited(state.transaction or self._begun(evse_id, now), state.grant, limit)
        values: tuple[MeterValue, ...] = ()
        if kind == "Started":
            values = self._readings.told_at_begin(transaction)
        elif kind == "Ended":
            values = self._readings.told_at_end(evse_id, transaction, now)
            reason = transaction.stop_reason or reason or "Other"
        event = self._event(evse_id, transaction, kind, first_trigger(state.grant, usual, kind), values)
        event = msgspec.structs.replace(
            event,
            id_token=event.id_token or id_token,
            limit=limit,
            stopped_reason=reason if kind == "Ended" else None,
            evse=Evse(evse_id, state.situation.connector or before.connector),
            meter_wh=None if kind == "Updated" else whole_wh(self._hardware, evse_id),
        )
        self._states[evse_id] = msgspec.structs.replace(state, transaction=transaction)
        self._put(evse_id, event)

    def _begun(self, evse_id: int, now: datetime) -> LocalTransaction:
        self.started += 1
        return LocalTransaction(
            id=self._new_id(),
            seq_no=0,
            started_at=now,
            last_event_at=now,
            begin=self._readings.at_begin(evse_id, now),
            begin_wh=energy_wh(self._hardware, evse_id),
        )

    def _event(
        self,
        evse_id: int,
        transaction: LocalTransaction,
        kind: EventType,
        trigger: str,
        values: tuple[MeterValue, ...],
    ) -> TransactionEvent:
        state = self._states[evse_id]
        policy = self._configuration.now.public_key_with_signed_meter_value
        unreported = state.grant if state.grant is not None and not state.grant.reported else None
        return TransactionEvent(
            event_type=kind,
            timestamp=self._clock.now(),
            trigger_reason=trigger,
            transaction_id=transaction.id,
            seq_no=transaction.seq_no,
            evse=Evse(evse_id, state.situation.connector),
            id_token=unreported.id_token if unreported is not None else None,
            remote_start_id=unreported.remote_start_id if unreported is not None else None,
            reservation_id=unreported.reservation_id if unreported is not None else None,
            charging_state=charging_state(state.situation),
            meter_values=with_keys(values, policy, told=transaction.key_told) if self.can_sign(evse_id) else values,
        )

    def _put(self, evse_id: int, event: TransactionEvent) -> None:
        """Write the event and the state that it leaves behind, together."""
        event, kept = self.more(evse_id, event)
        state = self._states[evse_id]
        if event.event_type == "Ended":
            self.ended += 1
            plugged, parked = state.situation.connector, state.situation.parked
            left = EvseState(situation=Situation(connector=plugged, finished=plugged is not None, parked=parked))
        else:
            assert state.transaction is not None
            told = msgspec.structs.replace(
                state.transaction,
                seq_no=state.transaction.seq_no + 1,
                last_event_at=event.timestamp,
                key_told=state.transaction.key_told or tells_key(event.meter_values),
            )
            grant = state.grant and msgspec.structs.replace(state.grant, reported=True)
            left = msgspec.structs.replace(state, transaction=told, grant=grant)
        self._states[evse_id] = left
        self._outbox.add(event, {state_key(evse_id): encoded(left), **kept})

    def _save(self, evse_id: int) -> None:
        self._memory.put(state_key(evse_id), encoded(self._states[evse_id]))

    def _act(self, evse_id: int, name: Name, before: Situation, grant: Grant | None) -> None:
        """Let the hardware follow: lock before power, no power before unlocking (G05.FR.01, E06.FR.10)."""
        now = self._states[evse_id].situation
        if now.path_closed and not before.path_closed:
            assert now.connector is not None
            if self.cables.lock(evse_id, now.connector):
                self._hardware.set_contactor(evse_id, True)
            else:
                for observer in self.observers:
                    observer.on_lock_failure(evse_id, now.connector)
            return
        if before.path_closed and not now.path_closed:
            self._hardware.set_contactor(evse_id, False)
        self._let_go(evse_id, name, before, grant)

    def _let_go(self, evse_id: int, name: Name, before: Situation, grant: Grant | None) -> None:
        """Unlock when the authorization ends, unless the cable is to wait for its owner."""
        now = self._states[evse_id].situation
        ended = before.authorized and not now.authorized
        gone = before.authorized and before.connector is not None and now.connector is None
        stays = not ended or not self._configuration.now.unlock_on_ev_side_disconnect  # E10.FR.01, E09.FR.03
        if before.connector is not None and ((gone and stays) or name == "deauthorized, cable kept"):  # C15.FR.05
            self.cables.keep(evse_id, before.connector, grant)
        elif ended and name != "connection timed out":
            self.cables.free(evse_id, before.connector)

    def _await_driver(self, evse_id: int, before: Situation) -> None:
        """E03.FR.05, E10.FR.02: what the driver has begun is to be gone on with within EVConnectionTimeOut."""
        awaited = self._awaited(self._states[evse_id].situation)
        if awaited == self._awaited(before):
            return
        self._waits[evse_id] += 1
        if awaited is not None:
            self._spawn(self._time_out(evse_id, awaited, self._waits[evse_id]))

    def _awaited(self, situation: Situation) -> Name | None:
        """What happens if the driver does nothing more."""
        if situation.connector is None:
            return "connection timed out" if situation.authorized else None
        waits = self._configuration.conventions.plug_waits and not (situation.authorized or situation.finished)
        return "plug timed out" if waits else None

    async def _time_out(self, evse_id: int, name: Name, wait: int) -> None:
        await self._clock.sleep(self._configuration.now.ev_connection_timeout_s)
        if self._waits[evse_id] == wait:
            self.happen(evse_id, name)


def _nothing_more(evse_id: int, event: TransactionEvent) -> tuple[TransactionEvent, dict[str, bytes]]:
    return event, {}
