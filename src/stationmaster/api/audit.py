"""Who did what."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.csv_stream import Format, csv_response, wants_csv
from stationmaster.api.http.parameters import OfStation, Paging, Text, Within
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.people.audit import ActorKind, AuditEntry, AuditFilter


class AuditResource(msgspec.Struct, frozen=True, kw_only=True):
    """One deed, or one that was refused. ``status`` is what was answered; null: nothing was, so it may have been done
    or not. ``detail`` is what was asked for, as JSON without secrets, or in brackets why it is not there. An
    ``actor_kind`` of nobody is somebody who tried to sign in."""

    key: int
    at: datetime
    actor_kind: ActorKind
    actor_key: int | None
    actor: str
    operation: str
    method: str
    path: str
    station_key: int | None
    status: int | None
    address: str
    detail: str


@get("/", summary="Who did what, newest first, as JSON or CSV")
async def list_audit(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    request: ApiRequest,
    page: Paging,
    within: Within,
    station: OfStation = None,
    text: Text = None,
    actor: Annotated[str | None, QueryParameter(max_length=100, description="A name, in whatever case.")] = None,
    operation: Annotated[
        str | None, QueryParameter(max_length=100, description="As in an entry, such as change_person.")
    ] = None,
    wanted_format: Annotated[Format | None, QueryParameter(name="format", description="csv: all of them.")] = None,
) -> Response[PageOf[AuditResource]]:
    """``text`` is looked for in path and detail. Every request that may change something has its entry, whatever its
    outcome, and so has everybody who signs in, or tries to."""
    query = AuditFilter(
        tenant=request.tenant,
        actor=actor,
        operation=operation,
        station_key=station,
        from_at=within.from_at,
        to_at=within.to_at,
        text=text,
    )
    if wants_csv(request, wanted_format):
        entries = request.queries.all_audit(query)
        return csv_response("audit", AuditResource.__struct_fields__, _rows(entries))
    found = await request.queries.audit(query, page)
    return JsonResponse(page_of(found, lambda entry: shaped(AuditResource, entry)))


async def _rows(entries: AsyncIterator[AuditEntry]) -> AsyncIterator[Iterable[Any]]:
    async for entry in entries:
        yield [getattr(entry, name) for name in AuditResource.__struct_fields__]


audit_router = Router("/audit", route_handlers=[list_audit], tags=["People"])
