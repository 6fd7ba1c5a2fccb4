"""Any order of what drivers, operators and faults do: never two reservations for one place, never a stranger on a kept
one."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tries import at_once, tries

from stationmaster.csms.blocks.reservation import HOOKS, is_answered, is_cancelled, is_sent
from stationmaster.csms.commands.hooks import Objection
from stationmaster.domain.command import Command
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.reservation.reservations import CancelReservation, ReserveNow
from stationmaster.domain.reservation.reserved_places import served
from stationmaster.domain.station import Connector, Station, StationState
from stationmaster.station.blocks.reservation import Reservations
from stationmaster.station.ports import ConnectorDescription, EvseDescription
from stationmaster.station.records import EvseState, Grant
from stationmaster.station.settings import Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

START = datetime(2030, 1, 1, tzinfo=UTC)
TOKENS = st.sampled_from(["A", "B"])
NUMBERS = st.integers(1, 3)
EVSES = st.integers(1, 4)
FEW = st.integers(1, 3)
SIZES = st.integers(1, 4)
MINUTES = st.integers(20, 60)
DRIVERS = st.one_of(
    st.tuples(st.just("reserve"), NUMBERS, st.none() | FEW, TOKENS, MINUTES),
    st.tuples(st.just("reserve"), NUMBERS, st.none(), TOKENS, MINUTES),
    st.tuples(st.just("cancel"), NUMBERS),
    st.tuples(st.just("plug"), FEW),
    st.tuples(st.just("unplug"), FEW),
    st.tuples(st.just("card"), FEW, TOKENS),
    st.tuples(st.just("card"), FEW, TOKENS),
    st.tuples(st.just("stop"), FEW),
    st.tuples(st.just("wait"), st.integers(1, 60)),
    st.tuples(st.just("restart")),
)
FAULTS = st.one_of(st.tuples(st.just("fault"), EVSES), st.tuples(st.just("repair"), EVSES))


class Model:
    """The block with as much of a station around it as it looks at."""

    def __init__(self, evses: int) -> None:
        self.states = {evse_id: EvseState() for evse_id in range(1, evses + 1)}
        self.broken: set[int] = set()
        self.now = START
        self.told: list[Request] = []
        self.memory = RamMemory()
        self.settings = Configuration(RamMemory(), Settings())
        self.block = self.built()

    def built(self) -> Reservations:
        plug = (ConnectorDescription(id=1, type="cType2"),)
        described = [
            EvseDescription(id=evse_id, connectors=plug, current="AC", phases=3, max_current_a=32, max_power_w=22_000)
            for evse_id in self.states
        ]
        transactions: Any = SimpleNamespace(
            state=lambda evse_id: self.states[evse_id], cables=SimpleNamespace(kept=lambda _: None)
        )
        availability: Any = SimpleNamespace(
            usable=lambda evse_id: evse_id not in self.broken,
            faulted=lambda evse_id: evse_id in self.broken,
            on_evse=lambda _: None,
        )
        clock: Any = SimpleNamespace(now=lambda: self.now)
        return Reservations(described, transactions, availability, self.memory, clock, self.settings, self.told.append)

    def happen(self, evse_id: int, grant: Grant | None, **changes: Any) -> None:
        state = self.states[evse_id]
        situation = msgspec.structs.replace(state.situation, **changes)
        self.states[evse_id] = EvseState(situation=situation, grant=grant)
        self.block.on_evse(evse_id)

    def do(self, kind: str, *given: Any) -> None:
        if kind not in ("reserve", "cancel", "wait", "restart") and given[0] not in self.states:
            return
        getattr(self, kind)(*given)

    def reserve(self, number: int, evse_id: int | None, token: str, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        evse = None if evse_id is None else Evse(evse_id)
        at_once(
            self.block.reserve(ReserveNow(reservation_id=number, id_token=IdToken(token), expires_at=until, evse=evse))
        )

    def cancel(self, number: int) -> None:
        at_once(self.block.cancel(CancelReservation(reservation_id=number)))

    def plug(self, evse_id: int) -> None:
        if self.states[evse_id].situation.connector is None:
            self.happen(evse_id, self.states[evse_id].grant, connector=1)

    def unplug(self, evse_id: int) -> None:
        self.happen(evse_id, None, connector=None, authorized=False, finished=False)

    def card(self, evse_id: int, token: str) -> None:
        situation = self.states[evse_id].situation
        if evse_id in self.broken or situation.authorized or situation.finished:
            return
        admitted = self.block.admit(evse_id, IdToken(token), None)
        if admitted.allowed:
            self.happen(
                evse_id, Grant(id_token=IdToken(token), reservation_id=admitted.reservation_id), authorized=True
            )

    def stop(self, evse_id: int) -> None:
        if self.states[evse_id].situation.authorized:
            plugged = self.states[evse_id].situation.connector is not None
            self.happen(evse_id, None, authorized=False, finished=plugged)

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.block.expire(self.now)

    def restart(self) -> None:
        self.block = self.built()
        self.block.begin()

    def fault(self, evse_id: int) -> None:
        self.broken.add(evse_id)
        self.block.look()

    def repair(self, evse_id: int) -> None:
        self.broken.discard(evse_id)
        self.block.look()

    def check(self) -> None:
        named = [held.wish.evse_id for held in self.block.held if held.wish.evse_id is not None]
        assert len(named) == len(set(named))
        for held in self.block.held:
            assert held.wish.expires_at > self.now
            if held.wish.evse_id is not None:
                assert not self.states[held.wish.evse_id].situation.authorized

    def check_all_can_be_served(self) -> None:
        free = {evse_id for evse_id in self.states if self.is_free(evse_id)}
        every = set(self.states)
        fitting = [every if held.wish.evse_id is None else {held.wish.evse_id} for held in self.block.held]
        assert served(fitting, free) == len(fitting)

    def is_free(self, evse_id: int) -> bool:
        situation = self.states[evse_id].situation
        in_the_way = situation.connector is not None and not self.block.reserved(evse_id)
        return not (situation.authorized or situation.finished or in_the_way)


@tries(60)
@given(SIZES, st.lists(DRIVERS, min_size=12, max_size=30))
def test_without_faults_whoever_has_a_reservation_finds_a_place(evses: int, acts: list[tuple[Any, ...]]) -> None:
    model = Model(evses)
    for act in acts:
        model.do(*act)
        model.check()
        model.check_all_can_be_served()


@tries(60)
@given(SIZES, st.lists(DRIVERS | FAULTS, min_size=12, max_size=30))
def test_with_faults_there_are_still_no_strangers_on_named_places(evses: int, acts: list[tuple[Any, ...]]) -> None:
    model = Model(evses)
    for act in acts:
        model.do(*act)
        model.check()


# The CSMS ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ASKED = st.one_of(
    st.tuples(st.just("send"), NUMBERS, st.none() | EVSES, TOKENS),
    st.tuples(st.just("answer"), st.integers(0, 5), st.sampled_from(["Accepted", "Occupied", "Rejected"])),
    st.tuples(st.just("cancel"), NUMBERS, st.sampled_from(["Accepted", "Rejected"])),
)


def command(key: int) -> Command:
    return Command(
        key=key, station_key=1, tenant="default", kind="ReserveNow", request={}, created_at=START, expires_at=START
    )


@given(EVSES, st.lists(ASKED, max_size=25))
def test_the_csms_never_asks_for_two_at_one_place(evses: int, acts: list[tuple[Any, ...]]) -> None:
    """Any number of commands under way at once, answered in any order."""
    state = StationState(station=Station(key=1, tenant="default", identity="S", created_at=START))
    for evse_id in range(1, evses + 1):
        here = Connector(
            station_key=1, evse_id=evse_id, connector_id=1, status="Available", since=START, received_at=START
        )
        state = state.with_connector(here)
    waiting: list[tuple[ReserveNow, Command]] = []
    for key, (kind, number, *more) in enumerate(acts, 1):
        decision = None
        if kind == "send":
            evse_id, token = more
            until = START + timedelta(hours=1)
            request = ReserveNow(
                reservation_id=number,
                id_token=IdToken(token),
                expires_at=until,
                evse=None if evse_id is None else Evse(evse_id),
            )
            try:
                decision = is_sent(state, START, request=request, command=command(key))
            except Objection:
                continue
            waiting.append((request, command(key)))
        elif kind == "cancel":
            cancel = CancelReservation(reservation_id=number)
            answer = CommandAnswer(status=more[0])
            decision = is_cancelled(state, START, request=cancel, answer=answer, command=command(key))
        elif number < len(waiting):
            request, sent = waiting.pop(number)
            answer = CommandAnswer(status=more[0])
            decision = is_answered(state, START, request=request, answer=answer, command=sent)
        if decision is not None and decision.state is not None:
            state = decision.state
        wishes = [wish for each in state.reservations for wish in (each.wish, each.change) if wish is not None]
        places = [(wish.evse_id, each.key) for each in state.reservations for wish in each.wishes if wish.evse_id]
        assert len({place for place, _ in set(places)}) == len(set(places))
        assert len(state.reservations) <= len({*state.connectors} | {(wish.evse_id, 1) for wish in wishes})
    assert HOOKS[ReserveNow].before is is_sent
