"""O Display messages as the CSMS sees them: which texts stand on a station's display, learned from what it answers."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from stationmaster.csms.commands.hooks import CommandHook, Hooks, Objection
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    KnownMessage,
    KnownMessages,
    Listing,
    Messages,
    NotifyDisplayMessages,
    SetDisplayMessage,
    standing,
)
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.domain.records import Event, Oddity
from stationmaster.domain.station import StationState

MAX_MESSAGES = 1000
"""Of one station."""
MAX_LISTINGS = 10
"""Of one station, under way at a time; one that stops in the middle gives way to later ones."""

# ── What a station tells ────────────────────────────────────────────────────────────────────────────────────────


def notify_display_messages(state: StationState, request: NotifyDisplayMessages, at: datetime) -> Decision:
    """O03, O04: a part of a list, also of one that nobody here asked for. A whole list of all of them tells, too,
    which there are no more."""
    known = state.messages.known
    told = [
        KnownMessage(info=info, told_at=at, command_key=known[info.id].command_key if info.id in known else None)
        for info in request.messages
    ]
    listing = _listing_of(state, request.request_id)
    if listing is None:
        return _learned(state, told, (), at)
    ids = listing.told | {info.id for info in request.messages}
    listings = dict(state.messages.listings)
    if request.to_be_continued:
        listings[listing.key] = msgspec.structs.replace(listing, told=ids)
        return _learned(_with_listings(state, listings), told, (), at)
    del listings[listing.key]
    left_out = () if listing.is_filtered else _older_than(state, listing.opened_at, ids)
    return _learned(_with_listings(state, listings), told, left_out, at)


def is_listing_awaited(state: StationState, request: Request) -> bool:
    """Whether it is a part of a list that was asked for: a station that is not accepted yet may send that (B02)."""
    return isinstance(request, NotifyDisplayMessages) and _listing_of(state, request.request_id) is not None


def _listing_of(state: StationState, request_id: int | None) -> Listing | None:
    """The newest that is under way with this number; 2.0 may leave the number out."""
    fitting = [each for each in state.messages.listings.values() if request_id in (None, each.request_id)]
    return max(fitting, key=lambda each: each.key, default=None)


def _older_than(state: StationState, opened_at: datetime, but: frozenset[int]) -> tuple[int, ...]:
    """Those that a list left out; one that was set while the list was on its way may have come too late for it."""
    known = state.messages.known.items()
    return tuple(message_id for message_id, each in known if message_id not in but and each.told_at < opened_at)


# ── What is learned of commands ─────────────────────────────────────────────────────────────────────────────────


def _cannot_set(state: StationState, request: SetDisplayMessage) -> str | None:
    info = request.info
    if info.from_at is not None and info.to_at is not None and info.from_at >= info.to_at:
        return "the message would end before it begins"
    if info.transaction_id is not None and info.transaction_id not in state.open:
        return "the transaction is not under way at this station"
    return None


def _before_set(state: StationState, at: datetime, *, request: SetDisplayMessage, command: Command) -> None:
    if request.info.to_at is not None and request.info.to_at <= at:
        raise Objection("the message's time is over")


def _set(
    state: StationState, at: datetime, *, request: SetDisplayMessage, answer: CommandAnswer, command: Command
) -> Decision | None:
    """O06: one of the same id is replaced; the only one that stands in front of all gives way to the next
    (O01.FR.16)."""
    if answer.status != "Accepted":
        return None
    info = request.info
    front = [
        message_id
        for message_id, each in state.messages.known.items()
        if info.priority == "AlwaysFront" and each.info.priority == "AlwaysFront" and message_id != info.id
    ]
    return _learned(state, [KnownMessage(info=info, told_at=at, command_key=command.key)], front, at)


def _cleared(
    state: StationState, at: datetime, *, request: ClearDisplayMessage, answer: CommandAnswer, command: Command
) -> Decision | None:
    """Unknown: it is not there either."""
    return _learned(state, (), [request.id], at) if answer.status in ("Accepted", "Unknown") else None


def _begin_listing(state: StationState, at: datetime, *, request: GetDisplayMessages, command: Command) -> Decision:
    """Before it is asked for: its first part may come before the answer is concluded."""
    listing = Listing(key=command.key, request_id=request.request_id, is_filtered=request.is_filtered, opened_at=at)
    newest = sorted({**state.messages.listings, listing.key: listing}.items())[-MAX_LISTINGS:]
    return Decision(state=_with_listings(state, dict(newest)))


def _listing_answered(
    state: StationState, at: datetime, *, request: GetDisplayMessages, answer: CommandAnswer, command: Command
) -> Decision | None:
    """O03.FR.03: Unknown says that there is none."""
    if answer.status == "Accepted":
        return None
    state = _without_listing(state, command)
    if answer.status == "Unknown" and not request.is_filtered:
        return _learned(state, (), tuple(state.messages.known), at)
    return Decision(state=state)


def _listing_unanswered(
    state: StationState, at: datetime, *, request: GetDisplayMessages, command: Command, outcome: str
) -> Decision | None:
    return Decision(state=_without_listing(state, command))


# ── What becomes of what is known ───────────────────────────────────────────────────────────────────────────────


def _learned(state: StationState, told: Iterable[KnownMessage], gone: Iterable[int], at: datetime) -> Decision:
    """Those told of are known from now on, those gone no longer; nor are those whose time or transaction is over."""
    before = state.messages.known
    removed = before.keys() & set(gone)
    known = {**before, **{each.info.id: each for each in told}}
    left = {key: each for key, each in known.items() if key not in removed and _stands(state, each, at)}
    kept = dict(list(left.items())[:MAX_MESSAGES])
    odd = () if len(kept) == len(left) else (_too_many(state, at),)
    data = {"messages": sorted(kept), "removed": sorted(removed)}
    event = Event(kind="DisplayMessagesChanged", tenant=state.tenant, station_key=state.key, at=at, data=data)
    return Decision(
        records=(KnownMessages(station_key=state.key, messages=tuple(kept.values())), *odd),
        events=(event,),
        state=_with(state, msgspec.structs.replace(state.messages, known=kept)),
    )


def _stands(state: StationState, known: KnownMessage, at: datetime) -> bool:
    return standing(known.info, at, state.open.keys()) != "over"


def _with(state: StationState, messages: Messages) -> StationState:
    return msgspec.structs.replace(state, messages=messages)


def _with_listings(state: StationState, listings: Mapping[int, Listing]) -> StationState:
    return _with(state, msgspec.structs.replace(state.messages, listings=listings))


def _without_listing(state: StationState, command: Command) -> StationState:
    return _with_listings(state, {key: each for key, each in state.messages.listings.items() if key != command.key})


def _too_many(state: StationState, at: datetime) -> Oddity:
    detail = f"more than {MAX_MESSAGES} display messages; the rest is not remembered"
    return Oddity(station_key=state.key, at=at, kind="too_many_display_messages", action=None, detail=detail)


HOOKS: Hooks = {
    SetDisplayMessage: CommandHook(objection=_cannot_set, before=_before_set, after=_set),
    GetDisplayMessages: CommandHook(before=_begin_listing, after=_listing_answered, unanswered=_listing_unanswered),
    ClearDisplayMessage: CommandHook(after=_cleared),
}
