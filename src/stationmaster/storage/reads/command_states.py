"""How the commands stand that something else was done by."""

import sqlite3
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from stationmaster.domain.command import CommandState
from stationmaster.domain.statuses import PARTIAL
from stationmaster.storage.readers import fetch
from stationmaster.storage.schema.core import commands

_TOGETHER = 500
"""Keys that one statement names."""


def command_states(connection: sqlite3.Connection, keys: Sequence[int]) -> tuple[Mapping[int, CommandState], int]:
    """The states of those that are still kept, by key, and how many of them the station took a part of only."""
    states: dict[int, CommandState] = {}
    partial = 0
    some = sa.select(commands.c.key, commands.c.state, sa.func.json_extract(commands.c.body, "$.status"))
    for first in range(0, len(keys), _TOGETHER):
        found = fetch(connection, some.where(commands.c.key.in_(keys[first : first + _TOGETHER])))
        states |= {row[0]: row[1] for row in found}
        partial += sum(row[2] == PARTIAL for row in found)
    return states, partial
