"""Reservations."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.domain.reservation.reservations import Reservation, ReservationFilter
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import count, matching, page
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.reservation import OPEN_RESERVATION, reservations
from stationmaster.storage.statements import compiled

_to_reservation = msgspec.json.Decoder(Reservation).decode
_r = reservations.c
_ONE = compiled(sa.select(_r.body).where(_r.key == sa.bindparam("key")))
_OPEN = compiled(
    sa.select(_r.body).where(_r.station_key == sa.bindparam("station_key"), OPEN_RESERVATION).order_by(_r.key)
)
_BY_NUMBER = compiled(
    sa.select(_r.body)
    .where(_r.station_key == sa.bindparam("station_key"), _r.reservation_id == sa.bindparam("reservation_id"))
    .order_by(_r.key.desc())
    .limit(1)
)
_LAPSING = compiled(
    sa.select(_r.body).where(OPEN_RESERVATION, _r.expires_at <= sa.bindparam("before")).order_by(_r.expires_at)
)
_CHANGING = sa.and_(OPEN_RESERVATION, sa.func.json_extract(_r.body, sa.literal_column("'$.change'")).is_not(None))
_NOT_OVER = sa.or_(OPEN_RESERVATION, _r.state == "queued")
_UNSETTLED = compiled(sa.select(_r.body).where(sa.or_(_r.state.in_(("queued", "asked")), _CHANGING)).order_by(_r.key))


class ReservationReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def reservations(self, query: ReservationFilter, request: PageRequest = FIRST_PAGE) -> Page[Reservation]:
        statement = sa.select(_r.body).where(*_conditions(query))
        return await self._run(
            lambda connection: page(
                connection, statement, (_r.key,), request, lambda row: _to_reservation(row[0]), newest_first=True
            )
        )

    async def reservation_count(self, query: ReservationFilter) -> int:
        """Up to MAX_COUNT."""
        statement = sa.select(_r.key).where(*_conditions(query))
        return await self._run(lambda connection: count(connection, statement))

    async def reservation(self, tenant: str, key: int) -> Reservation | None:
        found = await self._run(lambda connection: _first(fetch(connection, _ONE, key=key)))
        return found if found is not None and found.tenant == tenant else None

    async def open_reservations(self, station_key: int) -> Sequence[Reservation]:
        return await self._run(lambda connection: open_reservations(connection, station_key))

    async def find_reservation(self, station_key: int, reservation_id: int) -> Reservation | None:
        return await self._run(
            lambda connection: _first(
                fetch(connection, _BY_NUMBER, station_key=station_key, reservation_id=reservation_id)
            )
        )

    async def lapsing_reservations(self, before: datetime) -> Sequence[Reservation]:
        return await self._run(lambda connection: _all(fetch(connection, _LAPSING, before=micros(before))))

    async def unsettled_reservations(self) -> Sequence[Reservation]:
        """Those whose newest command the station has not answered yet."""
        return await self._run(lambda connection: _all(fetch(connection, _UNSETTLED)))


def _conditions(query: ReservationFilter) -> list[sa.ColumnElement[bool]]:
    conditions = matching([(_r.tenant, query.tenant), (_r.station_key, query.station_key), (_r.state, query.state)])
    if query.open is not None:
        conditions.append(_NOT_OVER if query.open else sa.not_(_NOT_OVER))
    if query.token is not None:
        conditions.append(_r.token_key.in_(IdToken(query.token).keys))
    if query.from_at is not None:
        conditions.append(_r.asked_at >= micros(query.from_at))
    if query.to_at is not None:
        conditions.append(_r.asked_at < micros(query.to_at))
    return conditions


def open_reservations(connection: sqlite3.Connection, station_key: int) -> tuple[Reservation, ...]:
    """For the aggregate, oldest first."""
    return _all(fetch(connection, _OPEN, station_key=station_key))


def _all(rows: Sequence[tuple[str, ...]]) -> tuple[Reservation, ...]:
    return tuple(_to_reservation(row[0]) for row in rows)


def _first(rows: Sequence[tuple[str, ...]]) -> Reservation | None:
    return next(iter(_all(rows)), None)
