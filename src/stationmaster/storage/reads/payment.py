"""Settlements, payments on web pages, VAT numbers and priority charging."""

import sqlite3
from datetime import datetime

import msgspec
import sqlalchemy as sa

from stationmaster.domain.identity import IdToken
from stationmaster.domain.payment.payments import (
    DIRECT_PAYMENT,
    Settlement,
    SettlementFilter,
    SettlementSeen,
    SettlementStatus,
    VatCheck,
    VatCheckFilter,
)
from stationmaster.domain.payment.web_payment import WebPayment, WebPaymentFilter, WebPaymentSeen
from stationmaster.domain.priority_charging import PriorityCharging
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.rows import micros, moment
from stationmaster.storage.schema.billing import CURRENT, bills
from stationmaster.storage.schema.core import transactions
from stationmaster.storage.schema.payment import priority_chargings, settlements, vat_checks, web_payments
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.billing import to_bill

_to_settlement = msgspec.json.Decoder(Settlement).decode
_to_payment = msgspec.json.Decoder(WebPayment).decode
_to_check = msgspec.json.Decoder(VatCheck).decode
_s, _v, _p, _t, _b = settlements.c, vat_checks.c, priority_chargings.c, transactions.c, bills.c
_w = web_payments.c
_KNOWN = compiled(
    sa.select(_s.body).where(
        _s.station_key == sa.bindparam("station_key"),
        _s.psp_ref == sa.bindparam("psp_ref"),
        _s.status == sa.bindparam("status"),
        _s.at == sa.bindparam("at"),
    )
)
_PAID_BY = compiled(
    sa.select(_t.key)
    .where(_t.station_key == sa.bindparam("station_key"), _t.token_key == sa.bindparam("token_key"))
    .order_by(_t.key.desc())
    .limit(1)
)
_BILL_OF = compiled(sa.select(_b.body).where(_b.transaction_key == sa.bindparam("transaction_key"), CURRENT))
_SETTLED_OF = compiled(
    sa.select(_s.body).where(_s.transaction_key == sa.bindparam("transaction_key")).order_by(_s.key.desc()).limit(1)
)
_WITH_BILLS = settlements.outerjoin(bills, sa.and_(_b.transaction_key == _s.transaction_key, CURRENT))


class PaymentReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def settlements(self, query: SettlementFilter, request: PageRequest = FIRST_PAGE) -> Page[SettlementSeen]:
        given = [
            (_s.tenant, query.tenant),
            (_s.station_key, query.station_key),
            (_s.transaction_key, query.transaction_key),
            (_s.status, query.status),
            (_s.psp_ref, query.psp_ref),
        ]
        statement = sa.select(_s.body, _b.body).select_from(_WITH_BILLS).where(*matching(given))
        return await self._run(
            lambda connection: page(
                connection, statement, (_s.key,), request, lambda row: _seen(row[0], row[1]), newest_first=True
            )
        )

    async def settlement(self, tenant: str, key: int) -> SettlementSeen | None:
        statement = sa.select(_s.body, _b.body).select_from(_WITH_BILLS).where(_s.tenant == tenant, _s.key == key)
        found = await self._run(lambda connection: fetch(connection, statement))
        return _seen(*found[0]) if found else None

    async def find_settlement(
        self, station_key: int, psp_ref: str, status: SettlementStatus, at: datetime
    ) -> Settlement | None:
        """Of a station of any tenant: what it told of a payment in this status at this time of its own."""

        def read(connection: sqlite3.Connection) -> Settlement | None:
            found = fetch(connection, _KNOWN, station_key=station_key, psp_ref=psp_ref, status=status, at=micros(at))
            return _to_settlement(found[0][0]) if found else None

        return await self._run(read)

    async def transaction_paid_by(self, station_key: int, psp_ref: str) -> int | None:
        """The newest transaction of a station of any tenant whose token is this payment."""
        key = IdToken(psp_ref, DIRECT_PAYMENT).key
        found = await self._run(lambda connection: fetch(connection, _PAID_BY, station_key=station_key, token_key=key))
        return found[0][0] if found else None

    async def web_payments(self, query: WebPaymentFilter, request: PageRequest = FIRST_PAGE) -> Page[WebPaymentSeen]:
        given = [(_w.tenant, query.tenant), (_w.station_key, query.station_key), (_w.psp_ref, query.psp_ref)]
        statement = sa.select(_w.body).where(*matching(given))

        def read(connection: sqlite3.Connection) -> Page[WebPaymentSeen]:
            return page(
                connection, statement, (_w.key,), request, lambda row: _paid(connection, row[0]), newest_first=True
            )

        return await self._run(read)

    async def web_payment(self, tenant: str, key: int) -> WebPaymentSeen | None:
        statement = sa.select(_w.body).where(_w.tenant == tenant, _w.key == key)

        def read(connection: sqlite3.Connection) -> WebPaymentSeen | None:
            found = fetch(connection, statement)
            return _paid(connection, found[0][0]) if found else None

        return await self._run(read)

    async def vat_checks(self, query: VatCheckFilter, request: PageRequest = FIRST_PAGE) -> Page[VatCheck]:
        given = [(_v.tenant, query.tenant), (_v.station_key, query.station_key)]
        statement = sa.select(_v.body).where(*matching(given))
        return await self._run(
            lambda connection: page(
                connection, statement, (_v.key,), request, lambda row: _to_check(row[0]), newest_first=True
            )
        )

    async def priority_chargings(
        self, tenant: str, station_key: int, request: PageRequest = FIRST_PAGE
    ) -> Page[PriorityCharging]:
        """Of one station, the newest transactions first."""
        statement = sa.select(*priority_chargings.c).where(_p.tenant == tenant, _p.station_key == station_key)
        return await self._run(
            lambda connection: page(connection, statement, (_p.transaction_key,), request, _priority, newest_first=True)
        )


def _seen(settlement: str, bill: str | None) -> SettlementSeen:
    told = _to_settlement(settlement)
    if bill is None:
        return SettlementSeen(settlement=told)
    current = to_bill(bill)
    return SettlementSeen(
        settlement=told,
        bill_key=current.key,
        bill_total=current.content.total,
        currency=current.content.currency,
    )


def _paid(connection: sqlite3.Connection, body: str) -> WebPaymentSeen:
    """With the transaction that it began at its station, and that one's current bill."""
    payment = _to_payment(body)
    if payment.psp_ref is None:
        return WebPaymentSeen(payment=payment)
    token_key = IdToken(payment.psp_ref, DIRECT_PAYMENT).key
    found = fetch(connection, _PAID_BY, station_key=payment.station_key, token_key=token_key)
    if not found:
        return WebPaymentSeen(payment=payment)
    (transaction_key,) = found[0]
    billed = fetch(connection, _BILL_OF, transaction_key=transaction_key)
    bill = to_bill(billed[0][0]) if billed else None
    told = fetch(connection, _SETTLED_OF, transaction_key=transaction_key)
    settled = _to_settlement(told[0][0]) if told else None
    return WebPaymentSeen(
        payment=payment,
        transaction_key=transaction_key,
        bill_key=bill.key if bill else None,
        bill_total=bill.content.total if bill else None,
        currency=bill.content.currency if bill else None,
        settlement_key=settled.key if settled else None,
        settled_as=settled.status if settled else None,
    )


def _priority(row: tuple[int, str, int, int, int]) -> PriorityCharging:
    return PriorityCharging(
        transaction_key=row[0], tenant=row[1], station_key=row[2], activated=bool(row[3]), told_at=moment(row[4])
    )
