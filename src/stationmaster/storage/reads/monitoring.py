"""Monitors, events and alarms."""

import sqlite3
from collections.abc import Sequence

import sqlalchemy as sa

from stationmaster.domain.monitoring.alarms import KnownMonitor, Watched
from stationmaster.domain.monitoring.queries import AlarmFilter, AlarmSeen, StationEventFilter, StoredEvent
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import count, has_text, matching, of_tenant, page
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.core import stations
from stationmaster.storage.schema.monitoring import OPEN, alarms, known_monitors, station_events
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.monitoring import to_alarm, to_alarm_seen, to_monitors, to_stored_event

_a, _e = alarms.c, station_events.c
_OPEN_ALARMS = compiled(sa.select(_a.body).where(_a.station_key == sa.bindparam("station_key"), OPEN).order_by(_a.key))
_MONITORS = compiled(
    sa.select(known_monitors.c.body).where(known_monitors.c.station_key == sa.bindparam("station_key"))
)
_WORDS = tuple(
    sa.func.json_extract(_a.body, sa.literal_column(f"'$.{path}'"), type_=sa.Text)
    for path in (
        "subject.component.name",
        "subject.variable.name",
        "subject.code",
        "tech_code",
        "value",
        "info",
        "vendor_error_code",
    )
)
_SEEN = sa.select(_a.body, _a.key, _a.acknowledged_at, _a.acknowledged_by, _a.note)
_EVENT = sa.select(_e.key, _e.station_key, _e.received_at, _e.digest, _e.severity, _e.alarm_key, _e.body)


class MonitoringReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def monitors(self, station_key: int) -> Sequence[KnownMonitor]:
        """Those that are known of a station of any tenant, by id."""
        return await self._run(lambda connection: _monitors(connection, station_key))

    async def alarms(self, query: AlarmFilter, request: PageRequest = FIRST_PAGE) -> Page[AlarmSeen]:
        statement = _SEEN.where(*_conditions(query))
        return await self._run(
            lambda connection: page(connection, statement, (_a.rank, _a.key), request, to_alarm_seen, newest_first=True)
        )

    async def alarm_count(self, query: AlarmFilter) -> int:
        """Up to MAX_COUNT."""
        statement = sa.select(_a.key).where(*_conditions(query))
        return await self._run(lambda connection: count(connection, statement))

    async def alarm(self, tenant: str, key: int) -> AlarmSeen | None:
        """None where it is another tenant's."""
        statement = _SEEN.where(_a.key == key, _a.tenant == tenant)
        found = await self._run(lambda connection: fetch(connection, statement))
        return to_alarm_seen(found[0]) if found else None

    async def station_events(self, query: StationEventFilter, request: PageRequest = FIRST_PAGE) -> Page[StoredEvent]:
        conditions = matching(
            [
                (_e.station_key, query.station_key),
                (_e.alarm_key, query.alarm_key),
                (_e.component, query.component),
                (_e.variable, query.variable),
            ]
        )
        if query.severity is not None:
            conditions.append(_e.severity <= query.severity)
        if query.from_at is not None:
            conditions.append(_e.received_at >= micros(query.from_at))
        if query.to_at is not None:
            conditions.append(_e.received_at < micros(query.to_at))
        statement = _EVENT.where(of_tenant(station_events, query.tenant), *conditions)
        return await self._run(
            lambda connection: page(connection, statement, (_e.key,), request, to_stored_event, newest_first=True)
        )


def _conditions(query: AlarmFilter) -> list[sa.ColumnElement[bool]]:
    conditions = matching([(_a.tenant, query.tenant), (_a.station_key, query.station_key)])
    if query.open is not None:
        conditions.append(OPEN if query.open else sa.not_(OPEN))
    if query.acknowledged is not None:
        seen = _a.acknowledged_at.is_not(None)
        conditions.append(seen if query.acknowledged else sa.not_(seen))
    if query.severity is not None:
        conditions.append(_a.severity <= query.severity)
    if query.text:
        s = stations.c
        called = sa.select(s.key).where(s.tenant == query.tenant, has_text(query.text, s.identity, s.name))
        conditions.append(sa.or_(has_text(query.text, *_WORDS, _a.note), _a.station_key.in_(called)))
    if query.from_at is not None:
        conditions.append(_a.received_at >= micros(query.from_at))
    if query.to_at is not None:
        conditions.append(_a.received_at < micros(query.to_at))
    return conditions


def watched(connection: sqlite3.Connection, station_key: int) -> Watched:
    """What a station's aggregate holds of them."""
    found = [to_alarm(row[0]) for row in fetch(connection, _OPEN_ALARMS, station_key=station_key)]
    return Watched(
        monitors={known.monitor.id: known for known in _monitors(connection, station_key)},
        alarms={alarm.subject: alarm for alarm in found},
    )


def _monitors(connection: sqlite3.Connection, station_key: int) -> Sequence[KnownMonitor]:
    found = fetch(connection, _MONITORS, station_key=station_key)
    known = to_monitors(found[0][0]) if found else ()
    return sorted(known, key=lambda each: each.monitor.id)
