"""People, their sessions, and the audit log."""

from collections.abc import AsyncIterator, Sequence

import sqlalchemy as sa

from stationmaster.domain.people.audit import AuditEntry, AuditFilter
from stationmaster.domain.people.person import Person, Session, name_key
from stationmaster.domain.queries import FIRST_PAGE, MAX_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.people import audit, people, sessions
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.people import to_audit_entry, to_person, to_session

_p, _a = people.c, audit.c
_PERSON = compiled(sa.select(*_p).where(_p.tenant == sa.bindparam("tenant"), _p.key == sa.bindparam("key")))
_NAMED = compiled(sa.select(*_p).where(_p.tenant == sa.bindparam("tenant"), _p.name_key == sa.bindparam("name_key")))
_ADMINISTRATOR: sa.ColumnElement[str] = sa.literal_column("'administrator'")
_IS_ADMINISTERED = compiled(
    sa.select(
        sa.exists().where(_p.tenant == sa.bindparam("tenant"), _p.role == _ADMINISTRATOR, _p.disabled_at.is_(None))
    )
)
_SESSIONS = compiled(sa.select(*sessions.c).order_by(sessions.c.key))


class PeopleReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def people(self, tenant: str, request: PageRequest = FIRST_PAGE) -> Page[Person]:
        """By name."""
        statement = sa.select(*_p).where(_p.tenant == tenant)
        return await self._run(lambda connection: page(connection, statement, (_p.name_key,), request, to_person))

    async def person(self, tenant: str, key: int) -> Person | None:
        found = await self._run(lambda connection: fetch(connection, _PERSON, tenant=tenant, key=key))
        return to_person(found[0]) if found else None

    async def person_named(self, tenant: str, name: str) -> Person | None:
        """Whatever the name's case."""
        named = name_key(name)
        found = await self._run(lambda connection: fetch(connection, _NAMED, tenant=tenant, name_key=named))
        return to_person(found[0]) if found else None

    async def is_administered(self, tenant: str) -> bool:
        """Whether the tenant has an administrator who may sign in."""
        found = await self._run(lambda connection: fetch(connection, _IS_ADMINISTERED, tenant=tenant))
        return bool(found[0][0])

    async def all_sessions(self) -> Sequence[Session]:
        """Those of every tenant, for the directory in memory; expired ones too."""
        found = await self._run(lambda connection: fetch(connection, _SESSIONS))
        return [to_session(row) for row in found]

    async def audit(self, query: AuditFilter, request: PageRequest = FIRST_PAGE) -> Page[AuditEntry]:
        """Newest first."""
        conditions = matching(
            [
                (_a.tenant, query.tenant),
                (_a.operation, query.operation),
                (_a.station_key, query.station_key),
            ]
        )
        if query.actor is not None:
            conditions.append(sa.func.lower(_a.actor) == query.actor.lower())
        if query.from_at is not None:
            conditions.append(_a.at >= micros(query.from_at))
        if query.to_at is not None:
            conditions.append(_a.at < micros(query.to_at))
        if query.text is not None:
            conditions.append(
                sa.or_(*(column.icontains(query.text, autoescape=True) for column in (_a.path, _a.detail)))
            )
        statement = sa.select(*_a).where(*conditions)
        return await self._run(
            lambda connection: page(connection, statement, (_a.key,), request, to_audit_entry, newest_first=True)
        )

    async def all_audit(self, query: AuditFilter) -> AsyncIterator[AuditEntry]:
        """As :meth:`audit`, all of it, a page at a time."""
        cursor: str | None = None
        while True:
            found = await self.audit(query, PageRequest(limit=MAX_PAGE, cursor=cursor))
            for entry in found.items:
                yield entry
            if (cursor := found.next_cursor) is None:
                return
