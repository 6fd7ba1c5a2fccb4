"""Passwords of people: short and chosen by hand, so only a hash that costs memory and time keeps them (argon2id).

That takes tens of milliseconds of one core, so it is done on threads of its own, few enough to leave the stations
theirs.
"""

import asyncio
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

Result = TypeVar("Result")

MIN_LENGTH = 12
MAX_LENGTH = 200
THREADS = 1
MAX_WAITING = 32
"""Hashes that are asked for at once; further ones are refused."""

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that look alike."""
_GROUPS, _GROUP_LENGTH = 4, 5


class HashCost(msgspec.Struct, frozen=True, kw_only=True):
    """What one hash costs; the defaults are what OWASP recommends for one lane."""

    memory_kib: int = 47_104
    passes: int = 1


USUAL = HashCost()


class Busy(Exception):
    """More passwords wait to be looked at than is sensible."""


def new_password() -> str:
    """A password of 100 random bits that can be read out over a telephone."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def objection(password: str, name: str) -> str | None:
    """What speaks against a password that a person chose; None: nothing."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"it must have {MIN_LENGTH} to {MAX_LENGTH} characters"
    if len(set(password)) < 4:
        return "it repeats itself"
    bare = re.sub(r"[\W_]", "", password).casefold()
    if bare.replace(re.sub(r"[\W_]", "", name).casefold() or "\0", "").strip("0123456789") == "":
        return "it is the name"
    return None


class PersonPasswords:
    """Made on the loop that uses it; close it at the end."""

    def __init__(self, cost: HashCost = USUAL, threads: int = THREADS) -> None:
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What may be stored of it. Raises Busy."""
        return await self._run(partial(self._hasher.hash, password))

    async def check(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one. None, for a name that nobody has, takes as long, and it never is.

        Raises Busy.
        """
        return await self._run(partial(self._check, stored, password))

    def is_outdated(self, stored: str) -> bool:
        """Whether a stored hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= MAX_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _check(self, stored: str | None, password: str) -> bool:
        if stored is None:
            self._nobodys = self._nobodys or self._hasher.hash(secrets.token_hex())
        try:
            self._hasher.verify(stored or self._nobodys or "", password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None
