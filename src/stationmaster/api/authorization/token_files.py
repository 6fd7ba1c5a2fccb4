"""Tokens out of a file that somebody made by hand: looked through first, and told line by line."""

import asyncio
from typing import Annotated, Literal

import msgspec
from litestar import Router, post
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.authorization.token_import import MAX_IMPORT_BYTES, MAX_TOKENS, Same, imported, same_token
from stationmaster.api.authorization.token_lines import FileForm, TokenLine, token_lines
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.identity import IdToken

LineResult = Literal["created", "changed", "unchanged", "wrong"]
Content = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_IMPORT_BYTES,
        description="CSV with the names of a token's fields in its first line, or a JSON list of tokens.",
        examples=["value,type,group\n04A1B2C3,ISO14443,fleet\n"],
    ),
]


class TokenFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``form``: told by how it begins, unless given. In CSV an empty cell is left out, and null takes a limit away.
    ``dry_run``: only say what would become of it. ``skip_wrong``: take the lines that are right, whatever is with the
    others; else one that is wrong keeps all from being taken."""

    content: Content
    form: FileForm | None = None
    dry_run: bool = False
    skip_wrong: bool = False


class TokenLineResource(msgspec.Struct, frozen=True, kw_only=True):
    """``line`` as in the file (CSV), or the place in the list from 1 on (JSON); ``detail``: what is wrong with it."""

    line: int
    value: str
    type: str | None
    result: LineResult
    detail: str | None


class TokenFileResource(msgspec.Struct, frozen=True, kw_only=True):
    """``stored``: whether anything was. The numbers are what each line came to, or would come to."""

    stored: bool
    created: int
    changed: int
    unchanged: int
    wrong: int
    lines: tuple[TokenLineResource, ...]


@post(
    "/import/file",
    summary="Import a file of tokens, line by line",
    status_code=200,
    request_max_body_size=MAX_IMPORT_BYTES,
)
async def import_token_file(request: ApiRequest, data: JSONBody[TokenFile]) -> TokenFileResource:
    """Up to 5000 lines. A token whose value and type are known is replaced, and keeps its key."""
    read = await asyncio.to_thread(token_lines, data.content, data.form, MAX_TOKENS)
    lines = await _with_accounts(request, _without_repeats(read))
    wanted = {same_token(IdToken(line.value, line.type)): line.draft for line in lines if line.draft is not None}
    wrong = sum(line.draft is None for line in lines)
    store = not data.dry_run and bool(wanted) and (data.skip_wrong or not wrong)
    results = await imported(request, wanted, store=store)
    told = tuple(_resource(line, results) for line in lines)
    counts = {name: sum(line.result == name for line in told) for name in ("created", "changed", "unchanged")}
    return TokenFileResource(stored=store, wrong=wrong, lines=told, **counts)


def _without_repeats(lines: list[TokenLine]) -> list[TokenLine]:
    first: dict[Same, int] = {}
    kept = []
    for line in lines:
        before = first.setdefault(same_token(IdToken(line.value, line.type)), line.line) if line.draft else line.line
        told = f"the same token is in line {before} already"
        kept.append(line if before == line.line else line._replace(draft=None, detail=told))
    return kept


async def _with_accounts(request: ApiRequest, lines: list[TokenLine]) -> list[TokenLine]:
    accounts = {line.draft.account for line in lines if line.draft is not None and line.draft.account is not None}
    missing = {each for each in accounts if await request.queries.funds(request.tenant, each) is None}
    return [
        line._replace(draft=None, detail="account: there is no such account")
        if line.draft is not None and line.draft.account in missing
        else line
        for line in lines
    ]


def _resource(line: TokenLine, results: dict[Same, Literal["created", "changed", "unchanged"]]) -> TokenLineResource:
    return TokenLineResource(
        line=line.line,
        value=line.value,
        type=line.type,
        result="wrong" if line.draft is None else results[same_token(IdToken(line.value, line.type))],
        detail=line.detail or None,
    )


token_files_router = Router("/tokens", route_handlers=[import_token_file], tags=["Tokens"])
