"""What goes on at one station, in few rows: the places, and of each open transaction its newest readings.

A transaction's own row lacks only the readings that came periodically since it was written; of those the newest tell
all that is asked for here. The whole aggregate is not needed.
"""

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.metering.values import MeterValue, soc_percent
from stationmaster.domain.station_now import StationNow, Underway
from stationmaster.domain.transactions.transaction import with_meter_values
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.power_now import power_w, since
from stationmaster.storage.reads.reservation import open_reservations
from stationmaster.storage.reads.stations import connectors_of, evse_names_of
from stationmaster.storage.rows import moment, to_samples, to_transaction
from stationmaster.storage.schema.core import readings, transactions
from stationmaster.storage.statements import compiled

_NEWEST = 10
"""Readings that are looked at: a station may send its values in turns."""
_OPEN = compiled(
    sa.select(transactions.c.body, power_w())
    .where(transactions.c.station_key == sa.bindparam("station_key"), transactions.c.ended_at.is_(None))
    .order_by(transactions.c.key)
)
_READINGS = compiled(
    sa.select(readings.c.taken_at, readings.c.samples)
    .where(readings.c.transaction_key == sa.bindparam("transaction_key"))
    .order_by(readings.c.taken_at.desc())
    .limit(sa.literal_column(str(_NEWEST)))
)


class StationNowReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def station_now(self, station_key: int, now: datetime) -> StationNow:
        """Of a station of any tenant."""

        def read(connection: sqlite3.Connection) -> StationNow:
            found = fetch(connection, _OPEN, station_key=station_key, since=since(now))
            return StationNow(
                connectors=tuple(connectors_of(connection, station_key)),
                underway=tuple(_underway(connection, *row) for row in found),
                reservations=open_reservations(connection, station_key),
                eids=evse_names_of(connection, station_key),
            )

        return await self._run(read)


def _underway(connection: sqlite3.Connection, body: Any, watts: float | None) -> Underway:
    transaction = to_transaction(body)
    rows = fetch(connection, _READINGS, transaction_key=transaction.key)
    values = [MeterValue(moment(taken_at), to_samples(samples)) for taken_at, samples in rows]
    states_of_charge = (soc_percent(value.samples) for value in values)
    return Underway(
        transaction=with_meter_values(transaction, values),
        told_at=values[0].timestamp if values else None,
        power_w=None if watts is None else Decimal(round(watts)),
        soc_pct=next((told for told in states_of_charge if told is not None), None),
    )
