"""Prepaid accounts: what is on them, what is held of it, what came in and went out."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.http.parameters import MAX_INT64, Paging
from stationmaster.api.http.problems import conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.authorization.prepaid import MAX_AMOUNT, Account, AccountEntry, EntryKind, Funds, settled
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.records import Event, Record

CHANGED = "AccountChanged"
AccountKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
Reference = Annotated[
    str, Meta(min_length=1, max_length=100, description="Of the payment or the bill; the same one counts once.")
]
_MOST_DIGITS = 6
"""Behind the point."""


class AccountDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    currency: Annotated[
        str, Meta(pattern=r"^[A-Z]{3}\Z", description="Three capital letters (ISO 4217)", examples=["EUR"])
    ]
    note: Annotated[str, Meta(max_length=1000)] | None = None


class AccountResource(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    name: str
    currency: str
    note: str | None


class HoldResource(msgspec.Struct, frozen=True, kw_only=True):
    """``transaction``: our key of it."""

    transaction: int
    amount: str
    made_at: datetime


class FundsResource(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts as text, exact. ``available``: the balance without what is held for transactions that are not charged
    yet; ``holds``: at most a thousand."""

    key: int
    name: str
    currency: str
    note: str | None
    balance: str
    held: str
    available: str
    holds: tuple[HoldResource, ...]


class EntryResource(msgspec.Struct, frozen=True, kw_only=True):
    """``amount``: in (positive) or out (negative)."""

    key: int
    at: datetime
    kind: EntryKind
    amount: str
    reference: str
    transaction: int | None
    by: str


class TopUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``amount``: as text, such as "20.00"."""

    amount: Decimal
    reference: Reference


class Charge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a transaction cost, as text; nothing is held for it any more."""

    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)]
    amount: Decimal
    reference: Reference


@get("/", summary="Prepaid accounts, by name")
async def list_accounts(request: ApiRequest, page: Paging) -> PageOf[AccountResource]:
    return page_of(
        await request.queries.accounts(request.tenant, page), lambda account: shaped(AccountResource, account)
    )


@post("/", summary="Open a prepaid account")
async def create_account(request: ApiRequest, data: JSONBody[AccountDraft]) -> Response[FundsResource]:
    account: Account = shaped(Account, data, key=request.services.keys.take(), tenant=request.tenant)
    try:
        await request.services.journal.store([account], [_changed(request, account, "created")])
    except StorageFailed:
        if not await _is_taken(request, account.name):
            raise
        raise conflict("duplicate-account", "There is an account of this name already.") from None
    return JsonResponse(
        await _funds_resource(request, account.key), headers={"Location": f"/api/v1/accounts/{account.key}"}
    )


@get("/{account_key:int}", summary="One account, and what is held of it")
async def get_account(request: ApiRequest, account_key: AccountKey) -> FundsResource:
    return await _funds_resource(request, account_key)


@get("/{account_key:int}/entries", summary="What came in and went out, newest first")
async def list_account_entries(request: ApiRequest, account_key: AccountKey, page: Paging) -> PageOf[EntryResource]:
    await _known(request, account_key)
    return page_of(await request.queries.account_entries(account_key, page), _entry_resource)


@post("/{account_key:int}/top-ups", summary="Put money on an account")
async def top_up_account(
    request: ApiRequest, account_key: AccountKey, data: JSONBody[TopUp]
) -> Response[FundsResource]:
    """The same reference a second time is refused: whoever does not know whether it arrived may send it again."""
    account = (await _known(request, account_key)).account
    entry = AccountEntry(
        key=request.services.keys.take(),
        account_key=account.key,
        at=request.services.clock.now(),
        kind="top_up",
        amount=_amount(data.amount, zero=False),
        reference=data.reference,
        by=request.caller.name,
    )
    return await _booked(request, account, "top_up", data.reference, (entry,))


@post("/{account_key:int}/charges", summary="Take what a transaction cost")
async def charge_account(
    request: ApiRequest, account_key: AccountKey, data: JSONBody[Charge]
) -> Response[FundsResource]:
    """For bills that are made elsewhere."""
    account = (await _known(request, account_key)).account
    if await request.queries.transaction(request.tenant, data.transaction) is None:
        raise not_found("transaction")
    records = settled(
        key=request.services.keys.take(),
        account_key=account.key,
        transaction_key=data.transaction,
        cost=_amount(data.amount, zero=True),
        reference=data.reference,
        by=request.caller.name,
        at=request.services.clock.now(),
    )
    return await _booked(request, account, "charge", data.reference, records)


async def _booked(
    request: ApiRequest, account: Account, kind: EntryKind, reference: str, records: tuple[Record, ...]
) -> Response[FundsResource]:
    if await request.queries.account_entry(account.key, kind, reference) is not None:
        raise _duplicate()
    try:
        await request.services.journal.store(list(records), [_changed(request, account, kind)])
    except StorageFailed:
        if await request.queries.account_entry(account.key, kind, reference) is not None:  # somebody was faster
            raise _duplicate() from None
        raise
    return JsonResponse(await _funds_resource(request, account.key))


def _amount(amount: Decimal, *, zero: bool) -> Decimal:
    if not amount.is_finite() or amount < 0 or (amount == 0 and not zero):
        raise invalid("body.amount", "an amount is more than nothing")
    exponent = amount.as_tuple().exponent
    if amount > MAX_AMOUNT or (isinstance(exponent, int) and exponent < -_MOST_DIGITS):
        raise invalid("body.amount", f"at most {MAX_AMOUNT} and {_MOST_DIGITS} digits behind the point")
    return amount


async def _known(request: ApiRequest, account_key: int) -> Funds:
    funds = await request.queries.funds(request.tenant, account_key)
    if funds is None:
        raise not_found("account")
    return funds


async def _is_taken(request: ApiRequest, name: str) -> bool:
    return await request.queries.account_named(request.tenant, name) is not None


async def _funds_resource(request: ApiRequest, account_key: int) -> FundsResource:
    funds = await _known(request, account_key)
    holds = await request.queries.account_holds(account_key)
    return shaped(
        FundsResource,
        funds.account,
        balance=_text(funds.balance),
        held=_text(funds.held),
        available=_text(funds.available),
        holds=tuple(
            HoldResource(transaction=hold.transaction_key, amount=_text(hold.amount), made_at=hold.made_at)
            for hold in holds
        ),
    )


def _entry_resource(entry: AccountEntry) -> EntryResource:
    return shaped(EntryResource, entry, amount=_text(entry.amount), transaction=entry.transaction_key)


def _text(amount: Decimal) -> str:
    return f"{amount.normalize() + 0:f}"


def _duplicate() -> Exception:
    return conflict("duplicate-reference", "This reference is on the account already.")


def _changed(request: ApiRequest, account: Account, what: str) -> Event:
    data = {"what": what, "account": account.key}
    return Event(kind=CHANGED, tenant=account.tenant, at=request.services.clock.now(), data=data)


accounts_router = Router(
    "/accounts",
    route_handlers=[list_accounts, create_account, get_account, list_account_entries, top_up_account, charge_account],
    tags=["Prepaid accounts"],
)
