"""A driver's rights: what is stored of somebody, told and erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.http.parameters import MAX_INT64, Paging
from stationmaster.api.http.problems import conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.privacy.drivers import NotNow
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.driver_data import AskedStation, DriverExport, Erasure, ErasureState, Remaining

MAX_TOKENS = 500
Tokens = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=MAX_INT64)], ...],
    Meta(max_length=20, description="The keys of all of the driver's tokens."),
]
ErasureKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
ExportKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]


class Driver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is meant: ``tokens``, all of a contract (however it is spelled), all of a group, or all of these together."""

    tokens: Tokens = ()
    contract_id: Annotated[str, Meta(min_length=1, max_length=36)] | None = None
    group: Annotated[str, Meta(min_length=1, max_length=255)] | None = None


class ExportDraft(Driver, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose data."""


class ErasureDraft(Driver, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to be erased. ``stations``: whether those that have seen a token are asked to erase it too."""

    reason: Annotated[str, Meta(max_length=500)] | None = None
    stations: bool = True


class ErasureResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: running; asking, while stations are waited for; done. ``pseudonyms`` stand in the tokens' place, in
    their order. ``changed``: rows by table. ``remains``: what is kept or may still be somewhere, and why."""

    key: int
    state: ErasureState
    at: datetime
    done_at: datetime | None
    tokens: tuple[int, ...]
    pseudonyms: tuple[str, ...]
    reason: str | None
    requested_by: str | None
    changed: dict[str, int]
    stations: tuple[AskedStation, ...]
    remains: tuple[Remaining, ...]


class ExportResource(msgspec.Struct, frozen=True, kw_only=True):
    """``data``: what is stored, by table. ``cut``: tables that hold more than is told here."""

    key: int
    at: datetime
    tokens: tuple[int, ...]
    requested_by: str | None
    data: dict[str, Any]
    cut: tuple[str, ...]


@post("/driver-exports", summary="Put together what is stored of a driver")
async def create_driver_export(request: ApiRequest, data: JSONBody[ExportDraft]) -> Response[ExportResource]:
    """It is personal data: the export is kept for a week, or until the driver is erased. What stations know is asked of
    each by its customer information; what they told of the driver is in the export."""
    tokens = await _meant(request, data)
    made = await request.services.drivers.export(request.tenant, tokens, request.caller.name)
    where = f"/api/v1/driver-exports/{made.key}"
    return JsonResponse(_export(made), headers={"Location": where}, status_code=201)


@get("/driver-exports/{export_key:int}", summary="What is stored of a driver, as it was put together")
async def get_driver_export(request: ApiRequest, export_key: ExportKey) -> ExportResource:
    found = await request.queries.driver_export(request.tenant, export_key)
    if found is None:
        raise not_found("export")
    return _export(found)


@post("/erasures", status_code=202, summary="Erase a driver")
async def erase_driver(request: ApiRequest, data: JSONBody[ErasureDraft]) -> Response[ErasureResource]:
    """The tokens are blocked at once and removed at the end; whatever else holds them holds a pseudonym then. Bills are
    kept. It cannot be undone."""
    tokens = await _meant(request, data)
    try:
        begun = await request.services.drivers.erase(
            request.tenant,
            tokens,
            reason=data.reason,
            ask_stations=data.stations,
            requested_by=request.caller.name,
        )
    except NotNow as hindrance:
        raise conflict("not-now", str(hindrance)) from None
    where = f"/api/v1/erasures/{begun.key}"
    return JsonResponse(_erasure(begun), headers={"Location": where}, status_code=202)


@get("/erasures", summary="Erasures, newest first")
async def list_erasures(request: ApiRequest, page: Paging) -> PageOf[ErasureResource]:
    return page_of(await request.queries.erasures(request.tenant, page), _erasure)


@get("/erasures/{erasure_key:int}", summary="How far an erasure has come, and what remains")
async def get_erasure(request: ApiRequest, erasure_key: ErasureKey) -> ErasureResource:
    found = await request.queries.erasure(request.tenant, erasure_key)
    if found is None:
        raise not_found("erasure")
    return _erasure(found)


async def _meant(request: ApiRequest, driver: Driver) -> list[Token]:
    """All the tokens that are named, each once. A contract or a group without a token is not found."""
    if not driver.tokens and driver.contract_id is None and driver.group is None:
        raise invalid("body", "name tokens, a contract_id or a group")
    found = await _known(request, driver.tokens)
    for name, wanted in (("contract_id", driver.contract_id), ("group", driver.group)):
        if wanted is None:
            continue
        of_it = await request.queries.tokens_of(request.tenant, **{name: wanted}, most=MAX_TOKENS + 1)
        if not of_it:
            raise not_found(f"token of the {name.removesuffix('_id')}")
        if len(of_it) > MAX_TOKENS:
            raise invalid(f"body.{name}", f"has more than {MAX_TOKENS} tokens")
        found += of_it
    return list({token.key: token for token in found}.values())


async def _known(request: ApiRequest, keys: Sequence[int]) -> list[Token]:
    found = [await request.queries.token(request.tenant, key) for key in dict.fromkeys(keys)]
    if None in found:
        raise not_found("token")
    return [token for token in found if token is not None]


def _erasure(erasure: Erasure) -> ErasureResource:
    return shaped(ErasureResource, erasure)


def _export(export: DriverExport) -> ExportResource:
    return shaped(ExportResource, export)


drivers_router = Router(
    "/",
    route_handlers=[create_driver_export, get_driver_export, erase_driver, list_erasures, get_erasure],
    tags=["Drivers"],
)
