"""Thinning out old readings: those of transactions that are over, and those that were told while nobody charged.

Each old reading is looked at once; how far that came is kept, so that the next run goes on from there. What a bill
stands on stays: the first and the last register, what was marked as begin or end, and what was signed.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.cost.register import TOLERANCE_WH
from stationmaster.storage.batch import Writing
from stationmaster.storage.journal import Journal
from stationmaster.storage.personal_leftovers import IS_SIGNED, SIGNED_MARKS
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.schema.billing import bills
from stationmaster.storage.schema.core import readings, transactions
from stationmaster.storage.schema.tariffs import tariffs
from stationmaster.storage.settings import get_setting, put_setting
from stationmaster.storage.statements import Sql, compiled

PORTION = 500
MINUTE_US = 60_000_000

_r, _t = readings.c, transactions.c
OF_OPEN = sa.exists().where(_t.key == _r.transaction_key, _t.ended_at.is_(None))
_HELD = sa.exists().where(bills.c.transaction_key == _r.transaction_key, bills.c.state == "held")
_TO_BE_BILLED = sa.exists().where(
    _t.key == _r.transaction_key,
    sa.exists().where(tariffs.c.tenant == _t.tenant, tariffs.c.key < _t.key),
    ~sa.exists().where(bills.c.transaction_key == _t.key),
)
NEEDED = sa.or_(OF_OPEN, _HELD, _TO_BE_BILLED)
"""Of a transaction whose bill may still be made from them."""
SIGNED_IN_TRANSACTION = sa.and_(_r.transaction_key.is_not(None), IS_SIGNED)

_KEPT = ('"Transaction.', *SIGNED_MARKS)
"""In the samples of a reading that is never thinned out: marked as begin or end, signed in 2.x, signed in 1.6."""
_THINNED_UP_TO = "readings_thinned_up_to"
_IDLE_THINNED_UP_TO = "idle_readings_thinned_up_to"

_Place = tuple[int, int, int]
"""Station, EVSE, connector."""


class Thinning:
    def __init__(self, journal: Journal, readers: Readers) -> None:
        self._journal = journal
        self._readers = readers
        self._idle: dict[_Place, tuple[int, Decimal | None]] = {}

    async def of_transactions(self, scope: sa.ColumnElement[bool], owner: str, cutoff_us: int, minutes: int) -> int:
        """How many went. ``scope``: of whose readings; ``owner``: by whose name it is kept how far that came."""
        arrived = compiled(
            sa.select(_r.key, _r.received_at, _r.transaction_key, NEEDED)
            .where(_r.key > sa.bindparam("after"), scope)
            .order_by(_r.key)
            .limit(PORTION)
        )
        superfluous = compiled(_superfluous(cutoff_us, minutes * MINUTE_US))
        after, gone = await self._place(owner, _THINNED_UP_TO), 0
        while True:
            old = [row for row in await self._fetch(arrived, after=after) if row[1] < cutoff_us]
            if not old:
                return gone
            for transaction_key in sorted({row[2] for row in old if row[2] is not None and not row[3]}):
                keys = await self._fetch(superfluous, transaction_key=transaction_key)
                gone += await self._delete([row[0] for row in keys])
            after = old[-1][0]
            await self._came_to(owner, _THINNED_UP_TO, after)

    async def of_idle(self, scope: sa.ColumnElement[bool], owner: str, cutoff_us: int, minutes: int) -> int:
        """The same of readings of no transaction; those with another register than the one before stay."""
        arrived = compiled(
            sa.select(
                _r.key,
                _r.received_at,
                _r.station_key,
                _r.evse_id,
                _r.connector_id,
                _r.taken_at,
                _r.register_wh,
                IS_SIGNED,
                _r.transaction_key,
            )
            .where(_r.key > sa.bindparam("after"), scope)
            .order_by(_r.key)
            .limit(PORTION)
        )
        after, gone = await self._place(owner, _IDLE_THINNED_UP_TO), 0
        while True:
            old = [row for row in await self._fetch(arrived, after=after) if row[1] < cutoff_us]
            if not old:
                return gone
            idle = [row for row in old if row[8] is None]
            gone += await self._delete([row[0] for row in idle if self._tells_nothing(row, minutes * MINUTE_US)])
            after = old[-1][0]
            await self._came_to(owner, _IDLE_THINNED_UP_TO, after)

    def _tells_nothing(self, row: tuple[Any, ...], interval_us: int) -> bool:
        place, bucket = (row[2], row[3], row[4]), row[5] // interval_us
        register = None if row[6] is None else Decimal(row[6])
        kept = self._idle.get(place)
        if not row[7] and kept is not None and kept[0] == bucket and _is_same(kept[1], register):
            return True
        self._idle[place] = (bucket, register)
        return False

    async def _place(self, owner: str, name: str) -> int:
        value = await self._readers.run(lambda connection: get_setting(connection, owner, name))
        return 0 if value is None else int(value)

    async def _came_to(self, owner: str, name: str, key: int) -> None:
        await self._journal.run(partial(put_setting, tenant=owner, name=name, value=str(key)))

    async def _fetch(self, sql: Sql, **values: Any) -> Sequence[tuple[Any, ...]]:
        return await self._readers.run(lambda connection: fetch(connection, sql, **values))

    async def _delete(self, keys: Sequence[int]) -> int:
        delete = compiled(sa.delete(readings).where(_r.key == sa.bindparam("gone"))).text
        for at in range(0, len(keys), PORTION):
            rows = [(key,) for key in keys[at : at + PORTION]]
            await self._journal.run(partial(_execute_many, sql=delete, rows=rows))
        return len(keys)


def _is_same(before: Decimal | None, register: Decimal | None) -> bool:
    if before is None or register is None:
        return before is register
    return abs(register - before) <= TOLERANCE_WH


def _superfluous(cutoff_us: int, interval_us: int) -> sa.Select[Any]:
    """The keys of a transaction's old readings that are not the first of their interval, no edge and not signed."""
    kept = sa.or_(*(_r.samples.contains(mark) for mark in _KEPT))
    without_register = _r.register_wh.is_(None)
    in_order = (_r.taken_at, _r.key)
    ranked = (
        sa.select(
            _r.key,
            _r.received_at,
            kept.label("kept"),
            sa.func.row_number()
            .over(partition_by=(_r.taken_at // interval_us, without_register), order_by=in_order)
            .label("place"),
            sa.func.lead(_r.key).over(partition_by=without_register, order_by=in_order).label("next"),
        )
        .where(_r.transaction_key == sa.bindparam("transaction_key"))
        .subquery()
    )
    return sa.select(ranked.c.key).where(
        ranked.c.place > 1, ranked.c.next.is_not(None), ranked.c.received_at < cutoff_us, ~ranked.c.kept
    )


def _execute_many(writing: Writing, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    writing.connection.executemany(sql, rows)
