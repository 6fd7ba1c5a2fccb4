"""S Battery swap: somebody brings empty batteries to a station and takes full ones (2.1).

A station tells of both halves by BatterySwap with one requestId; which of them comes first is its business.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Request

SwapEvent = Literal["BatteryIn", "BatteryOut", "BatteryOutTimeout"]
SwapState = Literal["requested", "refused", "in", "out", "done", "out_timeout"]
REPEATED_WITHIN = timedelta(minutes=10)
"""Within it the same event of the same batteries is a repeat."""


class Battery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A battery in (or from) a slot, which is an EVSE. ``soc_pct``: state of charge; ``soh_pct``: of health."""

    evse_id: int
    serial_number: str
    soc_pct: Decimal
    soh_pct: Decimal
    produced_at: datetime | None = None
    vendor_info: str | None = None


class BatterySwap(Request, frozen=True, kw_only=True, omit_defaults=True):
    """S01-S03. Its answer is empty, so that a CSMS can refuse no battery by it."""

    event: str
    request_id: int
    id_token: IdToken
    batteries: tuple[Battery, ...]


class RequestBatterySwap(Request, frozen=True, kw_only=True, omit_defaults=True):
    """S02. Status: Accepted, Rejected (NoBatteryAvailable)."""

    id_token: IdToken
    request_id: int = 0


class Swap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``state``: requested (by us), refused (by the station), in (brought, none taken), out (taken, none brought),
    done, or out_timeout (offered, and not taken in time). ``poor``: serial numbers of those that were brought below
    the health that the tenant asks for."""

    key: int
    tenant: str
    station_key: int
    request_id: int
    id_token: IdToken
    state: SwapState
    started_at: datetime
    changed_at: datetime
    brought: tuple[Battery, ...] = ()
    taken: tuple[Battery, ...] = ()
    offered: tuple[Battery, ...] = ()
    poor: tuple[str, ...] = ()


class SwapFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int | None = None
    state: SwapState | None = None


_NEXT: dict[tuple[SwapEvent, SwapState], SwapState] = {
    ("BatteryIn", "requested"): "in",
    ("BatteryIn", "refused"): "in",
    ("BatteryIn", "in"): "in",
    ("BatteryIn", "out"): "done",
    ("BatteryOut", "requested"): "out",
    ("BatteryOut", "refused"): "out",
    ("BatteryOut", "in"): "done",
    ("BatteryOut", "out"): "out",
    ("BatteryOut", "done"): "done",
    ("BatteryOut", "out_timeout"): "done",
    ("BatteryOutTimeout", "requested"): "out_timeout",
    ("BatteryOutTimeout", "in"): "out_timeout",
    ("BatteryOutTimeout", "out_timeout"): "out_timeout",
}
_PART: dict[SwapEvent, str] = {"BatteryIn": "brought", "BatteryOut": "taken", "BatteryOutTimeout": "offered"}


def belongs(swap: Swap, event: SwapEvent) -> bool:
    """Whether an event goes on with a swap; stations draw their numbers themselves, so one that is over may come
    again for another (S03)."""
    return (event, swap.state) in _NEXT


def is_repeat(swap: Swap, event: SwapEvent, batteries: tuple[Battery, ...], at: datetime) -> bool:
    """Whether the station told the same just before."""
    known: tuple[Battery, ...] = getattr(swap, _PART[event])
    told = {battery.serial_number for battery in batteries}
    return at - swap.changed_at <= REPEATED_WITHIN and told <= {battery.serial_number for battery in known}


def fold(swap: Swap, event: SwapEvent, batteries: tuple[Battery, ...], at: datetime) -> Swap:
    """The swap with one more event. Raises KeyError where it does not belong to it."""
    part = _PART[event]
    changes = {part: (*getattr(swap, part), *batteries)}
    return msgspec.structs.replace(swap, state=_NEXT[event, swap.state], changed_at=at, **changes)
