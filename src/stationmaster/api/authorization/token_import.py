"""Many tokens at once: cards of a fleet, or another system's list."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

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

Same = tuple[str, str | None]
"""What makes two tokens the same one: value without case, and type."""
ImportResult = Literal["created", "changed", "unchanged"]


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
    await check_accounts(request, {draft.account for draft in data})
    return _counted((await imported(request, wanted)).values())


async def imported(
    request: ApiRequest, wanted: Mapping[Same, TokenDraft], *, store: bool = True
) -> dict[Same, ImportResult]:
    """Store what differs from what is known, all of it or nothing, and say what each came to."""
    id_tokens = [IdToken(draft.value, draft.type) for draft in wanted.values()]
    found = await request.queries.same_tokens(request.tenant, id_tokens)
    known = {same_token(token.id_token): token for token in found}
    tokens = {same: _token(request, draft, known.get(same)) for same, draft in wanted.items()}
    results = {same: _result(token, known.get(same)) for same, token in tokens.items()}
    news = [TokenImported(token=tokens[same]) for same, result in results.items() if result != "unchanged"]
    if news and store:
        told = {"what": "imported", **msgspec.structs.asdict(_counted(results.values()))}
        event = Event(kind=CHANGED, tenant=request.tenant, at=request.services.clock.now(), data=told)
        await request.services.journal.store(news, [event])
    return results


def _counted(results: Iterable[ImportResult]) -> TokensImported:
    found = Counter(results)
    return TokensImported(created=found["created"], changed=found["changed"], unchanged=found["unchanged"])


def _result(token: Token, known: Token | None) -> ImportResult:
    if known is None:
        return "created"
    return "unchanged" if token == known else "changed"


def _by_identity(drafts: Sequence[TokenDraft]) -> dict[Same, TokenDraft]:
    if len(drafts) > MAX_TOKENS:
        raise invalid("body", f"at most {MAX_TOKENS} tokens at a time")
    wanted: dict[Same, TokenDraft] = {}
    for number, draft in enumerate(drafts):
        same = same_token(IdToken(draft.value, draft.type))
        if same in wanted:
            raise invalid(f"body[{number}]", "a token of this value and type is in the list already")
        wanted[same] = draft
    return wanted


def same_token(id_token: IdToken) -> Same:
    """What makes it the same one as another."""
    return id_token.key, id_token.type


def _token(request: ApiRequest, draft: TokenDraft, known: Token | None) -> Token:
    if known is not None:
        return drafted(draft, key=known.key, tenant=known.tenant, id_token=known.id_token)
    id_token = IdToken(draft.value, draft.type)
    return drafted(draft, key=request.services.keys.take(), tenant=request.tenant, id_token=id_token)


token_import_router = Router("/tokens", route_handlers=[import_tokens], tags=["Tokens"])
