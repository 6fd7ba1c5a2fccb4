"""Many tokens at once: cards of a fleet, or another system's list."""

from collections.abc import Sequence

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from stationmaster.api.authorization.tokens import CHANGED, TokenDraft, check_accounts, drafted
from stationmaster.api.http.problems import invalid
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import IdToken
from stationmaster.domain.records import Event, TokenImported

MAX_TOKENS = 5000
MAX_IMPORT_BYTES = 4 * 1024 * 1024

_Same = tuple[str, str | None]
"""What makes two tokens the same one: value without case, and type."""


class TokensImported(msgspec.Struct, frozen=True, kw_only=True):
    """How many were not known, were known otherwise, and were known as given."""

    created: int
    changed: int
    unchanged: int


@post("/import", summary="Make many tokens known", status_code=200, request_max_body_size=MAX_IMPORT_BYTES)
async def import_tokens(request: ApiRequest, data: JSONBody[list[TokenDraft]]) -> TokensImported:
    """A list of up to 5000. A token whose value and type are known is replaced, and keeps its key; tokens that are not
    in the list stay as they are. All of it is stored, or nothing. The numbers are as of the moment before: somebody
    else may import the same tokens just then."""
    wanted = _by_identity(data)
    found = await request.queries.same_tokens(request.tenant, [IdToken(draft.value, draft.type) for draft in data])
    known = {_same(token.id_token): token for token in found}
    await check_accounts(request, {draft.account for draft in data})
    tokens = [_token(request, draft, known.get(same)) for same, draft in wanted.items()]
    news = [token for token in tokens if known.get(_same(token.id_token)) != token]
    created = sum(same not in known for same in wanted)
    counts = TokensImported(created=created, changed=len(news) - created, unchanged=len(tokens) - len(news))
    if news:
        told = {"what": "imported", **msgspec.structs.asdict(counts)}
        event = Event(kind=CHANGED, tenant=request.tenant, at=request.services.clock.now(), data=told)
        await request.services.journal.store([TokenImported(token=token) for token in news], [event])
    return counts


def _by_identity(drafts: Sequence[TokenDraft]) -> dict[_Same, TokenDraft]:
    if len(drafts) > MAX_TOKENS:
        raise invalid("body", f"at most {MAX_TOKENS} tokens at a time")
    wanted: dict[_Same, TokenDraft] = {}
    for number, draft in enumerate(drafts):
        same = _same(IdToken(draft.value, draft.type))
        if same in wanted:
            raise invalid(f"body[{number}]", "a token of this value and type is in the list already")
        wanted[same] = draft
    return wanted


def _same(id_token: IdToken) -> _Same:
    return id_token.key, id_token.type


def _token(request: ApiRequest, draft: TokenDraft, known: Token | None) -> Token:
    if known is not None:
        return drafted(draft, key=known.key, tenant=known.tenant, id_token=known.id_token)
    id_token = IdToken(draft.value, draft.type)
    return drafted(draft, key=request.services.keys.take(), tenant=request.tenant, id_token=id_token)


token_import_router = Router("/tokens", route_handlers=[import_tokens], tags=["Tokens"])
