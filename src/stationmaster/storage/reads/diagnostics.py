"""What is odd, who is unknown, and what went over the wire."""

from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.queries import (
    FIRST_PAGE,
    CallerSeen,
    FrameExchange,
    FrameFilter,
    FrameTail,
    LoggedFrame,
    LoggedOddity,
    OddityCount,
    OddityFilter,
    Page,
    PageRequest,
    StoredConflict,
)
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.frames import frame_exchange, frame_page, frame_tail
from stationmaster.storage.reads.paging import matching, of_tenant, page
from stationmaster.storage.rows import (
    to_caller_seen,
    to_conflict,
    to_oddity,
    to_oddity_count,
)
from stationmaster.storage.schema.core import (
    conflicts,
    oddities,
    oddity_counts,
    unknown_callers,
)


class DiagnosticReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def oddities(self, query: OddityFilter, request: PageRequest = FIRST_PAGE) -> Page[LoggedOddity]:
        o = oddities.c
        statement = sa.select(o.key, *o[1:]).where(
            of_tenant(oddities, query.tenant),
            *matching([(o.station_key, query.station_key), (o.kind, query.kind)]),
        )
        return await self._run(
            lambda connection: page(
                connection,
                statement,
                (o.key,),
                request,
                lambda row: LoggedOddity(row[0], to_oddity(row[1:])),
                newest_first=True,
            )
        )

    async def oddity_counts(self, tenant: str, station_key: int | None = None) -> Sequence[OddityCount]:
        """The most frequent first."""
        counts = oddity_counts.c
        statement = (
            sa.select(*counts)
            .where(of_tenant(oddity_counts, tenant), *matching([(counts.station_key, station_key)]))
            .order_by(counts["count"].desc(), counts.station_key, counts.kind)
        )
        return await self._run(lambda connection: [to_oddity_count(row) for row in fetch(connection, statement)])

    async def conflicts(
        self, tenant: str, station_key: int | None = None, request: PageRequest = FIRST_PAGE
    ) -> Page[StoredConflict]:
        """Newest first."""
        c = conflicts.c
        statement = sa.select(c.key, *c[1:]).where(
            of_tenant(conflicts, tenant), *matching([(c.station_key, station_key)])
        )
        return await self._run(
            lambda connection: page(
                connection,
                statement,
                (c.key,),
                request,
                lambda row: StoredConflict(row[0], to_conflict(row[1:])),
                newest_first=True,
            )
        )

    async def unknown_callers(self, tenant: str, request: PageRequest = FIRST_PAGE) -> Page[CallerSeen]:
        """By identity."""
        u = unknown_callers.c
        statement = sa.select(*u).where(u.tenant == tenant)
        return await self._run(lambda connection: page(connection, statement, (u.identity,), request, to_caller_seen))

    async def frames(self, query: FrameFilter, request: PageRequest = FIRST_PAGE) -> Page[LoggedFrame]:
        return await self._run(lambda connection: frame_page(connection, query, request))

    async def frame_tail(self, query: FrameFilter, after: int | None, limit: int) -> FrameTail:
        return await self._run(lambda connection: frame_tail(connection, query, after, limit))

    async def frame_exchange(self, tenant: str, key: int) -> FrameExchange | None:
        return await self._run(lambda connection: frame_exchange(connection, tenant, key))
