"""Bills, and all that one is made from."""

import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from stationmaster.domain.cost.bill import Bill, Inputs
from stationmaster.domain.cost.billing_records import BillFilter, BillingFacts, BillSeen, Charged
from stationmaster.domain.cost.evidence import merged
from stationmaster.domain.cost.sites import PlaceState
from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.aggregate import complete
from stationmaster.storage.reads.evidence import ended_at_place, evidence_of, states_for
from stationmaster.storage.reads.paging import count, matching, page
from stationmaster.storage.reads.reserved import reserved_for
from stationmaster.storage.rows import micros, to_transaction
from stationmaster.storage.schema.billing import CURRENT, CURRENT_STATES, bill_corrections, bill_inputs, bills
from stationmaster.storage.schema.core import stations, transactions
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.billing import to_bill, to_correction, to_inputs

_b, _t = bills.c, transactions.c
_KEY: sa.BindParameter[int] = sa.bindparam("transaction_key")
_TRANSACTION = compiled(sa.select(_t.body).where(_t.key == _KEY))
_CURRENT = compiled(sa.select(_b.body, _b.inputs_digest).where(_b.transaction_key == _KEY, CURRENT))
_INPUTS = compiled(sa.select(bill_inputs.c.body).where(bill_inputs.c.digest == sa.bindparam("digest")))
_CORRECTIONS = compiled(
    sa.select(bill_corrections.c.body)
    .where(bill_corrections.c.transaction_key == _KEY)
    .order_by(bill_corrections.c.key)
)
_UNBILLED = compiled(
    sa.select(_t.station_key, _t.key)
    .where(
        _t.tenant == sa.bindparam("tenant"),
        _t.key >= sa.bindparam("from_key"),
        _t.ended_at.is_not(None),
        ~sa.exists().where(_b.transaction_key == _t.key),
    )
    .order_by(_t.key)
    .limit(sa.bindparam("most"))
)
_CHARGED = sa.select(
    _b.transaction_key,
    _b.key,
    _b.state,
    sa.func.json_extract(_b.body, sa.literal_column("'$.content.currency'")),
    sa.func.json_extract(_b.body, sa.literal_column("'$.content.total'")),
).where(CURRENT)


class BillingReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def billing_facts(self, transaction_key: int, transaction: Transaction | None = None) -> BillingFacts | None:
        """All that is stored of a transaction of any tenant and matters to its bill; None where it is not stored.

        ``transaction``: as it is about to be stored, where it is.
        """

        def read(connection: sqlite3.Connection) -> BillingFacts | None:
            known = transaction or _transaction(connection, transaction_key)
            return None if known is None else facts(connection, known)

        def facts(connection: sqlite3.Connection, transaction: Transaction) -> BillingFacts:
            current = fetch(connection, _CURRENT, transaction_key=transaction_key)
            corrections = fetch(connection, _CORRECTIONS, transaction_key=transaction_key)
            return BillingFacts(
                transaction=transaction,
                evidence=merged(evidence_of(connection, transaction_key), reserved_for(connection, transaction)),
                states=states_for(connection, transaction),
                bill=to_bill(current[0][0]) if current else None,
                inputs=_inputs(connection, current[0][1]) if current else None,
                corrections=tuple(to_correction(row[0]) for row in corrections),
            )

        return await self._run(read)

    async def ended_around(self, state: PlaceState) -> tuple[int, ...]:
        """The transactions, over by now, whose evidence this state of their place belongs to."""
        return await self._run(lambda connection: ended_at_place(connection, state))

    async def unbilled(self, tenant: str, from_key: int, most: int) -> Sequence[tuple[int, int]]:
        """Station and key of a tenant's transactions that are over and have no bill, from a key on."""
        found = await self._run(
            lambda connection: fetch(connection, _UNBILLED, tenant=tenant, from_key=from_key, most=most)
        )
        return [(row[0], row[1]) for row in found]

    async def bill(self, tenant: str, key: int) -> Bill | None:
        """Any version; None where it is another tenant's."""
        statement = sa.select(_b.body).where(_b.key == key, _b.tenant == tenant)
        found = await self._run(lambda connection: fetch(connection, statement))
        return to_bill(found[0][0]) if found else None

    async def bill_inputs(self, digest: str) -> Inputs | None:
        """What a bill was made from, by its digest."""
        return await self._run(lambda connection: _inputs(connection, digest))

    async def bills(self, query: BillFilter, request: PageRequest = FIRST_PAGE) -> Page[Bill]:
        """Newest first."""
        statement = sa.select(_b.body).where(*_conditions(query))
        return await self._run(
            lambda connection: page(
                connection, statement, (_b.key,), request, lambda row: to_bill(row[0]), newest_first=True
            )
        )

    async def bill_count(self, query: BillFilter) -> int:
        """Up to MAX_COUNT."""
        # The partial index has all that is asked for: without it, each bill's row would be read.
        of_index = [CURRENT] if CURRENT_STATES.issuperset(query.states) else []
        statement = sa.select(_b.key).where(*of_index, *_conditions(query))
        return await self._run(lambda connection: count(connection, statement))

    async def charged(self, tenant: str, transaction_keys: Iterable[int]) -> dict[int, Charged]:
        """What the current bills of transactions come to, by transaction; those without one are left out."""
        statement = _CHARGED.where(_b.transaction_key.in_(list(transaction_keys)), _b.tenant == tenant)
        found = await self._run(lambda connection: fetch(connection, statement))
        return {row[0]: Charged(bill_key=row[1], state=row[2], currency=row[3], total=Decimal(row[4])) for row in found}

    async def bills_seen(self, query: BillFilter, request: PageRequest = FIRST_PAGE) -> Page[BillSeen]:
        """Oldest first: what is exported once stays where it is, and new ones follow."""
        statement = (
            sa.select(_b.body, bill_inputs.c.body, _t.body, stations.c.identity)
            .join(bill_inputs, bill_inputs.c.digest == _b.inputs_digest)
            .join(transactions, _t.key == _b.transaction_key)
            .join(stations, stations.c.key == _b.station_key)
            .where(*_conditions(query))
        )
        return await self._run(lambda connection: page(connection, statement, (_b.key,), request, _seen))


def _transaction(connection: sqlite3.Connection, transaction_key: int) -> Transaction | None:
    found = fetch(connection, _TRANSACTION, transaction_key=transaction_key)
    if not found:
        return None
    transaction: Transaction = to_transaction(found[0][0])
    return complete(connection, transaction) if transaction.is_open else transaction


def _conditions(query: BillFilter) -> list[sa.ColumnElement[bool]]:
    conditions = matching(
        [
            (_b.tenant, query.tenant),
            (_b.station_key, query.station_key),
            (_b.transaction_key, query.transaction_key),
        ]
    )
    conditions.append(_b.state.in_(query.states))
    if query.token is not None:
        of_token = sa.select(_t.key).where(_t.tenant == query.tenant, _t.token_key.in_(IdToken(query.token).keys))
        conditions.append(_b.transaction_key.in_(of_token))
    if query.flag is not None:
        conditions.append(_b.flags.contains(f" {query.flag} ", autoescape=True))
    if query.from_at is not None:
        conditions.append(_b.started_at >= micros(query.from_at))
    if query.to_at is not None:
        conditions.append(_b.started_at < micros(query.to_at))
    if query.after is not None:
        conditions.append(_b.key > query.after)
    return conditions


def _inputs(connection: sqlite3.Connection, digest: str) -> Inputs | None:
    found = fetch(connection, _INPUTS, digest=digest)
    return to_inputs(found[0][0]) if found else None


def _seen(row: tuple[Any, ...]) -> BillSeen:
    return BillSeen(bill=to_bill(row[0]), inputs=to_inputs(row[1]), transaction=to_transaction(row[2]), station=row[3])
