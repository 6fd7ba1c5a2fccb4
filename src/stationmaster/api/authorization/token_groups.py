"""Groups of tokens: those that may stop what another of them began, and what holds for all of them."""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.authorization.tokens import MaxConcurrent, Note
from stationmaster.api.http.parameters import Paging
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.authorization.token_groups import TokenGroup, TokenGroupRemoved
from stationmaster.domain.authorization.tokens import TokenStatus
from stationmaster.domain.records import Event

CHANGED = "TokenGroupChanged"
GroupName = Annotated[str, PathParameter(min_length=1, max_length=255, description="Compared without case.")]


class TokenGroupDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``status``: other than Accepted, it holds for all tokens of the group. ``max_concurrent``: transactions on all of
    them at one time. ``is_master``: they stop any transaction and start none (C16); the stations know it as their
    MasterPassGroupId."""

    status: TokenStatus = "Accepted"
    max_concurrent: MaxConcurrent | None = None
    is_master: bool = False
    note: Note | None = None


class TokenGroupResource(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    status: TokenStatus
    max_concurrent: int | None
    is_master: Annotated[bool, Meta(description="Master passes.")]
    note: str | None


def _resource(group: TokenGroup) -> TokenGroupResource:
    return shaped(TokenGroupResource, group)


@get("/", summary="Groups that something is said of, by name")
async def list_token_groups(request: ApiRequest, page: Paging) -> PageOf[TokenGroupResource]:
    return page_of(await request.queries.token_groups(request.tenant, page), _resource)


@get("/{group_name:str}", summary="One group")
async def get_token_group(request: ApiRequest, group_name: GroupName) -> TokenGroupResource:
    return _resource(await _known(request, group_name))


@put("/{group_name:str}", summary="Say what holds for a group")
async def put_token_group(
    request: ApiRequest, group_name: GroupName, data: JSONBody[TokenGroupDraft]
) -> TokenGroupResource:
    """A group is there as soon as a token names it; without this it has no limits."""
    group: TokenGroup = shaped(TokenGroup, data, tenant=request.tenant, name=group_name)
    await request.services.journal.store([group], [_changed(request, group, "changed")])
    return _resource(group)


@delete("/{group_name:str}", summary="Say nothing of a group any more; its tokens stay in it")
async def delete_token_group(request: ApiRequest, group_name: GroupName) -> None:
    group = await _known(request, group_name)
    removed = TokenGroupRemoved(tenant=request.tenant, name=group.name)
    await request.services.journal.store([removed], [_changed(request, group, "removed")])


async def _known(request: ApiRequest, name: str) -> TokenGroup:
    group = await request.queries.token_group(request.tenant, name)
    if group is None:
        raise not_found("token group")
    return group


def _changed(request: ApiRequest, group: TokenGroup, what: str) -> Event:
    data = {"what": what, "group": group.name, "status": group.status}
    return Event(kind=CHANGED, tenant=group.tenant, at=request.services.clock.now(), data=data)


token_groups_router = Router(
    "/token-groups",
    route_handlers=[list_token_groups, get_token_group, put_token_group, delete_token_group],
    tags=["Tokens"],
)
