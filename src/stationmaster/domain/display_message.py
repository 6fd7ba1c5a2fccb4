"""O Display messages: texts that a CSMS puts on a station's display, and which of them a driver reads when.

Theory of operation. A message has a priority, and may have a state, a span of time and a transaction that it belongs
to; it is on the display while all of them hold. AlwaysFront stands alone over everything, InFront messages take turns
before what the station itself has to say, NormalCycle messages take turns with it (OCPP 2.0.1 part 2, O01.FR.12-16).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.device_model.addresses import Component
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.texts import Text

Priority = Literal["AlwaysFront", "InFront", "NormalCycle"]
MessageState = Literal["Charging", "Faulted", "Idle", "Unavailable", "Suspended", "Discharging"]
"""The last two are 2.1's."""
Standing = Literal["waiting", "shown", "over"]

PRIORITIES: tuple[Priority, ...] = ("AlwaysFront", "InFront", "NormalCycle")
MAX_EXTRA = 4
MAX_ID = 2**31 - 1
ENGLISH = "en"


class MessageInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """``from_at`` <= moment < ``to_at``. ``display``: the component that it is for, where a station has several.
    ``extra``: the same in other languages (2.1)."""

    id: int
    priority: Priority
    message: Text
    state: MessageState | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    transaction_id: str | None = None
    display: Component | None = None
    extra: tuple[Text, ...] = ()

    @property
    def texts(self) -> tuple[Text, ...]:
        return (self.message, *self.extra)


class SetDisplayMessage(Request, frozen=True, kw_only=True, omit_defaults=True):
    """O01, O02; one of the same id is replaced whole (O06)."""

    info: MessageInfo


class GetDisplayMessages(Request, frozen=True, kw_only=True, omit_defaults=True):
    """O03; with a filter O04. Status: Accepted, Unknown."""

    request_id: int = 0
    ids: tuple[int, ...] = ()
    priority: Priority | None = None
    state: MessageState | None = None

    @property
    def is_filtered(self) -> bool:
        return bool(self.ids) or self.priority is not None or self.state is not None

    def wants(self, info: MessageInfo) -> bool:
        return (
            (not self.ids or info.id in self.ids)
            and self.priority in (None, info.priority)
            and self.state in (None, info.state)
        )


class ClearDisplayMessage(Request, frozen=True, kw_only=True, omit_defaults=True):
    """O05. Status: Accepted, Unknown, Rejected (2.1)."""

    id: int


class NotifyDisplayMessages(Request, frozen=True, kw_only=True, omit_defaults=True):
    """One part. It has no number: the parts count in the order in which they come. ``request_id`` None: 2.0."""

    request_id: int | None
    messages: tuple[MessageInfo, ...]
    to_be_continued: bool = False


# ── What a CSMS knows of a station's display ────────────────────────────────────────────────────────────────────


class KnownMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """``command_key``: the command that put it there; None: the station told of it."""

    info: MessageInfo
    told_at: datetime
    command_key: int | None = None


class KnownMessages(msgspec.Struct, frozen=True, kw_only=True):
    """All that are known of a station; they replace what was known before."""

    station_key: int
    messages: tuple[KnownMessage, ...]


class Listing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A list that was asked for and is under way; its key is its command's. ``told``: the ids that came so far."""

    key: int
    request_id: int
    is_filtered: bool
    opened_at: datetime
    told: frozenset[int] = frozenset()


class Messages(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``known`` by id, ``listings`` by key."""

    known: Mapping[int, KnownMessage] = {}
    listings: Mapping[int, Listing] = {}


def standing(info: MessageInfo, at: datetime, transactions: Collection[str]) -> Standing:
    """How it stands with a message, by its time and its transaction; ``transactions``: those under way (O02.FR.02)."""
    if (info.to_at is not None and info.to_at <= at) or not _is_under_way(info, transactions):
        return "over"
    return "waiting" if info.from_at is not None and at < info.from_at else "shown"


def _is_under_way(info: MessageInfo, transactions: Collection[str]) -> bool:
    return info.transaction_id is None or info.transaction_id in transactions


# ── What a station can show ─────────────────────────────────────────────────────────────────────────────────────


class Supported(msgspec.Struct, frozen=True, kw_only=True):
    """What a display takes. ``languages`` None: whatever comes (O01.FR.18, .19 are 2.1's)."""

    formats: tuple[str, ...]
    states: tuple[str, ...]
    priorities: tuple[str, ...] = PRIORITIES
    languages: tuple[str, ...] | None = None


def refusal(info: MessageInfo, supported: Supported) -> CommandAnswer | None:
    """Why a display does not take a message (O01.FR.01-.03, .18, .19)."""
    if info.priority not in supported.priorities:
        return CommandAnswer(status="NotSupportedPriority")
    if info.state is not None and info.state not in supported.states:
        return CommandAnswer(status="NotSupportedState")
    for text in info.texts:
        if text.format not in supported.formats:
            return CommandAnswer(status="NotSupportedMessageFormat", info=f"{text.format} cannot be shown"[:50])
    if supported.languages is None:
        extra = CommandAnswer(status="Rejected", reason="UnsupportedParam", info="one language only")
        return extra if info.extra else None
    for text in info.texts:
        if text.language is not None and not _speaks(supported.languages, text.language):
            return CommandAnswer(status="LanguageNotSupported", info=text.language)
    return None


def _speaks(languages: Collection[str], language: str) -> bool:
    return any(_primary(known) == _primary(language) for known in languages)


def _primary(language: str) -> str:
    """The language of an RFC 5646 tag, without its region."""
    return language.partition("-")[0].casefold()


def in_language(info: MessageInfo, language: str | None) -> Text:
    """What a driver of this language reads (O01.FR.08, .09): the same tag, the same language, English, the first."""
    wanted = (language or ENGLISH).casefold()
    by_tag = {(text.language or "").casefold(): text for text in reversed(info.texts)}
    by_language = {_primary(text.language or ""): text for text in reversed(info.texts)}
    return by_tag.get(wanted) or by_language.get(_primary(wanted)) or by_language.get(ENGLISH) or info.message
