"""Fleets and their people, against a CSMS that accepts everything."""

import asyncio

import msgspec
import pytest

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Authorize,
    AuthorizeAnswer,
    BootAnswer,
    BootNotification,
    Heartbeat,
    HeartbeatAnswer,
    IdTokenInfo,
    MeterValues,
    NotifyEvent,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.session.session import Session, Side
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.driver_profile import MOTORWAY
from stationmaster.simulator.fleet import Fleet, FleetPlan, fleet_tokens
from stationmaster.transport.handshake import Admission
from stationmaster.transport.memory_network import MemoryNetwork


class City:
    """A CSMS for all versions that knows the fleet's cards."""

    def __init__(self, clock, tokens):
        self.clock, self.tokens = clock, tokens
        self.events = []
        self.named = 0
        self.handlers = {
            BootNotification: self.boot,
            Heartbeat: self.heartbeat,
            Authorize: self.authorize,
            TransactionEvent: self.transaction,
            StatusNotification: self.note,
            NotifyEvent: self.note,
            MeterValues: self.note,
        }

    async def note(self, request):
        return ACKNOWLEDGED

    async def boot(self, request):
        return BootAnswer(status="Accepted", current_time=self.clock.now(), interval_s=900)

    async def heartbeat(self, request):
        return HeartbeatAnswer(current_time=self.clock.now())

    def judge(self, id_token):
        status = "Accepted" if id_token.value in self.tokens.known else "Blocked"
        return IdTokenInfo(status=status if id_token.value in self.tokens.known + self.tokens.blocked else "Unknown")

    async def authorize(self, request):
        return AuthorizeAnswer(id_token_info=self.judge(request.id_token))

    async def transaction(self, event):
        self.events.append(event)
        self.named += event.event_type == "Started"
        return TransactionAnswer(
            id_token_info=self.judge(event.id_token) if event.id_token else None,
            transaction_id=str(self.named) if event.event_type == "Started" else None,
        )

    def connected(self, connection, version):
        facts = StationFacts(version=str(version))
        return Session(connection, version, Side(facts=lambda: facts, handlers=self.handlers, clock=self.clock))


async def live(plan, hours):
    clock, network = VirtualClock(), MemoryNetwork()
    city = City(clock, fleet_tokens(plan.seed, plan.tokens))
    await network.serve("csms.test", admit=admit, connected=city.connected)

    def dial_for(identity, version):
        async def dial(receive):
            return await network.connect(
                f"ws://csms.test/ocpp/{identity}", subprotocols=(version.subprotocol,), receiver_factory=receive
            )

        return dial

    fleet = Fleet(plan, dial_for, clock)
    task = asyncio.create_task(fleet.run())
    await clock.sleep(hours * 3600)
    snapshot = fleet.snapshot()
    await fleet.stop()
    task.cancel()
    await asyncio.wait((task,))
    return snapshot, city.events, fleet


def admit(request):
    version = Version.from_subprotocol(request.subprotocols[0])
    return Admission(subprotocol=version.subprotocol, context=version)


PLAN = FleetPlan(count=4, seed=7, profile=MOTORWAY, models=(station_model("Triple 50"), station_model("Fast 2x150")))


@pytest.fixture(scope="module", params=[(4, 11), pytest.param((8, 15), marks=pytest.mark.nightly)])
def long_day(request):
    """Stations, and hours from midnight."""
    count, hours = request.param
    return run_virtual(live(msgspec.structs.replace(PLAN, count=count), hours))


@pytest.fixture(scope="module")
def night():
    return run_virtual(live(PLAN, 6))


def test_fleet_of_all_versions_charges_through_a_day(long_day):
    snapshot, events, fleet = long_day
    assert snapshot.stations == snapshot.online == snapshot.accepted == len(fleet.stations) >= 4
    assert snapshot.queued == 0
    assert set(snapshot.transactions_started) == {str(version) for version in JSON_VERSIONS}
    assert all(count > 5 for count in snapshot.transactions_ended.values())
    assert sum(snapshot.transactions_started.values()) == sum(event.event_type == "Started" for event in events)


def test_same_seed_gives_the_same_day(night):
    first, second = night, run_virtual(live(PLAN, 6))
    assert first[0] == second[0]
    assert [(e.timestamp, e.transaction_id, e.trigger_reason) for e in first[1]] == [
        (e.timestamp, e.transaction_id, e.trigger_reason) for e in second[1]
    ]


def test_other_seed_gives_another_day(night):
    other = msgspec.structs.replace(PLAN, seed=8)
    assert night[0] != run_virtual(live(other, 6))[0]


def test_people_find_full_places_and_give_up_where_nothing_works(long_day):
    _, _, fleet = long_day
    people = fleet._people
    assert sum(crowd.arrived for crowd in people) > 50
    assert sum(crowd.turned_away for crowd in people) > 0
    assert 0 < sum(crowd.gave_up for crowd in people) < sum(crowd.arrived for crowd in people) / 2


@pytest.mark.parametrize("count", [1, 2, 100])
def test_tokens_of_a_fleet_are_the_same_for_the_same_seed(count):
    tokens = fleet_tokens(3, count)
    assert tokens == fleet_tokens(3, count)
    assert not set(tokens.known) & set(tokens.blocked)
    assert len(tokens.blocked) == max(1, count // 20)
