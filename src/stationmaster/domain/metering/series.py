"""How a transaction charged over time: few enough points to draw, whatever the number of readings."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import msgspec

PowerSource = Literal["told", "register"]
_WATT = Decimal("0.1")
_HOUR_S = 3600


class ReadingStretch(msgspec.Struct, frozen=True, kw_only=True):
    """Readings that lie close together, as one. ``at``: of the last of them. ``power_w`` is their mean, ``most_w`` the
    highest, ``register_wh`` the highest register, ``soc_pct`` what the car told last."""

    at: datetime
    power_w: Decimal | None = None
    most_w: Decimal | None = None
    register_wh: Decimal | None = None
    soc_pct: Decimal | None = None


class SeriesPoint(msgspec.Struct, frozen=True, kw_only=True):
    """``energy_wh`` since the start."""

    at: datetime
    power_w: Decimal | None
    most_w: Decimal | None
    energy_wh: Decimal | None
    soc_pct: Decimal | None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """``power_source``: as the station told it, or by how fast its register rose; None: neither is known."""

    power_source: PowerSource | None
    points: tuple[SeriesPoint, ...]


def series(stretches: Sequence[ReadingStretch], start_wh: Decimal | None) -> Series:
    """Of stretches in the order of time. ``start_wh``: the register at the start, where it is known; else the first one
    that was told counts as that."""
    told = any(stretch.power_w is not None for stretch in stretches)
    rising = {} if told else _rising(stretches)
    registers = (stretch.register_wh for stretch in stretches if stretch.register_wh is not None)
    first = next(registers, None) if start_wh is None else start_wh
    points = tuple(
        SeriesPoint(
            at=stretch.at,
            power_w=stretch.power_w if told else rising.get(stretch.at),
            most_w=stretch.most_w,
            energy_wh=None if stretch.register_wh is None or first is None else stretch.register_wh - first,
            soc_pct=stretch.soc_pct,
        )
        for stretch in stretches
    )
    return Series(power_source="told" if told else "register" if rising else None, points=points)


def _rising(stretches: Sequence[ReadingStretch]) -> dict[datetime, Decimal]:
    """The mean power up to each register, from the one before; none where it fell."""
    known = [(stretch.at, stretch.register_wh) for stretch in stretches if stretch.register_wh is not None]
    return {
        at: ((wh - before_wh) * _HOUR_S / _seconds(before, at)).quantize(_WATT)
        for (before, before_wh), (at, wh) in pairwise(known)
        if wh >= before_wh and at > before
    }


def _seconds(first: datetime, last: datetime) -> Decimal:
    return Decimal(str((last - first).total_seconds()))
