"""What a filter of stations is in SQL."""

from typing import Any

import sqlalchemy as sa

from stationmaster.domain.queries import StationFilter
from stationmaster.storage.reads.paging import matching
from stationmaster.storage.schema.core import stations

_s = stations.c
_EQUAL = ("site", "state", "version", "vendor", "model", "firmware_version")
"""Filters that have an index of their own."""


def station_conditions(query: StationFilter, *, aside: bool = False) -> list[sa.ColumnElement[bool]]:
    """``aside``: no filter but the tenant is to be looked up in an index of its own.

    SQLite's LIKE does not mind case, as far as ASCII goes: nor does its lower(), which costs as much again.
    """
    conditions: list[sa.ColumnElement[bool]] = [_s.tenant == query.tenant]
    for name in _EQUAL:
        value = getattr(query, name)
        if value is not None:
            column = aside_of(_s[name]) if aside else _s[name]
            conditions.append(column == value if value else column.is_(None))
    if query.text:
        columns = (_s.identity, _s.name, _s.serial_number)
        conditions.append(sa.or_(*(column.contains(query.text, autoescape=True) for column in columns)))
    if query.connected is not None:
        conditions.append(_s.connected == int(query.connected))
    return conditions + matching([(_s.registration, query.registration)])


def has_an_index(query: StationFilter, by: str | None) -> bool:
    """Whether one index has it all in order. ``by`` None: the order does not matter."""
    given = [name for name in _EQUAL if getattr(query, name) is not None]
    if query.text or query.connected is not None or query.registration is not None or len(given) > 1:
        return False
    return not given or by in (None, "identity", given[0])


def aside_of(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """As it is, but not to be looked up in an index: SQLite's unary plus."""
    return sa.literal_column(f"+stations.{column.name}", column.type)
