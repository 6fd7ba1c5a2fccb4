"""Local lists: how they stand, what is on them, and the tokens that they are made of."""

import sqlite3
import zlib
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.local_list.entries import ListContent, ListEntry, ListState, LocalListState
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.rows import moment, to_token
from stationmaster.storage.schema.core import tokens
from stationmaster.storage.schema.local_list import local_list_contents, local_list_wishes, local_lists
from stationmaster.storage.statements import compiled

_to_state = msgspec.json.Decoder(LocalListState).decode
_to_entries = msgspec.json.Decoder(tuple[ListEntry, ...]).decode
_ONE = compiled(sa.select(local_lists.c.body).where(local_lists.c.station_key == sa.bindparam("station_key")))
_WISH = compiled(
    sa.select(local_list_wishes.c.wanted).where(local_list_wishes.c.station_key == sa.bindparam("station_key"))
)
_CONTENT = compiled(
    sa.select(local_list_contents.c.made_at, local_list_contents.c.body).where(
        local_list_contents.c.tenant == sa.bindparam("tenant"), local_list_contents.c.digest == sa.bindparam("digest")
    )
)
_TOKENS = compiled(sa.select(tokens.c.body).where(tokens.c.tenant == sa.bindparam("tenant")).order_by(tokens.c.key))


class LocalListReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def local_list(self, tenant: str, station_key: int) -> LocalListState | None:
        found = await self._run(lambda connection: known_list(connection, station_key))
        return found if found is not None and found.tenant == tenant else None

    async def local_lists(
        self, tenant: str, state: ListState | None = None, request: PageRequest = FIRST_PAGE
    ) -> Page[LocalListState]:
        """By station."""
        c = local_lists.c
        statement = sa.select(c.body).where(*matching([(c.tenant, tenant), (c.state, state)]))
        return await self._run(
            lambda connection: page(connection, statement, (c.station_key,), request, lambda row: _to_state(row[0]))
        )

    async def local_list_wish(self, station_key: int) -> bool | None:
        """Whether an operator wants it kept, None: as the tenant's policy has it. Of any tenant."""
        found = await self._run(lambda connection: fetch(connection, _WISH, station_key=station_key))
        return None if not found or found[0][0] is None else bool(found[0][0])

    async def list_content(self, tenant: str, digest: str) -> ListContent | None:
        found = await self._run(lambda connection: fetch(connection, _CONTENT, tenant=tenant, digest=digest))
        if not found:
            return None
        made_at, body = found[0]
        return ListContent(
            tenant=tenant, digest=digest, made_at=moment(made_at), entries=_to_entries(zlib.decompress(body))
        )

    async def all_tokens(self, tenant: str) -> Sequence[Token]:
        """Every token of a tenant, the oldest first."""
        return await self._run(
            lambda connection: [to_token(row[0]) for row in fetch(connection, _TOKENS, tenant=tenant)]
        )


def known_list(connection: sqlite3.Connection, station_key: int) -> LocalListState | None:
    found = fetch(connection, _ONE, station_key=station_key)
    return _to_state(found[0][0]) if found else None
