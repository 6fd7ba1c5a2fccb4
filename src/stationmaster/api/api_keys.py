"""Keys to this API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.http.keys import LastAdministrator
from stationmaster.api.http.parameters import ApiKeyKey
from stationmaster.api.http.problems import conflict, not_found
from stationmaster.api.http.resources import JsonResponse, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.people.roles import Role


class ApiKeyDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``role``: viewers read, operators also act, administrators also send raw calls and make keys."""

    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["billing"])]
    role: Role


class ApiKeyResource(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    name: str
    role: str
    created_at: datetime


class ApiKeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` is what callers present. It can be read this once."""

    api_key: ApiKeyResource
    secret: str


@get("/", summary="The API keys in force")
async def list_api_keys(request: ApiRequest) -> Sequence[ApiKeyResource]:
    return [shaped(ApiKeyResource, key) for key in request.services.key_ring.of_tenant(request.tenant)]


@post("/", summary="Make an API key")
async def create_api_key(request: ApiRequest, data: JSONBody[ApiKeyDraft]) -> Response[ApiKeyMade]:
    key, secret = await request.services.key_ring.make(request.tenant, data.name, data.role)
    return JsonResponse(ApiKeyMade(api_key=shaped(ApiKeyResource, key), secret=secret))


@delete("/{api_key:int}", summary="Revoke an API key, at once")
async def revoke_api_key(request: ApiRequest, api_key: ApiKeyKey) -> None:
    try:
        found = await request.services.key_ring.revoke(request.tenant, api_key)
    except LastAdministrator:
        raise conflict("last-administrator", "Without this key nobody could make another.") from None
    if not found:
        raise not_found("API key")


api_keys_router = Router("/api-keys", route_handlers=[list_api_keys, create_api_key, revoke_api_key], tags=["API keys"])
