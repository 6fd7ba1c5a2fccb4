"""The message log's single frames, out of rows that hold a stretch of a station's."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.frame_stretch import MOST_FRAMES
from stationmaster.domain.queries import FrameExchange, FrameFilter, FrameTail, LoggedFrame, Page, PageRequest
from stationmaster.domain.records import FrameRecord
from stationmaster.storage.frame_rows import to_frames, to_stretch
from stationmaster.storage.readers import fetch
from stationmaster.storage.reads.paging import limit_of, matching, of_tenant, read_cursor, write_cursor
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.core import frames

_f = frames.c
_ROWS = 8
"""Read at a time: few, as a busy station's row holds many frames."""
_TAIL_ROWS = 20_000
"""Of the log, in one look at its tail: what matches nothing must not be looked through in one go."""
_ANSWERED_WITHIN = timedelta(minutes=10)
_INSTANT = timedelta(microseconds=1)
_AROUND = 10
"""Frames of one message id, looked at for the other half of an exchange: stations use ids again."""
_CALLS = frozenset({"call", "send"})
_FAILED = frozenset({"error", "result_error", "other"})
_NEITHER_CALL_NOR_RESULT = (
    *("[^<][^236]*", "?", "", "*\x1e[^<][^236]*", "*\x1e\x1e*", "*\x1e", "*\x1e?"),
    *("*Fault[> /\t\r\n]*", "*Fault"),
)
"""What a row's text is like that holds such a frame, as the kind of each is in its second character; of XML only faults
are such."""

Place = tuple[int, ...]


class _Way(msgspec.Struct, frozen=True):
    """One station's frames have an index; all stations' are in the order in which they were written."""

    order: tuple[sa.Column[int], ...]
    descending: bool

    def sorted(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        return statement.order_by(*(each.desc() if self.descending else each.asc() for each in self.order))

    def rows_behind(self, place: Place, *, inclusive: bool) -> sa.ColumnElement[bool]:
        columns, there = sa.tuple_(*self.order), sa.tuple_(*map(sa.literal, place))
        if inclusive:
            return columns <= there if self.descending else columns >= there
        return columns < there if self.descending else columns > there

    def is_behind(self, place: Place, start: Place) -> bool:
        return place < start if self.descending else place > start


def frame_page(connection: sqlite3.Connection, query: FrameFilter, request: PageRequest) -> Page[LoggedFrame]:
    """Newest first, an answer before its call; or the other way round. Of all stations in the order in which the log
    was written: frames of one second may stand station by station. Raises InvalidCursor."""
    way = _way(query, descending=not query.oldest_first)
    start = None
    if request.cursor is not None:
        start = tuple(map(int, read_cursor(request.cursor, [*way.order, sa.literal(0)])))
    limit = limit_of(request)
    kept: list[tuple[Place, LoggedFrame]] = []
    for found in _found(connection, query, way, start):
        if len(kept) == limit:
            return Page(tuple(logged for _, logged in kept), write_cursor(kept[-1][0]))
        kept.append(found)
    return Page(tuple(logged for _, logged in kept), None)


def frame_tail(connection: sqlite3.Connection, query: FrameFilter, after: int | None, limit: int) -> FrameTail:
    """What was written behind a position, oldest first; without one the newest there is, up to its end, out of the
    last rows of the log, or of a station's own."""
    newest = fetch(connection, sa.select(sa.func.max(_f.key)))[0][0] or 0
    if after is None:
        found = _found(
            connection,
            query,
            _way(query, descending=True),
            None,
            _f.key <= newest,
            _near_the_end(connection, query, newest),
        )
        items = sorted((logged for _, logged in islice(found, limit)), key=lambda logged: logged.key)
        return FrameTail(tuple(items), _end_of(newest), False)
    first, number = divmod(after, MOST_FRAMES)
    if first > newest:  # a log that was emptied begins anew
        first, number = 0, MOST_FRAMES - 1
    last = min(newest, first + _TAIL_ROWS)
    found = _found(connection, query, _Way((_f.key,), descending=False), (first, number), _f.key <= last)
    items = [logged for _, logged in islice(found, limit + 1)]
    if len(items) > limit:
        return FrameTail(tuple(items[:limit]), items[limit - 1].key, True)
    return FrameTail(tuple(items), _end_of(last), last < newest)


def _near_the_end(connection: sqlite3.Connection, query: FrameFilter, newest: int) -> sa.ColumnElement[bool]:
    """A station's own rows are counted where one is asked for: it may have been quiet while the others were not."""
    if query.station_key is None:
        return _f.key > newest - _TAIL_ROWS
    own = sa.select(_f.from_at).where(_f.station_key == query.station_key).order_by(_f.from_at.desc())
    before = fetch(connection, own.limit(1).offset(_TAIL_ROWS))
    return _f.from_at > before[0][0] if before else sa.true()


def _way(query: FrameFilter, *, descending: bool) -> _Way:
    return _Way((_f.key,) if query.station_key is None else (_f.from_at, _f.key), descending)


def frame_exchange(connection: sqlite3.Connection, tenant: str, key: int) -> FrameExchange | None:
    """A frame, and the other half of its exchange, which is looked for around it; None where there is no such frame."""
    logged = _one(connection, tenant, key)
    if logged is None or logged.frame.message_id is None:
        return None if logged is None else FrameExchange(logged, None)
    frame, answers = logged.frame, logged.frame.kind in _CALLS
    query = FrameFilter(
        tenant=tenant,
        station_key=frame.station_key,
        message_id=frame.message_id,
        direction="out" if frame.direction == "in" else "in",
        from_at=frame.at if answers else frame.at - _ANSWERED_WITHIN,
        to_at=frame.at + (_ANSWERED_WITHIN if answers else _INSTANT),
        oldest_first=answers,
    )
    around = frame_page(connection, query, PageRequest(limit=_AROUND)).items
    others = [each for each in around if (each.frame.kind in _CALLS) is not answers and each.key != key]
    return FrameExchange(logged, others[0] if others else None)


def _one(connection: sqlite3.Connection, tenant: str, key: int) -> LoggedFrame | None:
    row_key, number = divmod(key, MOST_FRAMES)
    statement = sa.select(_f.station_key, _f.heads, _f.text).where(_f.key == row_key, of_tenant(frames, tenant))
    for row in fetch(connection, statement):
        found = to_frames(to_stretch(row))
        if number < len(found):
            return LoggedFrame(key, found[number])
    return None


def _end_of(row: int) -> int:
    return row * MOST_FRAMES + MOST_FRAMES - 1


def _found(
    connection: sqlite3.Connection,
    query: FrameFilter,
    way: _Way,
    start: Place | None,
    *conditions: sa.ColumnElement[bool],
) -> Iterator[tuple[Place, LoggedFrame]]:
    """All frames that match, from behind a place on, each with its own."""
    statement = sa.select(_f.station_key, _f.heads, _f.text, _f.key, *way.order)
    statement = way.sorted(statement.where(*_conditions(query), *conditions)).limit(_ROWS)
    last, inclusive = (None, False) if start is None else (start[:-1], True)
    while True:
        behind = () if last is None else (way.rows_behind(last, inclusive=inclusive),)
        rows = fetch(connection, statement.where(*behind))
        for row in rows:
            for number, record in _matching(row, query, newest_first=way.descending):
                place = (*row[4:], number)
                if start is None or way.is_behind(place, start):
                    yield place, LoggedFrame(row[3] * MOST_FRAMES + number, record)
        if len(rows) < _ROWS:
            return
        last, inclusive = rows[-1][4:], False


def _conditions(query: FrameFilter) -> list[sa.ColumnElement[bool]]:
    """What a row must be to hold such a frame: it leaves out none that does."""
    conditions = [of_tenant(frames, query.tenant), *matching([(_f.station_key, query.station_key)])]
    if query.action is not None:
        conditions.append(_f.heads.contains(_written(query.action), autoescape=True))
    if query.message_id is not None:
        conditions.append(_f.heads.contains(_written(query.message_id), autoescape=True))
    if query.failed:
        conditions.append(sa.or_(*(_f.text.op("GLOB")(pattern) for pattern in _NEITHER_CALL_NOR_RESULT)))
    if query.text and query.text.isascii():  # SQLite folds no other letters
        conditions.append(_f.text.icontains(query.text, autoescape=True))
    if query.from_at is not None:
        conditions.append(_f.to_at >= micros(query.from_at))
    if query.to_at is not None:
        conditions.append(_f.from_at < micros(query.to_at))
    return conditions


def _written(action: str) -> str:
    return msgspec.json.encode(action).decode()


def _matching(row: tuple[Any, ...], query: FrameFilter, *, newest_first: bool) -> list[tuple[int, FrameRecord]]:
    """A row's frames that match, each with its number in it."""
    found = [(at, frame) for at, frame in enumerate(to_frames(to_stretch(row[:3]))) if _matches(frame, query)]
    return found[::-1] if newest_first else found


def _matches(frame: FrameRecord, query: FrameFilter) -> bool:
    return (
        (query.action is None or frame.action == query.action)
        and (query.direction is None or frame.direction == query.direction)
        and (query.message_id is None or frame.message_id == query.message_id)
        and (query.failed is None or (frame.kind in _FAILED) == query.failed)
        and (query.from_at is None or frame.at >= query.from_at)
        and (query.to_at is None or frame.at < query.to_at)
        and (not query.text or _mentions(frame.frame, query.text))
    )


def _mentions(frame: str, text: str) -> bool:
    """Whatever the case; ASCII is folded as SQLite does, so that a row's other frames make no difference."""
    if text.isascii():
        return text.lower().encode() in frame.encode().lower()
    return text.casefold() in frame.casefold()
