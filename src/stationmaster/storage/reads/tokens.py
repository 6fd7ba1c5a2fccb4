"""Tokens."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.authorization.token_groups import group_key
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest, TokenFilter
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import count, matching, page
from stationmaster.storage.rows import to_token
from stationmaster.storage.schema.core import tokens
from stationmaster.storage.statements import compiled

_BY_VALUE = compiled(
    sa.select(tokens.c.type, tokens.c.body)
    .where(tokens.c.tenant == sa.bindparam("tenant"), tokens.c.value_key == sa.bindparam("value_key"))
    .order_by(tokens.c.type)
)
_OF_MANY = sa.select(tokens.c.value_key, tokens.c.type, tokens.c.body)
_MANY = 500
"""Values in one statement."""
_ONE = compiled(
    sa.select(tokens.c.body).where(tokens.c.tenant == sa.bindparam("tenant"), tokens.c.key == sa.bindparam("key"))
)


_CONTRACT: sa.ColumnElement[Any] = sa.func.json_extract(tokens.c.body, sa.literal_column("'$.contract_id'"))
_GROUP: sa.ColumnElement[Any] = sa.func.json_extract(tokens.c.body, sa.literal_column("'$.group'"))


class TokenReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def find_token(self, tenant: str, id_token: IdToken) -> Token | None:
        """By value without case, and by type where both sides know one; the same type wins over an unknown one."""
        return await self._run(lambda connection: token_spelled(connection, tenant, id_token))

    async def same_tokens(self, tenant: str, id_tokens: Sequence[IdToken]) -> Sequence[Token]:
        """Those that are known by the same value, without case, and the same type (none is a type of its own here)."""
        wanted = {(id_token.key, id_token.type or "") for id_token in id_tokens}
        values = sorted({value for value, _ in wanted})

        def read(connection: sqlite3.Connection) -> list[Token]:
            found: list[Any] = []
            for at in range(0, len(values), _MANY):
                some = values[at : at + _MANY]
                found += fetch(connection, _OF_MANY.where(tokens.c.tenant == tenant, tokens.c.value_key.in_(some)))
            return [to_token(row[2]) for row in found if (row[0], row[1]) in wanted]

        return await self._run(read)

    async def token(self, tenant: str, key: int) -> Token | None:
        found = await self._run(lambda connection: fetch(connection, _ONE, tenant=tenant, key=key))
        return to_token(found[0][0]) if found else None

    async def token_values(self, tenant: str, keys: Iterable[int]) -> dict[int, str]:
        """What a page's tokens are called, by key; those that are gone are left out."""
        wanted = (tokens.c.tenant == tenant, tokens.c.key.in_(list(keys)))
        statement = sa.select(tokens.c.key, tokens.c.body).where(*wanted)
        found = await self._run(lambda connection: fetch(connection, statement))
        return {key: to_token(body).id_token.value for key, body in found}

    async def tokens_of(
        self, tenant: str, *, contract_id: str | None = None, group: str | None = None, most: int
    ) -> Sequence[Token]:
        """Tokens of a contract, however spelled, or of a group, by key."""
        conditions = [tokens.c.tenant == tenant]
        if contract_id is not None:
            conditions.append(_plain(_CONTRACT) == _spelled(contract_id))
        if group is not None:
            conditions.append(sa.func.lower(_GROUP).in_([group.lower(), group_key(group)]))
        statement = sa.select(tokens.c.body).where(*conditions).order_by(tokens.c.key).limit(most)
        return [to_token(row[0]) for row in await self._run(lambda connection: fetch(connection, statement))]

    async def tokens(self, query: TokenFilter, request: PageRequest = FIRST_PAGE) -> Page[Token]:
        statement = sa.select(tokens.c.body).where(*_conditions(query))
        order = (tokens.c.value_key, tokens.c.key)
        return await self._run(
            lambda connection: page(connection, statement, order, request, lambda row: to_token(row[0]))
        )

    async def token_count(self, query: TokenFilter) -> int:
        """Up to MAX_COUNT."""
        statement = sa.select(tokens.c.key).where(*_conditions(query))
        return await self._run(lambda connection: count(connection, statement))


def _conditions(query: TokenFilter) -> list[sa.ColumnElement[bool]]:
    conditions = matching([(tokens.c.tenant, query.tenant), (tokens.c.status, query.status)])
    if query.text:
        spellings = IdToken(query.text).keys
        conditions.append(sa.or_(*[tokens.c.value_key.contains(each, autoescape=True) for each in spellings]))
    return conditions


def _plain(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """As an eMAID is compared: without case and hyphens."""
    return sa.func.lower(sa.func.replace(column, "-", ""))


def _spelled(contract_id: str) -> str:
    return contract_id.replace("-", "").lower()


def token_spelled(connection: sqlite3.Connection, tenant: str, id_token: IdToken) -> Token | None:
    """See TokenReads.find_token."""
    by_type = _spelled_alike(connection, tenant, id_token)
    if id_token.type is None:
        return to_token(by_type[min(by_type)]) if by_type else None
    body = by_type.get(id_token.type, by_type.get(""))
    return None if body is None else to_token(body)


def _spelled_alike(connection: sqlite3.Connection, tenant: str, id_token: IdToken) -> dict[str, str]:
    """The tokens, by type, whose value is this one as their own type spells it."""
    return {
        kind: body
        for key in id_token.keys
        for kind, body in fetch(connection, _BY_VALUE, tenant=tenant, value_key=key)
        if IdToken(id_token.value, kind or None).key == key
    }
