"""The power of open transactions and what they charged, by the readings of each."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.station_list import POWER_HOLDS_S
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.core import readings, transactions

_NEWEST = 3
"""Readings that are looked at: a station may send power and energy in turns."""
_FIRST: sa.ColumnElement[int] = sa.literal_column("1")
_W_PER_WH_PER_US: sa.ColumnElement[float] = sa.literal_column("3600000000.0")


def _newest() -> sa.Subquery:
    r = readings.c
    return (
        sa.select(r.power_w, r.register_wh, r.taken_at)
        .where(r.transaction_key == transactions.c.key, r.received_at >= sa.bindparam("since", type_=sa.Integer()))
        .order_by(r.taken_at.desc())
        .limit(sa.literal_column(str(_NEWEST)))
        .correlate(transactions)
        .subquery()
    )


def _real(column: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    return sa.cast(column, sa.REAL)


def power_w() -> sa.ColumnElement[float]:
    """In a query of ``transactions``, with ``since``: the power that was told last, else that between registers."""
    told, between = _newest().c, _newest().c
    by_power = (
        sa.select(_real(told.power_w)).where(told.power_w.is_not(None)).order_by(told.taken_at.desc()).limit(_FIRST)
    )
    rise = sa.func.max(_real(between.register_wh)) - sa.func.min(_real(between.register_wh))
    span = sa.func.nullif(sa.func.max(between.taken_at) - sa.func.min(between.taken_at), sa.literal_column("0"))
    by_register = sa.select(rise * _W_PER_WH_PER_US / span).where(between.register_wh.is_not(None))
    return sa.func.coalesce(
        by_power.correlate(transactions).scalar_subquery(), by_register.correlate(transactions).scalar_subquery()
    )


def newest_register_wh() -> sa.ColumnElement[float]:
    """In a query of ``transactions``: what the meter says by now, as far as the newest readings tell."""
    r = readings.c
    newest = (
        sa.select(r.register_wh, r.taken_at)
        .where(r.transaction_key == transactions.c.key)
        .order_by(r.taken_at.desc())
        .limit(sa.literal_column(str(_NEWEST)))
        .correlate(transactions)
        .subquery()
    ).c
    told = sa.select(_real(newest.register_wh)).where(newest.register_wh.is_not(None))
    return told.order_by(newest.taken_at.desc()).limit(_FIRST).correlate(transactions).scalar_subquery()


def register_wh_by(moment: sa.BindParameter[int]) -> sa.ColumnElement[float]:
    """In a query of ``transactions``: what the meter said last by a moment of the station's time."""
    r = readings.c
    told = sa.select(_real(r.register_wh)).where(
        r.transaction_key == transactions.c.key, r.taken_at <= moment, r.register_wh.is_not(None)
    )
    return told.order_by(r.taken_at.desc()).limit(_FIRST).correlate(transactions).scalar_subquery()


def first_register_wh() -> sa.ColumnElement[float]:
    """In a query of ``transactions``: what the meter said first."""
    r = readings.c
    told = sa.select(_real(r.register_wh)).where(r.transaction_key == transactions.c.key, r.register_wh.is_not(None))
    return told.order_by(r.taken_at).limit(_FIRST).correlate(transactions).scalar_subquery()


def since(now: datetime) -> int:
    """The oldest receipt of a reading that still tells the power."""
    return micros(now - timedelta(seconds=POWER_HOLDS_S))
