"""What this station knows of a token without asking: the local list goes before the cache (C13.FR.01)."""

from typing import Literal

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import IdTokenInfo
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.local_list import LocalList
from stationmaster.station.ports import Clock


class Known(msgspec.Struct, frozen=True):
    """``expired``: it was so once, and is no longer to be relied upon."""

    info: IdTokenInfo
    source: Literal["list", "cache"]
    expired: bool = False

    @property
    def accepted(self) -> bool:
        return self.info.status == "Accepted" and not self.expired

    @property
    def verdict(self) -> IdTokenInfo:
        """What it comes to: Expired is a status of its own."""
        if not self.expired or self.info.status != "Accepted":
            return self.info
        return msgspec.structs.replace(self.info, status="Expired")


class KnownTokens:
    def __init__(self, listed: LocalList, cache: AuthorizationCache, clock: Clock) -> None:
        self._list = listed
        self._cache = cache
        self._clock = clock

    def get(self, id_token: IdToken) -> Known | None:
        """None: nothing is known of it."""
        listed = self._list.get(id_token)
        if listed is not None:
            expiry = listed.cache_expiry
            return Known(listed, "list", expired=expiry is not None and expiry <= self._clock.now())
        cached = self._cache.find(id_token)
        return None if cached is None else Known(cached.info, "cache", expired=cached.expired)

    def used(self, id_token: IdToken) -> None:
        """What is known of it was relied upon to let it charge (C10.FR.08)."""
        if self._list.get(id_token) is None:
            self._cache.used(id_token)
