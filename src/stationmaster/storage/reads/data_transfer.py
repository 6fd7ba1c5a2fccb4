"""What vendors' messages went either way."""

from typing import Any

import sqlalchemy as sa

from stationmaster.domain.data_transfer import DataTransferFilter, DataTransferRecord, StoredTransfer
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers
from stationmaster.storage.reads.paging import matching, of_tenant, page
from stationmaster.storage.rows import moment
from stationmaster.storage.schema.data_transfer import data_transfers


class DataTransferReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def data_transfers(
        self, query: DataTransferFilter, request: PageRequest = FIRST_PAGE
    ) -> Page[StoredTransfer]:
        t = data_transfers.c
        given = [
            (t.station_key, query.station_key),
            (t.vendor_id, query.vendor_id),
            (t.message_id, query.message_id),
            (t.direction, query.direction),
        ]
        statement = sa.select(*t).where(of_tenant(data_transfers, query.tenant), *matching(given))
        return await self._run(
            lambda connection: page(connection, statement, (t.key,), request, _to_stored, newest_first=True)
        )


def _to_stored(row: tuple[Any, ...]) -> StoredTransfer:
    record = DataTransferRecord(
        station_key=row[1],
        at=moment(row[2]),
        direction=row[3],
        vendor_id=row[4],
        message_id=row[5],
        status=row[6],
        data=row[7],
        answer=row[8],
    )
    return StoredTransfer(row[0], record)
