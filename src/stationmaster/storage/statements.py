"""The statements of the writer, one row for each type of record, compiled once.

They are written as SQLAlchemy expressions and run as text on the driver: the expression layer would cost more than
the row does.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.expression import ClauseElement

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.command import Command
from stationmaster.domain.records import (
    ApiKey,
    Conflict,
    EvseName,
    Learned,
    Oddity,
    Reading,
    TokenImported,
    TokenRemoved,
    TransactionEventRecord,
    UnknownCaller,
    WireIdPassedOn,
)
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage import frame_rows, rows
from stationmaster.storage.schema import core as schema

_DIALECT = sqlite.dialect(paramstyle="qmark")


class Sql(msgspec.Struct, frozen=True):
    """A compiled statement: its text, its parameters' names in order, and the values that are known already."""

    text: str
    names: tuple[str, ...]
    values: dict[str, Any]

    def arguments(self, **given: Any) -> list[Any]:
        """The parameters in order."""
        values = {**self.values, **given}
        return [values[name] for name in self.names]


def compiled(statement: ClauseElement) -> Sql:
    """Any SQLAlchemy statement in SQLite's words."""
    result = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    assert isinstance(result, sa.sql.compiler.SQLCompiler)
    return Sql(str(result), tuple(result.positiontup or ()), dict(result.params))


class Write(msgspec.Struct, frozen=True):
    """How one type of record is written: a statement for one row, and the row's values in its order.

    ``once``: rows of a batch that are the same are written once. ``gathered``: the statement is run once for all of
    them, and takes the first values of their rows as a JSON list. ``of``: which of the records have a row; None: all.
    """

    sql: str
    to_row: Callable[[Any], tuple[Any, ...]]
    once: bool = False
    gathered: bool = False
    of: Callable[[Any], bool] | None = None


def column_names(table: sa.Table) -> tuple[str, ...]:
    """The columns that a row gives; a counted key is the database's."""
    return tuple(c.name for c in table.columns if c is not table.autoincrement_column or c.name == "seq")


def upsert(
    table: sa.Table,
    key: tuple[str, ...],
    *,
    keep: tuple[str, ...] = (),
    counts: dict[str, sa.ColumnElement[Any]] | None = None,
) -> str:
    """Insert, or else replace all but the key and what is to be kept.

    What never changes is kept: a column that is set, even to what it was, has its indexes written again.
    """
    statement = insert(table).values(dict.fromkeys(column_names(table)))
    changing = [name for name in column_names(table) if name not in (*key, *keep)]
    changes: dict[str, Any] = {name: statement.excluded[name] for name in changing}
    return _in_order(table, statement.on_conflict_do_update(index_elements=key, set_=changes | (counts or {})))


def plain_insert(table: sa.Table) -> str:
    return _in_order(table, insert(table).values(dict.fromkeys(column_names(table))))


def insert_once(table: sa.Table) -> str:
    """Insert; a row whose key is there already is dropped."""
    return _in_order(table, insert(table).values(dict.fromkeys(column_names(table))).on_conflict_do_nothing())


def update(table: sa.Table, names: tuple[str, ...], *, where_given: bool = False) -> str:
    """Update columns of a row by key; with ``where_given``, a NULL leaves what is there. The key is the last value."""
    changes: dict[Any, Any] = {}
    for name in names:
        new: sa.BindParameter[Any] = sa.bindparam(f"new_{name}", type_=table.c[name].type)
        changes[table.c[name]] = sa.func.coalesce(new, table.c[name]) if where_given else new
    sql = compiled(sa.update(table).where(table.c.key == sa.bindparam("of_key")).values(changes))
    assert sql.names == (*(f"new_{name}" for name in names), "of_key"), sql.names
    return sql.text


def set_where_changed(table: sa.Table, names: tuple[str, ...]) -> str:
    """Update columns of a row by key, only if one of them differs: most updates change none that is indexed.

    The row's values are those of the columns, the key, and the columns again.
    """
    columns = [table.c[name] for name in names]
    differs = [column.is_distinct_from(sa.bindparam(f"old_{column.name}")) for column in columns]
    statement = (
        sa.update(table)
        .where(table.c.key == sa.bindparam("of_key"), sa.or_(*differs))
        .values({column: sa.bindparam(f"new_{column.name}") for column in columns})
    )
    sql = compiled(statement)
    new, old = ([f"{age}_{name}" for name in names] for age in ("new", "old"))
    assert sql.names == (*new, "of_key", *old), sql.names
    return sql.text


def _in_order(table: sa.Table, statement: ClauseElement) -> str:
    sql = compiled(statement)
    assert sql.names[: len(column_names(table))] == column_names(table), sql.names
    return sql.text


def _forget_callers() -> str:
    """Delete those of a tenant who called last before its newest MAX_CALLERS."""
    in_excess = (
        sa.select(_callers.c.identity)
        .where(_callers.c.tenant == sa.bindparam("tenant"))
        .order_by(_callers.c.last_at.desc(), _callers.c.identity.desc())
        .limit(sa.literal_column("-1"))  # SQLite has no OFFSET without a LIMIT
        .offset(sa.literal_column(str(MAX_CALLERS)))
    )
    sql = compiled(
        sa.delete(_callers).where(_callers.c.tenant == sa.bindparam("of_tenant"), _callers.c.identity.in_(in_excess))
    )
    assert sql.names == ("of_tenant", "tenant"), sql.names
    return sql.text


def _import_token() -> str:
    """Insert, or else change the token of this value and type; its body says what its key and its spelling are."""
    statement = insert(_tokens).values(dict.fromkeys(column_names(_tokens)))
    given = statement.excluded
    kept = sa.func.json_extract(_tokens.c.body, sa.literal_column("'$.id_token'"))
    body = sa.func.json_set(
        given.body, sa.literal_column("'$.key'"), _tokens.c.key, sa.literal_column("'$.id_token'"), kept
    )
    same = ("tenant", "value_key", "type")
    return _in_order(
        _tokens, statement.on_conflict_do_update(index_elements=same, set_={"status": given.status, "body": body})
    )


def _pass_on_wire_id() -> str:
    sql = compiled(
        sa.update(schema.transactions)
        .where(schema.transactions.c.key == sa.bindparam("of_key"))
        .values(wire_id=sa.bindparam("wire_id"))
    )
    assert sql.names == ("wire_id", "of_key"), sql.names
    return sql.text


MAX_CALLERS = 10_000
"""Of one tenant. Anybody can call by any name, so what is kept of them needs a bound."""

_ONE: sa.ColumnElement[int] = sa.literal_column("1")
_tokens, _callers, _odd = schema.tokens, schema.unknown_callers, schema.oddity_counts
_runs = schema.transactions
_FIXED = ("tenant", "station_key", "wire_id")
_SEARCHED = ("token_key", "authorization", "start_key", "first_event_at", "ended_at", "energy_wh")

CORE: dict[type, tuple[Write, ...]] = {
    Learned: (Write(upsert(schema.learned, ("station_key", "name")), rows.learned_row),),
    EvseName: (Write(upsert(schema.evse_names, ("station_key", "evse_id", "connector_id")), rows.evse_name_row),),
    Transaction: (
        Write(upsert(_runs, ("key",), keep=_FIXED + _SEARCHED), rows.transaction_row),
        Write(set_where_changed(_runs, _SEARCHED), rows.transaction_searched_row),
    ),
    WireIdPassedOn: (Write(_pass_on_wire_id(), rows.wire_id_passed_on_row),),
    TransactionEventRecord: (Write(insert_once(schema.transaction_events), rows.transaction_event_row),),
    Reading: (Write(insert_once(schema.readings), rows.reading_row),),
    Conflict: (Write(plain_insert(schema.conflicts), rows.conflict_row),),
    Oddity: (
        Write(plain_insert(schema.oddities), rows.oddity_row),
        Write(
            upsert(_odd, ("station_key", "kind"), keep=("first_at",), counts={"count": _odd.c.count + _ONE}),
            rows.oddity_count_row,
        ),
    ),
    Token: (Write(upsert(_tokens, ("key",), keep=("tenant",)), rows.token_row),),
    TokenImported: (Write(_import_token(), rows.token_imported_row),),
    TokenRemoved: (
        Write(
            compiled(
                sa.delete(_tokens).where(
                    _tokens.c.tenant == sa.bindparam("tenant"), _tokens.c.key == sa.bindparam("key")
                )
            ).text,
            rows.token_removed_row,
        ),
    ),
    UnknownCaller: (
        Write(
            upsert(_callers, ("tenant", "identity"), keep=("first_at",), counts={"calls": _callers.c.calls + _ONE}),
            rows.unknown_caller_row,
        ),
        Write(_forget_callers(), rows.unknown_caller_tenant_row, once=True),
    ),
    ApiKey: (Write(upsert(schema.api_keys, ("key",), keep=("tenant",)), rows.api_key_row),),
    Command: (
        Write(
            upsert(schema.commands, ("key",), keep=("tenant", "station_key", "kind", "created_at", "remote_start_id")),
            rows.command_row,
        ),
    ),
}

OUTBOX = Write(plain_insert(schema.outbox), rows.outbox_row)
STRETCH = Write(plain_insert(schema.frames), frame_rows.stretch_row)

NEXT_GENERATION = compiled(
    sa.update(schema.stations)
    .where(schema.stations.c.key == sa.bindparam("station_key"))
    .values(generation=schema.stations.c.generation + 1)
    .returning(schema.stations.c.generation)
)
GENERATIONS = compiled(sa.select(schema.stations.c.key, schema.stations.c.generation))
