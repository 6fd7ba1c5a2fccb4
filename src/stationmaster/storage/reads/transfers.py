"""Transfers of files, and the files that came."""

from collections.abc import Collection

import sqlalchemy as sa

from stationmaster.domain.transfer import Transfer
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.schema.transfers import transfers
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.transfers import to_transfer

_t = transfers.c
_ONE = compiled(sa.select(_t.body, _t.closed_at, _t.file).where(_t.key == sa.bindparam("key")))
_BLOBS = compiled(sa.select(_t.file_blob).where(_t.file_blob.is_not(None)))


class TransferReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def transfer(self, key: int) -> Transfer | None:
        """Of any tenant."""
        found = await self._run(lambda connection: fetch(connection, _ONE, key=key))
        return to_transfer(found[0]) if found else None

    async def brought_blobs(self) -> Collection[str]:
        """The blobs of every file that a station brought and that is still listed."""
        return frozenset(row[0] for row in await self._run(lambda connection: fetch(connection, _BLOBS)))
