"""The list that a station should have, and what to send so that it has it (D01)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from stationmaster.domain.authorization.token_groups import TokenGroup, group_key
from stationmaster.domain.authorization.token_rules import evses_by_place
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import READER_TYPE, IdToken
from stationmaster.domain.local_list.entries import (
    NO_LIST,
    ListEntry,
    LocalListState,
    SendLocalList,
    next_version,
)
from stationmaster.domain.messages import AuthorizationStatus, IdTokenInfo

DEFAULT_ROOM = 1000
"""Entries, where a station does not say how many it can hold."""
_encode = msgspec.json.Encoder(order="deterministic").encode

_NOT_OFFLINE = frozenset({"KeyCode", "DirectPayment", "NoAuthorization", "Central"})
"""Types that are never presented to a list: typed in, paid on the spot, none at all, or made by the server."""


class ListForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry can be in a version. ``typed``: tokens have types; ``types``: only these, None: any.
    ``limits_evses``: an entry can say which EVSEs a token is for."""

    longest: int
    typed: bool = True
    limits_evses: bool = True
    types: frozenset[str] | None = None


class ListTarget(msgspec.Struct, frozen=True, kw_only=True):
    """The station that a list is for. ``limited``: tokens that may be used only so often at a time are listed too,
    though nobody can count them offline."""

    station_key: int
    form: ListForm
    room: int = DEFAULT_ROOM
    checks_expiry: bool = True
    limited: bool = True


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """``entries`` in the order of their names. ``next_expiry``: the first moment at which the list is out of date."""

    entries: tuple[ListEntry, ...]
    digest: str
    left_out: Mapping[str, int] = {}
    next_expiry: datetime | None = None


def compile_list(
    tokens: Iterable[Token], groups: Mapping[str, TokenGroup], target: ListTarget, now: datetime
) -> Compiled:
    """Who may charge comes first, then who may not, the newest first of each, as far as there is room: a list goes
    before the cache, so that a blocked card is refused offline too. ``groups`` by the keys of their names."""
    left_out: dict[str, int] = {}
    named: dict[str, tuple[Token, ListEntry]] = {}
    for token in sorted(tokens, key=lambda token: (token.id_token.type or "", token.key)):
        why = _why_not(token, target)
        entry = None if why is not None else _entry(token, _status_of(token, groups, now), target)
        if entry is not None and entry.name in named:
            why = "same_token"
        if why is not None:
            left_out[why] = left_out.get(why, 0) + 1
        elif entry is not None:
            named[entry.name] = (token, entry)
    ranked = sorted(named.values(), key=lambda pair: (_status(pair[1]) != "Accepted", -pair[0].key))
    if len(ranked) > target.room:
        left_out["no_room"] = len(ranked) - target.room
    listed = ranked[: target.room]
    entries = in_order(entry for _, entry in listed)
    expiries = [token.expires_at for token, _ in named.values() if token.expires_at and token.expires_at > now]
    return Compiled(
        entries=entries, digest=content_digest(entries), left_out=left_out, next_expiry=min(expiries, default=None)
    )


def in_order(entries: Iterable[ListEntry]) -> tuple[ListEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.name))


def content_digest(entries: Sequence[ListEntry]) -> str:
    """A name for exactly these entries in this order."""
    return hashlib.sha256(_encode(entries)).hexdigest()


EMPTY = content_digest(())


def difference(before: Sequence[ListEntry], after: Sequence[ListEntry]) -> tuple[ListEntry, ...]:
    """What makes one list of the other: entries to remove, then those to add or change (D01.FR.16, .17)."""
    known = {entry.name: entry for entry in before}
    wanted = {entry.name for entry in after}
    removed = [ListEntry(entry.id_token) for entry in before if entry.name not in wanted]
    return (*removed, *[entry for entry in after if known.get(entry.name) != entry])


def plan(
    known: LocalListState, told: int, before: Sequence[ListEntry] | None, wanted: Compiled
) -> SendLocalList | None:
    """What to send to a station that has told its version; None: it has the list already.

    ``before`` is what is on the station by what is known, None: that is not known any more.
    """
    digest = EMPTY if told == NO_LIST else known.digest if told == known.version else None
    if digest == wanted.digest:
        return None
    version = next_version(known, told)
    if digest is not None and before is not None and told != NO_LIST and version > told:
        changes = difference(before, wanted.entries)
        if 2 * len(changes) <= len(wanted.entries):
            return SendLocalList(
                update="Differential", version=version, entries=changes, digest=wanted.digest, base=digest
            )
    return full_update(known, told, wanted)


def full_update(known: LocalListState, told: int, wanted: Compiled) -> SendLocalList:
    """All of it, whatever is on the station."""
    version = next_version(known, told)
    return SendLocalList(update="Full", version=version, entries=wanted.entries, digest=wanted.digest)


def _entry(token: Token, status: AuthorizationStatus, target: ListTarget) -> ListEntry:
    form = target.form
    group = token.group if token.group and len(token.group) <= form.longest else None
    info = IdTokenInfo(
        status=status,
        cache_expiry=token.expires_at,
        group=None if group is None else IdToken(group, "Central" if form.typed else None),
        language=token.language if form.typed else None,
        language2=token.language2 if form.typed else None,
        charging_priority=token.charging_priority if form.typed else None,
        evse_ids=_evses(token, target) or (),
    )
    kind = (token.id_token.type or READER_TYPE) if form.typed else None
    return ListEntry(IdToken(token.id_token.value, kind), info)


def _status_of(token: Token, groups: Mapping[str, TokenGroup], now: datetime) -> AuthorizationStatus:
    """A group that is blocked blocks its tokens."""
    group = groups.get(group_key(token.group)) if token.group else None
    if group is not None and group.status != "Accepted":
        return group.status
    if token.status != "Accepted":
        return token.status
    return "Expired" if token.expires_at is not None and token.expires_at <= now else "Accepted"


def _evses(token: Token, target: ListTarget) -> tuple[int, ...] | None:
    """The EVSEs that a token may use there; empty: all, None: none."""
    return () if token.rules is None else evses_by_place(token.rules, target.station_key)


def _status(entry: ListEntry) -> str | None:
    return None if entry.info is None else entry.info.status


def _why_not(token: Token, target: ListTarget) -> str | None:
    """Why a token is not on the list."""
    return next((reason for reason, holds in _REASONS.items() if holds(token, target)), None)


def _is_unknown_type(token: Token, target: ListTarget) -> bool:
    types = target.form.types
    return types is not None and (token.id_token.type or READER_TYPE) not in types


def _is_for_some_evses(token: Token, target: ListTarget) -> bool:
    by_kind = token.rules is not None and token.rules.kinds is not None
    return by_kind or (bool(_evses(token, target)) and not target.form.limits_evses)


def _is_rationed(token: Token, _: ListTarget) -> bool:
    return token.rules is not None and (bool(token.rules.windows) or token.rules.quota is not None)


_REASONS: Mapping[str, Callable[[Token, ListTarget], bool]] = {
    "not_wanted": lambda token, _: not token.on_lists,
    "never_listed": lambda token, _: token.id_token.type in _NOT_OFFLINE,
    "too_long": lambda token, target: not 0 < len(token.id_token.value) <= target.form.longest,
    "unknown_type": _is_unknown_type,
    "elsewhere": lambda token, target: _evses(token, target) is None,
    "some_evses": _is_for_some_evses,
    "rationed": _is_rationed,
    "prepaid": lambda token, _: token.account is not None,
    "limited": lambda token, target: token.max_concurrent is not None and not target.limited,
}
