"""Sessions, in virtual time over a real store."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from stationmaster.bus.memory import MemoryBus
from stationmaster.csms.people.sessions import SessionRing
from stationmaster.domain.people.person import MAX_SESSIONS, Person
from stationmaster.security.bearer_secrets import BearerSecrets
from stationmaster.storage.sqlite import SQLiteStorage

T0 = datetime(2030, 1, 1, tzinfo=UTC)
JO = Person(key=1, tenant="default", name="jo", role="viewer", password_hash="h", created_at=T0)


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - T0).total_seconds()


class World:
    def __init__(self, storage: SQLiteStorage) -> None:
        self.storage, self.clock, self.bus = storage, Clock(), MemoryBus()
        self.ring = self.another()

    def another(self) -> SessionRing:
        """What another node has."""
        store = self.storage
        return SessionRing(store.reads, store.journal, store.keys, self.bus, self.clock, BearerSecrets(b"pepper"))

    async def begin(self, person: Person = JO) -> str:
        session, token, records = self.ring.begun(person, "10.0.0.1", "a browser")
        await self.storage.journal.store(records)
        self.ring.add(session)
        return token

    def wait(self, **time: float) -> None:
        self.clock.at += timedelta(**time)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    storage = await SQLiteStorage.open(":memory:", threaded=False)
    made = World(storage)
    yield made
    await made.ring.close()
    await storage.close()


async def test_a_session_that_is_not_used_is_over_after_eight_hours(world):
    token = await world.begin()
    world.wait(hours=7, minutes=59)
    assert world.ring.find(token) is not None
    world.wait(hours=7, minutes=59)
    assert world.ring.find(token) is not None
    world.wait(hours=8)
    assert world.ring.find(token) is None
    assert world.ring.of_person(JO.key) == ()


async def test_a_session_is_over_after_seven_days_however_much_it_is_used(world):
    token = await world.begin()
    for _ in range(7 * 24 - 1):
        world.wait(hours=1)
        assert world.ring.find(token) is not None
    world.wait(hours=1)
    assert world.ring.find(token) is None


async def test_use_is_written_at_most_once_a_minute_and_survives_a_restart(world):
    token = await world.begin()
    written = []
    store = world.storage.journal.store
    world.storage.journal.store = lambda records, events=(): written.extend(records) or store(records, events)
    for _ in range(300):
        world.wait(seconds=1)
        world.ring.find(token)
    await world.ring.close()
    assert len(written) == 5
    world.wait(hours=7, minutes=58)
    again = world.another()
    await again.load()
    assert again.find(token) is not None


async def test_use_that_cannot_be_written_harms_nobody(world):
    token = await world.begin()
    await world.storage.journal.close()
    world.wait(minutes=2)
    with structlog.testing.capture_logs() as logged:
        assert world.ring.find(token) is not None
        await world.ring.close()
    assert [entry["event"] for entry in logged] == ["use of a session not stored"]
    assert world.ring.find(token) is not None


async def test_other_nodes_hear_of_what_begins_and_ends(world):
    other = world.another()
    heard = asyncio.create_task(other.follow_changes())
    await asyncio.sleep(0)
    token = await world.begin()
    await world.bus.publish("events.SessionChanged.0", b"{}")
    await until(lambda: other.find(token) is not None)
    await world.ring.end(world.ring.find(token))
    await world.bus.publish("events.SessionChanged.0", b"{}")
    await until(lambda: other.find(token) is None)
    heard.cancel()


async def test_a_session_that_begins_while_the_ring_is_read_is_not_lost(world):
    reads = world.storage.reads
    all_sessions = reads.all_sessions
    tokens = []

    async def slowly():
        found = await all_sessions()
        if not tokens:
            tokens.append(await world.begin())
        return found

    world.ring._reads = type("Reads", (), {"all_sessions": staticmethod(slowly)})()
    await world.ring.load()
    assert world.ring.find(tokens[0]) is not None


async def test_a_read_that_fails_ends_nobodys_session(world):
    token = await world.begin()

    async def fail():
        raise OSError("disk gone")

    world.ring._reads = type("Reads", (), {"all_sessions": staticmethod(fail)})()
    with structlog.testing.capture_logs() as logged:
        following = asyncio.create_task(world.ring.follow_changes())
        await until(lambda: bool(logged))
    following.cancel()
    assert world.ring.find(token) is not None


async def test_one_person_has_a_bounded_number_and_the_least_used_goes(world):
    tokens = []
    for _ in range(MAX_SESSIONS):
        world.wait(seconds=1)
        tokens.append(await world.begin())
    world.wait(seconds=1)
    world.ring.find(tokens[0])
    tokens.append(await world.begin())
    assert world.ring.find(tokens[1]) is None
    assert world.ring.find(tokens[0]) is not None and world.ring.find(tokens[-1]) is not None
    assert len(await world.storage.reads.all_sessions()) == MAX_SESSIONS


async def test_those_that_are_over_leave_the_database_with_the_next_sign_in(world):
    await world.begin()
    world.wait(days=1)
    await world.begin()
    assert len(await world.storage.reads.all_sessions()) == 1


@pytest.mark.parametrize("secret", ["", "ses_", "ses_wrong", "sm_x", "ses_" + "x" * 5000])
async def test_what_is_no_session_is_none(world, secret):
    await world.begin()
    assert world.ring.find(secret) is None


async def test_a_token_and_its_hash_stand_in_no_representation(world):
    token = await world.begin()
    session = world.ring.find(token)
    assert token not in repr(session) and session.hash not in repr(session)
    assert token not in session.hash


async def until(holds) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0)


async def test_what_an_open_page_asks_by_itself_does_not_keep_its_session_alive(world: World) -> None:
    token = await world.begin()
    for _ in range(8):
        assert world.ring.find(token, unattended=True) is not None
        world.wait(hours=1)
    assert world.ring.find(token, unattended=True) is None
