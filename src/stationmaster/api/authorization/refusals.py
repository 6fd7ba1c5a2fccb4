"""Which tokens were refused, and why."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import OfStation, Paging, Within
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.authorization.refusals import RefusalFilter, StoredRefusal
from stationmaster.domain.messages import AuthorizationStatus

OfToken = Annotated[str | None, QueryParameter(max_length=255, description="A token's value, in any spelling.")]
OfStatus = Annotated[AuthorizationStatus | None, QueryParameter()]


class RefusalResource(msgspec.Struct, frozen=True, kw_only=True):
    """``purpose``: authorize (before anything), start or stop. ``source``: own rules, the outside system, or a policy
    of ours. ``transaction``: our key of it. A PIN is not kept. ``station_identity`` is null only where it is no longer
    known."""

    key: int
    station: int
    station_identity: str | None
    at: datetime
    token: str
    token_type: str | None
    status: AuthorizationStatus
    reason: str
    purpose: str
    source: str
    evse_id: int | None
    transaction: int | None


@get("/", summary="Refused tokens, newest first")
async def list_refusals(
    request: ApiRequest,
    page: Paging,
    within: Within,
    station: OfStation = None,
    token: OfToken = None,
    status: OfStatus = None,
) -> PageOf[RefusalResource]:
    query = RefusalFilter(
        tenant=request.tenant,
        station_key=station,
        token=token,
        status=status,
        from_at=within.from_at,
        to_at=within.to_at,
    )
    found = await request.queries.refusals(query, page)
    stations = {stored.refusal.station_key for stored in found.items}
    identities = await request.queries.station_identities(request.tenant, stations)
    return page_of(found, lambda stored: _resource(stored, identities.get(stored.refusal.station_key)))


def _resource(stored: StoredRefusal, station_identity: str | None) -> RefusalResource:
    refusal = stored.refusal
    return shaped(
        RefusalResource,
        refusal,
        key=stored.key,
        station=refusal.station_key,
        station_identity=station_identity,
        token=refusal.id_token.value,
        token_type=refusal.id_token.type,
        transaction=refusal.transaction_key,
    )


refusals_router = Router("/refusals", route_handlers=[list_refusals], tags=["Tokens"])
