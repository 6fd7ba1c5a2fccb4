"""What operators ask of the store, and what they get: filters, pages and the few rows that are no struct elsewhere.

Every filter names its tenant: no query sees past it.
"""

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from stationmaster.domain.command import CommandState
from stationmaster.domain.messages import ChargingState, RegistrationStatus
from stationmaster.domain.records import Conflict, Event, FrameRecord, Oddity
from stationmaster.domain.standing import Standing

Item = TypeVar("Item")
MAX_PAGE = 1000
MAX_COUNT = 100_000
"""How far matches are counted: nobody pages through more, and counting takes its time."""


class InvalidCursor(ValueError):
    """A cursor that this store did not give for this query."""


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """Some of the items, in the query's order; ``next_cursor`` asks for those that follow (None: there are none)."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """``limit`` is brought into 1..MAX_PAGE; ``cursor`` is the last page's ``next_cursor``."""

    limit: int = 50
    cursor: str | None = None


FIRST_PAGE = PageRequest()


class StationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` is looked for in identity, name and serial number. An empty site, version, vendor, model or firmware
    version: those that have none. Ordered by identity, unless a StationOrder says otherwise."""

    tenant: str
    text: str | None = None
    site: str | None = None
    state: Standing | None = None
    version: str | None = None
    vendor: str | None = None
    model: str | None = None
    firmware_version: str | None = None
    connected: bool | None = None
    registration: RegistrationStatus | None = None


class TokenFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` is looked for in the value. Ordered by value."""

    tenant: str
    text: str | None = None
    status: str | None = None


class TransactionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``token`` is a token's value, however spelled. ``closed``: by policy or an operator. ``from_at`` <= first event <
    ``to_at`` (station's time). ``text`` is looked for in the station's identity and name. ``wire_id``: the whole id on
    the wire. ``delivered``: whether any energy was. Newest first."""

    tenant: str
    station_key: int | None = None
    site: str | None = None
    text: str | None = None
    wire_id: str | None = None
    token: str | None = None
    open: bool | None = None
    closed: bool | None = None
    charging_state: ChargingState | None = None
    delivered: bool | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


class CommandFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int | None = None
    state: CommandState | None = None


class FrameFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` is looked for in the frame; ``failed``: errors, and what is no OCPP frame; ``from_at`` <= at <
    ``to_at``. Newest first, or oldest first: exactly for one station; for all of them an answer stands beside its
    call."""

    tenant: str
    station_key: int | None = None
    action: str | None = None
    direction: str | None = None
    message_id: str | None = None
    failed: bool | None = None
    text: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    oldest_first: bool = False


class OddityFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int | None = None
    kind: str | None = None


class CommittedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event whose cause is stored. ``seq`` is its place in the outbox; None: it was told in passing."""

    seq: int | None
    event: Event


class LoggedFrame(msgspec.Struct, frozen=True):
    key: int
    frame: FrameRecord


class FrameTail(msgspec.Struct, frozen=True):
    """Frames in the order in which the log was written. ``position``: all before it is in here or does not match;
    ``more``: there is something behind it already."""

    items: tuple[LoggedFrame, ...]
    position: int
    more: bool


class FrameExchange(msgspec.Struct, frozen=True):
    """``other``: the answer to a call, or the call that is answered; None where the log does not have it."""

    one: LoggedFrame
    other: LoggedFrame | None


class LoggedOddity(msgspec.Struct, frozen=True):
    key: int
    oddity: Oddity


class StoredConflict(msgspec.Struct, frozen=True):
    key: int
    conflict: Conflict


class OddityCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often a station did one odd thing, those included whose records are no longer kept."""

    station_key: int
    kind: str
    count: int
    first_at: datetime
    last_at: datetime


class CallerSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A caller that is no station of ours, over all its calls; ``address`` and ``subprotocols`` are the last call's."""

    tenant: str
    identity: str
    first_at: datetime
    last_at: datetime
    calls: int
    address: str
    subprotocols: str
