"""C10, C11 Authorization cache: what the CSMS said last of each token, kept over restarts."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec

from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import CommandAnswer, IdTokenInfo
from stationmaster.station.ports import Clock, Memory
from stationmaster.station.settings import Configuration

_KEY = "authorization_cache"
_NOT_CACHED = frozenset({"NoAuthorization", "Central"})  # C02.FR.03, C05.FR.02
CAPACITY = 200


class Cached(msgspec.Struct, frozen=True, omit_defaults=True):
    """``updated_at``: when the CSMS spoke of it last, or it was used."""

    info: IdTokenInfo
    updated_at: datetime


class Found(msgspec.Struct, frozen=True):
    """``expired``: it has become Expired, where a generation keeps that in mind (1.6 §3.5.1)."""

    info: IdTokenInfo
    expired: bool = False


class AuthorizationCache:
    """The newest `CAPACITY` tokens of any status (C10.FR.01, .07); expired ones count as gone (C10.FR.10, .13).

    ``is_listed``: tokens that are never put here, as a list has them (1.6 §3.5.3).
    """

    def __init__(self, memory: Memory, clock: Clock, configuration: Configuration) -> None:
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self.is_listed: Callable[[IdToken], bool] = lambda _: False
        self.on_listed: Callable[[IdToken, IdTokenInfo], None] = lambda id_token, info: None
        """Is told what the CSMS says of a token that is on the list."""
        self.on_gone: Callable[[], None] = lambda: None
        """Is told when tokens are not known any more."""
        kept = memory.get(_KEY)
        self._entries: dict[str, Cached] = {} if kept is None else msgspec.json.decode(kept, type=dict[str, Cached])

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def keys(self) -> Collection[str]:
        """Of the tokens in it."""
        return self._entries.keys()

    def get(self, id_token: IdToken) -> IdTokenInfo | None:
        """What is known of a token, None: nothing that still holds."""
        found = self.find(id_token)
        return None if found is None or found.expired else found.info

    def find(self, id_token: IdToken) -> Found | None:
        """What is known of a token, or was until it expired."""
        entry = self._entries.get(id_token.key)
        if entry is None or not self._configuration.now.auth_cache_enabled:
            return None
        if self._clock.now() < self._expiry(entry):
            return Found(entry.info)
        return Found(entry.info, expired=True) if self._configuration.conventions.cache_keeps_expired else None

    def put(self, id_token: IdToken, info: IdTokenInfo) -> None:
        """C10.FR.04, .05. What has expired when it comes is not kept, and ends what was (C10.FR.10)."""
        if self.is_listed(id_token):
            self.on_listed(id_token, info)
            return
        if not self._configuration.now.auth_cache_enabled or id_token.type in _NOT_CACHED:
            return
        if self._is_over(info):
            self.forget(id_token)
            return
        self._entries.pop(id_token.key, None)
        while len(self._entries) >= CAPACITY:
            del self._entries[self._least_wanted()]
        self._renew(id_token.key, info)

    def used(self, id_token: IdToken) -> None:
        """C10.FR.08: the life time counts from the last use."""
        entry = self._entries.pop(id_token.key, None)
        if entry is not None:
            self._renew(id_token.key, entry.info)

    def forget(self, id_token: IdToken) -> None:
        """N10: nothing is known of it any more."""
        if self._entries.pop(id_token.key, None) is not None:
            self._memory.put(_KEY, msgspec.json.encode(self._entries))
            self.on_gone()

    async def asked_to_clear(self, request: ClearCache) -> CommandAnswer:
        """C11.FR.03, .04."""
        if not self._configuration.now.auth_cache_enabled:
            return CommandAnswer(status="Rejected", reason="NotEnabled", info="AuthCacheCtrlr.Enabled is false")
        self.clear()
        return CommandAnswer(status="Accepted")

    def clear(self) -> None:
        self._entries.clear()
        self._memory.delete(_KEY)
        self.on_gone()

    def _least_wanted(self) -> str:
        """C10.FR.07: one that is not accepted goes before those that are, of each the oldest."""
        refused = (key for key, entry in self._entries.items() if entry.info.status != "Accepted")
        return next(refused, next(iter(self._entries)))

    def _renew(self, key: str, info: IdTokenInfo) -> None:
        self._entries[key] = Cached(info, self._clock.now())
        self._memory.put(_KEY, msgspec.json.encode(self._entries))

    def _is_over(self, info: IdTokenInfo) -> bool:
        expiry = info.cache_expiry
        over = expiry is not None and expiry <= self._clock.now()
        return over and not self._configuration.conventions.cache_keeps_expired

    def _expiry(self, entry: Cached) -> datetime:
        if entry.info.cache_expiry is not None:
            return entry.info.cache_expiry
        return entry.updated_at + timedelta(seconds=self._configuration.now.auth_cache_life_time_s)
