"""Signing in over a real store: what is decided while a password is looked at, and what many tries at once get."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.bus.memory import MemoryBus
from stationmaster.csms.people.desk import ChangedMeanwhile, LastAdministrator, NameTaken, PeopleDesk
from stationmaster.csms.people.sessions import SessionRing
from stationmaster.csms.people.sign_in import OF_PERSON, OF_PERSON_REGAIN_S, Attempt, NotLetIn, SignInDesk, TooManyTries
from stationmaster.domain.people.audit import AuditFilter
from stationmaster.security.bearer_secrets import BearerSecrets
from stationmaster.security.person_passwords import HashCost, PersonPasswords
from stationmaster.storage.sqlite import SQLiteStorage

T0 = datetime(2030, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"
CHEAP = HashCost(memory_kib=8, passes=1)


class Clock:
    def __init__(self) -> None:
        self.at = T0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - T0).total_seconds()


class World:
    def __init__(self, storage: SQLiteStorage, cost: HashCost = CHEAP) -> None:
        reads, journal, keys = storage.reads, storage.journal, storage.keys
        self.storage, self.clock = storage, Clock()
        self.sessions = SessionRing(reads, journal, keys, MemoryBus(), self.clock, BearerSecrets(b"pepper"))
        self.people = PeopleDesk(reads, journal, keys, self.clock, self.sessions, PersonPasswords(cost))
        self.desk = SignInDesk(reads, journal, keys, self.clock, self.people)

    async def sign_in(self, name: str = "jo", password: str = PASSWORD, address: str = "10.0.0.1") -> str:
        attempt = Attempt(
            tenant="default",
            name=name,
            password=password,
            address=address,
            agent="a browser",
            method="POST",
            path="/api/v1/session",
        )
        _, token = await self.desk.sign_in(attempt)
        return token

    async def statuses(self) -> list[int | None]:
        return [entry.status for entry in (await self.storage.reads.audit(AuditFilter(tenant="default"))).items]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    storage = await SQLiteStorage.open(":memory:", threaded=False)
    made = World(storage)
    await made.people.create("default", "jo", "administrator", PASSWORD)
    yield made
    await made.sessions.close()
    made.people.passwords.close()
    await storage.close()


async def test_who_is_disabled_while_the_password_is_looked_at_is_not_let_in(world: World) -> None:
    await world.people.create("default", "other", "administrator", PASSWORD)
    jo = await world.storage.reads.person_named("default", "jo")
    check = world.people.passwords.check

    async def slowly(stored, password):
        is_right = await check(stored, password)
        await world.people.change("default", jo.key, disabled_at=T0)
        return is_right

    world.people.passwords.check = slowly
    with pytest.raises(NotLetIn):
        await world.sign_in()
    assert world.sessions.of_person(jo.key) == () and await world.storage.reads.all_sessions() == []
    assert await world.statuses() == [401]


async def test_a_session_that_begins_at_the_same_moment_as_a_new_password_does_not_outlive_it(world: World) -> None:
    jo = await world.storage.reads.person_named("default", "jo")
    ended = await asyncio.gather(
        world.sign_in(), world.people.set_password("default", jo.key, "another password"), return_exceptions=True
    )
    token = ended[0]
    assert isinstance(token, NotLetIn) or world.sessions.find(token) is None
    assert await world.storage.reads.all_sessions() == []


async def test_many_tries_at_once_get_no_more_than_one_after_another(world: World) -> None:
    tries = await asyncio.gather(
        *(world.sign_in(password=f"guess {n}", address=f"10.0.{n}.1") for n in range(50)), return_exceptions=True
    )
    assert sum(isinstance(each, NotLetIn) for each in tries) == OF_PERSON
    assert sum(isinstance(each, TooManyTries) for each in tries) == 50 - OF_PERSON
    assert await world.statuses() == [401] * OF_PERSON
    world.clock.at += timedelta(seconds=OF_PERSON_REGAIN_S + 1)
    assert world.sessions.find(await world.sign_in()) is not None


async def test_a_password_is_hashed_anew_at_todays_cost(world: World) -> None:
    before = await world.storage.reads.person_named("default", "jo")
    dearer = World(world.storage, HashCost(memory_kib=16, passes=1))
    await dearer.sign_in()
    after = await world.storage.reads.person_named("default", "jo")
    assert before.password_hash != after.password_hash and "m=16," in after.password_hash
    assert after.last_sign_in_at == T0
    await dearer.sign_in()
    assert (await world.storage.reads.person_named("default", "jo")).password_hash == after.password_hash
    dearer.people.passwords.close()


async def test_two_changes_of_a_person_at_once_both_hold(world: World) -> None:
    person = await world.people.create("default", "two", "viewer", PASSWORD)
    await asyncio.gather(
        world.people.change("default", person.key, role="operator"),
        world.people.change("default", person.key, display_name="Two"),
    )
    found = await world.storage.reads.person("default", person.key)
    assert (found.role, found.display_name) == ("operator", "Two")


async def test_what_another_node_changed_meanwhile_is_not_overwritten(world: World) -> None:
    person = await world.people.create("default", "two", "viewer", PASSWORD)
    stale = person
    await world.people.change("default", person.key, role="operator")

    class Stale:
        async def person(self, tenant, key):
            return stale

    elsewhere = PeopleDesk(
        Stale(), world.storage.journal, world.storage.keys, world.clock, world.sessions, world.people.passwords
    )
    with pytest.raises(ChangedMeanwhile):
        await elsewhere.change("default", person.key, role="administrator")
    assert (await world.storage.reads.person("default", person.key)).role == "operator"


@pytest.mark.parametrize("meanwhile", ["reset", "disabled"])
async def test_a_password_that_was_checked_is_changed_only_where_it_still_is_that(world: World, meanwhile: str) -> None:
    person = await world.people.create("default", "two", "viewer", PASSWORD)
    if meanwhile == "reset":
        await world.people.set_password("default", person.key, "the reset password")
    else:
        await world.people.change("default", person.key, disabled_at=T0)
    before = await world.storage.reads.person("default", person.key)
    with pytest.raises(ChangedMeanwhile):
        await world.people.set_password("default", person.key, "their own password", only_if=person.password_hash)
    assert await world.storage.reads.person("default", person.key) == before


async def test_of_two_own_changes_at_once_one_holds(world: World) -> None:
    jo = await world.storage.reads.person_named("default", "jo")
    ended = await asyncio.gather(
        *(
            world.people.set_password("default", jo.key, f"password of {n}", only_if=jo.password_hash)
            for n in ("here", "there")
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, ChangedMeanwhile) for each in ended) == 1


async def test_names_and_the_last_administrator_are_looked_at_inside_the_write(world: World) -> None:
    made = await asyncio.gather(
        *(world.people.create("default", name, "viewer", PASSWORD) for name in ("two", "TWO")), return_exceptions=True
    )
    assert sum(isinstance(each, NameTaken) for each in made) == 1
    jo = await world.storage.reads.person_named("default", "jo")
    with pytest.raises(LastAdministrator):
        await world.people.change("default", jo.key, role="operator")


async def test_no_password_stands_in_a_representation(world: World) -> None:
    jo = await world.storage.reads.person_named("default", "jo")
    attempt = Attempt(tenant="t", name="n", password=PASSWORD, address="a", agent="", method="POST", path="/")
    assert PASSWORD not in repr(attempt) and jo.password_hash not in repr(jo)
