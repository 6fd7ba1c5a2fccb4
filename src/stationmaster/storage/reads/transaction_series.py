"""What a transaction's readings tell over time, gathered into as many stretches as are asked for: however many readings
there are, no more rows than that leave the database."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.metering.series import ReadingStretch
from stationmaster.domain.metering.values import SOC
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import moment, to_samples
from stationmaster.storage.schema.core import readings
from stationmaster.storage.statements import compiled

_r = readings.c
_OF_IT: sa.ColumnElement[bool] = _r.transaction_key == sa.bindparam("transaction_key")
_HAS_SOC = _r.samples.contains(f'"{SOC}"')
_FIRST: sa.BindParameter[int] = sa.bindparam("first")
_WIDTH: sa.BindParameter[int] = sa.bindparam("width")
_STRETCH: sa.ColumnElement[Any] = ((_r.taken_at - _FIRST) // _WIDTH).label("stretch")
_DIGITS = Decimal("0.001")

_SPAN = compiled(sa.select(sa.func.min(_r.taken_at), sa.func.max(_r.taken_at)).where(_OF_IT))


def _number(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(column, sa.REAL)


_STRETCHES = compiled(
    sa.select(
        _STRETCH,
        sa.func.max(_r.taken_at),
        sa.func.avg(_number(_r.power_w)),
        sa.func.max(_number(_r.power_w)),
        sa.func.max(_number(_r.register_wh)),
    )
    .where(_OF_IT)
    .group_by(_STRETCH)
    .order_by(_STRETCH)
)
_LAST_SOC = sa.select(sa.func.max(_r.taken_at)).where(_OF_IT, _HAS_SOC).group_by(_STRETCH)
_SOCS = compiled(sa.select(_STRETCH, _r.samples).where(_OF_IT, _HAS_SOC, _r.taken_at.in_(_LAST_SOC)))


class TransactionSeriesReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def reading_stretches(self, transaction_key: int, most: int) -> Sequence[ReadingStretch]:
        """Of a transaction of any tenant, at most so many, in the order of the station's time."""

        def read(connection: sqlite3.Connection) -> list[ReadingStretch]:
            first, last = fetch(connection, _SPAN, transaction_key=transaction_key)[0]
            if first is None:
                return []
            asked = {"transaction_key": transaction_key, "first": first, "width": (last - first) // most + 1}
            socs = {row[0]: _soc(row[1]) for row in fetch(connection, _SOCS, **asked)}
            return [_stretch(row, socs.get(row[0])) for row in fetch(connection, _STRETCHES, **asked)]

        return await self._run(read)


def _stretch(row: tuple[Any, ...], soc_pct: Decimal | None) -> ReadingStretch:
    at: datetime = moment(row[1])
    power_w, most_w, register_wh = map(_decimal, row[2:])
    return ReadingStretch(at=at, power_w=power_w, most_w=most_w, register_wh=register_wh, soc_pct=soc_pct)


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(_DIGITS)


def _soc(samples: str) -> Decimal | None:
    return next((sample.number for sample in to_samples(samples) if sample.measurand == SOC), None)
