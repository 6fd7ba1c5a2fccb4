"""People, sessions and the audit log, as every storage engine must keep them."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from stationmaster.domain.claims import OtherAdministratorClaim, PersonClaim, PersonNameClaim
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.people.audit import AuditEntry, AuditFilter, AuditOutcome
from stationmaster.domain.people.person import (
    Person,
    PersonSignedIn,
    Session,
    SessionEnded,
    SessionsEnded,
    SessionsOver,
    SessionUsed,
)
from stationmaster.domain.queries import PageRequest
from stationmaster.domain.retention import RetentionPolicy
from stationmaster.storage.sqlite import SQLiteStorage

NOW = datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


def a_person(key: int = 1, **fields: object) -> Person:
    person = Person(
        key=key, tenant="default", name=f"Jo{key}", role="administrator", password_hash="hash", created_at=NOW
    )
    return msgspec.structs.replace(person, **fields)


def a_session(key: int = 1, person_key: int = 1, **fields: object) -> Session:
    session = Session(
        key=key,
        person_key=person_key,
        tenant="default",
        name="Jo1",
        role="administrator",
        hash=f"hash-{key}",
        created_at=NOW,
        used_at=NOW,
        expires_at=NOW + timedelta(days=7),
        address="10.0.0.1",
        agent="a browser",
    )
    return msgspec.structs.replace(session, **fields)


def an_entry(key: int, **fields: object) -> AuditEntry:
    entry = AuditEntry(
        key=key,
        tenant="default",
        at=NOW + timedelta(minutes=key),
        actor_kind="person",
        actor_key=1,
        actor="Jo1",
        operation="admit_station",
        method="POST",
        path="/api/v1/stations",
        station_key=None,
        status=None,
        address="10.0.0.1",
        detail='{"identity":"CS-1"}',
    )
    return msgspec.structs.replace(entry, **fields)


async def test_people_are_read_by_key_and_by_name_in_any_case(storage: SQLiteStorage) -> None:
    person = a_person(display_name="Jo", disabled_at=NOW)
    await storage.journal.store([person])
    reads = storage.reads
    assert await reads.person("default", 1) == person
    assert await reads.person_named("default", "jO1") == person
    assert await reads.person("other", 1) is None and await reads.person_named("other", "Jo1") is None


async def test_people_come_in_pages_by_name(storage: SQLiteStorage) -> None:
    names = ["carl", "Anna", "bert"]
    await storage.journal.store([a_person(key, name=name) for key, name in enumerate(names, 1)])
    first = await storage.reads.people("default", PageRequest(limit=2))
    rest = await storage.reads.people("default", PageRequest(limit=2, cursor=first.next_cursor))
    assert [person.name for person in (*first.items, *rest.items)] == ["Anna", "bert", "carl"]


async def test_what_changes_of_a_person_leaves_the_last_sign_in(storage: SQLiteStorage) -> None:
    person = a_person()
    await storage.journal.store([person])
    await storage.journal.store([PersonSignedIn(person_key=1, at=NOW, password_hash="anew")])
    await storage.journal.store([msgspec.structs.replace(person, role="viewer", password_hash="changed")])
    found = await storage.reads.person("default", 1)
    assert found == a_person(role="viewer", password_hash="changed", last_sign_in_at=NOW)


async def test_a_tenant_is_administered_by_those_who_may_sign_in(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_person(1, disabled_at=NOW), a_person(2, role="operator")])
    assert not await storage.reads.is_administered("default")
    await storage.journal.store([a_person(3)])
    assert await storage.reads.is_administered("default")
    assert not await storage.reads.is_administered("other")


async def test_sessions_are_kept_used_and_ended(storage: SQLiteStorage) -> None:
    sessions = [a_session(key, person_key) for key, person_key in ((1, 1), (2, 1), (3, 2), (4, 2))]
    await storage.journal.store(sessions)
    assert await storage.reads.all_sessions() == sessions
    later = NOW + timedelta(hours=1)
    await storage.journal.store([SessionUsed(key=3, at=later), SessionUsed(key=99, at=later), SessionEnded(key=4)])
    await storage.journal.store([SessionsEnded(person_key=1)])
    assert await storage.reads.all_sessions() == [a_session(3, 2, used_at=later)]


async def test_sessions_that_are_over_go(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_session(1), a_session(2, used_at=NOW + timedelta(hours=5))])
    await storage.journal.store([a_session(3, expires_at=NOW + timedelta(hours=6), used_at=NOW + timedelta(hours=5))])
    at = NOW + timedelta(hours=6)
    await storage.journal.store([SessionsOver(at=at, used_before=NOW + timedelta(hours=1))])
    assert [session.key for session in await storage.reads.all_sessions()] == [2]


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        (PersonClaim(key=1, role="administrator", password_hash="hash", enabled=True), True),
        (PersonClaim(key=1, role="administrator", password_hash="other", enabled=True), False),
        (PersonClaim(key=1, role="viewer", password_hash="hash", enabled=True), False),
        (PersonClaim(key=1, role="administrator", password_hash="hash", enabled=False), False),
        (PersonClaim(key=2, role="administrator", password_hash="hash", enabled=False), True),
        (PersonClaim(key=99, role="administrator", password_hash="hash", enabled=True), False),
        (PersonNameClaim(tenant="default", name_key="jo1"), False),
        (PersonNameClaim(tenant="default", name_key="jo9"), True),
        (PersonNameClaim(tenant="other", name_key="jo1"), True),
        (OtherAdministratorClaim(tenant="default", person_key=1), False),
        (OtherAdministratorClaim(tenant="default", person_key=2), True),
        (OtherAdministratorClaim(tenant="other", person_key=2), False),
    ],
)
async def test_claims_about_people(storage: SQLiteStorage, claim: object, holds: bool) -> None:
    await storage.journal.store([a_person(1), a_person(2, disabled_at=NOW), a_person(3, role="operator")])
    otherwise = Decision()
    decision = Decision(records=(an_entry(1),), checks=(CheckedBy(claim, otherwise),))  # type: ignore[arg-type]
    assert (await storage.journal.commit(decision) is decision) is holds


async def test_of_two_administrators_who_go_at_once_one_stays(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_person(1), a_person(2)])
    otherwise = Decision()

    def gone(key: int) -> Decision:
        claim = OtherAdministratorClaim(tenant="default", person_key=key)
        return Decision(records=(a_person(key, disabled_at=NOW),), checks=(CheckedBy(claim, otherwise),))

    held = await asyncio.gather(*(storage.journal.commit(gone(key)) for key in (1, 2)))
    assert sum(decision is otherwise for decision in held) == 1
    assert await storage.reads.is_administered("default")


async def test_the_audit_log_is_newest_first_with_outcomes(storage: SQLiteStorage) -> None:
    await storage.journal.store([an_entry(1), an_entry(2), an_entry(3, tenant="other")])
    await storage.journal.store([AuditOutcome(key=1, status=201)])
    first = await storage.reads.audit(AuditFilter(tenant="default"), PageRequest(limit=1))
    rest = await storage.reads.audit(AuditFilter(tenant="default"), PageRequest(limit=1, cursor=first.next_cursor))
    assert [*first.items, *rest.items] == [an_entry(2), an_entry(1, status=201)]
    assert [entry.key async for entry in storage.reads.all_audit(AuditFilter(tenant="default"))] == [2, 1]


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ({"actor": "jo1"}, [4, 1]),
        ({"operation": "reset_password"}, [2]),
        ({"station_key": 7}, [3]),
        ({"from_at": NOW + timedelta(minutes=2), "to_at": NOW + timedelta(minutes=4)}, [3, 2]),
        ({"text": "cs-9"}, [3]),
        ({"text": "PEOPLE/5"}, [2]),
        ({"text": "100%"}, [4]),
        ({"text": "_"}, []),
    ],
)
async def test_the_audit_log_is_filtered(storage: SQLiteStorage, wanted: dict[str, object], keys: list[int]) -> None:
    await storage.journal.store(
        [
            an_entry(1),
            an_entry(2, actor="Anna", operation="reset_password", path="/api/v1/people/5/password"),
            an_entry(3, actor="Anna", station_key=7, detail='{"identity":"CS-9"}'),
            an_entry(4, detail='{"name":"100%"}'),
        ]
    )
    query = msgspec.structs.replace(AuditFilter(tenant="default"), **wanted)
    assert [entry.key for entry in (await storage.reads.audit(query)).items] == keys


async def test_the_audit_log_is_kept_two_years_or_as_a_tenant_wants(storage: SQLiteStorage) -> None:
    await storage.journal.store([an_entry(1), an_entry(2, tenant="short"), an_entry(3, at=NOW + timedelta(days=700))])
    short = {"short": RetentionPolicy(audit_days=30)}
    await storage.retention.run(RetentionPolicy(), NOW + timedelta(days=60), short)
    assert not (await storage.reads.audit(AuditFilter(tenant="short"))).items
    assert len((await storage.reads.audit(AuditFilter(tenant="default"))).items) == 2
    await storage.retention.run(RetentionPolicy(), NOW + timedelta(days=731))
    assert [entry.key for entry in (await storage.reads.audit(AuditFilter(tenant="default"))).items] == [3]
