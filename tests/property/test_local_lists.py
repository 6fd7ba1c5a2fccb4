"""Whatever becomes of the messages, a station's local list ends as the one that was compiled for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tries import at_once

from stationmaster.csms.blocks.local_list import LOCAL_LIST_HOOKS, list_of
from stationmaster.dialects import dialect_for
from stationmaster.dialects.list_forms import FORMS
from stationmaster.dialects.table import NoAnswer
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.command import Command
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion, ListEntry, SendLocalList
from stationmaster.domain.local_list.list_making import Compiled, ListTarget, compile_list, full_update, plan
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.station import Station, StationState
from stationmaster.ocpp import codec
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.station.blocks.local_list import LocalList
from stationmaster.station.settings import FIRST_GENERATION, SECOND_GENERATION, Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HAVE_LISTS = [version for version in VERSIONS if "SendLocalList" in messages(version)]
ITEMS = 3
FATES = ("taken", "taken", "taken", "answer lost", "call lost", "refused", "too many", "restart")


class Lost(Exception):
    """No answer came."""


@dataclass
class World:
    """Both ends, and a wire between them that does what it is told."""

    version: Version
    memory: RamMemory = field(default_factory=RamMemory)
    contents: dict[str, tuple[ListEntry, ...]] = field(default_factory=dict)
    fates: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        station = Station(key=1, tenant="t", identity="S", created_at=NOW)
        self.state = StationState(station=station)
        self.facts = StationFacts(version=str(self.version), limits={"items:SendLocalList": ITEMS})
        self.boot()

    def boot(self) -> None:
        conventions = FIRST_GENERATION if self.version.family == 1 else SECOND_GENERATION
        self.station = LocalList(self.memory, Configuration(self.memory, Settings(), conventions))

    def perform(self, request: Any) -> Any:
        """The request through the dialects and the codec, there and back. Raises Lost."""
        exchange = dialect_for(self.version).outgoing[type(request)](self.facts, request)
        try:
            call = next(exchange)
            while True:
                call = exchange.send(self.carry(call))
        except StopIteration as done:
            return done.value

    def carry(self, call: Any) -> Any:
        raw = codec.write_request(self.version, call.action, call.message)
        row = dialect_for(self.version).incoming[call.action]
        read = row.read(self.facts, codec.read_request(self.version, call.action, raw).message)
        fate = self.fates.pop(0) if self.fates and isinstance(read, SendLocalList) else "taken"
        if fate == "too many" and len(read.entries) > 1:
            return NoAnswer("OccurrenceConstraintViolation", "too many", Lost())
        if fate == "call lost":
            return NoAnswer(None, "timed out", Lost())
        if fate == "refused":
            answer: Any = CommandAnswer(status="Failed")
        elif isinstance(read, SendLocalList):
            answer = at_once(self.station.take(read))
        else:
            answer = at_once(self.station.tell_version(read))
        if fate == "restart":
            self.boot()
        if fate in ("answer lost", "restart"):
            return NoAnswer(None, "the connection was lost", Lost())
        written = codec.write_response(self.version, call.action, row.write(self.facts, read, answer))
        return codec.read_response(self.version, call.action, written).message

    def ask(self, request: Any) -> Any:
        """As a command is carried out: its hooks before and after."""
        command = Command(
            key=1, station_key=1, tenant="t", kind="", request={}, created_at=NOW, expires_at=NOW, state="sent"
        )
        hook = LOCAL_LIST_HOOKS[type(request)]
        told = {"request": request, "command": command}
        if hook.before is not None:
            self.settle(hook.before(self.state, NOW, **told))
        try:
            answer = self.perform(request)
        except Lost:
            if hook.unanswered is not None:
                self.settle(hook.unanswered(self.state, NOW, outcome="timed_out", **told))
            return None
        assert hook.after is not None
        self.settle(hook.after(self.state, NOW, answer=answer, **told))
        return answer

    def settle(self, decision: Any) -> None:
        if decision is not None:
            self.state = decision.state

    def look(self, wanted: Compiled) -> bool:
        """A turn as the CSMS takes it; whether the list is held to be right afterwards."""
        told = self.ask(GetLocalListVersion()).version
        known = list_of(self.state)
        before = None if known.digest is None else self.contents.get(known.digest)
        request = plan(known, told, before, wanted)
        self.contents[wanted.digest] = wanted.entries
        if request is not None:
            answer = self.ask(request)
            if answer is not None and answer.status != "Accepted" and list_of(self.state).state != "refused":
                self.ask(full_update(list_of(self.state), told, wanted))
        return request is None or list_of(self.state).digest == wanted.digest


def on_station(world: World) -> list[bytes]:
    return sorted(msgspec.json.encode((entry.name, entry.info)) for entry in world.station.entries)


def wanted_there(entries: Sequence[ListEntry]) -> list[bytes]:
    return sorted(msgspec.json.encode((entry.name, entry.info)) for entry in entries)


tokens = st.builds(
    lambda number, kind, status, group: Token(
        key=number, tenant="t", id_token=IdToken(f"T{number}", kind), status=status, group=group
    ),
    st.integers(1, 12),
    st.sampled_from([None, "ISO14443", "eMAID"]),
    st.sampled_from(["Accepted", "Blocked"]),
    st.sampled_from([None, "FLEET"]),
)
rolls = st.lists(tokens, max_size=12, unique_by=lambda token: token.key)
history = st.lists(st.tuples(rolls, st.lists(st.sampled_from(FATES), max_size=8)), min_size=1, max_size=6)


@given(st.sampled_from(HAVE_LISTS), history)
def test_a_list_is_right_whenever_it_is_held_to_be_and_in_the_end(
    version: Version, steps: list[tuple[list[Token], list[str]]]
) -> None:
    world = World(version)
    target = ListTarget(station_key=0, form=FORMS[str(version)])
    wanted = compile_list([], {}, target, NOW)
    for roll, fates in steps:
        wanted = compile_list(roll, {}, target, NOW)
        world.fates = list(fates)
        if world.look(wanted):
            assert on_station(world) == wanted_there(wanted.entries)
    world.fates = []
    assert world.look(wanted)
    assert on_station(world) == wanted_there(wanted.entries)
    assert world.station.version >= list_of(world.state).version
    assert world.look(wanted)


@given(rolls, rolls)
def test_the_difference_makes_one_list_of_the_other(before: list[Token], after: list[Token]) -> None:
    world = World(Version.V201)
    target = ListTarget(station_key=0, form=FORMS["2.0.1"])
    world.look(compile_list(before, {}, target, NOW))
    wanted = compile_list(after, {}, target, NOW)
    assert world.look(wanted)
    assert on_station(world) == wanted_there(wanted.entries)
