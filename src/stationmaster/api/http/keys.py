"""API keys: made by the machine, kept as keyed hashes, known in memory so that no request waits for a query."""

import asyncio

import msgspec
import structlog

from stationmaster.api.ports import ApiKeyQueries, Bus, Clock, Journal, Keys
from stationmaster.csms import subjects
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.domain.people.roles import Role
from stationmaster.domain.records import ApiKey, Event
from stationmaster.security.bearer_secrets import MAX_LENGTH, BearerSecrets, new_secret

log = structlog.get_logger(__name__)

CHANGED = "ApiKeyChanged"
_PREFIX = "sm_"
_PURPOSE = b"api key"
_FIRST = "first administrator"


class LastAdministrator(Exception):
    """Without this key nobody could make another."""


class KeyRing:
    """The keys that are in force. ``pepper``: the installation's own secret."""

    def __init__(
        self, reads: ApiKeyQueries, journal: Journal, keys: Keys, bus: Bus, clock: Clock, pepper: bytes
    ) -> None:
        self._reads = reads
        self._journal = journal
        self._keys = keys
        self._bus = bus
        self._clock = clock
        self.secrets = BearerSecrets(pepper)
        self._by_hash: dict[str, ApiKey] = {}
        self._revoking = asyncio.Lock()

    async def load(self) -> None:
        known = await self._reads.all_api_keys()
        self._by_hash = {key.hash: key for key in known if key.revoked_at is None}

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

    async def _load_if_possible(self) -> None:
        """What is known stays in force where the store cannot be read; the next change tries again."""
        try:
            await self.load()
        except Exception:
            log.exception("API keys not loaded")

    def find(self, secret: str) -> ApiKey | None:
        """The key in force behind what a caller presents."""
        return None if len(secret) > MAX_LENGTH else self._by_hash.get(self._digest(secret))

    def of_tenant(self, tenant: str) -> tuple[ApiKey, ...]:
        return tuple(sorted((k for k in self._by_hash.values() if k.tenant == tenant), key=lambda k: k.key))

    async def make(self, tenant: str, name: str, role: Role) -> tuple[ApiKey, str]:
        """A new key, and the secret, which nobody can read again. Raises StorageFailed."""
        secret = new_secret(_PREFIX)
        key = ApiKey(
            key=self._keys.take(),
            tenant=tenant,
            name=name,
            role=role,
            hash=self._digest(secret),
            created_at=self._clock.now(),
        )
        await self._store(key, "made")
        self._by_hash[key.hash] = key
        return key, secret

    async def revoke(self, tenant: str, key: int) -> bool:
        """Whether there was such a key. Raises LastAdministrator, StorageFailed."""
        async with self._revoking:
            found = next((known for known in self.of_tenant(tenant) if known.key == key), None)
            if found is None:
                return False
            if found.role == "administrator" and self._administrators(tenant) == 1:
                raise LastAdministrator(found.name)
            await self._store(msgspec.structs.replace(found, revoked_at=self._clock.now()), "revoked")
            self._by_hash.pop(found.hash, None)
            return True

    async def is_administered(self, tenant: str) -> bool:
        """Whether there is an administrator's key."""
        await self.load()
        return self._administrators(tenant) > 0

    async def ensure_first(self, tenant: str = DEFAULT_TENANT, *, anew: bool = False) -> str | None:
        """The secret of a first administrator's key, to be shown once; None where there is an administrator.

        ``anew``: the one that was made was never shown, so it is revoked for another. Raises StorageFailed.
        """
        await self.load()
        unseen = [key for key in self.of_tenant(tenant) if anew and key.name == _FIRST and key.role == "administrator"]
        if self._administrators(tenant) > len(unseen):
            return None
        _, secret = await self.make(tenant, _FIRST, "administrator")
        for key in unseen:
            await self.revoke(tenant, key.key)
        return secret

    def _administrators(self, tenant: str) -> int:
        return sum(key.role == "administrator" for key in self.of_tenant(tenant))

    async def _store(self, key: ApiKey, what: str) -> None:
        data = {"what": what, "api_key": key.key, "name": key.name, "role": key.role}
        await self._journal.store([key], [Event(kind=CHANGED, tenant=key.tenant, at=self._clock.now(), data=data)])

    def _digest(self, secret: str) -> str:
        return self.secrets.digest(secret, _PURPOSE)
