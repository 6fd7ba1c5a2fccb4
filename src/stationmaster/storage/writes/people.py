"""How people, their sessions and the audit log are written."""

from typing import Any

import sqlalchemy as sa

from stationmaster.domain.people.audit import AuditEntry, AuditOutcome
from stationmaster.domain.people.person import (
    Person,
    PersonSignedIn,
    Session,
    SessionEnded,
    SessionsEnded,
    SessionsOver,
    SessionUsed,
    name_key,
)
from stationmaster.storage.rows import Values, micros, moment
from stationmaster.storage.schema.people import audit, people, sessions
from stationmaster.storage.statements import Write, compiled, plain_insert, update, upsert

PERSON_COLUMNS = people.c
SESSION_COLUMNS = sessions.c
AUDIT_COLUMNS = audit.c


def person_row(person: Person) -> Values:
    return (
        person.key,
        person.tenant,
        name_key(person.name),
        person.name,
        person.display_name,
        person.role,
        person.password_hash,
        micros(person.created_at),
        None if person.disabled_at is None else micros(person.disabled_at),
        None if person.last_sign_in_at is None else micros(person.last_sign_in_at),
    )


def to_person(row: tuple[Any, ...]) -> Person:
    key, tenant, _, name, display_name, role, password_hash, created_at, disabled_at, last_sign_in_at = row
    return Person(
        key=key,
        tenant=tenant,
        name=name,
        display_name=display_name,
        role=role,
        password_hash=password_hash,
        created_at=moment(created_at),
        disabled_at=None if disabled_at is None else moment(disabled_at),
        last_sign_in_at=None if last_sign_in_at is None else moment(last_sign_in_at),
    )


def signed_in_row(signed_in: PersonSignedIn) -> Values:
    return (signed_in.password_hash, micros(signed_in.at), signed_in.person_key)


def session_row(session: Session) -> Values:
    return (
        session.key,
        session.person_key,
        session.tenant,
        session.name,
        session.role,
        session.hash,
        micros(session.created_at),
        micros(session.used_at),
        micros(session.expires_at),
        session.address,
        session.agent,
    )


def to_session(row: tuple[Any, ...]) -> Session:
    key, person_key, tenant, name, role, digest, created_at, used_at, expires_at, address, agent = row
    return Session(
        key=key,
        person_key=person_key,
        tenant=tenant,
        name=name,
        role=role,
        hash=digest,
        created_at=moment(created_at),
        used_at=moment(used_at),
        expires_at=moment(expires_at),
        address=address,
        agent=agent,
    )


def audit_row(entry: AuditEntry) -> Values:
    return (
        entry.key,
        entry.tenant,
        micros(entry.at),
        entry.actor_kind,
        entry.actor_key,
        entry.actor,
        entry.operation,
        entry.method,
        entry.path,
        entry.station_key,
        entry.status,
        entry.address,
        entry.detail,
    )


def to_audit_entry(row: tuple[Any, ...]) -> AuditEntry:
    at = moment(row[2])
    key, tenant, _, kind, actor_key, actor, operation, method, path, station_key, status, address, detail = row
    return AuditEntry(
        key=key,
        tenant=tenant,
        at=at,
        actor_kind=kind,
        actor_key=actor_key,
        actor=actor,
        operation=operation,
        method=method,
        path=path,
        station_key=station_key,
        status=status,
        address=address,
        detail=detail,
    )


def _forget(condition: sa.ColumnElement[bool], *names: str) -> str:
    sql = compiled(sa.delete(sessions).where(condition))
    assert sql.names == names, sql.names
    return sql.text


_s = sessions.c
_is_over = sa.or_(_s.expires_at <= sa.bindparam("at"), _s.used_at < sa.bindparam("used_before"))

WRITES: dict[type, tuple[Write, ...]] = {
    Person: (
        Write(
            upsert(people, ("key",), keep=("tenant", "name_key", "name", "created_at", "last_sign_in_at")), person_row
        ),
    ),
    PersonSignedIn: (Write(update(people, ("password_hash", "last_sign_in_at")), signed_in_row),),
    Session: (Write(plain_insert(sessions), session_row),),
    SessionUsed: (Write(update(sessions, ("used_at",)), lambda used: (micros(used.at), used.key)),),
    SessionEnded: (Write(_forget(_s.key == sa.bindparam("gone"), "gone"), lambda ended: (ended.key,)),),
    SessionsEnded: (
        Write(_forget(_s.person_key == sa.bindparam("person_key"), "person_key"), lambda ended: (ended.person_key,)),
    ),
    SessionsOver: (
        Write(_forget(_is_over, "at", "used_before"), lambda over: (micros(over.at), micros(over.used_before))),
    ),
    AuditEntry: (Write(plain_insert(audit), audit_row),),
    AuditOutcome: (Write(update(audit, ("status",)), lambda outcome: (outcome.status, outcome.key)),),
}
