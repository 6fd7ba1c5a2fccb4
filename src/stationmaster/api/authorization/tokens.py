"""Tokens: who may charge."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Meta, UnsetType

from stationmaster.api.authorization.token_rules import RulesShape, rules_of, rules_shape
from stationmaster.api.http.csv_stream import CsvOrJson, csv_list, wants_csv
from stationmaster.api.http.parameters import MAX_INT64, Counting, Paging, PartyId, Text, TokenKey
from stationmaster.api.http.problems import conflict, not_found
from stationmaster.api.http.resources import CountedPageOf, JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.authorization.tokens import Token, TokenStatus
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import PageRequest, TokenFilter
from stationmaster.domain.records import Event, TokenRemoved

CHANGED = "TokenChanged"

Value = Annotated[str, Meta(min_length=1, max_length=255, description="Compared without case.", examples=["04A1B2C3"])]
TokenType = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9]{1,20}\Z",
        description="2.x's idToken type; left out for one that every type matches.",
        examples=["ISO14443"],
    ),
]
Group = Annotated[str, Meta(min_length=1, max_length=255)]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-]{2,8}\Z", description="RFC 5646", examples=["de"])]
Short = Annotated[str, Meta(min_length=1, max_length=100)]
Note = Annotated[str, Meta(max_length=1000)]
MaxConcurrent = Annotated[int, Meta(ge=1, le=100_000, description="Transactions at one time; null: no limit.")]
Expiry = Annotated[datetime, Meta(tz=True)]
Priority = Annotated[int, Meta(ge=-9, le=9, description="Of charging, 9 the highest; 0 is the usual one.")]
Account = Annotated[int, Meta(ge=1, le=MAX_INT64, description="Key of the prepaid account that it charges on.")]


class TokenDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to know."""

    value: Value
    type: TokenType | None = None
    status: TokenStatus = "Accepted"
    group: Group | None = None
    expires_at: Expiry | None = None
    max_concurrent: MaxConcurrent | None = 1
    language: Language | None = None
    party_id: PartyId | None = None
    contract_issuer: Short | None = None
    contract_id: Short | None = None
    note: Note | None = None
    language2: Language | None = None
    charging_priority: Priority | None = None
    rules: RulesShape | None = None
    account: Account | None = None
    on_lists: bool = True


class TokenChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays; null takes a value away. Value and type are what a token is: they don't change."""

    status: TokenStatus | UnsetType = UNSET
    group: Group | UnsetType | None = UNSET
    expires_at: Expiry | UnsetType | None = UNSET
    max_concurrent: MaxConcurrent | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    party_id: PartyId | UnsetType | None = UNSET
    contract_issuer: Short | UnsetType | None = UNSET
    contract_id: Short | UnsetType | None = UNSET
    note: Note | UnsetType | None = UNSET
    language2: Language | UnsetType | None = UNSET
    charging_priority: Priority | UnsetType | None = UNSET
    rules: RulesShape | UnsetType | None = UNSET
    account: Account | UnsetType | None = UNSET
    on_lists: bool | UnsetType = UNSET


class TokenResource(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    value: str
    type: str | None
    status: TokenStatus
    group: str | None
    expires_at: datetime | None
    max_concurrent: int | None
    language: str | None
    party_id: str | None
    contract_issuer: str | None
    contract_id: str | None
    note: str | None
    language2: str | None
    charging_priority: int | None
    rules: RulesShape | None
    account: int | None
    on_lists: bool


def _resource(token: Token) -> TokenResource:
    return shaped(
        TokenResource,
        token,
        value=token.id_token.value,
        type=token.id_token.type,
        rules=rules_shape(token.rules),
    )


def drafted(draft: TokenDraft, *, key: int, tenant: str, id_token: IdToken, path: str = "body") -> Token:
    """Raises a ProblemError of 422."""
    rules = rules_of(draft.rules, f"{path}.rules")
    token: Token = shaped(Token, draft, key=key, tenant=tenant, id_token=id_token, rules=rules)
    return token


async def check_accounts(request: ApiRequest, accounts: Collection[int | None]) -> None:
    """Raises a ProblemError of 404 for one that is not the tenant's."""
    for account in sorted({each for each in accounts if each is not None}):
        if await request.queries.funds(request.tenant, account) is None:
            raise not_found("account")


@get("/", summary="Tokens, by value, as JSON or CSV")
async def list_tokens(
    request: ApiRequest,
    page: Paging,
    text: Text = None,
    status: FromQuery[TokenStatus | None] = None,
    count: Counting = False,
    wanted_format: CsvOrJson = None,
) -> Response[CountedPageOf[TokenResource]]:
    query = TokenFilter(tenant=request.tenant, text=text, status=status)
    if wants_csv(request, wanted_format):
        return csv_list("tokens", TokenResource, lambda each: _page(request, query, each))
    found = await _page(request, query, page)
    total = await request.queries.token_count(query) if count else None
    return JsonResponse(CountedPageOf(found.items, found.next_cursor, total))


async def _page(request: ApiRequest, query: TokenFilter, page: PageRequest) -> PageOf[TokenResource]:
    return page_of(await request.queries.tokens(query, page), _resource)


@post("/", summary="Make a token known")
async def create_token(request: ApiRequest, data: JSONBody[TokenDraft]) -> Response[TokenResource]:
    id_token = IdToken(data.value, data.type)
    if await _is_taken(request, id_token):
        raise _duplicate()
    await check_accounts(request, [data.account])
    token = drafted(data, key=request.services.keys.take(), tenant=request.tenant, id_token=id_token)
    try:
        await _store(request, token, "created")
    except StorageFailed:
        if await _is_taken(request, id_token):  # somebody else was faster
            raise _duplicate() from None
        raise
    return JsonResponse(_resource(token), headers={"Location": f"/api/v1/tokens/{token.key}"})


@get("/{token_key:int}", summary="One token")
async def get_token(request: ApiRequest, token_key: TokenKey) -> TokenResource:
    return _resource(await _known(request, token_key))


@patch("/{token_key:int}", summary="Change a token")
async def change_token(request: ApiRequest, token_key: TokenKey, data: JSONBody[TokenChange]) -> TokenResource:
    token = await _known(request, token_key)
    fields: dict[str, Any] = {
        name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET
    }
    if data.rules is not UNSET:
        fields["rules"] = rules_of(data.rules)
    await check_accounts(request, [fields.get("account")])
    changed = msgspec.structs.replace(token, **fields)
    await _store(request, changed, "changed")
    return _resource(changed)


@delete("/{token_key:int}", summary="Forget a token; its transactions stay")
async def delete_token(request: ApiRequest, token_key: TokenKey) -> None:
    token = await _known(request, token_key)
    removed = TokenRemoved(tenant=request.tenant, key=token.key)
    await request.services.journal.store([removed], [_changed(request, token, "removed")])


async def _known(request: ApiRequest, token_key: int) -> Token:
    token = await request.queries.token(request.tenant, token_key)
    if token is None:
        raise not_found("token")
    return token


async def _is_taken(request: ApiRequest, id_token: IdToken) -> bool:
    """A token without a type also answers for others, but is not the same."""
    found = await request.queries.find_token(request.tenant, id_token)
    return found is not None and found.id_token.type == id_token.type


async def _store(request: ApiRequest, token: Token, what: str) -> None:
    await request.services.journal.store([token], [_changed(request, token, what)])


def _changed(request: ApiRequest, token: Token, what: str) -> Event:
    data = {"what": what, "token": token.key, "status": token.status}
    return Event(kind=CHANGED, tenant=token.tenant, at=request.services.clock.now(), data=data)


def _duplicate() -> Exception:
    return conflict("duplicate-token", "There is a token of this value and type already.")


tokens_router = Router(
    "/tokens",
    route_handlers=[list_tokens, create_token, get_token, change_token, delete_token],
    tags=["Tokens"],
)
