"""Commands."""

from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.command import Command
from stationmaster.domain.queries import FIRST_PAGE, CommandFilter, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.rows import to_command
from stationmaster.storage.schema import UNFINISHED, commands
from stationmaster.storage.statements import compiled

_c = commands.c
_ONE = compiled(sa.select(_c.body).where(_c.key == sa.bindparam("key")))
_STARTED_BY = compiled(
    sa.select(_c.body)
    .where(_c.station_key == sa.bindparam("station_key"), _c.remote_start_id == sa.bindparam("remote_start_id"))
    .order_by(_c.key.desc())
    .limit(1)
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
        statement = sa.select(_c.body).where(UNFINISHED, *matching([(_c.station_key, station_key)])).order_by(_c.key)
        found = await self._run(lambda connection: fetch(connection, statement))
        return [to_command(row[0]) for row in found]

    async def find_start_command(self, station_key: int, remote_start_id: int) -> Command | None:
        """The newest, where a station was given the same id twice."""
        found = await self._run(
            lambda connection: fetch(connection, _STARTED_BY, station_key=station_key, remote_start_id=remote_start_id)
        )
        return to_command(found[0][0]) if found else None

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
