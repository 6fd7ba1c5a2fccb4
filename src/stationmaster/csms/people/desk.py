"""What is decided about people: who there is, what they may do, and what they sign in with."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from stationmaster.csms.people.ports import Clock, Journal, Keys, PeopleReads
from stationmaster.csms.people.sessions import SessionRing
from stationmaster.domain.claims import OtherAdministratorClaim, PersonClaim, PersonNameClaim
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.people.person import FIRST_NAME, Person, SessionsEnded, name_key
from stationmaster.domain.people.roles import Role
from stationmaster.domain.records import Event, Record
from stationmaster.security.person_passwords import PersonPasswords, new_password

CHANGED = "PersonChanged"
_ENDING = ("role", "password_hash", "disabled_at")
"""A change of one of these ends the person's sessions."""


class NameTaken(Exception):
    """Somebody of the tenant has this name already."""


class LastAdministrator(Exception):
    """Without this person nobody could manage the others."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the person at the same time."""


class PeopleDesk:
    """Any node has one. What must hold among several people, or nodes, is looked at inside the write."""

    def __init__(
        self,
        reads: PeopleReads,
        journal: Journal,
        keys: Keys,
        clock: Clock,
        sessions: SessionRing,
        passwords: PersonPasswords,
    ) -> None:
        self.sessions = sessions
        self.passwords = passwords
        self._reads = reads
        self._journal = journal
        self._keys = keys
        self._clock = clock
        self._changing = asyncio.Lock()
        """What is read here to be changed is not changed here by another in between."""

    async def create(self, tenant: str, name: str, role: Role, password: str, display_name: str = "") -> Person:
        """Raises NameTaken, Busy, StorageFailed."""
        person = Person(
            key=self._keys.take(),
            tenant=tenant,
            name=name,
            role=role,
            password_hash=await self.passwords.hash(password),
            created_at=self._clock.now(),
            display_name=display_name,
        )
        taken = CheckedBy(PersonNameClaim(tenant=tenant, name_key=name_key(name)), Decision())
        decision = Decision(records=(person,), events=(self._event(person, "made"),), checks=(taken,))
        if await self._journal.commit(decision) is not decision:
            raise NameTaken(name)
        return person

    async def change(
        self,
        tenant: str,
        key: int,
        *,
        more: Sequence[Record] = (),
        what: str = "changed",
        only_if: str | None = None,
        **fields: Any,
    ) -> Person | None:
        """Change fields of a person; None where there is none. ``more`` is stored with it.

        ``only_if``: the hash that the person's own password was checked against. Where it is another by now, or the
        person disabled, somebody else's change goes before theirs.

        Raises LastAdministrator where nobody else who may sign in manages the tenant, ChangedMeanwhile, StorageFailed.
        """
        async with self._changing:
            person = await self._reads.person(tenant, key)
            if person is None:
                return None
            if only_if is not None and not (person.is_enabled and person.password_hash == only_if):
                raise ChangedMeanwhile(person.name)
            changed = msgspec.structs.replace(person, **fields)
            if changed == person:
                return person
            await self._store(person, changed, more, what)
            return changed

    async def set_password(
        self, tenant: str, key: int, password: str, more: Sequence[Record] = (), *, only_if: str | None = None
    ) -> Person | None:
        """``only_if``: as of :meth:`change`. Raises ChangedMeanwhile, Busy, StorageFailed."""
        hashed = await self.passwords.hash(password)
        return await self.change(tenant, key, more=more, what="given a password", only_if=only_if, password_hash=hashed)

    async def end_sessions(self, person: Person) -> None:
        """All of them. Raises StorageFailed."""
        event = self.sessions.event(person.tenant, person.key, "ended")
        await self._journal.store([SessionsEnded(person_key=person.key)], [event])
        self.sessions.forget(person.key)

    async def is_administered(self, tenant: str) -> bool:
        return await self._reads.is_administered(tenant)

    async def ensure_first(self, tenant: str, *, anew: bool = False) -> str | None:
        """The password of a first administrator, to be shown once; None where the tenant is administered.

        ``anew``: the one that was made was never shown, so the person gets another. Raises StorageFailed.
        """
        password = new_password()
        if not await self._reads.is_administered(tenant):
            await self.create(tenant, FIRST_NAME, "administrator", password)
            return password
        unseen = await self._reads.person_named(tenant, FIRST_NAME) if anew else None
        if unseen is None:
            return None
        await self.set_password(tenant, unseen.key, password)
        return password

    async def _store(self, person: Person, changed: Person, more: Sequence[Record], what: str) -> None:
        elsewhere, last = Decision(), Decision()
        checks = [CheckedBy(claim_of(person), elsewhere)]
        if _is_administrator(person) and not _is_administrator(changed):
            checks.append(CheckedBy(OtherAdministratorClaim(tenant=person.tenant, person_key=person.key), last))
        ends = any(getattr(person, name) != getattr(changed, name) for name in _ENDING)
        records: tuple[Record, ...] = (changed, *more)
        events: tuple[Event, ...] = (self._event(changed, what),)
        if ends:
            records = (*records, SessionsEnded(person_key=person.key))
            events = (*events, self.sessions.event(person.tenant, person.key, "ended"))
        held = await self._journal.commit(Decision(records=records, events=events, checks=tuple(checks)))
        if held is elsewhere:
            raise ChangedMeanwhile(person.name)
        if held is last:
            raise LastAdministrator(person.name)
        if ends:
            self.sessions.forget(person.key)

    def _event(self, person: Person, what: str) -> Event:
        data = {"what": what, "person": person.key, "name": person.name, "role": person.role}
        return Event(kind=CHANGED, tenant=person.tenant, at=self._clock.now(), data=data)


def claim_of(person: Person) -> PersonClaim:
    """That a person still is what was read."""
    return PersonClaim(key=person.key, role=person.role, password_hash=person.password_hash, enabled=person.is_enabled)


def _is_administrator(person: Person) -> bool:
    return person.role == "administrator" and person.is_enabled
