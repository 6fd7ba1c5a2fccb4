"""Many rows in few statements.

The driver gives up Python's lock for every step of every statement and must win it back from the event loop, which is
busy: a row at a time costs two threads more than the row does. So rows go in statements of many.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_ONE_ROW = re.compile(r"VALUES (\(\?(?:, \?)*\))")
_SIZES = (256, 64, 16, 4)
"""Rows to a statement; each size of each statement is prepared once and kept. 256 rows stay below SQLite's limit of
32,766 parameters."""

Row = Sequence[Any]


def write_rows(connection: sqlite3.Connection, sql: str, rows: Iterable[Row]) -> None:
    """Run a statement of one row for all rows, in their order; one that inserts VALUES takes many at a time."""
    if _ONE_ROW.search(sql) is None:
        connection.executemany(sql, rows)
        return
    waiting = list(rows)
    done = 0
    for size in _SIZES:
        while len(waiting) - done >= size:
            connection.execute(_of_many(sql, size), tuple(chain.from_iterable(waiting[done : done + size])))
            done += size
    if done < len(waiting):
        connection.executemany(sql, waiting[done:])


def write_gathered(connection: sqlite3.Connection, sql: str, rows: Iterable[Row]) -> None:
    """Run a statement once for all rows: it takes their first values, each once, as a JSON list."""
    firsts = list(dict.fromkeys(row[0] for row in rows))
    if firsts:
        connection.execute(sql, (_encode(firsts).decode(),))


@cache
def _of_many(sql: str, size: int) -> str:
    return _ONE_ROW.sub(lambda one: "VALUES " + ", ".join([one[1]] * size), sql)
