"""Where a station that has no line listens, and whether it was reached there."""

from collections.abc import Callable
from datetime import datetime

import msgspec

AddressCheck = Callable[[str], str | None]
"""Why an address must not be called; None: it may be."""


class Callback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What is known of calling a station (SOAP).

    ``told``: the address that it names in its messages, ``told_at``: since when. ``reached_at``: since when it can be
    reached where it is called, ``unreachable_since`` since when it cannot, and ``reason`` why; both None: it was not
    called there yet.
    """

    told: str | None = None
    told_at: datetime | None = None
    reached_at: datetime | None = None
    unreachable_since: datetime | None = None
    reason: str | None = None

    @property
    def reachable(self) -> bool | None:
        """None: nobody has tried."""
        if self.unreachable_since is not None:
            return False
        return None if self.reached_at is None else True

    def telling(self, address: str, at: datetime) -> "Callback":
        """With another address."""
        return self if address == self.told else Callback(told=address, told_at=at)

    def reached(self, at: datetime) -> "Callback":
        if self.reached_at is not None:
            return self
        return Callback(told=self.told, told_at=self.told_at, reached_at=at)

    def unreachable(self, reason: str, at: datetime) -> "Callback":
        if self.unreachable_since is not None and self.reason == reason:
            return self
        since = self.unreachable_since or at
        return Callback(told=self.told, told_at=self.told_at, unreachable_since=since, reason=reason)

    def untried(self) -> "Callback":
        """As it is called at another address from now on."""
        return Callback(told=self.told, told_at=self.told_at)


class CallbackKnown(msgspec.Struct, frozen=True, kw_only=True):
    """What a station's row says of calling it from now on."""

    station_key: int
    callback: Callback
