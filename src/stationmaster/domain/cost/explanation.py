"""A bill explained: one sentence for each part of each line, in local time."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from stationmaster.domain.cost.bill import Content, Inputs, Line, Part
from stationmaster.domain.cost.local_time import Offset, local
from stationmaster.domain.cost.money import plain, spelled

_NAMES = {
    "reservation_fixed": "Reservation",
    "reservation_time": "Time of reservation",
    "fixed": "Fixed price",
    "energy": "Energy",
    "charging_time": "Time of charging",
    "idle_time": "Idle time",
    "maximum": "Down to the most a session costs",
    "minimum": "Up to the least a session costs",
    "adjustment": "Adjustment",
    "tax": "Tax",
}
_SOURCES = {
    "signed_registers": "signed readings of the register at the start and the end",
    "registers": "readings of the register at the start and the end",
    "last_sample": "readings of the register, one of them not at the start or the end",
    "samples": "readings of the register on the way",
    "intervals": "the energy of intervals, as no register was told",
    "power": "samples of power, as no register was told",
    "none": "nothing: no register was told",
}
_BASES = {
    "states": "the charging states the station told",
    "power": "the power drawn",
    "register": "whether the register rose between two readings",
    "none": "nothing: all of it counts as charging",
}
_METER = {
    "register_backwards": "it stood lower at the start than at the end of the transaction before",
    "register_jump": "between the transaction before and this one it counted more than can have been delivered",
    "register_gap": "it counted energy between the transaction before and this one, which is on neither",
}
_HOW = {
    "measured": "",
    "interpolated": ", divided evenly between two readings",
    "rounded_up": "",
}


def explained(inputs: Inputs, content: Content) -> tuple[str, ...]:
    """Where each amount comes from, in the order of the bill; the last sentence is the sum."""
    return tuple(_sentences(inputs.offsets, content))


def _sentences(offsets: tuple[Offset, ...], content: Content) -> Iterator[str]:
    yield f"{plain(content.energy_wh)} Wh, from {_SOURCES[content.energy_source]}."
    yield f"When it was charging or idle is told by {_BASES[content.basis]}."
    for line in content.lines:
        yield f"Line {line.no}: {_line(line, content.currency)}."
        for part in line.parts:
            yield f"Line {line.no}, {_part(part, line, offsets)}."
    added = [str(line.amount) for line in content.lines if not line.of_which]
    yield f"Total: {' + '.join(added) or '0'} = {content.total} {content.currency}."
    for flag in content.flags:
        if flag in _METER:
            yield f"The meter: {_METER[flag]}."
    if content.flags:
        yield f"Noted: {', '.join(flag.replace('_', ' ') for flag in content.flags)}."


def _line(line: Line, currency: str) -> str:
    name = f"{_NAMES[line.kind]} ({line.text})" if line.text else _NAMES[line.kind]
    if line.price is None:
        return f"{name}: {line.amount} {currency}{', in the amounts above' if line.of_which else ''}"
    each = f" per {line.unit}" if line.unit else ""
    price = spelled(line.price, currency)
    return f"{name}: {_quantity(line.quantity, line)} at {price} {currency}{each} = {line.amount} {currency}"


def _part(part: Part, line: Line, offsets: tuple[Offset, ...]) -> str:
    if part.how == "rounded_up":
        return f"{_quantity(part.quantity, line)} {part.why}"
    time = _time(part.from_at, part.to_at, offsets)
    used = "" if part.from_wh is None or part.to_wh is None else f" ({plain(part.from_wh)} to {plain(part.to_wh)} Wh)"
    return f"{time}: {_quantity(part.quantity, line)}{used}{_HOW[part.how]}; price for: {part.why}"


def _quantity(quantity: Decimal, line: Line) -> str:
    return f"{plain(quantity)} {line.unit}" if line.unit else f"{plain(quantity)} time"


def _time(from_at: datetime, to_at: datetime, offsets: tuple[Offset, ...]) -> str:
    first, last = local(offsets, from_at), local(offsets, to_at)
    if from_at == to_at:
        return f"{first:%Y-%m-%d %H:%M:%S}"
    return (
        f"{first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S}"
        if first.date() == last.date()
        else (f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S}")
    )
