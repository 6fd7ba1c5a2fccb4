"""Open transactions of which nothing was heard for long."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.aggregate import complete
from stationmaster.storage.rows import micros, moment, to_transaction
from stationmaster.storage.schema.core import readings, transaction_events, transactions
from stationmaster.storage.statements import compiled

_t, _e, _r = transactions.c, transaction_events.c, readings.c
_NEWEST_READING = (
    sa.select(_r.received_at)
    .where(_r.transaction_key == _t.key)
    .order_by(_r.taken_at.desc())
    .limit(1)
    .correlate(transactions)
    .scalar_subquery()
)
_NEWEST_EVENT = (
    sa.select(sa.func.max(_e.received_at)).where(_e.transaction_key == _t.key).correlate(transactions).scalar_subquery()
)
_SILENT = compiled(
    sa.select(_t.body, sa.func.coalesce(_NEWEST_READING, 0), sa.func.coalesce(_NEWEST_EVENT, 0))
    .where(
        _t.ended_at.is_(None),
        _t.key > sa.bindparam("after"),
        sa.func.coalesce(_NEWEST_READING, 0) < sa.bindparam("before"),
        sa.func.coalesce(_NEWEST_EVENT, 0) < sa.bindparam("until"),
    )
    .order_by(_t.key)
    .limit(sa.bindparam("most"))
)


class SilentTransactionReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def silent_transactions(
        self, before: datetime, after: int, limit: int
    ) -> Sequence[tuple[Transaction, datetime]]:
        """Those with nothing received since ``before``, of any tenant, with a key above ``after``, by key; and when
        something was received last."""
        until = micros(before)
        found = await self._run(
            lambda connection: [
                (complete(connection, to_transaction(row[0])), moment(max(row[1], row[2])))
                for row in fetch(connection, _SILENT, after=after, before=until, until=until, most=limit)
            ]
        )
        return [(transaction, max(heard, transaction.received_at)) for transaction, heard in found]
