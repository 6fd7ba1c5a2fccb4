"""People who sign in, and their sessions."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

MAX_SESSIONS = 20
"""Of one person at once; a further one ends the one that was not used for the longest."""
FIRST_NAME = "admin"
"""Of the administrator who is made at the first start."""

CallerKind = Literal["person", "api_key"]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in. ``name`` is what they sign in with, without regard to case; it never changes.
    ``password_hash`` says by itself how it was made."""

    key: int
    tenant: str
    name: str
    role: str
    password_hash: str
    created_at: datetime
    display_name: str = ""
    disabled_at: datetime | None = None
    last_sign_in_at: datetime | None = None

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    def __repr__(self) -> str:
        return f"Person(key={self.key}, tenant={self.tenant!r}, name={self.name!r}, role={self.role!r})"


def name_key(name: str) -> str:
    """By which names are the same."""
    return name.casefold()


class PersonSignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """``password_hash``: as it was, or made anew of the same password."""

    person_key: int
    at: datetime
    password_hash: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A person who is signed in, with what they were then: a change of it ends the session.

    ``hash`` is the token's; ``expires_at``: whatever is done until then. ``agent``: the program, as it calls itself.
    """

    key: int
    person_key: int
    tenant: str
    name: str
    role: str
    hash: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str = ""
    agent: str = ""

    def __repr__(self) -> str:
        return f"Session(key={self.key}, person_key={self.person_key}, name={self.name!r})"


class SessionUsed(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    at: datetime


class SessionEnded(msgspec.Struct, frozen=True, kw_only=True):
    key: int


class SessionsEnded(msgspec.Struct, frozen=True, kw_only=True):
    """All of a person's."""

    person_key: int


class SessionsOver(msgspec.Struct, frozen=True, kw_only=True):
    """Those that expired, or were last used before ``used_before``, go."""

    at: datetime
    used_before: datetime


class SessionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """``idle``: without use until a session is over; ``longest``: with it."""

    idle: timedelta = timedelta(hours=8)
    longest: timedelta = timedelta(days=7)


USUAL_TERMS = SessionTerms()


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever makes a request: a person by a session, or a program by a key. ``key`` is the person's or the key's."""

    tenant: str
    role: str
    kind: CallerKind
    key: int
    name: str
    session_key: int | None = None
