"""The message log's single frames, out of rows that hold a call and often its answer too."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.queries import FrameFilter, LoggedFrame, Page, PageRequest
from stationmaster.domain.records import LONGEST_EXCHANGE
from stationmaster.storage.reads.paging import limit_of, matching, of_tenant, page, write_cursor
from stationmaster.storage.rows import micros, to_frame
from stationmaster.storage.schema import frames

_f = frames.c
_OTHER = {"in": "out", "out": "in"}

_Placed = tuple[tuple[int, ...], LoggedFrame]


class _Half(msgspec.Struct, frozen=True):
    """One of the two frames of a row: its number, its columns as ``to_frame`` reads them, and when it is there."""

    number: int
    at: sa.ColumnElement[int]
    text: sa.ColumnElement[str]
    columns: tuple[sa.ColumnElement[Any], ...]
    direction: Mapping[str, str]
    """The row's direction, by the frame's."""
    there: sa.ColumnElement[bool]


_HALVES = (
    _Half(0, _f.at, _f.frame, tuple(_f[1:9]), {"in": "in", "out": "out"}, sa.true()),
    _Half(
        1,
        _f.answered_at,
        _f.answer,
        (
            _f.station_key,
            _f.answered_at,
            sa.case((_f.direction == "in", "out"), else_="in"),
            _f.answer_kind,
            _f.message_id,
            _f.action,
            _f.answer,
            sa.null(),
        ),
        _OTHER,
        _f.answered_at.is_not(None),
    ),
)


def frame_page(connection: sqlite3.Connection, query: FrameFilter, request: PageRequest) -> Page[LoggedFrame]:
    """Newest first, an answer beside its call. Raises InvalidCursor."""
    pages = [_page_of(half, connection, query, request) for half in _HALVES]
    found = sorted((placed for each in pages for placed in each.items), key=lambda placed: placed[0], reverse=True)
    kept = found[: limit_of(request)]
    more = len(found) > len(kept) or any(each.next_cursor is not None for each in pages)
    return Page(tuple(logged for _, logged in kept), write_cursor(kept[-1][0]) if more else None)


def _page_of(half: _Half, connection: sqlite3.Connection, query: FrameFilter, request: PageRequest) -> Page[_Placed]:
    # One station's frames have an index; all stations' are in the order in which they were written.
    row_order: tuple[sa.ColumnElement[int], ...] = (_f.key,) if query.station_key is None else (_f.at, _f.key)

    def placed(row: tuple[Any, ...]) -> _Placed:
        row_key, row_at = row[:2]
        row_place = (row_key,) if query.station_key is None else (row_at, row_key)
        return (*row_place, half.number), LoggedFrame(2 * row_key + half.number, to_frame(row[2:]))

    return page(
        connection,
        sa.select(_f.key, _f.at, *half.columns).where(*_conditions(half, query)),
        (*row_order, sa.literal(half.number)),
        request,
        placed,
        newest_first=True,
    )


def _conditions(half: _Half, query: FrameFilter) -> list[sa.ColumnElement[bool]]:
    direction = None if query.direction is None else half.direction.get(query.direction, query.direction)
    conditions = [
        half.there,
        of_tenant(frames, query.tenant),
        *matching([(_f.station_key, query.station_key), (_f.action, query.action), (_f.direction, direction)]),
    ]
    if query.text:
        conditions.append(half.text.icontains(query.text, autoescape=True))
    if query.from_at is not None:
        conditions += [half.at >= micros(query.from_at), _f.at >= micros(query.from_at - LONGEST_EXCHANGE)]
    if query.to_at is not None:
        conditions += [half.at < micros(query.to_at), _f.at < micros(query.to_at)]
    return conditions
