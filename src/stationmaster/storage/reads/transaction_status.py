"""What stations said of their transactions."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.transactions.transaction_status import TransactionStatus
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.rows import moment
from stationmaster.storage.schema.core import transactions
from stationmaster.storage.schema.transaction_status import transaction_statuses

_s, _t = transaction_statuses.c, transactions.c


class TransactionStatusReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def transaction_statuses(
        self, tenant: str, transaction_keys: Iterable[int]
    ) -> Mapping[int, TransactionStatus]:
        """By the keys of transactions; those that were never asked about are left out, and other tenants'."""
        statement = (
            sa.select(_t.key, *_s)
            .join(transactions, sa.and_(_t.station_key == _s.station_key, _t.wire_id == _s.wire_id))
            .where(_t.tenant == tenant, _t.key.in_(list(transaction_keys)))
        )
        found = await self._run(lambda connection: fetch(connection, statement))
        return {row[0]: _to_status(row[1:]) for row in found}


def _to_status(row: tuple[Any, ...]) -> TransactionStatus:
    return TransactionStatus(
        station_key=row[0],
        wire_id=row[1],
        ongoing=None if row[2] is None else bool(row[2]),
        messages_in_queue=bool(row[3]),
        told_at=moment(row[4]),
    )
