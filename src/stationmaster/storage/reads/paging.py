"""Pages by the last row's key, not by counting: a page is the same whatever was added before it, and no later costs
more than the first."""

import base64
import binascii
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.queries import MAX_COUNT, MAX_PAGE, InvalidCursor, Item, Page, PageRequest
from stationmaster.storage.readers import fetch
from stationmaster.storage.schema.core import stations

_MAX_CURSOR = 4096
_decode = msgspec.json.Decoder(list[int | str]).decode


def page(
    connection: sqlite3.Connection,
    statement: sa.Select[Any],
    order: Sequence[sa.ColumnElement[Any]],
    request: PageRequest,
    to_item: Callable[[tuple[Any, ...]], Item],
    *,
    newest_first: bool = False,
) -> Page[Item]:
    """One page of a query in the order of columns that are unique together and never NULL.

    ``to_item`` gets the statement's own columns. Raises InvalidCursor.
    """
    limit = limit_of(request)
    if request.cursor is not None:
        position = sa.tuple_(*map(sa.literal, read_cursor(request.cursor, order)))
        place = sa.tuple_(*order)
        statement = statement.where(place < position if newest_first else place > position)
    statement = statement.add_columns(*order).limit(limit + 1)
    statement = statement.order_by(*(column.desc() if newest_first else column.asc() for column in order))
    found = fetch(connection, statement)
    width = len(order)
    items = tuple(to_item(row[:-width]) for row in found[:limit])
    more = len(found) > limit
    return Page(items, write_cursor(found[limit - 1][-width:]) if more else None)


def count(connection: sqlite3.Connection, statement: sa.Select[Any]) -> int:
    """How many rows a query has, counted up to MAX_COUNT."""
    rows = statement.with_only_columns(sa.literal_column("1")).order_by(None).limit(MAX_COUNT).subquery()
    found: int = fetch(connection, sa.select(sa.func.count()).select_from(rows))[0][0]
    return found


def limit_of(request: PageRequest) -> int:
    return max(1, min(request.limit, MAX_PAGE))


def write_cursor(position: Sequence[int | str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(list(position))).decode().rstrip("=")


def read_cursor(cursor: str, order: Sequence[sa.ColumnElement[Any]]) -> list[int | str]:
    """The position in a cursor; InvalidCursor if it is none, or another query's."""
    try:
        position = _decode(decoded_cursor(cursor))
    except msgspec.DecodeError as error:
        raise InvalidCursor("not a cursor") from error
    types = [column.type.python_type for column in order]
    if [type(value) for value in position] != types or any(
        isinstance(value, int) and not -(2**63) <= value < 2**63 for value in position
    ):
        raise InvalidCursor("a cursor of another query")
    return position


def decoded_cursor(cursor: str) -> bytes:
    """What stands in a cursor; InvalidCursor if it is none."""
    if len(cursor) > _MAX_CURSOR:
        raise InvalidCursor("too long")
    try:
        return base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (binascii.Error, UnicodeError) as error:
        raise InvalidCursor("not a cursor") from error


def of_tenant(table: sa.Table, tenant: str) -> sa.ColumnElement[bool]:
    """Rows that belong to a tenant through their station."""
    owner = sa.select(stations.c.tenant).where(stations.c.key == table.c.station_key).scalar_subquery()
    return owner == tenant


def has_text(text: str, *columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Rows of which any of the columns has a text in it, in whatever case."""
    return sa.or_(*(column.icontains(text, autoescape=True) for column in columns))


def matching(pairs: Sequence[tuple[sa.ColumnElement[Any], Any]]) -> list[sa.ColumnElement[bool]]:
    """Equality for each pair whose value is given."""
    return [column == value for column, value in pairs if value is not None]
