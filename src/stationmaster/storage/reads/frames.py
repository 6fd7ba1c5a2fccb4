"""The message log's single frames, out of rows that hold a stretch of a station's."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.frame_stretch import MOST_FRAMES
from stationmaster.domain.queries import FrameFilter, LoggedFrame, Page, PageRequest
from stationmaster.domain.records import FrameRecord
from stationmaster.storage.frame_rows import to_frames, to_stretch
from stationmaster.storage.readers import fetch
from stationmaster.storage.reads.paging import limit_of, matching, of_tenant, read_cursor, write_cursor
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.core import frames

_f = frames.c
_ROWS = 8
"""Read at a time: few, as a busy station's row holds many frames."""

Place = tuple[int, ...]


def frame_page(connection: sqlite3.Connection, query: FrameFilter, request: PageRequest) -> Page[LoggedFrame]:
    """Newest first, an answer before its call. Of all stations in the order in which the log was written: frames of
    one second may stand station by station. Raises InvalidCursor."""
    # One station's frames have an index; all stations' are in the order in which they were written.
    order = [_f.key] if query.station_key is None else [_f.from_at, _f.key]
    before = None
    if request.cursor is not None:
        before = tuple(map(int, read_cursor(request.cursor, [*order, sa.literal(0)])))
    limit = limit_of(request)
    kept: list[tuple[Place, LoggedFrame]] = []
    for found in _found(connection, query, order, before):
        if len(kept) == limit:
            return Page(tuple(logged for _, logged in kept), write_cursor(kept[-1][0]))
        kept.append(found)
    return Page(tuple(logged for _, logged in kept), None)


def _found(
    connection: sqlite3.Connection, query: FrameFilter, order: Sequence[sa.Column[int]], before: Place | None
) -> Iterator[tuple[Place, LoggedFrame]]:
    """All frames that match, from a place on, each with its own."""
    statement = sa.select(_f.station_key, _f.heads, _f.text, _f.key, *order).where(*_conditions(query))
    statement = statement.order_by(*(column.desc() for column in order)).limit(_ROWS)
    last, inclusive = (None, False) if before is None else (before[:-1], True)
    while True:
        rows = fetch(connection, statement if last is None else statement.where(_up_to(order, last, inclusive)))
        for row in rows:
            for number, record in _matching(row, query):
                place = (*row[4:], number)
                if before is None or place < before:
                    yield place, LoggedFrame(row[3] * MOST_FRAMES + number, record)
        if len(rows) < _ROWS:
            return
        last, inclusive = rows[-1][4:], False


def _up_to(order: Sequence[sa.Column[int]], place: Place, inclusive: bool) -> sa.ColumnElement[bool]:
    columns, there = sa.tuple_(*order), sa.tuple_(*map(sa.literal, place))
    return columns <= there if inclusive else columns < there


def _conditions(query: FrameFilter) -> list[sa.ColumnElement[bool]]:
    """What a row must be to hold such a frame: it leaves out none that does."""
    conditions = [of_tenant(frames, query.tenant), *matching([(_f.station_key, query.station_key)])]
    if query.action is not None:
        conditions.append(_f.heads.contains(_written(query.action), autoescape=True))
    if query.text and query.text.isascii():  # SQLite folds no other letters
        conditions.append(_f.text.icontains(query.text, autoescape=True))
    if query.from_at is not None:
        conditions.append(_f.to_at >= micros(query.from_at))
    if query.to_at is not None:
        conditions.append(_f.from_at < micros(query.to_at))
    return conditions


def _written(action: str) -> str:
    return msgspec.json.encode(action).decode()


def _matching(row: tuple[Any, ...], query: FrameFilter) -> list[tuple[int, FrameRecord]]:
    """A row's frames that match, newest first, each with its number in it."""
    numbered = list(enumerate(to_frames(to_stretch(row[:3]))))
    return [(number, frame) for number, frame in reversed(numbered) if _matches(frame, query)]


def _matches(frame: FrameRecord, query: FrameFilter) -> bool:
    return (
        (query.action is None or frame.action == query.action)
        and (query.direction is None or frame.direction == query.direction)
        and (query.from_at is None or frame.at >= query.from_at)
        and (query.to_at is None or frame.at < query.to_at)
        and (not query.text or _mentions(frame.frame, query.text))
    )


def _mentions(frame: str, text: str) -> bool:
    """Whatever the case; ASCII is folded as SQLite does, so that a row's other frames make no difference."""
    if text.isascii():
        return text.lower().encode() in frame.encode().lower()
    return text.casefold() in frame.casefold()
