"""How long a tenant's things are kept."""

from typing import Annotated

import msgspec
from litestar import Router, get, put
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.http.resources import shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.retention import RetentionPolicy, RetentionTerms

Days = Annotated[int, Meta(ge=0, le=36_500)] | None
Minutes = Annotated[int, Meta(ge=1, le=44_640)] | None


class RetentionDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days that each kind is kept; 0: for ever; left out: as the program has it.

    ``downsample_after_days``: after so long the meter values of a transaction that is over are thinned out, to one in
    ``downsample_minutes``; ``idle_*``: the same of those that were told while nobody charged. 0 days: never. What a
    bill stands on, and what a meter signed, stays, the latter for ``signed_readings_days``."""

    readings_days: Days = None
    signed_readings_days: Days = None
    frames_days: Days = None
    oddities_days: Days = None
    outbox_days: Days = None
    commands_days: Days = None
    refusals_days: Days = None
    reservations_days: Days = None
    place_states_days: Days = None
    security_events_days: Days = None
    data_transfers_days: Days = None
    audit_days: Days = None
    downsample_after_days: Days = None
    downsample_minutes: Minutes = None
    idle_downsample_after_days: Days = None
    idle_downsample_minutes: Minutes = None


class TermsResource(msgspec.Struct, frozen=True, kw_only=True):
    """Null: for ever, or never thinned out."""

    readings_days: int | None
    signed_readings_days: int | None
    frames_days: int | None
    oddities_days: int | None
    outbox_days: int | None
    commands_days: int | None
    refusals_days: int | None
    reservations_days: int | None
    place_states_days: int | None
    security_events_days: int | None
    data_transfers_days: int | None
    audit_days: int | None
    downsample_after_days: int | None
    downsample_minutes: int
    idle_downsample_after_days: int | None
    idle_downsample_minutes: int


class RetentionResource(msgspec.Struct, frozen=True, kw_only=True):
    """``own``: what was set here; ``in_force``: with what the program's settings have for the tenant, or for all."""

    own: RetentionDraft
    in_force: TermsResource


@get("/", summary="How long things are kept")
async def get_retention(request: ApiRequest) -> RetentionResource:
    desk = request.services.retention
    own = await desk.own(request.tenant)
    return _resource(own, desk.in_force(request.tenant, own))


@put("/", summary="Say how long things are kept")
async def put_retention(request: ApiRequest, data: JSONBody[RetentionDraft]) -> RetentionResource:
    """All of it anew. It holds from the next time that anything is let go of, which is within the hour."""
    desk = request.services.retention
    terms: RetentionTerms = shaped(RetentionTerms, data)
    await desk.put(request.tenant, terms)
    return _resource(terms, desk.in_force(request.tenant, terms))


def _resource(own: RetentionTerms, policy: RetentionPolicy) -> RetentionResource:
    return RetentionResource(own=shaped(RetentionDraft, own), in_force=shaped(TermsResource, policy))


retention_router = Router("/retention", route_handlers=[get_retention, put_retention], tags=["System"])
