"""Prepaid accounts (C17): entries that are never changed, and holds on what is being charged at the moment.

Amounts are kept as whole millionths of the currency, so that the sum of an account is exact wherever it is made.
"""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

import msgspec

EntryKind = Literal["top_up", "charge", "correction", "refund"]
MILLIONTHS = 1_000_000
_STEP = Decimal("0.000001")
MAX_AMOUNT = Decimal(1_000_000_000)
"""Of one entry: a thousand million, so that no sum leaves 64 bits."""


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``currency``: ISO 4217. Tokens name the account that they charge on."""

    key: int
    tenant: str
    name: str
    currency: str
    note: str | None = None


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money in (positive) or out (negative). Of one account and kind a reference comes once, so that what is sent
    twice counts once."""

    key: int
    account_key: int
    at: datetime
    kind: EntryKind
    amount: Decimal
    reference: str
    by: str
    transaction_key: int | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money that a transaction may still cost."""

    account_key: int
    transaction_key: int
    amount: Decimal
    made_at: datetime


class HoldReleased(msgspec.Struct, frozen=True, kw_only=True):
    account_key: int
    transaction_key: int
    at: datetime


class Funds(msgspec.Struct, frozen=True, kw_only=True):
    """An account at a moment."""

    account: Account
    balance: Decimal
    held: Decimal

    @property
    def available(self) -> Decimal:
        return self.balance - self.held


def millionths(amount: Decimal) -> int:
    """The amount in whole millionths, half to even."""
    return int(amount.quantize(_STEP, ROUND_HALF_EVEN) * MILLIONTHS)


def amount_of(whole: int) -> Decimal:
    """The other way round."""
    return (Decimal(whole) / MILLIONTHS).quantize(_STEP).normalize() + 0


def hold_for(funds: Funds, most: Decimal | None, transaction_key: int, at: datetime) -> Hold:
    """What one transaction may cost: all that is free, or the most that one may have of it."""
    amount = funds.available if most is None else min(funds.available, most)
    return Hold(account_key=funds.account.key, transaction_key=transaction_key, amount=amount, made_at=at)


def settled(
    *, key: int, account_key: int, transaction_key: int, cost: Decimal, reference: str, by: str, at: datetime
) -> tuple[AccountEntry | HoldReleased, ...]:
    """The records of a transaction that was billed: its cost is taken, and nothing is held for it any more. What a
    correction of the bill changes is another entry with its own reference."""
    entry = AccountEntry(
        key=key,
        account_key=account_key,
        at=at,
        kind="charge",
        amount=-cost,
        reference=reference,
        by=by,
        transaction_key=transaction_key,
    )
    return (entry, HoldReleased(account_key=account_key, transaction_key=transaction_key, at=at))


class Payable(msgspec.Struct, frozen=True, kw_only=True):
    """A bill of a transaction that money was held for. ``paid``: what the account paid for the transaction so far."""

    account: Account
    transaction_key: int
    bill_key: int
    currency: str
    total: Decimal
    paid: Decimal
    is_held: bool


def payment(payable: Payable, key: int, at: datetime) -> tuple[AccountEntry | HoldReleased, ...]:
    """What is taken for a bill, or for a new version of one: the account pays its total, whatever it paid before."""
    due = payable.total - payable.paid
    records = settled(
        key=key,
        account_key=payable.account.key,
        transaction_key=payable.transaction_key,
        cost=due,
        reference=f"bill {payable.bill_key}",
        by="billing",
        at=at,
    )
    if payable.is_held:
        return records
    entry, *_ = records
    assert isinstance(entry, AccountEntry)
    return (msgspec.structs.replace(entry, kind="correction"),)
