"""What is on disk after a CSMS was killed."""

from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa

from stationmaster.storage.rows import micros
from stationmaster.storage.schema.core import frames, readings, transaction_events


class Stored(msgspec.Struct, frozen=True):
    """One reading for each meter value, one event for each TransactionEvent, one frame each way."""

    readings: int
    events: int
    frames: int


def stored(database: Path, since: datetime) -> Stored:
    """Count what a database holds; of readings and events those that the stations dated ``since`` or later."""
    engine = sa.create_engine(f"sqlite:///{database}", poolclass=sa.pool.NullPool)
    since_us = micros(since)
    with engine.connect() as connection:

        def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
            found = connection.execute(sa.select(sa.func.count()).select_from(table).where(*conditions))
            return found.scalar_one()

        return Stored(
            readings=count(readings, readings.c.taken_at >= since_us),
            events=count(transaction_events, transaction_events.c.timestamp >= since_us),
            frames=connection.execute(sa.select(sa.func.coalesce(sa.func.sum(frames.c.frames), 0))).scalar_one(),
        )
