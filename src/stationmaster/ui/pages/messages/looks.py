"""Frames in words, for the pages of the message log."""

from datetime import tzinfo
from decimal import Decimal
from typing import Any

from stationmaster.ui.formats import NONE, counted, parsed
from stationmaster.ui.parts.data_table import Cell, Column, Row, badge_cell
from stationmaster.ui.words import Look, look_of

TABS = (("Live", "/messages"), ("Look back", "/messages/history"))
KINDS: dict[str, Look] = {
    "call": Look("call", "busy", "call_made"),
    "send": Look("send", "busy", "call_made"),
    "result": Look("answer", "good", "check"),
    "error": Look("error", "bad", "error"),
    "result_error": Look("answer refused", "bad", "error"),
    "other": Look("unreadable", "bad", "broken_image"),
}
DIRECTIONS = {"in": "from station", "out": "to station"}
_MOST_TEXT = 160
_MOST_VALUES = 12


def exact_time(at: str, zone: tzinfo) -> str:
    """To the millisecond: messages of one second have an order."""
    moment = parsed(at)
    return NONE if moment is None else moment.astimezone(zone).strftime("%H:%M:%S.%f")[:-3]


def columns(zone: tzinfo, *, with_date: bool, with_station: bool = True) -> tuple[Column, ...]:
    """Of a list of frames."""
    station = (Column(name="station", label="Station", cell=_station),) if with_station else ()
    return (
        Column(name="at", label="Time", cell=lambda frame: _time(frame, zone, with_date=with_date)),
        *station,
        Column(name="direction", label="Direction", cell=lambda frame: DIRECTIONS[frame["direction"]], wide_only=True),
        Column(name="kind", label="Kind", cell=_kind),
        Column(name="action", label="Action", cell=lambda frame: frame["action"] or NONE),
        Column(name="text", label="Frame", cell=lambda frame: beginning(frame["frame"]), wide_only=True),
    )


def _time(frame: Row, zone: tzinfo, *, with_date: bool) -> Cell:
    time = exact_time(frame["at"], zone)
    at = parsed(frame["at"])
    date = at.astimezone(zone).strftime("%Y-%m-%d ") if with_date and at else ""
    return Cell(text=f"{date}{time}")


def _station(frame: Row) -> str:
    return frame["station_identity"] or str(frame["station"])


def _kind(frame: Row) -> Cell:
    look = look_of(KINDS, frame["kind"])
    return badge_cell(Look(frame["error"], look.tone, look.icon) if frame["error"] else look)


def beginning(text: str) -> str:
    """What a line of a list shows of a frame."""
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"


def specified(field: dict[str, Any] | None) -> str:
    """What the specification says of a field."""
    if field is None:
        return NONE
    words = [_type(field), "needed" if field["required"] else "optional"]
    if field["many"]:
        words.append(_between("items", field["min_items"], field["max_items"]))
    if field["max_length"] is not None:
        words.append(f"at most {counted(field['max_length'], 'character')}")
    words.append(_between("", field["at_least"], field["at_most"]))
    if field["multiple_of"] is not None:
        words.append(f"in steps of {_number(field['multiple_of'])}")
    words.append(_choice(field["values"]))
    return ", ".join(word for word in words if word)


def _type(field: dict[str, Any]) -> str:
    name = field["object"] or field["type"]
    return f"list of {name}" if field["many"] else str(name)


def _choice(values: list[str]) -> str:
    shown = ", ".join(values[:_MOST_VALUES])
    more = len(values) - _MOST_VALUES
    return f"one of {shown}" + (f" and {more} more" if more > 0 else "") if values else ""


def _between(what: str, least: float | None, most: float | None) -> str:
    bounds = [
        f"{word} {_number(bound)}" for word, bound in (("at least", least), ("at most", most)) if bound is not None
    ]
    return " and ".join(bounds) + (f" {what}" if bounds and what else "")


def _number(value: float) -> str:
    return f"{Decimal(str(value)):f}".removesuffix(".0")
