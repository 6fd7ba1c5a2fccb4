"""Tokens by the key that all spellings of them share: those of contracts and vehicles were kept with their separators.

A step of a migration. It reads the key from the values, as it is defined for the schema that it brings about.
"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog

log = structlog.get_logger(__name__)

_SEPARATORS = {"eMAID": "-", "MacAddress": ":-.", "EVCCID": ":-."}
_PORTION = 1000

_tokens = sa.table("tokens", *map(sa.column, ("key", "tenant", "value_key", "type", "body")))
_transactions = sa.table("transactions", *map(sa.column, ("key", "token_key", "body")))


def respell_tokens(connection: sa.Connection) -> tuple[int, ...]:
    """Rewrite ``tokens.value_key`` and ``transactions.token_key`` of tokens of these types.

    Where two tokens of one type become the same, the one that has the key, or comes to it first, keeps it; the other
    stays as it was spelled: nobody finds it any more, which is logged. Returns the keys of those.
    """
    clashing = _respell(connection, _tokens, "value_key", _of_token, _token_is_free)
    if clashing:
        log.warning("migration.tokens_twice", keys=clashing, advice="two spellings of one token: delete one of each")
    _respell(connection, _transactions, "token_key", _of_transaction, lambda *_: True)
    return tuple(clashing)


def _respell(
    connection: sa.Connection,
    table: sa.TableClause,
    column: str,
    id_token_of: Callable[[Any], Any],
    is_free: Callable[[sa.Connection, int, str], bool],
) -> list[int]:
    """Row by row in the order of the keys, which is the order in which they were made; returns those not free."""
    clashing: list[int] = []
    after = -1
    while True:
        statement = sa.select(table.c.key, table.c[column], table.c.body)
        rows = connection.execute(statement.where(table.c.key > after).order_by(table.c.key).limit(_PORTION)).all()
        for key, known, body in rows:
            spelled = _key(id_token_of(json.loads(body)))
            if spelled is None or spelled == known:
                continue
            if is_free(connection, key, spelled):
                connection.execute(sa.update(table).where(table.c.key == key).values({column: spelled}))
            else:
                clashing.append(key)
        if len(rows) < _PORTION:
            return clashing
        after = rows[-1][0]


def _of_token(body: Any) -> Any:
    return body["id_token"]


def _of_transaction(body: Any) -> Any:
    return body.get("id_token")


def _key(id_token: Any) -> str | None:
    """None where the key is not of these types."""
    separators = None if id_token is None else _SEPARATORS.get(id_token.get("type"))
    if separators is None:
        return None
    folded: str = id_token["value"].casefold()
    return folded.translate(str.maketrans("", "", separators)) or folded


def _token_is_free(connection: sa.Connection, key: int, spelled: str) -> bool:
    mine = _tokens.alias("mine")
    same = sa.select(_tokens.c.key).where(
        mine.c.key == key,
        _tokens.c.key != key,
        _tokens.c.tenant == mine.c.tenant,
        _tokens.c.type == mine.c.type,
        _tokens.c.value_key == spelled,
    )
    return connection.execute(same).first() is None
