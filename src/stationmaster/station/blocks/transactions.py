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
from stationmaster.domain.metering import MeterValue
from stationmaster.station.cables import Cables
from stationmaster.station.ports import Clock, Hardware, Memory, Spawn
from stationmaster.station.readings import reading, whole_wh
from stationmaster.station.records import (
    EvseState,
    Grant,
    LocalTransaction,
    decoded,
    encoded,
    state_key,
    with_collected,
)
from stationmaster.station.settings import Configuration
from stationmaster.station.situation import HAPPENINGS, Name, Situation, after, charging_state, event_type


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
        self.observers: list[Observer] = []
        self.may_start: Callable[[int], bool] = lambda evse_id: True
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

    # Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def recover(self) -> None:
        """Go on after a start of the program: what ran when power was lost ends, or resumes (E17)."""
        for evse_id, state in self._states.items():
            plugged = self._hardware.plugged(evse_id)
            if state.transaction is not None and plugged is not None and self._may_resume(state.transaction):
                self.resume(evse_id)
                continue
            if state.transaction is not None:
                self.happen(evse_id, "power lost")
            was = self._states[evse_id].situation
            if plugged is not None and was.connector is not None:
                left = Situation(connector=was.connector, finished=was.finished)
            else:
                left = Situation()
            self._states[evse_id] = EvseState(situation=left)
            if plugged is not None and left.connector is None:
                self.happen(evse_id, "plugged", connector=plugged)
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
        """Go on with what was interrupted (B13.FR.12, .22-.24, .30; E17)."""
        state = self._states[evse_id]
        assert state.transaction is not None
        going_on = msgspec.structs.replace(state.transaction, interrupted=False)
        self._states[evse_id] = msgspec.structs.replace(state, transaction=going_on)
        self.happen(evse_id, "resumed")
        self._act(evse_id, "resumed", Situation(), state.grant)

    def grant(
        self, evse_id: int, id_token: IdToken, group: IdToken | None = None, remote_start_id: int | None = None
    ) -> None:
        """Let somebody charge; the next event of a transaction carries the token and remoteStartId."""
        granted = Grant(id_token=id_token, group=group, remote_start_id=remote_start_id)
        self._states[evse_id] = msgspec.structs.replace(self._states[evse_id], grant=granted)
        self.happen(evse_id, "authorized" if remote_start_id is None else "remotely started")

    def happen(
        self,
        evse_id: int,
        name: Name,
        *,
        connector: int | None = None,
        id_token: IdToken | None = None,
        reason: str | None = None,
    ) -> None:
        """Take in one happening. ``id_token``: who stopped; ``reason``: a stoppedReason better than the table's."""
        state, settings = self._states[evse_id], self._configuration.now
        before, now = state.situation, after(state.situation, name, connector)
        kind = event_type(
            name,
            before,
            now,
            running=state.transaction is not None,
            start_points=settings.tx_start_point if self.may_start(evse_id) else (),
            stop_points=settings.tx_stop_point,
        )
        if state.transaction is not None and before.authorized and not now.authorized:
            state = self._deauthorized(state, reason or HAPPENINGS[name].stopped_reason)
        self._states[evse_id] = msgspec.structs.replace(state, situation=now)
        if kind is None:
            self._save(evse_id)
        else:
            self._tell(evse_id, kind, name, before, id_token, reason)
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

    def _may_resume(self, transaction: LocalTransaction) -> bool:
        away_s = (self._clock.now() - transaction.last_event_at).total_seconds()
        return transaction.interrupted or away_s <= self._configuration.now.tx_resumption_timeout_s

    def _deauthorized(self, state: EvseState, reason: str | None) -> EvseState:
        assert state.transaction is not None
        stopped = msgspec.structs.replace(state.transaction, stop_reason=reason, deauthorized=True)
        return msgspec.structs.replace(state, transaction=stopped)

    def _tell(
        self, evse_id: int, kind: EventType, name: Name, before: Situation, id_token: IdToken | None, reason: str | None
    ) -> None:
        state, now = self._states[evse_id], self._clock.now()
        row = HAPPENINGS[name]
        transaction = state.transaction or self._begun(evse_id, now)
        values: tuple[MeterValue, ...] = ()
        if kind == "Started":
            values = () if transaction.begin is None else (transaction.begin,)
        elif kind == "Ended":
            values = self._end_values(evse_id, transaction, now)
            reason = transaction.stop_reason or reason or row.stopped_reason or "Other"
        event = self._event(evse_id, transaction, kind, self._trigger(state, row.trigger, kind), values)
        event = msgspec.structs.replace(
            event,
            id_token=event.id_token or id_token,
            stopped_reason=reason if kind == "Ended" else None,
            evse=Evse(evse_id, state.situation.connector or before.connector),
            meter_wh=None if kind == "Updated" else whole_wh(self._hardware, evse_id),
        )
        self._states[evse_id] = msgspec.structs.replace(state, transaction=transaction)
        self._put(evse_id, event)

    def _begun(self, evse_id: int, now: datetime) -> LocalTransaction:
        self.started += 1
        begin = reading(
            self._hardware, evse_id, self._configuration.now.tx_started_measurands, "Transaction.Begin", now
        )  # E01.FR.09
        return LocalTransaction(id=self._new_id(), seq_no=0, started_at=now, last_event_at=now, begin=begin)

    def _end_values(self, evse_id: int, transaction: LocalTransaction, now: datetime) -> tuple[MeterValue, ...]:
        """E06.FR.11: what was collected, between the readings at the begin and at the end."""
        measurands = self._configuration.now.tx_ended_measurands
        end = reading(self._hardware, evse_id, measurands, "Transaction.End", now)
        if end is None:
            return transaction.collected
        begin = () if transaction.begin is None else (transaction.begin,)
        return (*begin, *transaction.collected, end)

    def _trigger(self, state: EvseState, usual: str, kind: EventType) -> str:
        """F01.FR.19, F02.FR.21: the first event after a remote start says so, whatever brought it about."""
        grant = state.grant
        remote = grant is not None and not grant.reported and grant.remote_start_id is not None
        return "RemoteStart" if remote and kind != "Ended" else usual

    def _event(
        self,
        evse_id: int,
        transaction: LocalTransaction,
        kind: EventType,
        trigger: str,
        values: tuple[MeterValue, ...],
    ) -> TransactionEvent:
        state = self._states[evse_id]
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
            charging_state=charging_state(state.situation),
            meter_values=values,
        )

    def _put(self, evse_id: int, event: TransactionEvent) -> None:
        """Write the event and the state that it leaves behind, together."""
        state = self._states[evse_id]
        if event.event_type == "Ended":
            self.ended += 1
            plugged = state.situation.connector
            left = EvseState(situation=Situation(connector=plugged, finished=plugged is not None))
        else:
            assert state.transaction is not None
            told = msgspec.structs.replace(
                state.transaction, seq_no=state.transaction.seq_no + 1, last_event_at=event.timestamp
            )
            grant = state.grant and msgspec.structs.replace(state.grant, reported=True)
            left = msgspec.structs.replace(state, transaction=told, grant=grant)
        self._states[evse_id] = left
        self._outbox.add(event, {state_key(evse_id): encoded(left)})

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
