"""Sessions: who is signed in, known in memory so that no request waits for a query."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import structlog

from stationmaster.csms import subjects
from stationmaster.csms.people.ports import Bus, Clock, Journal, Keys, PeopleReads
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.people.person import (
    MAX_SESSIONS,
    USUAL_TERMS,
    Caller,
    Person,
    Session,
    SessionEnded,
    SessionsOver,
    SessionTerms,
    SessionUsed,
)
from stationmaster.domain.records import Event, Record
from stationmaster.security.bearer_secrets import MAX_LENGTH, BearerSecrets, new_secret

log = structlog.get_logger(__name__)

CHANGED = "SessionChanged"
PREFIX = "ses_"
WRITTEN_EVERY = timedelta(minutes=1)
"""How often it is written down that a session is in use."""
_PURPOSE = b"session"


class SessionRing:
    """The sessions that are in force. Their use is known to the moment on the node where they are used, and to the
    minute in the database, from where another node learns of it when it loads."""

    def __init__(
        self,
        reads: PeopleReads,
        journal: Journal,
        keys: Keys,
        bus: Bus,
        clock: Clock,
        secrets: BearerSecrets,
        terms: SessionTerms = USUAL_TERMS,
    ) -> None:
        self.terms = terms
        self._reads = reads
        self._journal = journal
        self._keys = keys
        self._bus = bus
        self._clock = clock
        self._secrets = secrets
        self._by_hash: dict[str, Session] = {}
        self._by_key: dict[int, Session] = {}
        self._written_at: dict[int, datetime] = {}
        self._changes = 0
        """Counted, so that what was read while something changed is read again."""
        self._writing: set[asyncio.Task[None]] = set()

    async def load(self) -> None:
        while True:
            before = self._changes
            known = await self._reads.all_sessions()
            if before == self._changes:
                break
        self._written_at = {session.key: session.used_at for session in known}
        used = self._by_key
        self._by_hash, self._by_key = {}, {}
        for session in known:
            here = used.get(session.key, session)
            self._put(msgspec.structs.replace(session, used_at=max(session.used_at, here.used_at)))

    async def follow_changes(self) -> None:
        """Keep this node's ring true to what is changed anywhere. Runs until it is cancelled, or the bus closes."""
        heard = self._bus.subscribe(subjects.events(CHANGED))
        try:
            while True:
                await self._load_if_possible()
                await heard.__anext__()
        except StopAsyncIteration:
            return
        finally:
            await heard.aclose()

    def find(self, secret: str, *, unattended: bool = False) -> Session | None:
        """The session in force behind a token; it is in use from now on, unless the request is made by itself."""
        if not secret.startswith(PREFIX) or len(secret) > MAX_LENGTH:
            return None
        session = self._by_hash.get(self._secrets.digest(secret, _PURPOSE))
        if session is None:
            return None
        now = self._clock.now()
        if not self._is_in_force(session, now):
            self._drop([session])
            return None
        return session if unattended else self._used(session, now)

    def of_caller(self, caller: Caller) -> Session | None:
        return None if caller.session_key is None else self._by_key.get(caller.session_key)

    def of_person(self, person_key: int) -> tuple[Session, ...]:
        """Those in force, the newest first."""
        now = self._clock.now()
        theirs = [s for s in self._by_key.values() if s.person_key == person_key and self._is_in_force(s, now)]
        return tuple(sorted(theirs, key=lambda session: session.key, reverse=True))

    def ends_at(self, session: Session) -> datetime:
        """When it is over if nothing is done any more."""
        return min(session.expires_at, session.used_at + self.terms.idle)

    def begun(self, person: Person, address: str, agent: str) -> tuple[Session, str, tuple[Record, ...]]:
        """A new session, its token, and what is to be stored for it. It is in force with :meth:`add`."""
        token, now = new_secret(PREFIX), self._clock.now()
        session = Session(
            key=self._keys.take(),
            person_key=person.key,
            tenant=person.tenant,
            name=person.name,
            role=person.role,
            hash=self._secrets.digest(token, _PURPOSE),
            created_at=now,
            used_at=now,
            expires_at=now + self.terms.longest,
            address=address,
            agent=agent,
        )
        over = SessionsOver(at=now, used_before=now - self.terms.idle)
        return session, token, (over, *map(_ended, self._too_many(person.key)), session)

    def add(self, session: Session) -> None:
        """It is stored."""
        self._changes += 1
        self._drop(self._too_many(session.person_key))
        self._written_at[session.key] = session.used_at
        self._put(session)

    async def end(self, session: Session) -> None:
        """Raises StorageFailed."""
        event = self.event(session.tenant, session.person_key, "ended")
        await self._journal.store([SessionEnded(key=session.key)], [event])
        self._drop([session])

    def forget(self, person_key: int) -> None:
        """All of a person's have ended, and that is stored."""
        self._drop([session for session in self._by_key.values() if session.person_key == person_key])

    def event(self, tenant: str, person_key: int, what: str) -> Event:
        return Event(kind=CHANGED, tenant=tenant, at=self._clock.now(), data={"what": what, "person": person_key})

    async def close(self) -> None:
        """Write what is left of who was last there."""
        while self._writing:
            await asyncio.gather(*self._writing)

    async def _load_if_possible(self) -> None:
        """What is known stays in force where the store cannot be read; the next change tries again."""
        try:
            await self.load()
        except Exception:
            log.exception("sessions not loaded")

    def _is_in_force(self, session: Session, now: datetime) -> bool:
        return now < session.expires_at and now - session.used_at < self.terms.idle

    def _used(self, session: Session, now: datetime) -> Session:
        session = msgspec.structs.replace(session, used_at=max(now, session.used_at))
        self._put(session)
        if now - self._written_at.get(session.key, session.created_at) >= WRITTEN_EVERY:
            self._written_at[session.key] = now
            task = asyncio.create_task(self._write_use(SessionUsed(key=session.key, at=now)), name="session-used")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        return session

    async def _write_use(self, used: SessionUsed) -> None:
        try:
            await self._journal.store([used])
        except StorageFailed as failed:  # the session goes on in memory, and is written with a later use
            log.warning("use of a session not stored", reason=str(failed))

    def _too_many(self, person_key: int) -> list[Session]:
        """Those that make room for one more."""
        theirs = sorted(self.of_person(person_key), key=lambda session: session.used_at, reverse=True)
        return theirs[MAX_SESSIONS - 1 :]

    def _put(self, session: Session) -> None:
        self._by_hash[session.hash] = session
        self._by_key[session.key] = session

    def _drop(self, sessions: Iterable[Session]) -> None:
        self._changes += 1
        for session in sessions:
            self._by_hash.pop(session.hash, None)
            self._by_key.pop(session.key, None)
            self._written_at.pop(session.key, None)


def _ended(session: Session) -> SessionEnded:
    return SessionEnded(key=session.key)
