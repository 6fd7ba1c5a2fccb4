"""Where, when and how often a token may charge (C01.FR.18-.22, and an operator's own terms)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

Current = Literal["AC", "DC"]
QuotaPeriod = Literal["day", "week", "month"]

MINUTES_OF_DAY = 24 * 60
_LOOK_AHEAD_DAYS = 8
"""A window that goes on for longer never ends."""
_MINUTE = timedelta(minutes=1)


class TokenPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A station, all of it where no EVSEs are named."""

    station_key: int
    evse_ids: tuple[int, ...] = ()


class EvseKinds(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What kinds of EVSE; an empty list asks for nothing. Connector types are spelled as 2.x spells them (cCCS2)."""

    currents: tuple[Current, ...] = ()
    connector_types: tuple[str, ...] = ()


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """On these days (0 is Monday) from one minute of the clock on the wall until another; one that ends before it
    begins goes on past midnight."""

    days: tuple[int, ...]
    from_minute: int = 0
    to_minute: int = MINUTES_OF_DAY


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """So many starts in a calendar day, week (from Monday) or month."""

    starts: int
    period: QuotaPeriod


class TokenRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is left out is not restricted. ``time_zone``: an IANA name, for windows and quota."""

    places: tuple[TokenPlace, ...] = ()
    kinds: EvseKinds | None = None
    windows: tuple[Window, ...] = ()
    time_zone: str = "UTC"
    quota: Quota | None = None


class KnownEvse(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an EVSE: None, or no connectors, where nothing is."""

    current: Current | None = None
    connector_types: tuple[str, ...] = ()


def evses_by_place(rules: TokenRules, station_key: int) -> tuple[int, ...] | None:
    """The EVSEs of a station that a token may use; empty: all of them, None: none."""
    if not rules.places:
        return ()
    here = [place for place in rules.places if place.station_key == station_key]
    if not here:
        return None
    if any(not place.evse_ids for place in here):
        return ()
    return tuple(sorted({evse_id for place in here for evse_id in place.evse_ids}))


def evses_by_kind(wanted: EvseKinds, kinds: Mapping[int, KnownEvse]) -> tuple[int, ...] | None:
    """The EVSEs of the kinds that a token may use; empty: all, None: none. What is not known of an EVSE fits."""
    fitting = tuple(sorted(evse_id for evse_id, kind in kinds.items() if _fits(wanted, kind)))
    if len(fitting) == len(kinds):
        return ()
    return fitting or None


def _fits(wanted: EvseKinds, kind: KnownEvse) -> bool:
    if wanted.currents and kind.current is not None and kind.current not in wanted.currents:
        return False
    if not wanted.connector_types or not kind.connector_types:
        return True
    types = {each.casefold() for each in wanted.connector_types}
    return any(each.casefold() in types for each in kind.connector_types)


def within(rules: TokenRules, at: datetime) -> bool:
    """Whether a moment is in one of the windows, or there are none."""
    return not rules.windows or any(first <= at < last for first, last in _spans(rules, at))


def window_end(rules: TokenRules, at: datetime) -> datetime | None:
    """When the windows that a moment is in are over; None: not in sight."""
    spans = list(_spans(rules, at))
    end = at
    while True:
        later = max((last for first, last in spans if first <= end < last), default=end)
        if later == end:
            break
        end = later
    is_endless = end == at or end - at >= timedelta(days=_LOOK_AHEAD_DAYS - 1)
    return None if is_endless else end


def period_start(quota: Quota, time_zone: str, at: datetime) -> datetime:
    """When the day, week or month of a moment began, by the clock on the wall."""
    zone = ZoneInfo(time_zone)
    day = at.astimezone(zone).date()
    if quota.period == "week":
        day -= timedelta(days=day.weekday())
    elif quota.period == "month":
        day = day.replace(day=1)
    return _moment(zone, day, 0, last=False)


def _spans(rules: TokenRules, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows as moments, from the day before on."""
    zone = ZoneInfo(rules.time_zone)
    today = at.astimezone(zone).date()
    for ahead in range(-1, _LOOK_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        for window in rules.windows:
            if day.weekday() in window.days:
                over_midnight = window.to_minute <= window.from_minute
                until = window.to_minute + (MINUTES_OF_DAY if over_midnight else 0)
                yield _moment(zone, day, window.from_minute, last=False), _moment(zone, day, until, last=True)


def _moment(zone: ZoneInfo, day: date, minute: int, *, last: bool) -> datetime:
    """When the clock shows a time: the ``last`` or the first of two where it is set back, and the end of the jump
    where it is set forward past it."""
    wall = datetime.combine(day, time()) + minute * _MINUTE
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if _wall(zone, first) == wall:
        return second if last else first
    moment = second  # in a jump this one comes first
    while _wall(zone, moment) < wall:
        moment += _MINUTE
    return moment


def _wall(zone: ZoneInfo, at: datetime) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
