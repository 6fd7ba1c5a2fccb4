"""How well a station gets along."""

import sqlite3
from datetime import datetime, timedelta

import sqlalchemy as sa

from stationmaster.domain.station_health import Faults
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.core import stations
from stationmaster.storage.schema.monitoring import OPEN, alarms
from stationmaster.storage.schema.overview import offline_spells
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.stations import CONNECTED

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_o, _a, _s = offline_spells.c, alarms.c, stations.c
_SPELLS = compiled(
    sa.select(_o.from_at, _o.to_at).where(_o.station_key == sa.bindparam("key"), _o.to_at > sa.bindparam("since"))
)
_LASTS = compiled(
    sa.select(_s.disconnected_at).where(
        _s.key == sa.bindparam("key"), _s.disconnected_at.is_not(None), sa.not_(CONNECTED)
    )
)
_ALARMS = compiled(
    sa.select(sa.func.count(), sa.literal_column("10") - sa.func.max(_a.rank)).where(
        _a.station_key == sa.bindparam("key"), OPEN
    )
)
_SECOND_US = 1_000_000


class StationHealthReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def station_faults(self, station_key: int, now: datetime) -> Faults:
        """Of a station of any tenant."""
        now_us, day_us, week_us = micros(now), micros(now - _DAY), micros(now - _WEEK)

        def read(connection: sqlite3.Connection) -> Faults:
            spells = fetch(connection, _SPELLS, key=station_key, since=week_us)
            lasting = [(row[0], now_us) for row in fetch(connection, _LASTS, key=station_key)]
            count, worst = fetch(connection, _ALARMS, key=station_key)[0]
            offline_us = sum(max(0, to_at - max(from_at, week_us)) for from_at, to_at in [*spells, *lasting])
            return Faults(
                reconnects_day=sum(to_at > day_us for _, to_at in spells),
                reconnects_week=len(spells),
                offline_s=offline_us // _SECOND_US,
                open_alarms=count,
                worst_alarm=worst,
            )

        return await self._run(read)
