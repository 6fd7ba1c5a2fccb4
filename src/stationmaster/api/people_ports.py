"""What the API reads of people and of what they did."""

from collections.abc import AsyncIterator
from typing import Protocol

from stationmaster.domain.people.audit import AuditEntry, AuditFilter
from stationmaster.domain.people.person import Person
from stationmaster.domain.queries import Page, PageRequest


class PeopleQueries(Protocol):
    async def people(self, tenant: str, request: PageRequest = ...) -> Page[Person]: ...
    async def person(self, tenant: str, key: int) -> Person | None: ...
    async def audit(self, query: AuditFilter, request: PageRequest = ...) -> Page[AuditEntry]: ...
    def all_audit(self, query: AuditFilter) -> AsyncIterator[AuditEntry]: ...
