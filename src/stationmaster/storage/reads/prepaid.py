"""Bills that prepaid accounts have not paid yet."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from stationmaster.domain.authorization.prepaid import Account, Payable, amount_of
from stationmaster.domain.cost.bill import Bill
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.schema.authorization import account_entries, account_holds, accounts
from stationmaster.storage.schema.billing import bills
from stationmaster.storage.statements import compiled

_to_account = msgspec.json.Decoder(Account).decode
_to_bill = msgspec.json.Decoder(Bill).decode
_PORTION = 100
_h, _b, _e, _a = account_holds.c, bills.c, account_entries.c, accounts.c
_of_bill: sa.ColumnElement[str] = sa.literal_column("'bill '") + sa.cast(_b.key, sa.Text)
_is_paid = sa.exists().where(
    _e.account_key == _h.account_key,
    _e.kind.in_([sa.literal_column("'charge'"), sa.literal_column("'correction'")]),
    _e.reference == _of_bill,
)
_paid_u = (
    sa.select(sa.func.coalesce(sa.func.sum(_e.amount_u), sa.literal_column("0")))
    .where(_e.account_key == _h.account_key, _e.transaction_key == _h.transaction_key)
    .scalar_subquery()
)
_PAYABLE = (
    sa.select(_a.body, _b.body, _h.transaction_key, _paid_u, _h.released_at)
    .select_from(account_holds)
    .join(bills, sa.and_(_b.transaction_key == _h.transaction_key, _b.state == "issued"))
    .join(accounts, _a.key == _h.account_key)
    .where(~_is_paid, _b.key > sa.bindparam("after_bill"))
    .order_by(_b.key)
    .limit(sa.literal_column(str(_PORTION)))
)
_ALL = compiled(_PAYABLE)
_HELD = compiled(_PAYABLE.where(_h.released_at.is_(None)))
_OF_TRANSACTION = compiled(_PAYABLE.where(_h.transaction_key == sa.bindparam("transaction_key")))


class PrepaidReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def payable(
        self, *, transaction_key: int | None = None, after_bill: int = 0, held_only: bool = False
    ) -> Sequence[Payable]:
        """Issued bills of transactions that money was held for, the oldest hundred after a bill: of one transaction, or
        of those for which it is still held, or of all."""
        wanted: dict[str, int] = {"after_bill": after_bill}
        statement = _HELD if held_only else _ALL
        if transaction_key is not None:
            statement, wanted["transaction_key"] = _OF_TRANSACTION, transaction_key
        rows = await self._run(lambda connection: fetch(connection, statement, **wanted))
        return [_to_payable(*row) for row in rows]


def _to_payable(account: str, body: str, transaction_key: int, paid_u: int, released_at: int | None) -> Payable:
    bill = _to_bill(body)
    return Payable(
        account=_to_account(account),
        transaction_key=transaction_key,
        bill_key=bill.key,
        currency=bill.content.currency,
        total=bill.content.total,
        paid=-amount_of(paid_u),
        is_held=released_at is None,
    )
