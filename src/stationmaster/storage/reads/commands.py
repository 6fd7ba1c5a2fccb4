"""Commands."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.command import AWAITS_EFFECT, Command
from stationmaster.domain.queries import FIRST_PAGE, CommandFilter, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.rows import micros, to_command
from stationmaster.storage.schema.core import ACCEPTED, UNFINISHED, commands
from stationmaster.storage.statements import compiled

_c = commands.c
_ONE = compiled(sa.select(_c.body).where(_c.key == sa.bindparam("key")))
_awaits_effect = sa.or_(*[_c.state == state for state in sorted(AWAITS_EFFECT)])
_IN_HAND = compiled(
    sa.select(_c.body)
    .where(
        _c.station_key == sa.bindparam("station_key"),
        sa.or_(
            _c.state == "sent",
            sa.and_(_awaits_effect, _c.created_at >= sa.bindparam("since")),
        ),
    )
    .order_by(_c.key)
)
_unfinished = sa.select(_c.body).where(UNFINISHED).order_by(_c.key)
_UNFINISHED = compiled(_unfinished)
_UNFINISHED_OF = compiled(_unfinished.where(_c.station_key == sa.bindparam("station_key")))
_ACCEPTED = compiled(
    sa.select(_c.key, _c.station_key)
    .where(ACCEPTED, _c.created_at >= sa.bindparam("since"), _c.created_at < sa.bindparam("until"))
    .order_by(_c.created_at)
)


class CommandReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def load_command(self, key: int) -> Command | None:
        found = await self._run(lambda connection: fetch(connection, _ONE, key=key))
        return to_command(found[0][0]) if found else None

    async def command(self, tenant: str, key: int) -> Command | None:
        """None where it is another tenant's."""
        found = await self.load_command(key)
        return found if found is not None and found.tenant == tenant else None

    async def unfinished_commands(self, station_key: int | None = None) -> Sequence[Command]:
        """Those queued or sent, oldest first."""

        def read(connection: sqlite3.Connection) -> Sequence[tuple[Any, ...]]:
            if station_key is None:
                return fetch(connection, _UNFINISHED)
            return fetch(connection, _UNFINISHED_OF, station_key=station_key)

        return [to_command(row[0]) for row in await self._run(read)]

    async def commands_in_hand(self, station_key: int, since: datetime) -> Sequence[Command]:
        """Of a station, oldest first: those sent, and those made from ``since`` on that may still take effect."""
        found = await self._run(
            lambda connection: fetch(connection, _IN_HAND, station_key=station_key, since=micros(since))
        )
        return [to_command(row[0]) for row in found]

    async def accepted_commands(self, since: datetime | None, until: datetime) -> Sequence[tuple[int, int]]:
        """Key and station of those that are accepted, and were made from ``since`` on and before ``until``."""
        first = 0 if since is None else micros(since)
        found = await self._run(lambda connection: fetch(connection, _ACCEPTED, since=first, until=micros(until)))
        return [(row[0], row[1]) for row in found]

    async def commands(self, query: CommandFilter, request: PageRequest = FIRST_PAGE) -> Page[Command]:
        statement = sa.select(_c.body).where(
            *matching([(_c.tenant, query.tenant), (_c.station_key, query.station_key), (_c.state, query.state)])
        )
        return await self._run(
            lambda connection: page(
                connection,
                statement,
                (_c.key,),
                request,
                lambda row: to_command(row[0]),
                newest_first=True,
            )
        )
