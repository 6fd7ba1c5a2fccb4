"""A bill on a display: one line with the total and what it is for."""

from collections.abc import Iterable
from decimal import Decimal

from stationmaster.domain.cost.bill import Content, Line, LineKind
from stationmaster.domain.cost.money import summed

_NAMES: dict[LineKind, str] = {
    "reservation_fixed": "reservation",
    "reservation_time": "reservation",
    "fixed": "start",
    "energy": "energy",
    "charging_time": "charging",
    "idle_time": "idle",
    "maximum": "up to the maximum",
    "minimum": "up to the minimum",
    "adjustment": "adjustment",
    "tax": "tax",
}


def bill_text(content: Content) -> str:
    """For example ``3.31 EUR: 7.1 kWh, 52 min (energy 2.31, idle 0.50, tax 0.50)``."""
    kwh = (content.energy_wh / 1000).quantize(Decimal("0.1"))
    minutes = (content.charging_s + content.idle_s + content.paused_s) // 60
    said = f"{content.total} {content.currency}: {kwh} kWh, {minutes} min"
    parts = ", ".join(_parts(content.lines, content.currency))
    return f"{said} ({parts})" if parts else said


def _parts(lines: Iterable[Line], currency: str) -> list[str]:
    amounts: dict[str, list[Decimal]] = {}
    for line in lines:
        if not line.of_which:
            amounts.setdefault(_NAMES[line.kind], []).append(line.amount)
    sums = {name: summed(found, currency) for name, found in amounts.items()}
    return [f"{name} {amount}" for name, amount in sums.items() if amount]
