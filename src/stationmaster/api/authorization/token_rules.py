"""Where, when and how often a token may charge, as a client writes it and reads it."""

from collections.abc import Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from stationmaster.api.http.parameters import MAX_INT32, MAX_INT64
from stationmaster.api.http.problems import invalid
from stationmaster.domain.authorization.token_rules import (
    MINUTES_OF_DAY,
    Current,
    EvseKinds,
    Quota,
    QuotaPeriod,
    TokenPlace,
    TokenRules,
    Window,
)

Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_DAYS: Sequence[Day] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MAX_PLACES = 1000
MAX_WINDOWS = 50


class PlaceShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``station``: our key of it. Without EVSEs all of it."""

    station: Annotated[int, Meta(ge=1, le=MAX_INT64)]
    evse_ids: Annotated[tuple[Annotated[int, Meta(ge=1, le=MAX_INT32)], ...], Meta(max_length=100)] = ()


class KindsShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Connector types as 2.x spells them (cCCS2). What a station does not tell of an EVSE fits."""

    currents: Annotated[tuple[Current, ...], Meta(max_length=2)] = ()
    connector_types: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=20)], ...], Meta(max_length=30)] = ()


class WindowShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """By the clock on the wall, hh:mm; ``to`` may be 24:00, or before ``from``: then it is of the day after."""

    days: Annotated[tuple[Day, ...], Meta(min_length=1, max_length=7)]
    from_: Annotated[
        str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", description="Hour and minute, 00:00 to 23:59.")
    ] = "00:00"
    to: Annotated[
        str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z", description="Hour and minute, 00:00 to 24:00.")
    ] = "24:00"


class QuotaShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Starts in a calendar day, week (from Monday) or month."""

    starts: Annotated[int, Meta(ge=1, le=100_000)]
    period: QuotaPeriod


class RulesShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out is not restricted. ``time_zone``: an IANA name, for windows and quota."""

    places: Annotated[tuple[PlaceShape, ...], Meta(max_length=MAX_PLACES)] = ()
    kinds: KindsShape | None = None
    windows: Annotated[tuple[WindowShape, ...], Meta(max_length=MAX_WINDOWS)] = ()
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] = "UTC"
    quota: QuotaShape | None = None


def rules_of(shape: RulesShape | None, path: str = "body.rules") -> TokenRules | None:
    """The domain's rules. Raises a ProblemError of 422 for a zone that nobody knows and a window without a minute."""
    if shape is None:
        return None
    try:
        ZoneInfo(shape.time_zone)
    except (ValueError, OSError, LookupError):
        raise invalid(f"{path}.time_zone", "not a time zone that is known here") from None
    windows = tuple(_window(window, f"{path}.windows[{at}]") for at, window in enumerate(shape.windows))
    return TokenRules(
        places=tuple(TokenPlace(station_key=place.station, evse_ids=place.evse_ids) for place in shape.places),
        kinds=None if shape.kinds is None else EvseKinds(**msgspec.structs.asdict(shape.kinds)),
        windows=windows,
        time_zone=shape.time_zone,
        quota=None if shape.quota is None else Quota(starts=shape.quota.starts, period=shape.quota.period),
    )


def rules_shape(rules: TokenRules | None) -> RulesShape | None:
    """The other way round."""
    if rules is None:
        return None
    return RulesShape(
        places=tuple(PlaceShape(station=place.station_key, evse_ids=place.evse_ids) for place in rules.places),
        kinds=None if rules.kinds is None else KindsShape(**msgspec.structs.asdict(rules.kinds)),
        windows=tuple(
            WindowShape(
                days=tuple(_DAYS[day] for day in window.days),
                from_=_clock(window.from_minute),
                to=_clock(window.to_minute),
            )
            for window in rules.windows
        ),
        time_zone=rules.time_zone,
        quota=None if rules.quota is None else QuotaShape(starts=rules.quota.starts, period=rules.quota.period),
    )


def _window(shape: WindowShape, path: str) -> Window:
    first, last = _minute(shape.from_), _minute(shape.to)
    if first == last:
        raise invalid(path, "a window ends when it begins")
    days = tuple(sorted({_DAYS.index(day) for day in shape.days}))
    return Window(days=days, from_minute=first, to_minute=last)


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _clock(minute: int) -> str:
    assert 0 <= minute <= MINUTES_OF_DAY
    return f"{minute // 60:02}:{minute % 60:02}"
