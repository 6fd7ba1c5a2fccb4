"""The few shapes of column that tables are made of. A migration that has been released must go on making the same
tables, so nothing here is ever changed."""

from typing import Any

import sqlalchemy as sa

Columns = list[sa.Column[Any]]

Int64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def row_id() -> sa.Column[Any]:
    """A key that the database gives."""
    return sa.Column("key", Int64, nullable=False)


def ints(*names: str) -> Columns:
    return [sa.Column(name, Int64, autoincrement=False, nullable=False) for name in names]


def ints_or_null(*names: str) -> Columns:
    return [sa.Column(name, Int64, autoincrement=False, nullable=True) for name in names]


def texts(*names: str) -> Columns:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def texts_or_null(*names: str) -> Columns:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def blobs(*names: str) -> Columns:
    return [sa.Column(name, sa.LargeBinary(), nullable=False) for name in names]
