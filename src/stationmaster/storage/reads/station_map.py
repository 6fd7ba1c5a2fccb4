"""Where stations stand, drawn together where they stand close."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import ClauseElement

from stationmaster.domain.overview import MapArea, MapPoint, StationMap
from stationmaster.domain.standing import Standing, worst
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.schema.core import stations
from stationmaster.storage.schema.tariffs import places, sites
from stationmaster.storage.statements import compiled

_s, _p, _i = stations.c, places.c, sites.c
_TENANT: sa.BindParameter[str] = sa.bindparam("tenant")
_LEAST_CELL = 1e-5
"""Of a degree: a metre. What stands closer is drawn as one."""


def _placed() -> sa.CTE:
    """Stations by their own coordinates, or else those of their site."""
    latitude, longitude = (
        sa.cast(sa.func.coalesce(own, of_site), sa.REAL)
        for own, of_site in ((_p.latitude, _i.latitude), (_p.longitude, _i.longitude))
    )
    return (
        sa.select(
            _s.key,
            _s.identity,
            _s.name,
            _s.site,
            _s.state,
            latitude.label("latitude"),
            longitude.label("longitude"),
        )
        .outerjoin_from(stations, places, sa.and_(_p.station_key == _s.key, _p.evse_id == sa.literal_column("0")))
        .outerjoin(sites, sa.and_(_i.tenant == _s.tenant, _i.name == _s.site))
        .where(_s.tenant == _TENANT)
        .cte("placed")
    )


def _cells() -> ClauseElement:
    c = _placed().c
    cell: sa.BindParameter[float] = sa.bindparam("cell", type_=sa.Float())
    rows, columns = (sa.cast(sa.func.round(value / cell), sa.Integer()) for value in (c.latitude, c.longitude))
    area = [
        c.latitude.between(sa.bindparam("south"), sa.bindparam("north")),
        c.longitude.between(sa.bindparam("west"), sa.bindparam("east")),
    ]
    site = sa.func.coalesce(c.site, sa.literal_column("''"))
    return (
        sa.select(
            rows.label("of_row"),
            columns.label("of_column"),
            c.state,
            sa.func.count(),
            sa.func.sum(c.latitude),
            sa.func.sum(c.longitude),
            sa.func.min(c.key),
            sa.func.min(c.identity),
            sa.func.min(c.name),
            sa.func.min(site),
            sa.func.max(site),
        )
        .where(c.latitude.is_not(None), *area)
        .group_by(sa.literal_column("1"), sa.literal_column("2"), c.state)
    )


def _bounds() -> ClauseElement:
    c = _placed().c
    return sa.select(
        sa.func.min(c.latitude),
        sa.func.min(c.longitude),
        sa.func.max(c.latitude),
        sa.func.max(c.longitude),
        sa.func.count(c.latitude),
        sa.func.count(),
    )


_CELLS, _BOUNDS = compiled(_cells()), compiled(_bounds())


class StationMapReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def station_map(self, tenant: str, cells: int, area: MapArea | None = None) -> StationMap:
        """``cells``: along the longer side of the area; those in one cell are one point. ``area`` None: the one in
        which all of them stand."""
        return await self._run(lambda connection: _map(connection, tenant, cells, area))


def _map(connection: sqlite3.Connection, tenant: str, cells: int, area: MapArea | None) -> StationMap:
    south, west, north, east, placed, whole = fetch(connection, _BOUNDS, tenant=tenant)[0]
    if not placed:
        return StationMap(points=(), area=None, stations=0, without=whole)
    shown = area or MapArea(south, west, north, east)
    cell = max((shown.north - shown.south) / cells, (shown.east - shown.west) / cells, _LEAST_CELL)
    bounds = {"south": shown.south, "west": shown.west, "north": shown.north, "east": shown.east}
    found: dict[tuple[int, int], list[Sequence[Any]]] = {}
    for row in fetch(connection, _CELLS, tenant=tenant, cell=cell, **bounds):
        found.setdefault((row[0], row[1]), []).append(row[2:])
    points = tuple(_point(rows) for _, rows in sorted(found.items()))
    return StationMap(
        points=points, area=shown, stations=sum(point.stations for point in points), without=whole - placed
    )


def _point(rows: Sequence[Sequence[Any]]) -> MapPoint:
    """Of a cell, by state."""
    count = sum(row[1] for row in rows)
    states: dict[Standing, int] = {row[0]: row[1] for row in rows}
    shared = {row[place] for row in rows for place in (7, 8)}
    alone = rows[0] if count == 1 else None
    return MapPoint(
        latitude=sum(row[2] for row in rows) / count,
        longitude=sum(row[3] for row in rows) / count,
        state=worst(states),
        stations=count,
        states=states,
        key=None if alone is None else alone[4],
        identity=None if alone is None else alone[5],
        name=None if alone is None else alone[6],
        site=(shared.pop() or None) if len(shared) == 1 else None,
    )
