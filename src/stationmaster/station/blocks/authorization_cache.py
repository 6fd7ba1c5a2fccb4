"""C10 Authorization cache: what the CSMS said last of each token, kept over restarts."""

from datetime import datetime, timedelta

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import IdTokenInfo
from stationmaster.station.ports import Clock, Memory
from stationmaster.station.settings import Configuration

_KEY = "authorization_cache"
_NOT_CACHED = frozenset({"NoAuthorization", "Central"})  # C02.FR.03, C05.FR.02
CAPACITY = 200


class Cached(msgspec.Struct, frozen=True, omit_defaults=True):
    info: IdTokenInfo
    updated_at: datetime


class AuthorizationCache:
    """The newest `CAPACITY` tokens of any status (C10.FR.01, .07); expired ones count as gone (C10.FR.10, .13)."""

    def __init__(self, memory: Memory, clock: Clock, configuration: Configuration) -> None:
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        kept = memory.get(_KEY)
        self._entries: dict[str, Cached] = {} if kept is None else msgspec.json.decode(kept, type=dict[str, Cached])

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, id_token: IdToken) -> IdTokenInfo | None:
        """What is known of a token, None: nothing that still holds."""
        entry = self._entries.get(id_token.key)
        if entry is None or not self._configuration.now.auth_cache_enabled:
            return None
        return entry.info if self._clock.now() < self._expiry(entry) else None

    def put(self, id_token: IdToken, info: IdTokenInfo) -> None:
        """C10.FR.04, .05."""
        if not self._configuration.now.auth_cache_enabled or id_token.type in _NOT_CACHED:
            return
        self._entries.pop(id_token.key, None)
        while len(self._entries) >= CAPACITY:
            del self._entries[next(iter(self._entries))]
        self._entries[id_token.key] = Cached(info, self._clock.now())
        self._memory.put(_KEY, msgspec.json.encode(self._entries))

    def forget(self, id_token: IdToken) -> None:
        """N10: nothing is known of it any more."""
        if self._entries.pop(id_token.key, None) is not None:
            self._memory.put(_KEY, msgspec.json.encode(self._entries))

    def clear(self) -> None:
        self._entries.clear()
        self._memory.delete(_KEY)

    def _expiry(self, entry: Cached) -> datetime:
        if entry.info.cache_expiry is not None:
            return entry.info.cache_expiry
        return entry.updated_at + timedelta(seconds=self._configuration.now.auth_cache_life_time_s)
