"""Signing in: slowed after wrong tries, and written down whichever way it ends."""

from typing import Literal

import msgspec

from stationmaster.csms.people.desk import PeopleDesk, claim_of
from stationmaster.csms.people.ports import Clock, Journal, Keys, PeopleReads
from stationmaster.domain.decision import CheckedBy, Decision
from stationmaster.domain.people.audit import SIGN_IN, AuditEntry
from stationmaster.domain.people.person import Person, PersonSignedIn, Session, name_key
from stationmaster.security.guesses import Guesses

OF_PERSON, OF_PERSON_REGAIN_S = 8, 15.0
"""Wrong passwords for one name at once, and until one more is allowed."""


class NotLetIn(Exception):
    """The name is unknown, or the password wrong, or the person disabled: nobody is told which."""


class TooManyTries(Exception):
    def __init__(self, wait_s: float) -> None:
        super().__init__(f"{wait_s:.0f} s")
        self.wait_s = wait_s


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try. ``agent``: the program it comes from, as that calls itself."""

    tenant: str
    name: str
    password: str
    address: str
    agent: str
    method: str
    path: str

    def __repr__(self) -> str:
        return f"Attempt(tenant={self.tenant!r}, name={self.name!r}, address={self.address!r})"


class SignInDesk:
    """A try counts as wrong until it was right, so that many at once are no way around the count."""

    def __init__(self, reads: PeopleReads, journal: Journal, keys: Keys, clock: Clock, people: PeopleDesk) -> None:
        self._reads = reads
        self._journal = journal
        self._keys = keys
        self._clock = clock
        self._people = people
        self._by_person = Guesses(OF_PERSON, OF_PERSON_REGAIN_S)
        self._by_address = Guesses()

    async def sign_in(self, attempt: Attempt) -> tuple[Session, str]:
        """A session and its token. Raises TooManyTries, NotLetIn, Busy, StorageFailed."""
        self._count(attempt.tenant, attempt.name, attempt.address)
        person = await self._reads.person_named(attempt.tenant, attempt.name)
        known = person is not None and person.is_enabled
        is_right = await self._people.passwords.check(person.password_hash if person else None, attempt.password)
        if person is None or not known or not is_right:
            await self._refuse(attempt, person)
            raise NotLetIn
        session, token = await self._let_in(attempt, person)
        self._forgive(attempt.tenant, attempt.name, attempt.address)
        return session, token

    async def check(self, person: Person, password: str, address: str) -> bool:
        """Whether a person who is signed in knows their password. Raises TooManyTries, Busy."""
        self._count(person.tenant, person.name, address)
        if not await self._people.passwords.check(person.password_hash, password):
            return False
        self._forgive(person.tenant, person.name, address)
        return True

    async def _let_in(self, attempt: Attempt, person: Person) -> tuple[Session, str]:
        hashed = person.password_hash
        if self._people.passwords.is_outdated(hashed):
            hashed = await self._people.passwords.hash(attempt.password)
        sessions = self._people.sessions
        session, token, records = sessions.begun(person, attempt.address, attempt.agent)
        otherwise = Decision(records=(self._entry(attempt, person, "person", 401),))
        decision = Decision(
            records=(
                *records,
                PersonSignedIn(person_key=person.key, at=session.created_at, password_hash=hashed),
                self._entry(attempt, person, "person", 201),
            ),
            events=(sessions.event(person.tenant, person.key, "begun"),),
            checks=(CheckedBy(claim_of(person), otherwise),),
        )
        if await self._journal.commit(decision) is not decision:
            raise NotLetIn
        sessions.add(session)
        return session, token

    async def _refuse(self, attempt: Attempt, person: Person | None) -> None:
        """Written down for tenants that there are. A name that nobody has is not: it may be a password, typed into the
        wrong field."""
        if person is not None or attempt.tenant in await self._reads.tenants():
            kind: Literal["person", "nobody"] = "nobody" if person is None else "person"
            await self._journal.store([self._entry(attempt, person, kind, 401)])

    def _entry(
        self, attempt: Attempt, person: Person | None, kind: Literal["person", "nobody"], status: int
    ) -> AuditEntry:
        return AuditEntry(
            key=self._keys.take(),
            tenant=attempt.tenant,
            at=self._clock.now(),
            actor_kind=kind,
            actor_key=person.key if person else None,
            actor=person.name if person else "",
            operation=SIGN_IN,
            method=attempt.method,
            path=attempt.path,
            station_key=None,
            status=status,
            address=attempt.address,
            detail="" if person else "(a name that nobody has)",
        )

    def _count(self, tenant: str, name: str, address: str) -> None:
        now_s, named = self._clock.monotonic(), _named(tenant, name)
        wait_s = max(self._by_person.wait_s(named, now_s), self._by_address.wait_s(address, now_s))
        if wait_s > 0:
            raise TooManyTries(wait_s)
        self._by_person.wrong(named, now_s)
        self._by_address.wrong(address, now_s)

    def _forgive(self, tenant: str, name: str, address: str) -> None:
        now_s = self._clock.monotonic()
        self._by_person.right(_named(tenant, name), now_s)
        self._by_address.right(address, now_s)


def _named(tenant: str, name: str) -> str:
    return f"{tenant} {name_key(name)}"
