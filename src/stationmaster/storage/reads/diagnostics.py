"""What is odd, who is unknown, and what went over the wire."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.queries import (
    FIRST_PAGE,
    CallerSeen,
    FrameFilter,
    LoggedFrame,
    LoggedOddity,
    OddityCount,
    OddityFilter,
    Page,
    PageRequest,
    StoredConflict,
)
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.rows import (
    micros,
    to_caller_seen,
    to_conflict,
    to_frame,
    to_oddity,
    to_oddity_count,
)
from stationmaster.storage.schema import (
    conflicts,
    frames,
    oddities,
    oddity_counts,
    stations,
    unknown_callers,
)


def _of_tenant(table: sa.Table, tenant: str) -> sa.ColumnElement[bool]:
    """Rows that belong to a tenant through their station."""
    owner = sa.select(stations.c.tenant).where(stations.c.key == table.c.station_key).scalar_subquery()
    return owner == tenant


class DiagnosticReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def oddities(self, query: OddityFilter, request: PageRequest = FIRST_PAGE) -> Page[LoggedOddity]:
        o = oddities.c
        statement = sa.select(o.key, *o[1:]).where(
            _of_tenant(oddities, query.tenant),
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
            .where(_of_tenant(oddity_counts, tenant), *matching([(counts.station_key, station_key)]))
            .order_by(counts["count"].desc(), counts.station_key, counts.kind)
        )
        return await self._run(lambda connection: [to_oddity_count(row) for row in fetch(connection, statement)])

    async def conflicts(
        self, tenant: str, station_key: int | None = None, request: PageRequest = FIRST_PAGE
    ) -> Page[StoredConflict]:
        """Newest first."""
        c = conflicts.c
        statement = sa.select(c.key, *c[1:]).where(
            _of_tenant(conflicts, tenant), *matching([(c.station_key, station_key)])
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
        f = frames.c
        conditions = matching(
            [(f.station_key, query.station_key), (f.action, query.action), (f.direction, query.direction)]
        )
        if query.text:
            conditions.append(f.frame.icontains(query.text, autoescape=True))
        if query.from_at is not None:
            conditions.append(f.at >= micros(query.from_at))
        if query.to_at is not None:
            conditions.append(f.at < micros(query.to_at))
        statement = sa.select(f.key, *f[1:]).where(_of_tenant(frames, query.tenant), *conditions)
        # One station's frames have an index; all stations' are in the order in which they were written.
        order: tuple[sa.ColumnElement[Any], ...] = (f.key,) if query.station_key is None else (f.at, f.key)
        return await self._run(
            lambda connection: page(
                connection,
                statement,
                order,
                request,
                lambda row: LoggedFrame(row[0], to_frame(row[1:])),
                newest_first=True,
            )
        )
