"""The live event stream."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from stationmaster.api.http import event_stream
from stationmaster.api.http.event_stream import EventStreams, TooManyStreams, Wanted
from stationmaster.api.monitoring.events import still_known
from stationmaster.bus.memory import MemoryBus
from stationmaster.domain.people.person import Caller, SessionTerms
from stationmaster.domain.people.roles import ROLES
from stationmaster.domain.records import Event


class Listener:
    """Reads a stream's frames and takes them apart."""

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        self.frames = frames

    async def begin(self) -> "Listener":
        assert (await self.frame()).startswith(b"retry: ")
        return self

    async def frame(self) -> bytes:
        async with asyncio.timeout(5):
            return await anext(self.frames)

    async def event(self) -> dict[str, Any]:
        fields = dict(line.split(b": ", 1) for line in (await self.frame()).strip().splitlines())
        body = msgspec.json.decode(fields[b"data"])
        assert fields[b"event"].decode() == body["kind"]
        assert fields.get(b"id") == (None if body["seq"] is None else str(body["seq"]).encode())
        return body

    async def ends(self) -> None:
        with pytest.raises(StopAsyncIteration):
            await self.frame()


class NoisyClock:
    """Time for a heartbeat comes at once."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.fixture
def tell(world):
    async def told(
        kind: str = "StationBooted",
        tenant: str = "default",
        station: int | None = 1,
        *,
        in_passing: bool = False,
        **more: Any,
    ) -> None:
        event = Event(kind=kind, tenant=tenant, station_key=station, at=world.clock.now(), **more)
        await world.store.tell(event, in_passing=in_passing)

    return told


def streams_of(world, **more: Any) -> EventStreams:
    return EventStreams(world.bus, world.store, world.clock, **more)


def always() -> bool:
    return True


def wanted(**more: Any) -> Wanted:
    return Wanted(**({"tenant": "default", "role": "viewer"} | more))


async def test_what_happens_from_now_on_is_told(world, tell):
    await tell("Old")
    listener = await Listener(await streams_of(world).open(wanted(), always)).begin()
    await tell("New", data={"a": 1})
    told = await listener.event()
    assert (told["kind"], told["seq"], told["station"], told["data"]) == ("New", 2, 1, {"a": 1})
    assert told["at"].endswith("Z")


async def test_what_happens_between_opening_and_reading_is_told(world, tell):
    frames = await streams_of(world).open(wanted(), always)
    await tell("Early")
    assert (await (await Listener(frames).begin()).event())["kind"] == "Early"


async def test_a_stream_goes_on_where_it_broke_without_repeating_what_the_bus_tells_again(world, tell):
    for kind in ("One", "Two"):
        await tell(kind)
    frames = await streams_of(world).open(wanted(after=1), always)
    await tell("Three")  # on the bus and in the outbox
    listener = await Listener(frames).begin()
    assert [(await listener.event())["kind"] for _ in range(2)] == ["Two", "Three"]
    await tell("Four")
    assert (await listener.event())["kind"] == "Four"


async def test_a_place_that_was_never_reached_does_not_silence_the_stream(world, tell):
    await tell("Old")
    listener = await Listener(await streams_of(world).open(wanted(after=10**15), always)).begin()
    await tell("New")
    assert (await listener.event())["kind"] == "New"


async def test_only_what_is_wanted_is_told_and_never_another_tenants(world, tell):
    filtered = wanted(kinds=frozenset({"A", "B"}), station_key=1, after=0)
    for _ in range(2):  # from the outbox, then live
        await tell("A", tenant="other")
        await tell("C")
        await tell("A", station=2)
        await tell("B")
        await tell("A")
        if _ == 0:
            listener = await Listener(await streams_of(world).open(filtered, always)).begin()
    assert [(await listener.event())["kind"] for _ in range(4)] == ["B", "A", "B", "A"]


async def test_events_in_passing_are_told_live_and_without_a_place(world, tell):
    listener = await Listener(await streams_of(world).open(wanted(after=0), always)).begin()
    await tell("MeterValues", in_passing=True)
    assert (await listener.event())["seq"] is None


async def test_a_listener_that_was_too_slow_catches_up_from_the_outbox(world, tell):
    world.bus = world.store.bus = MemoryBus(capacity=3)
    listener = await Listener(await streams_of(world).open(wanted(), always)).begin()
    for number in range(10):
        await tell(f"E{number}")
    assert [(await listener.event())["kind"] for _ in range(10)] == [f"E{number}" for number in range(10)]
    await tell("Next")
    assert (await listener.event())["kind"] == "Next"


async def test_a_long_past_is_told_in_portions(world, tell):
    for _ in range(1200):
        await tell()
    listener = await Listener(await streams_of(world).open(wanted(after=0), always)).begin()
    assert [(await listener.event())["seq"] for _ in range(1200)] == list(range(1, 1201))


async def test_silence_is_broken_by_comments_and_loses_nothing(world, tell):
    streams = EventStreams(world.bus, world.store, NoisyClock())
    listener = await Listener(await streams.open(wanted(), always)).begin()
    for _ in range(3):
        assert await listener.frame() == b": still here\n\n"
    await tell("New")
    while (frame := await listener.frame()).startswith(b":"):
        pass
    assert b"event: New\n" in frame


async def test_streams_end_when_the_node_stops(world):
    streams = streams_of(world)
    listener = await Listener(await streams.open(wanted(), always)).begin()
    waiting = asyncio.create_task(listener.ends())
    await asyncio.sleep(0)
    streams.end()
    await waiting
    assert (streams.count, world.bus.listeners) == (0, 2)  # the keys and the sessions listen on


async def test_a_stream_that_is_left_is_put_away(world):
    streams = streams_of(world)
    listener = await Listener(await streams.open(wanted(), always)).begin()
    assert (streams.count, world.bus.listeners) == (1, 3)
    await listener.frames.aclose()
    assert (streams.count, world.bus.listeners) == (0, 2)


async def test_there_are_only_so_many_streams(world):
    streams = streams_of(world, most=2)
    kept = [await streams.open(wanted(), always) for _ in range(2)]
    with pytest.raises(TooManyStreams):
        await streams.open(wanted(), always)
    kept.pop()  # never read, and forgotten
    kept.append(await streams.open(wanted(), always))


async def test_too_many_streams_are_a_problem(world, viewer, monkeypatch):
    monkeypatch.setattr(world.app.state.streams, "_most", 0)
    answer = await viewer.get("/api/v1/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


@pytest.mark.parametrize("headers", [{"Last-Event-ID": "-1"}, {"Last-Event-ID": "abc"}])
async def test_a_place_that_is_none_is_refused(viewer, headers):
    answer = await viewer.get("/api/v1/events", headers=headers)
    assert answer.status_code == 422


def test_clients_are_shown_a_sign_of_life_before_proxies_lose_patience():
    assert event_stream.HEARTBEAT_S <= 30


async def test_a_client_that_comes_back_too_late_is_told_of_the_gap_and_goes_on_behind_it(world, tell):
    for kind in ("One", "Two", "Three", "Four"):
        await tell(kind)
    world.store.pruned = 3
    chosen = wanted(after=1, kinds=frozenset({"Four"}))
    listener = await Listener(await streams_of(world).open(chosen, always)).begin()
    gap = await listener.event()
    assert (gap["kind"], gap["seq"], gap["data"]) == ("gap", 3, {"after": 1, "next": 4})
    assert (await listener.event())["kind"] == "Four"


async def test_a_gap_with_nothing_behind_it_is_told_too(world, tell):
    await tell("One")
    world.store.pruned = 1
    listener = await Listener(await streams_of(world).open(wanted(after=0), always)).begin()
    assert (await listener.event())["data"] == {"after": 0, "next": 2}


@pytest.mark.parametrize("after", [3, 4, None])
async def test_there_is_no_gap_where_nothing_is_missing(world, tell, after):
    for kind in ("One", "Two", "Three", "Four"):
        await tell(kind)
    world.store.pruned = 3
    listener = await Listener(await streams_of(world).open(wanted(after=after), always)).begin()
    await tell("Five")
    assert (await listener.event())["kind"] == ("Four" if after == 3 else "Five")


PRIVATE = ("PersonChanged", "SessionChanged", "ApiKeyChanged")


@pytest.mark.parametrize("role", ROLES)
async def test_what_happens_to_people_sessions_and_keys_is_told_to_administrators_alone(world, tell, role):
    async def told() -> None:
        for kind in (*PRIVATE, "StationBooted"):
            await tell(kind, station=None)

    expected = [*PRIVATE, "StationBooted"] if role == "administrator" else ["StationBooted"]
    await told()
    listener = await Listener(await streams_of(world).open(wanted(after=0, role=role), always)).begin()
    await told()
    assert [(await listener.event())["kind"] for _ in range(2 * len(expected))] == 2 * expected


async def test_asking_for_such_a_kind_by_name_does_not_help(world, tell):
    chosen = wanted(kinds=frozenset({*PRIVATE, "StationBooted"}))
    listener = await Listener(await streams_of(world).open(chosen, always)).begin()
    for kind in (*PRIVATE, "StationBooted"):
        await tell(kind)
    assert (await listener.event())["kind"] == "StationBooted"


async def key_caller(world) -> Caller:
    await world.client_of("administrator")  # one must stay
    key, _ = await world.ring.make("default", "billing", "viewer")
    return Caller(tenant="default", role="viewer", kind="api_key", key=key.key, name=key.name)


async def session_caller(world) -> Caller:
    person = await world.person()
    session, _, records = world.sessions.begun(person, "here", "tests")
    await world.store.store(records)
    world.sessions.add(session)
    return Caller(
        tenant="default", role="viewer", kind="person", key=person.key, name=person.name, session_key=session.key
    )


async def revoke(world, caller: Caller) -> None:
    assert await world.ring.revoke("default", caller.key)


async def end_session(world, caller: Caller) -> None:
    await world.sessions.end(world.sessions.of_caller(caller))


ENDED = pytest.mark.parametrize(
    ("begin", "end"), [(key_caller, revoke), (session_caller, end_session)], ids=["key", "session"]
)


@ENDED
async def test_a_stream_ends_with_its_key_or_session_and_tells_nothing_more(world, tell, begin, end):
    caller = await begin(world)
    opened = await streams_of(world).open(wanted(), partial(still_known, world.services, caller))
    listener = await Listener(opened).begin()
    await tell("Before")
    assert (await listener.event())["kind"] == "Before"
    await end(world, caller)
    await tell("After")
    await listener.ends()
    assert world.bus.listeners == 2  # the keys and the sessions listen on


@ENDED
async def test_a_stream_that_is_silent_ends_too(world, begin, end):
    caller = await begin(world)
    streams = EventStreams(world.bus, world.store, NoisyClock())
    listener = await Listener(await streams.open(wanted(), partial(still_known, world.services, caller))).begin()
    assert await listener.frame() == b": still here\n\n"
    await end(world, caller)
    await listener.ends()
    assert streams.count == 0


@ENDED
async def test_a_stream_ends_while_it_tells_the_past(world, tell, begin, end):
    caller = await begin(world)
    for kind in ("One", "Two"):
        await tell(kind)
    opened = await streams_of(world).open(wanted(after=0), partial(still_known, world.services, caller))
    listener = await Listener(opened).begin()
    assert (await listener.event())["kind"] == "One"
    await end(world, caller)
    await listener.ends()


async def test_a_stream_ends_although_all_that_happens_is_unwanted(world, tell):
    allowed = [True]
    chosen = wanted(kinds=frozenset({"Rare"}))
    streams = streams_of(world)
    listener = await Listener(await streams.open(chosen, lambda: allowed[0])).begin()
    allowed[0] = False
    await tell("Frequent")
    await listener.ends()


async def test_an_open_stream_does_not_keep_a_session_alive(world):
    caller = await session_caller(world)
    session = world.sessions.of_caller(caller)
    assert still_known(world.services, caller)
    assert world.sessions.of_caller(caller) is session
    world.sessions.terms = SessionTerms(idle=timedelta(0))
    assert not still_known(world.services, caller)
