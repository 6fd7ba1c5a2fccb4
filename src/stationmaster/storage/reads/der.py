"""What is known of DER controls, and the alarms."""

import sqlite3
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.der.controls import DERAlarm, DERState, KnownControl, StoredAlarm
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import of_tenant, page
from stationmaster.storage.rows import moment
from stationmaster.storage.schema.der import der_alarms, der_controls
from stationmaster.storage.statements import compiled

_to_control = msgspec.json.Decoder(KnownControl).decode
_OF_STATION = compiled(sa.select(der_controls.c.body).where(der_controls.c.station_key == sa.bindparam("station_key")))


class DERReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def der_controls(
        self, tenant: str, station_key: int, request: PageRequest = FIRST_PAGE
    ) -> Page[KnownControl]:
        """Of one station, by id."""
        c = der_controls.c
        statement = sa.select(c.body).where(of_tenant(der_controls, tenant), c.station_key == station_key)
        return await self._run(
            lambda connection: page(connection, statement, (c.control_id,), request, lambda row: _to_control(row[0]))
        )

    async def der_alarms(
        self, tenant: str, station_key: int, request: PageRequest = FIRST_PAGE, *, open_only: bool = False
    ) -> Page[StoredAlarm]:
        """Of one station, newest first."""
        a = der_alarms.c
        statement = sa.select(*a).where(of_tenant(der_alarms, tenant), a.station_key == station_key)
        if open_only:
            statement = statement.where(a.ended_at.is_(None))
        return await self._run(
            lambda connection: page(connection, statement, (a.key,), request, _to_alarm, newest_first=True)
        )


def load_der(connection: sqlite3.Connection, station_key: int) -> DERState:
    """For the aggregate."""
    found = [_to_control(row[0]) for row in fetch(connection, _OF_STATION, station_key=station_key)]
    return DERState(controls={known.control.id: known for known in found})


def _to_alarm(row: tuple[Any, ...]) -> StoredAlarm:
    alarm = DERAlarm(
        station_key=row[1],
        type=row[2],
        fault=row[3] or None,
        started_at=moment(row[4]),
        received_at=moment(row[5]),
        ended_at=None if row[6] is None else moment(row[6]),
        extra=row[7],
    )
    return StoredAlarm(row[0], alarm)
