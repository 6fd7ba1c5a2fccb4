"""D Local authorization list: what is sent to a station of it, and how our station's one stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Answer, CommandAnswer, IdTokenInfo, Request

Update = Literal["Full", "Differential"]
ListState = Literal["off", "unknown", "unsupported", "in_sync", "stale", "partial", "refused"]
NO_LIST = 0
"""The version of a station that has never been sent a list (D02.FR.02)."""
UNSUPPORTED = -1
"""What a station of 1.x says in a version's place where it has no lists."""
NEWEST_VERSION = 2**31 - 1001
"""One more is not begun with: the calls of one update count up from it, and a version has 32 bits."""


class ListEntry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One token of a list. ``info`` None: it is to be taken off."""

    id_token: IdToken
    info: IdTokenInfo | None = None

    @property
    def name(self) -> str:
        """Equal for entries of the same token: by value and type (C01.FR.25)."""
        return f"{self.id_token.type or ''}|{self.id_token.key}"


class SendLocalList(Request, frozen=True, kw_only=True, omit_defaults=True):
    """D01. What is too much for one call goes on as Differential, with the versions after ``version``.

    ``digest`` names the content that the station has afterwards, ``base`` the one that a Differential is made upon;
    None: a list that somebody wrote by hand.
    """

    update: Update
    version: int
    entries: tuple[ListEntry, ...] = ()
    digest: str | None = None
    base: str | None = None


class SendLocalListAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``version``: that of the last call which was accepted. ``sent``: calls accepted, ``of`` how many there were to be
    as far as it came."""

    version: int | None = None
    sent: int = 0
    of: int = 0


class GetLocalListVersion(Request, frozen=True, kw_only=True, omit_defaults=True):
    """D02."""


class LocalListVersion(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """`NO_LIST`: none was sent. `UNSUPPORTED`: the station has no lists (1.x)."""

    version: int


class LocalListState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the list on a station.

    ``version`` and ``digest`` are those that the station is known to have, ``digest`` None: nobody knows what is on it.
    ``attempted``: the highest version that a call was sent with. ``left_out`` counts tokens by the reason why they are
    not on the list.
    ``resync_at``: when the first entry expires at a station that does not look at expiry.
    """

    station_key: int
    tenant: str
    state: ListState = "unknown"
    version: int = NO_LIST
    attempted: int = NO_LIST
    digest: str | None = None
    entries: int = 0
    left_out: dict[str, int] = {}
    problem: str | None = None
    checked_at: datetime | None = None
    sent_at: datetime | None = None
    resync_at: datetime | None = None


class ListContent(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a list, in the order of their names. Stations with the same list share it."""

    tenant: str
    digest: str
    made_at: datetime
    entries: tuple[ListEntry, ...]


class ContentsForgotten(msgspec.Struct, frozen=True, kw_only=True):
    """Contents that no station has any more and that were made before a moment."""

    before: datetime


class ListWish(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator decided for one station; ``wanted`` None: as the tenant's policy has it."""

    station_key: int
    tenant: str
    wanted: bool | None


def duplicates(entries: Iterable[ListEntry]) -> tuple[str, ...]:
    """The values of the tokens that are there more than once (D01.FR.06)."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for entry in entries:
        if entry.name in seen:
            twice[entry.id_token.value] = None
        seen.add(entry.name)
    return tuple(twice)


def next_version(known: LocalListState | None, told: int) -> int:
    """A version higher than any that the station may have by now; 1 where they are used up (only for a Full update)."""
    highest = max(told, NO_LIST) if known is None else max(known.version, known.attempted, told, NO_LIST)
    return highest + 1 if highest < NEWEST_VERSION else 1
